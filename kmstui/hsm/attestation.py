"""Attestation documents: what an enclave says of itself, signed by who vouches for it.

A document is a COSE_Sign1 message (RFC 9052, section 4.2) with ES384 (RFC 9053, section 2.1) over
a CBOR map with the measurements of the enclave, its public key, and the certificate chain of the
signature. Source of the map: AWS Nitro Enclaves, *Cryptographic attestation*, and the NSM API's
*Attestation process*; NitroTPM has the same with ``nitrotpm_pcrs``.

AWS signs documents of real enclaves; here they are signed under a root that was made for the
purpose. Everything about a document is checked: its form, sizes, signature, and the chain with its
dates, constraints and key usages (RFC 5280). cbor2 and the cryptography package's X.509 code are
loaded by the first document.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NoReturn, TypeGuard

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import verification

from kmstui.core.errors import ValidationException
from kmstui.hsm import cms, pkcs8
from kmstui.hsm.base import Attestation

INVALID: Final = "The attestation document is not valid."

_COSE_SIGN1: Final = 18
_ES384: Final = {1: -35}
_SIGNATURE_BYTES: Final = 96
_DEPTH: Final = 8
_CHAIN: Final = 8
_LEAST_RSA_BITS: Final = 2048
_EXPONENT_BITS: Final = 64

_DOCUMENT_BYTES: Final = 32 * 1024
"""Longest document: twice what the members at their longest come to."""

_TEXT_BYTES: Final = 1024
_EXTRA_BYTES: Final = 512
_REGISTERS: Final = {"pcrs": 32, "nitrotpm_pcrs": 24}
_REGISTER_BYTES: Final = frozenset({32, 48, 64})
_UNSOUND: Final = (
    ValueError,
    UnsupportedAlgorithm,
    CryptographyDeprecationWarning,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    verification.VerificationError,
)
"""What the library raises of certificates that are none."""

_KNOWN: Final = frozenset(
    {
        "module_id",
        "timestamp",
        "digest",
        "certificate",
        "cabundle",
        "public_key",
        "user_data",
        "nonce",
        *_REGISTERS,
    }
)


def root_problem(pem: str) -> str:
    """Return what is wrong with a root certificate in PEM; empty if nothing is."""
    try:
        root = x509.load_pem_x509_certificate(pem.encode())
        constraints = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (*_UNSOUND, x509.ExtensionNotFound):
        return "it must be one certificate of a certificate authority, in PEM"
    return "" if constraints.ca else "its constraints must say that it is an authority's"


def verify(document: bytes, root_pem: str, now: datetime) -> Attestation:
    """Return what a document says, if it is sound and its chain leads to a root.

    Args:
        document: The COSE_Sign1 message, with or without its CBOR tag.
        root_pem: The root certificate.
        now: When the certificates have to be valid, in UTC.

    Raises:
        ValidationException: With one text, and the reason as its hint.
    """
    protected, payload, signature = _message(document)
    claims = _claims(payload)
    leaf = _verified_leaf(claims, x509.load_pem_x509_certificate(root_pem.encode()), now)
    _check_signature(leaf, protected, payload, signature)
    name = next(iter(_REGISTERS.keys() & claims.keys()))
    return Attestation(
        module_id=claims["module_id"],
        tpm=name == "nitrotpm_pcrs",
        measurements=tuple(sorted((at, value.hex()) for at, value in claims[name].items())),
        public_key=claims["public_key"],
    )


def sealed_for(attestation: Attestation, plaintext: bytes) -> bytes:
    """Return a plaintext as CMS EnvelopedData that only the attested environment can open."""
    return cms.enveloped(_recipient_key(attestation.public_key), plaintext)


def _refuse(reason: str) -> NoReturn:
    raise ValidationException(INVALID, hint=reason)


class _Untagged(dict[int, Callable[[Any, bool], Any]]):
    """Says of every tag that the library would make something of: leave it as it is.

    What it makes of them costs minutes for a regular expression, and seconds for a number.
    """

    def __missing__(self, number: int) -> Callable[[Any, bool], Any]:
        return lambda value, _immutable: cbor2.CBORTag(number, value)


def _decoded(data: bytes) -> Any:
    """Return the one CBOR item that bytes hold, in a form that has only one reading."""
    stream = io.BytesIO(data)
    decoder = cbor2.CBORDecoder(
        stream,
        semantic_decoders=_Untagged(),
        max_depth=_DEPTH,
        allow_indefinite=False,
        allow_duplicate_keys=False,
    )
    try:
        item = decoder.decode()
    except cbor2.CBORDecodeError:
        _refuse("It is not CBOR.")
    if stream.tell() != len(data):
        _refuse("Something follows its end.")
    return item


def _message(document: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the protected header, payload and signature of a COSE_Sign1 message."""
    if len(document) > _DOCUMENT_BYTES:
        _refuse(f"It is longer than {_DOCUMENT_BYTES} bytes.")
    item = _decoded(document)
    if isinstance(item, cbor2.CBORTag):
        number, item = item.tag, item.value
        if number != _COSE_SIGN1:
            _refuse("It is not a COSE_Sign1 message.")
    if not isinstance(item, list | tuple) or len(item) != 4:
        _refuse("It is not a COSE_Sign1 message.")
    protected, unprotected, payload, signature = item
    if not all(type(part) is bytes for part in (protected, payload, signature)):
        _refuse("It is not a COSE_Sign1 message.")
    if _decoded(protected) != _ES384 or unprotected != {}:
        _refuse("Its header must say ES384, and nothing else.")
    return protected, payload, signature


