"""Attestation documents under a root made for the purpose, and who reads the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

ISSUED: Final = datetime(2026, 6, 1, tzinfo=UTC)
VALID_FOR: Final = timedelta(days=1)
IMAGE: Final = "ab" * 48
APPLICATION: Final = "cd" * 48
PCRS: Final[Mapping[int, bytes]] = {
    0: bytes.fromhex(IMAGE),
    1: bytes(48),
    8: bytes.fromhex(APPLICATION),
}
MODULE: Final = "i-1234567890abcdef0-enc1234567890abcdef0"


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate and its private key.

    Attributes:
        name: Its common name.
        certificate: The certificate.
        key: The private key.
    """

    name: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        """The certificate, as it stands in a document."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> str:
        """The certificate, as it stands in a setting."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def issue(
        self,
        name: str,
        *,
        ca: bool = False,
        signs: bool = True,
        curve: ec.EllipticCurve | None = None,
        path_length: int | None = None,
    ) -> Authority:
        """Issue a certificate: another authority's, or one that signs documents."""
        key = ec.generate_private_key(curve or ec.SECP384R1())
        usage = _usage(ca=ca, signs=signs)
        constraints = x509.BasicConstraints(ca=ca, path_length=path_length)
        builder = _builder(name, key, self.name, self.key)
        builder = builder.add_extension(constraints, critical=True)
        signed = builder.add_extension(usage, critical=True).sign(self.key, hashes.SHA384())
        return Authority(name, signed, key)


def make_root(name: str = "root") -> Authority:
    """Make a root of its own."""
    key = ec.generate_private_key(ec.SECP384R1())
    builder = _builder(name, key, name, key)
    builder = builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    signed = builder.add_extension(_usage(ca=True, signs=False), critical=True)
    return Authority(name, signed.sign(key, hashes.SHA384()), key)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    """Return a certificate without what it may be used for."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ISSUED)
        .not_valid_after(ISSUED + VALID_FOR)
    )
    subject = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return builder.add_extension(subject, critical=False).add_extension(authority, critical=False)


def _usage(*, ca: bool, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs and not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not signs and not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def enclave_key() -> rsa.RSAPrivateKey:
    """Return the key that answers are encrypted to; one for all tests."""
    return rsa.generate_private_key(65537, 2048)


def enclave_public() -> bytes:
    """Return its public half, as it stands in a document."""
    public = enclave_key().public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(slots=True)
class Enclave:
    """What makes documents.

    Attributes:
        root: The root of the chain.
        between: An authority under it.
        leaf: The certificate that signs.
    """

    root: Authority = field(default_factory=make_root)
    between: Authority = field(init=False)
    leaf: Authority = field(init=False)

    def __post_init__(self) -> None:
        self.between = self.root.issue("between", ca=True, path_length=0)
        self.leaf = self.between.issue("leaf")

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the map of a sound document, with changes; ``None`` stays in it."""
        sound = {
            "module_id": MODULE,
            "digest": "SHA384",
            "timestamp": int(ISSUED.timestamp() * 1000),
            "pcrs": dict(PCRS),
            "certificate": self.leaf.der,
            "cabundle": [self.root.der, self.between.der],
            "public_key": enclave_public(),
            "user_data": None,
            "nonce": None,
        }
        return sound | changes

    def document(self, **changes: Any) -> bytes:
        """Return a signed document."""
        return self.signed(self.claims(**changes))

    def signed(self, claims: object, *, protected: bytes = b"") -> bytes:
        """Return anything at all as a signed document."""
        return cbor2.dumps(self.message(claims, protected=protected))

    def message(self, claims: object, *, protected: bytes = b"") -> list[Any]:
        """Return the four parts of a signed message."""
        header = protected or cbor2.dumps({1: -35})
        payload = cbor2.dumps(claims)
        signed = cbor2.dumps(["Signature1", header, b"", payload])
        r, s = decode_dss_signature(self.leaf.key.sign(signed, ec.ECDSA(hashes.SHA384())))
        size = (self.leaf.key.curve.key_size + 7) // 8
        return [header, {}, payload, r.to_bytes(size) + s.to_bytes(size)]


def recipient(document: bytes) -> dict[str, Any]:
    """Return a Recipient member."""
    return {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": document}


def parts(der: bytes) -> Sequence[tuple[int, bytes]]:
    """Return the tags and contents of the DER values that follow each other."""
    found: list[tuple[int, bytes]] = []
    while der:
        tag, length, at = der[0], der[1], 2
        if length & 0x80:
            at += length & 0x7F
            length = int.from_bytes(der[2:at])
        found.append((tag, der[at : at + length]))
        der = der[at + length :]
    return found
