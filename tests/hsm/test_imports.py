"""Imported key material: what is accepted, what is refused, and what is the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from kmstui.core.errors import (
    IncorrectKeyMaterialException,
    KeystoreTamperedError,
    UnsupportedOperationException,
)
from kmstui.hsm import MaterialBinding, algorithms
from kmstui.hsm.software import SoftwareHsm
from tests.helpers.hsm import BINDING, import_material, provisioned, same_material

_RAW = {
    "SYMMETRIC_DEFAULT": (32, 32),
    "HMAC_224": (28, 64),
    "HMAC_256": (32, 64),
    "HMAC_384": (48, 128),
    "HMAC_512": (64, 128),
}
_CURVES: dict[str, ec.EllipticCurve] = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _binding(spec: str) -> MaterialBinding:
    usage = algorithms.key_usages(spec)[-1]
    return replace(BINDING, key_spec=spec, key_usage=usage, origin="EXTERNAL")


def _pkcs8(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def hsm() -> SoftwareHsm:
    """Return an unlocked HSM."""
    return provisioned()[0]


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    """Return an RSA key made outside."""
    return rsa.generate_private_key(65537, 2048)


def _refused(hsm: SoftwareHsm, spec: str, material: bytes) -> None:
    binding = _binding(spec)
    with pytest.raises(IncorrectKeyMaterialException) as refused:
        import_material(hsm, binding, material)
    assert not material or material.hex() not in refused.value.message
    check = hsm.generate(binding).check
    with pytest.raises(IncorrectKeyMaterialException):
        same_material(hsm, binding, check, material)


@pytest.mark.parametrize(("spec", "sizes"), _RAW.items())
def test_raw_material_has_its_size(hsm: SoftwareHsm, spec: str, sizes: tuple[int, int]) -> None:
    """Raw material of the documented sizes is taken, one byte less or more is not."""
    least, most = sizes
    for size in {least, most}:
        assert import_material(hsm, _binding(spec), b"k" * size).token
    for size in (0, least - 1, most + 1):
        _refused(hsm, spec, b"k" * size)


def test_imported_symmetric_key_opens_its_ciphertexts_after_reimport(hsm: SoftwareHsm) -> None:
    """The same bytes imported again decrypt what the first import encrypted."""
    binding = _binding("SYMMETRIC_DEFAULT")
    first, second = (import_material(hsm, binding, b"k" * 32) for _ in range(2))
    assert first.token != second.token
    blob = hsm.encrypt(first.token, binding, b"plaintext", b"")
    assert b"plaintext" == hsm.decrypt(second.token, binding, blob, b"")
    assert same_material(hsm, binding, first.check, b"k" * 32)
    assert not same_material(hsm, binding, first.check, b"l" * 32)
    with pytest.raises(KeystoreTamperedError):
        same_material(hsm, replace(binding, key_id="other"), first.check, b"k" * 32)


@pytest.mark.parametrize(("spec", "curve"), _CURVES.items())
def test_curve_keys_are_imported_for_their_curve(
    hsm: SoftwareHsm, spec: str, curve: ec.EllipticCurve
) -> None:
    """A key is taken for its own spec, whose public key comes out, and for no other."""
    private = ec.generate_private_key(curve)
    wrapped = import_material(hsm, _binding(spec), _pkcs8(private))
    public = load_der_public_key(hsm.public_key(wrapped.token, _binding(spec)))
    assert private.public_key() == public
    for other in {*_CURVES, "RSA_2048"} - {spec}:
        _refused(hsm, other, _pkcs8(private))


def test_rsa_keys_are_imported_for_their_size(
    hsm: SoftwareHsm, rsa_key: rsa.RSAPrivateKey
) -> None:
    """A key signs as itself under its own spec, and is refused for other sizes and kinds."""
    binding = _binding("RSA_2048")
    wrapped = import_material(hsm, binding, _pkcs8(rsa_key))
    public = load_der_public_key(hsm.public_key(wrapped.token, binding))
    assert rsa_key.public_key() == public
    assert same_material(hsm, binding, wrapped.check, _pkcs8(rsa_key))
    for spec in ("RSA_3072", "RSA_4096", "ECC_NIST_P256"):
        _refused(hsm, spec, _pkcs8(rsa_key))


@pytest.mark.parametrize("field", ["d", "p", "dmp1", "dmq1", "iqmp", "n"])
def test_unsound_rsa_keys_are_refused(
    hsm: SoftwareHsm, rsa_key: rsa.RSAPrivateKey, field: str
) -> None:
    """A key with any one parameter wrong does not get in: imported keys are checked in full."""
    numbers = rsa_key.private_numbers()
    wrong = {
        name: getattr(numbers, name) + (2 if name == field else 0)
        for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp")
    }
    modulus = numbers.public_numbers.n + (2 if field == "n" else 0)
    fields = [0, modulus, 65537, *(wrong[n] for n in ("d", "p", "q", "dmp1", "dmq1", "iqmp"))]
    inner = _tlv(0x30, b"".join(_integer(value) for value in fields))
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    sound = _tlv(0x30, _integer(0) + algorithm + _tlv(4, inner))
    assert len(sound) in range(1200, 1230)
    _refused(hsm, "RSA_2048", sound)


def test_malformed_material_is_refused(hsm: SoftwareHsm, rsa_key: rsa.RSAPrivateKey) -> None:
    """Cut, grown, encrypted, PEM, older forms, public keys and garbage are no PKCS#8 key."""
    private = ec.generate_private_key(ec.SECP256R1())
    older, plain = PrivateFormat.TraditionalOpenSSL, NoEncryption()
    sealed = BestAvailableEncryption(b"passphrase")
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for material in (
        b"",
        b"\x30",
        b"\x30\x84",
        b"garbage",
        bytes(138),
        public,
        _pkcs8(private)[:-1],
        _pkcs8(private) + b"\0",
        private.private_bytes(Encoding.DER, older, plain),
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, plain),
        private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, sealed),
    ):
        _refused(hsm, "ECC_NIST_P256", material)
    _refused(hsm, "RSA_2048", rsa_key.private_bytes(Encoding.DER, older, plain))


