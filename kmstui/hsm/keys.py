"""What unwrapped key material can do once it is loaded: one class for each usage.

A key has the methods of its usage and no others: a signing key cannot be made to decrypt. Nothing
cryptographic is imported but HMAC; the classes of key pairs stand in modules that are loaded when
the first such key is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from kmstui.hsm.algorithms import Algorithm
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.memory import Unshareable
from kmstui.hsm.primitives import MacKey


class LoadedKey(Unshareable):
    """Unwrapped material.

    Args:
        binding: Whose material it is.
    """

    __slots__ = ("binding",)

    def __init__(self, binding: MaterialBinding) -> None:
        self.binding = binding


class KeyPair(LoadedKey, ABC):
    """A private key, and with it its public key."""

    __slots__ = ()

    @abstractmethod
    def public_der(self) -> bytes:
        """Return the public key as a DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7)."""


class SigningKey(KeyPair):
    """A key pair of usage SIGN_VERIFY."""

    __slots__ = ()

    @abstractmethod
    def sign(self, row: Algorithm, message: bytes, message_type: str) -> bytes:
        """Return the signature of a message whose type and size were checked."""

    @abstractmethod
    def verify(self, row: Algorithm, message: bytes, message_type: str, signature: bytes) -> bool:
        """Return whether the signature is this key's over the message; any bytes are taken."""


class CipherKey(KeyPair):
    """A key pair of usage ENCRYPT_DECRYPT."""

    __slots__ = ()

    @abstractmethod
    def encrypt(self, row: Algorithm, plaintext: bytes) -> bytes:
        """Return the ciphertext of a plaintext whose size was checked."""

    @abstractmethod
    def decrypt(self, row: Algorithm, ciphertext: bytes) -> bytes | None:
        """Return the plaintext, or None whatever does not fit."""


class AgreementKey(KeyPair):
    """A key pair of usage KEY_AGREEMENT."""

    __slots__ = ()

    @abstractmethod
    def shared_secret(self, peer: bytes) -> bytes | None:
        """Return the secret shared with a DER public key, or None if that is not one of ours."""


class KemKey(KeyPair):
    """A key pair of usage ENCAPSULATE_DECAPSULATE."""

    __slots__ = ()

    @abstractmethod
    def encapsulate(self) -> tuple[bytes, bytes]:
        """Return a new shared secret and what carries it."""

    @abstractmethod
    def decapsulate(self, ciphertext: bytes) -> bytes | None:
        """Return the shared secret, or None if the size is wrong.

        A ciphertext of the right size always gives a secret: for one that was not made with the
        public key it is pseudo-random (FIPS 203, algorithm 18, implicit rejection).
        """


class MacMaterial(LoadedKey):
    """A key of usage GENERATE_VERIFY_MAC.

    Args:
        binding: Whose material it is.
        digest: The hash function, as the algorithm table names it.
        material: The key; not kept, only what HMAC makes of it.
    """

    __slots__ = ("_key",)

    def __init__(self, binding: MaterialBinding, digest: str, material: bytes | bytearray) -> None:
        super().__init__(binding)
        self._key = MacKey(material, digest)

    def mac(self, message: bytes) -> bytes:
        """Return the message's whole HMAC."""
        return self._key.mac(message)

    def verify(self, message: bytes, tag: bytes) -> bool:
        """Return whether the tag is the message's HMAC, in time that does not depend on it."""
        return self._key.verify(message, tag)