def _claims(payload: bytes) -> Mapping[str, Any]:
    """Return the map that is signed, each of whose members is as it must be."""
    claims = _decoded(payload)
    if not isinstance(claims, dict) or not _KNOWN.issuperset(claims):
        _refuse("Its payload is not the map of an attestation document.")
    chain = claims.get("cabundle")
    sound = (
        _is_text(claims.get("module_id"))
        and claims.get("digest") == "SHA384"
        and type(claims.get("timestamp")) is int
        and claims["timestamp"] > 0
        and _is_blob(claims.get("certificate"), _TEXT_BYTES)
        and isinstance(chain, list)
        and 0 < len(chain) <= _CHAIN
        and all(_is_blob(entry, _TEXT_BYTES) for entry in chain)
        and all(
            claims.get(name) is None or _is_blob(claims[name], _EXTRA_BYTES, least=0)
            for name in ("user_data", "nonce")
        )
        and _has_registers(claims)
    )
    if not sound:
        _refuse("A member of its payload is missing or has a wrong type or size.")
    _recipient_key(claims.get("public_key"))
    return claims


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _TEXT_BYTES


def _is_blob(value: object, most: int, *, least: int = 1) -> TypeGuard[bytes]:
    return type(value) is bytes and least <= len(value) <= most


def _has_registers(claims: Mapping[str, Any]) -> bool:
    """Tell whether there are measurements of one kind, in registers that there are."""
    kinds = _REGISTERS.keys() & claims.keys()
    if len(kinds) != 1:
        return False
    (kind,) = kinds
    registers = claims[kind]
    return (
        isinstance(registers, dict)
        and bool(registers)
        and all(
            type(at) is int
            and at in range(_REGISTERS[kind])
            and type(value) is bytes
            and len(value) in _REGISTER_BYTES
            for at, value in registers.items()
        )
    )


def _recipient_key(data: object) -> rsa.RSAPublicKey:
    """Return the key that the answer is encrypted to."""
    key = pkcs8.read_public(data) if _is_blob(data, _TEXT_BYTES) else None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _LEAST_RSA_BITS:
        _refuse("Its public_key must be an RSA key of at least 2048 bits, in 1,024 bytes.")
    # A longer exponent is read, but the library encrypts with it only under a short modulus.
    if key.public_numbers().e.bit_length() > _EXPONENT_BITS:
        _refuse(f"Its public_key is an RSA key with an exponent of over {_EXPONENT_BITS} bits.")
    return key


def _verified_leaf(
    claims: Mapping[str, Any], anchor: x509.Certificate, now: datetime
) -> x509.Certificate:
    """Return the certificate of the signature, whose chain leads to the root."""
    try:
        leaf, *chain = _certificates([claims["certificate"], *claims["cabundle"]])
        if chain[0] != anchor:
            _refuse("Its certificate chain does not begin with the root of this keystore.")
        _chain_verifier(anchor, now).verify(leaf, chain[1:])
    except _UNSOUND:
        _refuse("Its certificate chain is not valid now, or does not lead to the root.")
    return leaf


def _certificates(encoded: list[bytes]) -> list[x509.Certificate]:
    """Return certificates; what the library reads with a warning only, it does not read here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        return [x509.load_der_x509_certificate(each) for each in encoded]


def _chain_verifier(anchor: x509.Certificate, now: datetime) -> verification.ClientVerifier:
    """Return what verifies chains: authorities by the web's rules, leaves as AWS issues them."""
    leaves = verification.ExtensionPolicy.permit_all().require_present(
        x509.KeyUsage, verification.Criticality.AGNOSTIC, _check_usage
    )
    return (
        verification.PolicyBuilder()
        .store(verification.Store([anchor]))
        .time(now)
        .max_chain_depth(_CHAIN)
        .extension_policies(
            ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(), ee_policy=leaves
        )
        .build_client_verifier()
    )


def _check_usage(
    _policy: verification.Policy, _certificate: x509.Certificate, usage: x509.KeyUsage
) -> None:
    if not usage.digital_signature:
        message = "the certificate is not for signatures"
        raise ValueError(message)


def _check_signature(
    leaf: x509.Certificate, protected: bytes, payload: bytes, signature: bytes
) -> None:
    """Refuse a signature that is not the leaf's over the message (RFC 9052, section 4.4)."""
    key = leaf.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        _refuse("Its certificate's key must be on P-384.")
    if len(signature) != _SIGNATURE_BYTES:
        _refuse("Its signature is not one of ES384.")
    half = _SIGNATURE_BYTES // 2
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    encoded = encode_dss_signature(
        int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
    )
    try:
        key.verify(encoded, signed, ec.ECDSA(hashes.SHA384()))
    except InvalidSignature:
        _refuse("Its signature is not that of its certificate.")