def test_unsound_curve_keys_are_refused(hsm: SoftwareHsm) -> None:
    """A scalar out of range, or a public key that is another's, does not get in."""
    private, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    point, foreign = (
        key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        for key in (private, other)
    )
    _refused(hsm, "ECC_NIST_P256", _pkcs8(private).replace(point, foreign))
    for scalar in (0, _P256_ORDER, 2**256 - 1):
        _refused(hsm, "ECC_NIST_P256", _bare_p256(scalar))


def test_one_key_in_two_encodings_is_the_same(hsm: SoftwareHsm) -> None:
    """A key without its public key is kept with it, and known again in either form."""
    private = ec.generate_private_key(ec.SECP256R1())
    bare = _bare_p256(private.private_numbers().private_value)
    binding = _binding("ECC_NIST_P256")
    assert bare != _pkcs8(private)
    wrapped = import_material(hsm, binding, bare)
    assert same_material(hsm, binding, wrapped.check, _pkcs8(private))
    assert same_material(hsm, binding, wrapped.check, bare)


def test_specs_without_import_are_refused(hsm: SoftwareHsm) -> None:
    """Material of key specs that AWS does not document as importable is not taken."""
    edwards = ed25519.Ed25519PrivateKey.generate()
    lattice = mldsa.MLDSA44PrivateKey.generate()
    for spec, key in (("ECC_NIST_EDWARDS25519", edwards), ("ML_DSA_44", lattice)):
        material = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(UnsupportedOperationException):
            import_material(hsm, _binding(spec), material)


def _tlv(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def _integer(value: int) -> bytes:
    return _tlv(2, value.to_bytes(value.bit_length() // 8 + 1))


def _bare_p256(scalar: int) -> bytes:
    """Return a PKCS#8 P-256 key that does not say its public key."""
    algorithm = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
    inner = _tlv(0x30, _integer(1) + _tlv(4, scalar.to_bytes(32)))
    return _tlv(0x30, _integer(0) + algorithm + _tlv(4, inner))
