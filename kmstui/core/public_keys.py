"""Public keys as people exchange them: DER, PEM, JWK, and their fingerprint. Pure.

A public key is the DER of its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7), as GetPublicKey
answers it. Only its structure is read here; whether a point lies on its curve is for the HSM.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import Final, NamedTuple

from kmstui.core.errors import UsageError

PEM_CHARACTERS: Final = 16_384
"""Longest text that is read as a public key; the largest key of KMS takes 3,600."""

_RSA: Final = "1.2.840.113549.1.1.1"
_EC: Final = "1.2.840.10045.2.1"
_ED25519: Final = "1.3.101.112"
_CURVES: Final = {
    "1.2.840.10045.3.1.7": ("P-256", 32),
    "1.3.132.0.34": ("P-384", 48),
    "1.3.132.0.35": ("P-521", 66),
    "1.3.132.0.10": ("secp256k1", 32),
}
_NO_JWK: Final = {
    **{f"2.16.840.1.101.3.4.3.{number}": "ML-DSA" for number in (17, 18, 19)},
    **{f"2.16.840.1.101.3.4.4.{number}": "ML-KEM" for number in (1, 2, 3)},
}
_INTEGER, _BIT_STRING, _NULL, _OID, _SEQUENCE = 0x02, 0x03, 0x05, 0x06, 0x30
_UNCOMPRESSED: Final = 4
_LONG: Final = 0x80
_PEM_LINE: Final = 64
_PEM: Final = re.compile(r"-----BEGIN([A-Z0-9]+)-----(.*)-----END\1-----")
_NOT_DER: Final = "That is not a public key in DER or PEM."


class PublicKeyInfo(NamedTuple):
    """A SubjectPublicKeyInfo, taken apart.

    Attributes:
        algorithm: Object identifier of the algorithm, in dots.
        parameters: Object identifier of its parameters, in dots; empty if they are none.
        key: Content of the bit string.
    """

    algorithm: str
    parameters: str
    key: bytes


def _element(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """Return the content of the DER element at a place, and where the next one begins."""
    try:
        found, length, start = data[at], data[at + 1], at + 2
        if length >= _LONG:
            size = length - _LONG
            start += size
            length = int.from_bytes(data[at + 2 : start], "big")
            if not size or data[at + 2] == 0 or (size == 1 and length < _LONG):
                raise UsageError(_NOT_DER)
    except IndexError:
        raise UsageError(_NOT_DER) from None
    if found != tag or start + length > len(data):
        raise UsageError(_NOT_DER)
    return data[start : start + length], start + length


def _dotted(content: bytes) -> str:
    """Write the content of an object identifier in dots (ITU-T X.690, section 8.19)."""
    values, value = [], 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if octet < _LONG:
            values.append(value)
            value = 0
    if not values:
        raise UsageError(_NOT_DER)
    first = min(values[0] // 40, 2)
    return ".".join(map(str, (first, values[0] - 40 * first, *values[1:])))


def read_info(der: bytes) -> PublicKeyInfo:
    """Take a SubjectPublicKeyInfo apart.

    Raises:
        UsageError: It is none.
    """
    outer, end = _element(der, 0, _SEQUENCE)
    if end != len(der):
        raise UsageError(_NOT_DER)
    identifier, at = _element(outer, 0, _SEQUENCE)
    bits, end = _element(outer, at, _BIT_STRING)
    algorithm, at = _element(identifier, 0, _OID)
    if end != len(outer) or bits[:1] != b"\0":
        raise UsageError(_NOT_DER)
    parameters = b""
    if at < len(identifier) and identifier[at] == _OID:
        parameters, at = _element(identifier, at, _OID)
    elif at < len(identifier):
        _, at = _element(identifier, at, _NULL)
    if at != len(identifier):
        raise UsageError(_NOT_DER)
    return PublicKeyInfo(_dotted(algorithm), _dotted(parameters) if parameters else "", bits[1:])


def read_public_key(source: str | bytes) -> bytes:
    """Return the DER of a public key that is given as DER, PEM or Base64.

    Raises:
        UsageError: It is something else; a private key and a certificate are named as what they
            are.
    """
    if isinstance(source, bytes) and source[:1] == bytes([_SEQUENCE]):
        read_info(source)
        return source
    if len(source) > PEM_CHARACTERS:
        raise UsageError(_NOT_DER)
    text = source if isinstance(source, str) else source.decode("ascii", "replace")
    packed = "".join(text.split())
    armoured = _PEM.search(packed)
    if armoured is not None and armoured[1] != "PUBLICKEY":
        raise UsageError(
            f"That is {_article(armoured[1])}, not a public key.",
            hint="A public key in PEM begins with -----BEGIN PUBLIC KEY-----.",
        )
    try:
        der = base64.b64decode(armoured[2] if armoured else packed, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(_NOT_DER, hint="Paste it whole, in PEM or Base64.") from None
    read_info(der)
    return der


def _article(label: str) -> str:
    if "PRIVATE" in label:
        return "a private key"
    return "a certificate" if "CERTIFICATE" in label else "another PEM file"


def to_pem(der: bytes) -> str:
    """Write a public key in PEM (RFC 7468, section 13)."""
    encoded = base64.b64encode(der).decode("ascii")
    lines = [encoded[at : at + _PEM_LINE] for at in range(0, len(encoded), _PEM_LINE)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a public key's SubjectPublicKeyInfo in hexadecimal."""
    return hashlib.sha256(der).hexdigest()


def to_jwk(der: bytes, *, use: str = "") -> dict[str, str]:
    """Write a public key as a JSON Web Key, with its thumbprint as ``kid``.

    RSA and NIST curves: RFC 7518, section 6; secp256k1: RFC 8812; Ed25519: RFC 8037; the
    thumbprint: RFC 7638, with SHA-256.

    Args:
        der: The key.
        use: ``sig`` or ``enc``; empty to leave it out.

    Raises:
        UsageError: It is no public key, or one that has no JWK form.
    """
    required = _required(read_info(der))
    return required | {"kid": thumbprint(required)} | ({"use": use} if use else {})


def thumbprint(required: dict[str, str]) -> str:
    """Return the thumbprint of a JWK's required members (RFC 7638, section 3)."""
    canonical = json.dumps(required, sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode("ascii")).digest())


def _required(info: PublicKeyInfo) -> dict[str, str]:
    if info.algorithm == _RSA:
        sequence, end = _element(info.key, 0, _SEQUENCE)
        modulus, at = _element(sequence, 0, _INTEGER)
        exponent, last = _element(sequence, at, _INTEGER)
        if end != len(info.key) or last != len(sequence):
            raise UsageError(_NOT_DER)
        numbers = {"n": modulus.lstrip(b"\0"), "e": exponent.lstrip(b"\0")}
        return {"kty": "RSA", **{name: _base64url(value) for name, value in numbers.items()}}
    if info.algorithm == _EC and info.parameters in _CURVES:
        curve, size = _CURVES[info.parameters]
        if info.key[:1] != bytes([_UNCOMPRESSED]) or len(info.key) != 1 + 2 * size:
            raise UsageError(_NOT_DER)
        x, y = info.key[1 : 1 + size], info.key[1 + size :]
        return {"kty": "EC", "crv": curve, "x": _base64url(x), "y": _base64url(y)}
    if info.algorithm == _ED25519:
        return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(info.key)}
    kind = _NO_JWK.get(info.algorithm, "such")
    raise UsageError(
        f"There is no settled JWK form for {kind} keys, so none is written.",
        hint="Programs that read such keys read them in PEM or DER.",
    )


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
