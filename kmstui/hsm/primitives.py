"""The primitives, each a few lines over the cryptography package.

Everything above uses only these, and the published test vectors run against these, so what is
tested is what is used. A failed authentication is ``None``, not an exception: the caller cannot
overlook it, and gives it the one error that fits.
"""

from __future__ import annotations

import hmac as _compare
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kmstui.hsm.memory import Unshareable

Octets = bytes | bytearray | memoryview
"""What a key or message may be held in."""

GCM_IV_BYTES = 12
"""IV of AES-GCM; the only length used (NIST SP 800-38D, 5.2.1.1)."""

GCM_TAG_BYTES = 16
"""Tag of AES-GCM."""

HASHES: Final = {
    "SHA_1": hashes.SHA1(),  # noqa: S303 - for one-time codes and RSAES_OAEP_SHA_1 only
    "SHA_224": hashes.SHA224(),
    "SHA_256": hashes.SHA256(),
    "SHA_384": hashes.SHA384(),
    "SHA_512": hashes.SHA512(),
}
"""The hash functions, as the algorithm table names them."""


class MacKey(Unshareable):
    """An HMAC key (RFC 2104), ready to use: its padded blocks are hashed once.

    Copying a prepared state costs a third of starting from the key, which is what makes one
    derivation per ciphertext affordable.

    Args:
        key: The key.
        digest: ``SHA_224``, ``SHA_256``, ``SHA_384`` or ``SHA_512``; ``SHA_1`` for one-time
            codes only.
    """

    __slots__ = ("_prepared",)

    def __init__(self, key: Octets, digest: str = "SHA_256") -> None:
        self._prepared = HMAC(key, HASHES[digest])

    def mac(self, data: Octets) -> bytes:
        """Return the HMAC of the data."""
        state = self._prepared.copy()
        state.update(data)
        return state.finalize()

    def verify(self, data: Octets, tag: bytes) -> bool:
        """Return whether the tag is the data's HMAC, in time that does not depend on it."""
        return same_bytes(self.mac(data), tag)


def same_bytes(left: bytes, right: bytes) -> bool:
    """Return whether two byte strings are equal, in time that does not depend on where not."""
    return _compare.compare_digest(left, right)


def gcm_key(key: Octets) -> AESGCM:
    """Return an AES-GCM key (NIST SP 800-38D) ready to use."""
    return AESGCM(key)


def gcm_encrypt(key: AESGCM, iv: bytes, plaintext: Octets, aad: bytes) -> bytes:
    """Return ``ciphertext || tag 16``. An IV must not be used twice with one key."""
    return key.encrypt(iv, plaintext, aad)


def gcm_decrypt(key: AESGCM, iv: bytes, sealed: Octets, aad: bytes) -> bytes | None:
    """Return the plaintext, or None if it is not authentic."""
    if len(sealed) < GCM_TAG_BYTES:
        return None
    try:
        return key.decrypt(iv, sealed, aad)
    except InvalidTag:
        return None


def gcm_decrypt_into(
    key: AESGCM, iv: bytes, sealed: Octets, aad: bytes, target: bytearray | memoryview
) -> bool:
    """Decrypt into a buffer of exactly the plaintext's size; return whether it is authentic.

    A buffer of another size stays as it was; after a failed authentication it holds zeros.
    """
    if len(sealed) != len(target) + GCM_TAG_BYTES:
        return False
    try:
        key.decrypt_into(iv, sealed, aad, target)
    except InvalidTag:
        # The library decrypts before it knows: what it left there is not authentic.
        target[:] = bytes(len(target))
        return False
    return True


def kbkdf(key: MacKey, fixed: bytes, length: int) -> bytes:
    """Return key material by NIST SP 800-108r1, 4.1: counter mode over HMAC.

    The counter is 32 bits and stands before the fixed data.

    Args:
        key: The key-derivation key.
        fixed: The fixed input data, encoded by the caller.
        length: How many bytes.
    """
    blocks = bytearray()
    counter = 0
    while len(blocks) < length:
        counter += 1
        blocks += key.mac(counter.to_bytes(4) + fixed)
    return bytes(blocks[:length])


def kw_wrap(key: Octets, material: bytes) -> bytes:
    """Return the material under AES-KW (RFC 3394): 8 bytes longer, at least 16 bytes in."""
    return keywrap.aes_key_wrap(key, material)


def kw_unwrap(key: Octets, wrapped: bytes) -> bytes | None:
    """Return what :func:`kw_wrap` wrapped, or None if it is not intact."""
    try:
        return keywrap.aes_key_unwrap(key, wrapped)
    except keywrap.InvalidUnwrap:
        return None


def kwp_wrap(key: Octets, material: bytes) -> bytes:
    """Return material of any length but zero under AES-KWP (RFC 5649)."""
    return keywrap.aes_key_wrap_with_padding(key, material)


def kwp_unwrap(key: Octets, wrapped: bytes) -> bytes | None:
    """Return what :func:`kwp_wrap` wrapped, or None if it is not intact."""
    try:
        return keywrap.aes_key_unwrap_with_padding(key, wrapped)
    except keywrap.InvalidUnwrap:
        return None


def argon2id(
    passphrase: bytes,
    *,
    salt: bytes,
    iterations: int,
    memory_kib: int,
    lanes: int,
    ad: bytes,
    secret: bytes | None = None,
    length: int = 32,
) -> bytes:
    """Return Argon2id's tag (RFC 9106, 3.1). Slow on purpose; other threads go on meanwhile."""
    kdf = Argon2id(
        salt=salt,
        length=length,
        iterations=iterations,
        lanes=lanes,
        memory_cost=memory_kib,
        ad=ad,
        secret=secret,
    )
    return kdf.derive(passphrase)
