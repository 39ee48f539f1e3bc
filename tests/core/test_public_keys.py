"""Public keys in DER, PEM and JWK, compared with the examples of the RFCs."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kmstui.core.errors import UsageError
from kmstui.core.public_keys import fingerprint, read_info, read_public_key, to_jwk, to_pem

_MODULUS = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJ"
    "ECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW"
    "2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQ"
    "Fh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)
_CURVES: tuple[tuple[ec.EllipticCurve, str], ...] = (
    (ec.SECP256R1(), "P-256"),
    (ec.SECP384R1(), "P-384"),
    (ec.SECP521R1(), "P-521"),
    (ec.SECP256K1(), "secp256k1"),
)


def number(encoded: str) -> int:
    """Read a number of a JWK."""
    return int.from_bytes(base64.urlsafe_b64decode(encoded + "=="), "big")


def der(
    key: rsa.RSAPublicKey
    | ec.EllipticCurvePublicKey
    | ed25519.Ed25519PublicKey
    | mldsa.MLDSA44PublicKey,
) -> bytes:
    """Write a key as GetPublicKey answers it."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class TestJwk:
    """JSON Web Keys."""

    def test_rsa(self) -> None:
        """The RSA key of RFC 7638, section 3.1, has the members and the thumbprint given there."""
        key = rsa.RSAPublicNumbers(number("AQAB"), number(_MODULUS)).public_key()
        assert {
            "kty": "RSA",
            "n": _MODULUS,
            "e": "AQAB",
            "kid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
            "use": "sig",
        } == to_jwk(der(key), use="sig")

    def test_p256(self) -> None:
        """The EC key of RFC 7517, appendix A.1, has the coordinates given there."""
        x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
        y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
        key = ec.EllipticCurvePublicNumbers(number(x), number(y), ec.SECP256R1()).public_key()
        jwk = to_jwk(der(key))
        assert ("EC", "P-256", x, y) == (jwk["kty"], jwk["crv"], jwk["x"], jwk["y"])

    def test_ed25519(self) -> None:
        """The key of RFC 8037, appendix A.2, has the thumbprint of appendix A.3."""
        x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        key = ed25519.Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x + "="))
        assert {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": x,
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        } == to_jwk(der(key))

    @pytest.mark.parametrize(("curve", "name"), _CURVES, ids=[name for _, name in _CURVES])
    def test_coordinates_keep_their_zeros(self, curve: ec.EllipticCurve, name: str) -> None:
        """A coordinate has the size of its field, whatever it begins with (RFC 7518, 6.2.1.2)."""
        key = ec.derive_private_key(3, curve).public_key()
        jwk = to_jwk(der(key))
        size = (curve.key_size + 7) // 8
        sizes = [len(base64.urlsafe_b64decode(jwk[member] + "==")) for member in ("x", "y")]
        numbers = key.public_numbers()
        assert (name, [size, size]) == (jwk["crv"], sizes)
        assert (numbers.x, numbers.y) == (number(jwk["x"]), number(jwk["y"]))

    def test_none_for_ml_dsa(self) -> None:
        """A key without a settled JWK form is refused with the reason."""
        key = mldsa.MLDSA44PrivateKey.generate().public_key()
        with pytest.raises(UsageError, match="no settled JWK form for ML-DSA"):
            to_jwk(der(key))


class TestReading:
    """Public keys as they come in."""

    KEY = der(ec.derive_private_key(7, ec.SECP256R1()).public_key())

    def test_every_form(self) -> None:
        """DER, PEM, PEM in one line and Base64 are the same key."""
        pem = to_pem(self.KEY)
        base = base64.b64encode(self.KEY).decode()
        for source in (self.KEY, pem, pem.encode(), pem.replace("\n", " "), base, f" {base}\n"):
            assert self.KEY == read_public_key(source)

    def test_pem_is_what_others_write(self) -> None:
        """PEM is written letter by letter as OpenSSL writes it."""
        key = ec.derive_private_key(7, ec.SECP256R1()).public_key()
        written = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        assert written.decode() == to_pem(self.KEY)

    def test_taken_apart(self) -> None:
        """Algorithm, curve and point are those of the key."""
        info = read_info(self.KEY)
        assert ("1.2.840.10045.2.1", "1.2.840.10045.3.1.7", 65) == (*info[:2], len(info.key))

    @pytest.mark.parametrize(
        "source",
        [
            *("", "x", "äö", "aGk=", b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x81\x05abcde"),
            *(KEY[:-1], KEY + b"\0", b"\x30\x03\x02\x01\x00", "A" * 20_000),
            b"\x30\x82\x00\x59" + KEY[2:],
        ],
    )
    def test_anything_else(self, source: str | bytes) -> None:
        """What is no public key, or one cut or grown, is refused."""
        with pytest.raises(UsageError, match="not a public key"):
            read_public_key(source)

    @pytest.mark.parametrize(
        ("label", "what"),
        [
            ("PRIVATE KEY", "a private key"),
            ("EC PRIVATE KEY", "a private key"),
            ("CERTIFICATE", "a certificate"),
            ("RSA PUBLIC KEY", "another PEM file"),
        ],
    )
    def test_other_pem(self, label: str, what: str) -> None:
        """Another kind of PEM is named as what it is."""
        with pytest.raises(UsageError, match=f"That is {what}, not a public key"):
            read_public_key(f"-----BEGIN {label}-----\naGk=\n-----END {label}-----\n")

    def test_fingerprint(self) -> None:
        """The fingerprint is the SHA-256 of the whole SubjectPublicKeyInfo."""
        assert hashlib.sha256(self.KEY).hexdigest() == fingerprint(self.KEY)
