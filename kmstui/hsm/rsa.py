"""RSA: OAEP encryption, PKCS#1 v1.5 and PSS signatures (RFC 8017)."""

from __future__ import annotations

from functools import cache
from typing import TypeGuard

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import (
    MGF1,
    OAEP,
    PSS,
    AsymmetricPadding,
    PKCS1v15,
)
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import HashAlgorithm

from kmstui.hsm import pkcs8
from kmstui.hsm.algorithms import DIGEST, ENCRYPT, Algorithm, KeySpec
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.keys import CipherKey, KeyPair, SigningKey
from kmstui.hsm.primitives import HASHES

PUBLIC_EXPONENT = 65537
"""Of every key that is generated (FIPS 186-5, appendix A.1.1)."""


def generate(spec: KeySpec) -> rsa.RSAPrivateKey:
    """Return a new key. Takes from a thirtieth of a second to several seconds."""
    return rsa.generate_private_key(PUBLIC_EXPONENT, spec.size)


def fits(private: PrivateKeyTypes, spec: KeySpec) -> TypeGuard[rsa.RSAPrivateKey]:
    """Return whether a private key is of a key spec."""
    return isinstance(private, rsa.RSAPrivateKey) and private.key_size == spec.size


def load(private: PrivateKeyTypes, spec: KeySpec, binding: MaterialBinding) -> KeyPair | None:
    """Return the key for its usage, or None if it is of another spec."""
    if not fits(private, spec):
        return None
    usage = RsaCipherKey if binding.key_usage == ENCRYPT else RsaSigningKey
    return usage(binding, private)


def verify(
    public: rsa.RSAPublicKey, row: Algorithm, message: bytes, message_type: str, signature: bytes
) -> bool:
    """Return whether a signature is a public key's over a message."""
    try:
        public.verify(signature, message, _padding(row), _hash(row.digest, message_type))
    except InvalidSignature:
        return False
    return True


class RsaSigningKey(SigningKey):
    """An RSA key of usage SIGN_VERIFY.

    Args:
        binding: Whose material it is.
        private: The private key.
    """

    __slots__ = ("_private", "_public")

    def __init__(self, binding: MaterialBinding, private: rsa.RSAPrivateKey) -> None:
        super().__init__(binding)
        self._private = private
        self._public = private.public_key()

    def public_der(self) -> bytes:
        """Return the public key as a DER SubjectPublicKeyInfo."""
        return pkcs8.public_der(self._public)

    def sign(self, row: Algorithm, message: bytes, message_type: str) -> bytes:
        """Return the signature, as long as the modulus."""
        return self._private.sign(message, _padding(row), _hash(row.digest, message_type))

    def verify(self, row: Algorithm, message: bytes, message_type: str, signature: bytes) -> bool:
        """Return whether the signature is this key's over the message."""
        return verify(self._public, row, message, message_type, signature)


class RsaCipherKey(CipherKey):
    """An RSA key of usage ENCRYPT_DECRYPT.

    Args:
        binding: Whose material it is.
        private: The private key.
    """

    __slots__ = ("_private", "_public")

    def __init__(self, binding: MaterialBinding, private: rsa.RSAPrivateKey) -> None:
        super().__init__(binding)
        self._private = private
        self._public = private.public_key()

    def public_der(self) -> bytes:
        """Return the public key as a DER SubjectPublicKeyInfo."""
        return pkcs8.public_der(self._public)

    def encrypt(self, row: Algorithm, plaintext: bytes) -> bytes:
        """Return the ciphertext, as long as the modulus."""
        return self._public.encrypt(plaintext, _padding(row))

    def decrypt(self, row: Algorithm, ciphertext: bytes) -> bytes | None:
        """Return the plaintext, or None whatever does not fit."""
        try:
            return self._private.decrypt(ciphertext, _padding(row))
        except ValueError:
            return None


@cache
def _padding(row: Algorithm) -> AsymmetricPadding:
    if row.scheme == "PKCS1":
        return PKCS1v15()
    digest = HASHES[row.digest]
    if row.scheme == "PSS":
        return PSS(mgf=MGF1(digest), salt_length=digest.digest_size)
    return OAEP(mgf=MGF1(digest), algorithm=digest, label=None)


@cache
def _hash(digest: str, message_type: str) -> HashAlgorithm | Prehashed:
    known = HASHES[digest]
    return Prehashed(known) if message_type == DIGEST else known
