"""Importing key material: wrapping keys and their tokens, and what comes back wrapped.

Nothing is kept between the two calls: the private half of a wrapping key is in the import token
and nowhere else. The token, integers big-endian; ``docs/format.md`` is the specification::

    version u8 = 1 | wrapping algorithm u8 | wrapping key spec u8 | valid to u64, Unix seconds |
    IV 12 | PKCS#8 private key, encrypted | tag 16

Everything before the IV is authenticated, with the keystore and the ARN of the key that the token
is for. Sources: RFC 8017 (RSAES-OAEP), RFC 5649 (AES-KWP), PKCS #11 2.40, *RSA AES KEY WRAP*.
"""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, NoReturn

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from kmstui.core import canonical
from kmstui.core.errors import (
    InvalidCiphertextException,
    InvalidImportTokenException,
    UnsupportedOperationException,
)
from kmstui.hsm import algorithms, envelope, families, pkcs8, primitives, rsa
from kmstui.hsm.base import MaterialBinding, Purpose
from kmstui.hsm.keyring import Keyring
from kmstui.hsm.primitives import GCM_IV_BYTES, HASHES
from kmstui.hsm.transfer import (
    WRAPPING_ALGORITHMS,
    WRAPPING_KEY_SPECS,
    ImportedMaterial,
    ImportTarget,
    ImportTerms,
    WrappingAlgorithm,
    wrapping_algorithm,
)

KEK_BYTES: Final = 32
"""Size of the AES key that goes along with material wrapped in two steps."""

_VERSION = 1
_HEAD = struct.Struct(">BBBQ")
_ALGORITHMS = {row.code: row.name for row in WRAPPING_ALGORITHMS}
_SPECS = {code: name for name, code in WRAPPING_KEY_SPECS.items()}


def new_pair(wrapping_key_spec: str) -> tuple[bytes, bytes]:
    """Return a new wrapping key as PKCS#8 and SubjectPublicKeyInfo, both DER. Slow.

    Raises:
        UnsupportedOperationException: There are no such wrapping keys here.
    """
    spec = algorithms.spec(wrapping_key_spec)
    if spec is None or spec.kind != "RSA":
        raise UnsupportedOperationException(
            f"WrappingKeySpec {wrapping_key_spec} is not supported."
        )
    private = rsa.generate(spec)
    return pkcs8.private_der(private), pkcs8.public_der(private.public_key())


def seal_token(ring: Keyring, key_arn: str, terms: ImportTerms, private: bytes) -> bytes:
    """Return the import token of a wrapping key, bound to a key and to its terms."""
    row = wrapping_algorithm(terms.algorithm)
    if row is None or not row.supported:
        raise UnsupportedOperationException(
            f"WrappingAlgorithm {terms.algorithm} is not supported."
        )
    spec, valid_to = WRAPPING_KEY_SPECS[terms.key_spec], int(terms.valid_to.timestamp())
    head, iv = _HEAD.pack(_VERSION, row.code, spec, valid_to), os.urandom(GCM_IV_BYTES)
    aad = _bound(ring, key_arn, head)
    return head + iv + primitives.gcm_encrypt(ring.seals[Purpose.IMPORT_TOKEN], iv, private, aad)


def open_token(ring: Keyring, key_arn: str, token: bytes) -> tuple[ImportTerms, bytes]:
    """Return the terms of an import token and its private key.

    Raises:
        InvalidImportTokenException: It was altered, or is another key's or keystore's.
    """
    head, sealed = token[: _HEAD.size], token[_HEAD.size :]
    private = primitives.gcm_decrypt(
        ring.seals[Purpose.IMPORT_TOKEN],
        # A short token has a short IV, which the library would refuse with an error of its own.
        sealed[:GCM_IV_BYTES].ljust(GCM_IV_BYTES, b"\0"),
        sealed[GCM_IV_BYTES:],
        _bound(ring, key_arn, head),
    )
    if private is None:
        raise InvalidImportTokenException
    _, algorithm, spec, valid_to = _HEAD.unpack(head)
    moment = datetime.fromtimestamp(valid_to, UTC)
    return ImportTerms(_ALGORITHMS[algorithm], _SPECS[spec], moment), private


