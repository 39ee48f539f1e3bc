"""Hashing a message outside the HSM, for messages longer than one call of Sign takes. Pure.

What is hashed here is no secret and uses no key material: Sign and Verify take the digest in
place of the message (AWS KMS API Reference, Sign, MessageType).
"""

from __future__ import annotations

import hashlib
from typing import Final, Protocol

from kmstui.core.errors import UsageError
from kmstui.core.public_keys import read_info

_HASHES: Final = {"SHA_256": "sha256", "SHA_384": "sha384", "SHA_512": "sha512"}
_MU_BYTES: Final = 64
"""Bytes of the message representative mu (FIPS 204, algorithm 7)."""

_PURE: Final = b"\0\0"
"""Stands before the message in pure ML-DSA with an empty context (FIPS 204, algorithm 2)."""


class MessageDigest(Protocol):
    """A hash over a message that comes in pieces."""

    def feed(self, data: bytes, /) -> None:
        """Take in a piece."""

    def digest(self) -> bytes:
        """Return the hash of what was taken in."""


class HashedMessage:
    """A message's hash, by the name in AWS's algorithms, such as ``SHA_256``.

    Args:
        name: Of the hash.

    Raises:
        UsageError: There is no such hash for messages.
    """

    def __init__(self, name: str) -> None:
        if name not in _HASHES:
            raise UsageError(f"A message cannot be hashed with {name} here.")
        self._hash = hashlib.new(_HASHES[name])

    def feed(self, data: bytes, /) -> None:
        """Take in a piece of the message."""
        self._hash.update(data)

    def digest(self) -> bytes:
        """Return the digest."""
        return self._hash.digest()


class MessageRepresentative:
    """ML-DSA's message representative mu, which Sign takes as EXTERNAL_MU.

    mu is SHAKE256 over the key's hash and the message, so that the public key belongs to it
    (FIPS 204, algorithm 7; the context is empty, as AWS KMS has it).

    Args:
        public_key: DER of the SubjectPublicKeyInfo of the key that signs.

    Raises:
        UsageError: It is no public key.
    """

    def __init__(self, public_key: bytes) -> None:
        key_hash = hashlib.shake_256(read_info(public_key).key).digest(_MU_BYTES)
        self._hash = hashlib.shake_256(key_hash + _PURE)

    def feed(self, data: bytes, /) -> None:
        """Take in a piece of the message."""
        self._hash.update(data)

    def digest(self) -> bytes:
        """Return the 64 bytes of mu."""
        return self._hash.digest(_MU_BYTES)
