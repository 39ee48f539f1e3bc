"""Ed25519 (RFC 8032). Its pre-hashed form is not in the cryptography package."""

from __future__ import annotations

from typing import TypeGuard

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from kmstui.hsm import pkcs8
from kmstui.hsm.algorithms import Algorithm, KeySpec
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.keys import KeyPair, SigningKey


def generate(_spec: KeySpec) -> Ed25519PrivateKey:
    """Return a new key."""
    return Ed25519PrivateKey.generate()


def fits(private: PrivateKeyTypes, _spec: KeySpec) -> TypeGuard[Ed25519PrivateKey]:
    """Return whether a private key is of a key spec."""
    return isinstance(private, Ed25519PrivateKey)


def load(private: PrivateKeyTypes, spec: KeySpec, binding: MaterialBinding) -> KeyPair | None:
    """Return the key for its usage, or None if it is of another spec."""
    return Ed25519SigningKey(binding, private) if fits(private, spec) else None


def verify(public: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    """Return whether a signature is a public key's over a message."""
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


class Ed25519SigningKey(SigningKey):
    """A key of usage SIGN_VERIFY.

    Args:
        binding: Whose material it is.
        private: The private key.
    """

    __slots__ = ("_private", "_public")

    def __init__(self, binding: MaterialBinding, private: Ed25519PrivateKey) -> None:
        super().__init__(binding)
        self._private = private
        self._public = private.public_key()

    def public_der(self) -> bytes:
        """Return the public key as a DER SubjectPublicKeyInfo (RFC 8410)."""
        return pkcs8.public_der(self._public)

    def sign(self, _row: Algorithm, message: bytes, _message_type: str) -> bytes:
        """Return the signature, 64 bytes."""
        return self._private.sign(message)

    def verify(
        self, _row: Algorithm, message: bytes, _message_type: str, signature: bytes
    ) -> bool:
        """Return whether the signature is this key's over the message."""
        return verify(self._public, message, signature)
