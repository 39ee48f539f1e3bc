"""ML-DSA (FIPS 204) and ML-KEM (FIPS 203); private keys are kept as their seeds."""

from __future__ import annotations

from typing import Final, TypeGuard

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from kmstui.hsm import pkcs8
from kmstui.hsm.algorithms import EXTERNAL_MU, Algorithm, KeySpec
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.keys import KemKey, KeyPair, SigningKey

MlDsaPrivate = mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey
"""A private key of ML-DSA."""

MlDsaPublic = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
"""A public key of ML-DSA."""

MlKemPrivate = mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey
"""A private key of ML-KEM."""

ML_DSA: Final[dict[str, type[MlDsaPrivate]]] = {
    "ML_DSA_44": mldsa.MLDSA44PrivateKey,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey,
}
"""The private key of each key spec of ML-DSA."""

ML_KEM: Final[dict[str, type[MlKemPrivate]]] = {
    "ML_KEM_768": mlkem.MLKEM768PrivateKey,
    "ML_KEM_1024": mlkem.MLKEM1024PrivateKey,
}
"""The private key of each key spec of ML-KEM."""


def generate(spec: KeySpec) -> MlDsaPrivate | MlKemPrivate:
    """Return a new key."""
    if spec.kind == "ML_DSA":
        return ML_DSA[spec.name].generate()
    return ML_KEM[spec.name].generate()


def fits(private: PrivateKeyTypes, spec: KeySpec) -> bool:
    """Return whether a private key is of a key spec."""
    return _is_ml_dsa(private, spec) or _is_ml_kem(private, spec)


def load(private: PrivateKeyTypes, spec: KeySpec, binding: MaterialBinding) -> KeyPair | None:
    """Return the key for its usage, or None if it is of another spec."""
    if _is_ml_dsa(private, spec):
        return MlDsaSigningKey(binding, private)
    return MlKemKey(binding, private) if _is_ml_kem(private, spec) else None


def verify(public: MlDsaPublic, message: bytes, message_type: str, signature: bytes) -> bool:
    """Return whether a signature is a public key's over a message, or over its representative."""
    try:
        if message_type == EXTERNAL_MU:
            public.verify_mu(signature, message)
        else:
            public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


class MlDsaSigningKey(SigningKey):
    """A key of usage SIGN_VERIFY. Signatures are hedged, their context is empty.

    Args:
        binding: Whose material it is.
        private: The private key.
    """

    __slots__ = ("_private", "_public")

    def __init__(self, binding: MaterialBinding, private: MlDsaPrivate) -> None:
        super().__init__(binding)
        self._private = private
        self._public = private.public_key()

    def public_der(self) -> bytes:
        """Return the public key as a DER SubjectPublicKeyInfo (RFC 9881)."""
        return pkcs8.public_der(self._public)

    def sign(self, _row: Algorithm, message: bytes, message_type: str) -> bytes:
        """Return the signature of a message or of its 64-byte representative."""
        if message_type == EXTERNAL_MU:
            return self._private.sign_mu(message)
        return self._private.sign(message)

    def verify(self, _row: Algorithm, message: bytes, message_type: str, signature: bytes) -> bool:
        """Return whether the signature is this key's over the message."""
        return verify(self._public, message, message_type, signature)


class MlKemKey(KemKey):
    """A key of usage ENCAPSULATE_DECAPSULATE.

    Args:
        binding: Whose material it is.
        private: The private key.
    """

    __slots__ = ("_private", "_public")

    def __init__(self, binding: MaterialBinding, private: MlKemPrivate) -> None:
        super().__init__(binding)
        self._private = private
        self._public = private.public_key()

    def public_der(self) -> bytes:
        """Return the public key as a DER SubjectPublicKeyInfo (RFC 9935)."""
        return pkcs8.public_der(self._public)

    def encapsulate(self) -> tuple[bytes, bytes]:
        """Return a new shared secret of 32 bytes and its ciphertext."""
        return self._public.encapsulate()

    def decapsulate(self, ciphertext: bytes) -> bytes | None:
        """Return the shared secret, or None if the ciphertext's size is wrong."""
        try:
            return self._private.decapsulate(ciphertext)
        except ValueError:
            return None


def _is_ml_dsa(private: PrivateKeyTypes, spec: KeySpec) -> TypeGuard[MlDsaPrivate]:
    wanted = ML_DSA.get(spec.name)
    return wanted is not None and isinstance(private, wanted)


def _is_ml_kem(private: PrivateKeyTypes, spec: KeySpec) -> TypeGuard[MlKemPrivate]:
    wanted = ML_KEM.get(spec.name)
    return wanted is not None and isinstance(private, wanted)
