"""Private keys as PKCS#8 and public keys as SubjectPublicKeyInfo, both in DER (RFC 5958, 5280)."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
)

_SEQUENCE = 0x30
_VERSIONS = (b"\x02\x01\x00", b"\x02\x01\x01")


def private_der(key: PrivateKeyTypes) -> bytes:
    """Return a private key as unencrypted PKCS#8; ML-DSA and ML-KEM keys as their seed."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def public_der(key: PublicKeyTypes) -> bytes:
    """Return a public key as SubjectPublicKeyInfo."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def read_own(data: bytes | bytearray) -> PrivateKeyTypes | None:
    """Return the private key that :func:`private_der` wrote, or None if it is none.

    Only for data that was authenticated: RSA's parameters are not checked again, which would cost
    a hundred times the signature that the key is loaded for.
    """
    return _read(data, skip_validation=True)


def read_foreign(data: bytes) -> PrivateKeyTypes | None:
    """Return a private key of unknown origin, with all its parameters checked, or None."""
    return _read(data, skip_validation=False) if _is_pkcs8(data) else None


def converted(data: bytes) -> bytes | None:
    """Return an unencrypted private key in any usual form as PKCS#8 DER, or None if it is none.

    PEM and DER are read, PKCS#8 and the older forms of RSA and EC keys.
    """
    load = load_pem_private_key if b"-----BEGIN" in data[:1024] else load_der_private_key
    try:
        return private_der(load(data, password=None))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def read_public(data: bytes) -> PublicKeyTypes | None:
    """Return a public key of unknown origin, or None; a point not on its curve is none."""
    try:
        return load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _read(data: bytes | bytearray, *, skip_validation: bool) -> PrivateKeyTypes | None:
    try:
        return load_der_private_key(
            data, password=None, unsafe_skip_rsa_key_validation=skip_validation
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _is_pkcs8(data: bytes) -> bool:
    """Tell PKCS#8 from the older forms of RSA and EC keys, which the library reads as well.

    After the version PKCS#8 has a SEQUENCE (the algorithm), RFC 8017's RSAPrivateKey an INTEGER
    and RFC 5915's ECPrivateKey an OCTET STRING.
    """
    if len(data) < 2 or data[0] != _SEQUENCE:
        return False
    body = data[2 + (data[1] & 0x7F) :] if data[1] & 0x80 else data[2:]
    return body[:3] in _VERSIONS and body[3:4] == bytes([_SEQUENCE])
