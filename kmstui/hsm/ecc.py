"""Elliptic curves in short Weierstrass form: ECDSA (FIPS 186-5) and ECDH (NIST SP 800-56A)."""

from __future__ import annotations

from functools import cache
from typing import Final, TypeGuard

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from kmstui.hsm import pkcs8
from kmstui.hsm.algorithms import AGREE, DIGEST, Algorithm, KeySpec
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.keys import AgreementKey, KeyPair, SigningKey
from kmstui.hsm.primitives import HASHES

CURVES: Final[dict[str, ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
"""The curve of each key spec."""


def generate(spec: KeySpec) -> ec.EllipticCurvePrivateKey:
    """Return a new key."""
    return ec.generate_private_key(CURVES[spec.name])


def fits(private: PrivateKeyTypes, spec: KeySpec) -> TypeGuard[ec.EllipticCurvePrivateKey]:
    """Return whether a private key is of a key spec."""
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        return False
    return private.curve.name == CURVES[spec.name].name


def load(private: PrivateKeyTypes, spec: KeySpec, binding: MaterialBinding) -> KeyPair | None:
    """Return the key for its usage, or None if it is of another spec."""
    if not fits(private, spec):
        return None
    usage = EcAgreementKey if binding.key_usage == AGREE else EcSigningKey
    return usage(binding, private)


def verify(
    public: ec.EllipticCurvePublicKey,
    row: Algorithm,
    message: bytes,
    message_type: str,
    signature: bytes,
) -> bool:
    """Return whether a DER signature is a public key's over a message."""
    try:
        public.verify(signature, message, _ecdsa(row.digest, message_type))
    except InvalidSignature:
        return False
    return True


class EcSigningKey(SigningKey):
    """A key of usage SIGN_VERIFY.

    Args:
        binding: Whose material it is.
        private: The private key.
    """

    __slots__ = ("_private", "_public")

    def __init__(self, binding: MaterialBinding, private: ec.EllipticCurvePrivateKey) -> None:
        super().__init__(binding)
        self._private = private
        self._public = private.public_key()

    def public_der(self) -> bytes:
        """Return the public key as a DER SubjectPublicKeyInfo."""
        return pkcs8.public_der(self._public)

    def sign(self, row: Algorithm, message: bytes, message_type: str) -> bytes:
        """Return the signature as a DER Ecdsa-Sig-Value (RFC 3279, section 2.2.3)."""
        return self._private.sign(message, _ecdsa(row.digest, message_type))

    def verify(self, row: Algorithm, message: bytes, message_type: str, signature: bytes) -> bool:
        """Return whether the signature is this key's over the message."""
        return verify(self._public, row, message, message_type, signature)


class EcAgreementKey(AgreementKey):
    """A key of usage KEY_AGREEMENT.

    Args:
        binding: Whose material it is.
        private: The private key.
    """

    __slots__ = ("_private",)

    def __init__(self, binding: MaterialBinding, private: ec.EllipticCurvePrivateKey) -> None:
        super().__init__(binding)
        self._private = private

    def public_der(self) -> bytes:
        """Return the public key as a DER SubjectPublicKeyInfo."""
        return pkcs8.public_der(self._private.public_key())

    def shared_secret(self, peer: bytes) -> bytes | None:
        """Return the x-coordinate of the shared point, or None if the peer's key does not fit.

        The peer's key must be on the same named curve, and its point on that curve and not at
        infinity (NIST SP 800-56A Rev. 3, section 5.6.2.3.3); the curves have cofactor 1.
        """
        public = pkcs8.read_public(peer)
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return None
        if public.curve.name != self._private.curve.name:
            return None
        try:
            return self._private.exchange(ec.ECDH(), public)
        except ValueError:
            return None


@cache
def _ecdsa(digest: str, message_type: str) -> ec.ECDSA:
    known = HASHES[digest]
    return ec.ECDSA(Prehashed(known) if message_type == DIGEST else known)
