"""Key pairs of every kind: made, loaded, checked.

Importing this module loads all of the cryptography package that key pairs need; ``families`` puts
that off until the first self-test or the first key pair.
"""

from __future__ import annotations

from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from kmstui.core.errors import IncorrectKeyMaterialException, KeystoreTamperedError
from kmstui.hsm import ecc, edwards, lattice, pkcs8, rsa
from kmstui.hsm.algorithms import KeySpec, Kind
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.keys import KeyPair


class Family(Protocol):
    """What the module of a kind of key pair offers."""

    def generate(self, _spec: KeySpec, /) -> PrivateKeyTypes:
        """Return a new private key."""

    def fits(self, _private: PrivateKeyTypes, _spec: KeySpec, /) -> bool:
        """Return whether a private key is of a key spec."""

    def load(
        self, _private: PrivateKeyTypes, _spec: KeySpec, _binding: MaterialBinding, /
    ) -> KeyPair | None:
        """Return the key for its usage, or None if it is of another spec."""


_FAMILIES: Final[dict[Kind, Family]] = {
    "RSA": rsa,
    "ECC": ecc,
    "EDWARDS": edwards,
    "ML_DSA": lattice,
    "ML_KEM": lattice,
}


def generate(spec: KeySpec) -> tuple[bytes, bytes]:
    """Return a new private key as PKCS#8 and its public key as SubjectPublicKeyInfo."""
    private = _FAMILIES[spec.kind].generate(spec)
    return pkcs8.private_der(private), pkcs8.public_der(private.public_key())


def load(binding: MaterialBinding, spec: KeySpec, material: bytes | bytearray) -> KeyPair:
    """Return the key of our own authenticated material, which is not validated again.

    Raises:
        KeystoreTamperedError: It is no private key of the key spec.
    """
    private = pkcs8.read_own(material)
    key = None if private is None else _FAMILIES[spec.kind].load(private, spec, binding)
    if key is None:
        raise KeystoreTamperedError("key material is of the wrong kind")
    return key


def validated(spec: KeySpec, material: bytes) -> bytes:
    """Return a foreign private key as :func:`generate` would write it, after checking all of it.

    Raises:
        IncorrectKeyMaterialException: It is malformed, unsound, or of another key spec.
    """
    private = pkcs8.read_foreign(material)
    if private is None or not _FAMILIES[spec.kind].fits(private, spec):
        raise IncorrectKeyMaterialException(
            f"The key material is not a sound private key of KeySpec {spec.name}."
        )
    return pkcs8.private_der(private)