def unwrap(
    ring: Keyring, token: bytes, encrypted: bytes, target: ImportTarget
) -> ImportedMaterial:
    """Return material that was wrapped with a token's public key, checked and sealed. Slow.

    Raises:
        InvalidImportTokenException: The token was altered, or is another key's.
        InvalidCiphertextException: With one empty text, whatever does not unwrap.
        IncorrectKeyMaterialException: It is malformed, unsound, or of another key spec.
    """
    try:
        return _unwrap(ring, *open_token(ring, target.key_arn, token), encrypted, target)
    except Exception as error:  # noqa: BLE001 - it goes on; what its frames hold must not
        _raise_bare(error)


def _raise_bare(error: Exception) -> NoReturn:
    """Raise an error without the frames it came through.

    Their variables held the material, and the wrapping key that opens it.
    """
    error.__context__ = None
    raise error.with_traceback(None) from None


def _unwrap(
    ring: Keyring, terms: ImportTerms, private: bytes, encrypted: bytes, target: ImportTarget
) -> ImportedMaterial:
    row, key = wrapping_algorithm(terms.algorithm), pkcs8.read_own(private)
    material = None
    if row is not None and isinstance(key, RSAPrivateKey):
        material = _opened(row, key, encrypted)
    if material is None:
        raise InvalidCiphertextException
    return _placed(ring, families.validated(target.binding, material), target)


def _opened(row: WrappingAlgorithm, key: RSAPrivateKey, encrypted: bytes) -> bytes | None:
    """Return what was wrapped, or None whatever does not fit."""
    size = key.key_size // 8
    opened = _oaep_decrypt(key, encrypted[:size] if row.two_steps else encrypted, row.digest)
    if not row.two_steps or opened is None:
        return opened
    if len(opened) != KEK_BYTES:
        return None
    return primitives.kwp_unwrap(opened, encrypted[size:])


def _placed(ring: Keyring, material: bytes, target: ImportTarget) -> ImportedMaterial:
    """Seal the material as the known one that it is, or as a new one."""
    for binding, check in target.known:
        if envelope.check_matches(ring.checks, binding, check, material):
            return ImportedMaterial(binding, ring.sealed(binding, material), known=True)
    new = replace(target.binding, material_id=material_id(ring, target.binding, material))
    return ImportedMaterial(new, ring.sealed(new, material), known=False)


def material_id(ring: Keyring, binding: MaterialBinding, material: bytes) -> str:
    """Return AWS's KeyMaterialId: the same for the same material of the same key, 64 hex digits.

    It says nothing about the material to whoever does not have the keystore's root key.
    """
    scope = (ring.store_id, binding.account, binding.key_id)
    return ring.macs[Purpose.MATERIAL_ID].mac(canonical.encode(*scope, material)).hex()


def wrap(public_key: bytes, algorithm: str, material: bytes) -> bytes | None:
    """Return material wrapped for its import, as somebody outside does it.

    Args:
        public_key: The PublicKey of GetParametersForImport, a DER SubjectPublicKeyInfo.
        algorithm: The WrappingAlgorithm that was asked for.
        material: Raw bytes, or a PKCS#8 private key.

    Returns:
        The EncryptedKeyMaterial; None if the public key is none, the algorithm is not supported
        or the material is longer than the public key encrypts.
    """
    public, row = pkcs8.read_public(public_key), wrapping_algorithm(algorithm)
    if not isinstance(public, RSAPublicKey) or row is None or not row.supported:
        return None
    if not row.two_steps:
        return _oaep_encrypt(public, material, row.digest)
    kek = os.urandom(KEK_BYTES)
    head = _oaep_encrypt(public, kek, row.digest)
    return None if head is None else head + primitives.kwp_wrap(kek, material)


def _oaep(digest: str) -> padding.OAEP:
    known = HASHES[digest]
    return padding.OAEP(mgf=padding.MGF1(known), algorithm=known, label=None)


def _oaep_decrypt(key: RSAPrivateKey, ciphertext: bytes, digest: str) -> bytes | None:
    try:
        return key.decrypt(ciphertext, _oaep(digest))
    except ValueError:
        return None


def _oaep_encrypt(public: RSAPublicKey, plaintext: bytes, digest: str) -> bytes | None:
    try:
        return public.encrypt(plaintext, _oaep(digest))
    except ValueError:
        return None


def _bound(ring: Keyring, key_arn: str, head: bytes) -> bytes:
    return canonical.encode("import-token", ring.store_id, key_arn, head)
