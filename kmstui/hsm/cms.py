"""CMS EnvelopedData for one recipient that is known by its public key alone.

Sources: RFC 5652, sections 3 and 6 (ContentInfo, EnvelopedData); RFC 4055, section 4.1
(RSAES-OAEP-params); RFC 3565 (AES-256-CBC). The cryptography package writes EnvelopedData for
certificates with PKCS #1 v1.5 only, and an attested environment has neither.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from kmstui.hsm import pkcs8

_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_OCTETS: Final = 0x04
_NULL: Final = b"\x05\x00"
_VERSION_2: Final = b"\x02\x01\x02"

_ENVELOPED_DATA: Final = bytes.fromhex("06092a864886f70d010703")
_DATA: Final = bytes.fromhex("06092a864886f70d010701")
_OAEP: Final = bytes.fromhex("06092a864886f70d010107")
_MGF1: Final = bytes.fromhex("06092a864886f70d010108")
_SHA_256: Final = bytes.fromhex("0609608648016503040201")
_AES_256_CBC: Final = bytes.fromhex("060960864801650304012a")

_KEY_BYTES: Final = 32
_BLOCK_BYTES: Final = 16


def enveloped(public: RSAPublicKey, plaintext: bytes) -> bytes:
    """Return a ContentInfo with the plaintext encrypted to a public key, in DER.

    The content is encrypted with AES-256-CBC under a fresh key, and that key with RSAES-OAEP with
    SHA-256. The recipient is named by the SHA-256 of its SubjectPublicKeyInfo (RFC 7093, section
    2, method 4), as there is no certificate to name.
    """
    key, iv = os.urandom(_KEY_BYTES), os.urandom(_BLOCK_BYTES)
    hash_ = _der(_SEQUENCE, _SHA_256, _NULL)
    oaep = _der(
        _SEQUENCE,
        _der(0xA0, hash_),
        _der(0xA1, _der(_SEQUENCE, _MGF1, hash_)),
    )
    recipient = _der(
        _SEQUENCE,
        _VERSION_2,
        _der(0x80, _identifier(public)),
        _der(_SEQUENCE, _OAEP, oaep),
        _der(_OCTETS, _wrapped(public, key)),
    )
    content = _der(
        _SEQUENCE,
        _DATA,
        _der(_SEQUENCE, _AES_256_CBC, _der(_OCTETS, iv)),
        _der(0x80, _encrypted(key, iv, plaintext)),
    )
    data = _der(_SEQUENCE, _VERSION_2, _der(_SET, recipient), content)
    return _der(_SEQUENCE, _ENVELOPED_DATA, _der(0xA0, data))


def _wrapped(public: RSAPublicKey, key: bytes) -> bytes:
    digest = hashes.SHA256()
    return public.encrypt(key, OAEP(mgf=MGF1(digest), algorithm=digest, label=None))


def _encrypted(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    padder = PKCS7(_BLOCK_BYTES * 8).padder()
    padded = padder.update(plaintext) + padder.finalize()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def _identifier(public: RSAPublicKey) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(pkcs8.public_der(public))
    return digest.finalize()


def _der(tag: int, *parts: bytes) -> bytes:
    """Return a DER value (ITU-T X.690, section 8.1) of contents that are DER already."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + body
