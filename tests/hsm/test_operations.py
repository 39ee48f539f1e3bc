"""Encryption, MACs, shared secrets and data key pairs through the HSM's interface."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
)

from kmstui.core import canonical
from kmstui.core.errors import (
    InvalidCiphertextException,
    KMSInvalidMacException,
    UnsupportedOperationException,
)
from kmstui.hsm import algorithms
from kmstui.hsm.algorithms import AGREE, ENCAPSULATE, ENCRYPT, MAC, SIGN
from kmstui.hsm.software import SoftwareHsm
from tests.hsm.keypairs import (
    MESSAGE,
    Keys,
    opened,
    refusal_of,
)

_OAEP = [row for row in algorithms.ALGORITHMS if row.name.startswith("RSAES")]
_MACS = [row for row in algorithms.ALGORITHMS if row.key_usage == MAC]
_CURVES = ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521")
_CONTEXT = canonical.encode_map({"a": "b"})


def test_public_keys_are_of_their_spec(shared: SoftwareHsm, keys: Keys) -> None:
    """Every key pair exports a SubjectPublicKeyInfo of its kind and size; other keys have none."""
    for (spec, usage), key in keys.items():
        if spec.startswith(("SYMMETRIC", "HMAC")):
            error = refusal_of(shared.public_key, key.token, key.binding)
            assert isinstance(error, UnsupportedOperationException)
            continue
        public = load_der_public_key(shared.public_key(key.token, key.binding))
        known = algorithms.spec(spec)
        assert known is not None
        if isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            assert public.key_size == known.size, usage
    for spec, usage, kind in (
        ("ECC_NIST_EDWARDS25519", SIGN, Ed25519PublicKey),
        ("ML_DSA_44", SIGN, MLDSA44PublicKey),
        ("ML_KEM_768", ENCAPSULATE, MLKEM768PublicKey),
    ):
        key = keys[spec, usage]
        assert isinstance(load_der_public_key(shared.public_key(key.token, key.binding)), kind)


@pytest.mark.parametrize("row", _OAEP, ids=lambda row: f"{row.key_spec}-{row.name}")
def test_oaep_agrees_with_the_library(
    shared: SoftwareHsm, keys: Keys, row: algorithms.Algorithm
) -> None:
    """Each side opens what the other encrypted, up to the longest plaintext and not beyond."""
    key = keys[row.key_spec, ENCRYPT]
    public = load_der_public_key(shared.public_key(key.token, key.binding))
    assert isinstance(public, rsa.RSAPublicKey)
    digest = hashes.SHA1() if row.digest == "SHA_1" else hashes.SHA256()  # noqa: S303 - OAEP's
    oaep = padding.OAEP(padding.MGF1(digest), digest, None)
    for size in (0, 1, row.max_plaintext_bytes):
        ciphertext = public.encrypt(b"p" * size, oaep)
        assert shared.rsa_decrypt(key.token, key.binding, ciphertext, row.name) == b"p" * size
    longest = b"p" * row.max_plaintext_bytes
    ciphertext = shared.rsa_encrypt(key.token, key.binding, longest, row.name)
    assert len(ciphertext) * 8 == public.key_size
    private = load_der_private_key(opened(shared, key), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.decrypt(ciphertext, oaep) == longest
    error = refusal_of(shared.rsa_encrypt, key.token, key.binding, longest + b"p", row.name)
    text = (
        f"Algorithm {row.name} and key spec {row.key_spec} cannot encrypt data larger than "
        f"{row.max_plaintext_bytes} bytes."
    )
    assert ("ValidationException", text) == (error.code, error.message)


def test_every_rsa_decrypt_failure_is_one_empty_error(shared: SoftwareHsm, keys: Keys) -> None:
    """Wrong size, padding, hash, label and key cannot be told apart."""
    key, other = keys["RSA_2048", ENCRYPT], keys["RSA_3072", ENCRYPT]
    public = load_der_public_key(shared.public_key(key.token, key.binding))
    assert isinstance(public, rsa.RSAPublicKey)
    sha256 = hashes.SHA256()
    good = shared.rsa_encrypt(key.token, key.binding, MESSAGE, "RSAES_OAEP_SHA_256")
    modulus = public.public_numbers().n
    answers = set()
    for data in (
        b"",
        good[:-1],
        good + b"\0",
        good[:-1] + bytes([good[-1] ^ 1]),
        bytes(256),
        (1).to_bytes(256),
        (modulus - 1).to_bytes(256),
        modulus.to_bytes(256),
        b"\xff" * 256,
        public.encrypt(MESSAGE, padding.PKCS1v15()),
        public.encrypt(MESSAGE, padding.OAEP(padding.MGF1(sha256), sha256, b"label")),
        public.encrypt(MESSAGE, padding.OAEP(padding.MGF1(hashes.SHA512()), sha256, None)),
        shared.rsa_encrypt(key.token, key.binding, MESSAGE, "RSAES_OAEP_SHA_1"),
        shared.rsa_encrypt(other.token, other.binding, MESSAGE, "RSAES_OAEP_SHA_256"),
    ):
        with pytest.raises(InvalidCiphertextException) as refused:
            shared.rsa_decrypt(key.token, key.binding, data, "RSAES_OAEP_SHA_256")
        error = refused.value
        answers.add((error.message, error.hint, str(error), error.__cause__, error.__context__))
    assert len(answers) == 1
    assert next(iter(answers))[0] == ""


@pytest.mark.parametrize("row", _MACS, ids=lambda row: row.name)
def test_macs_are_plain_hmacs(shared: SoftwareHsm, keys: Keys, row: algorithms.Algorithm) -> None:
    """The standard library makes the same tag; any other tag is refused with one empty text."""
    key = keys[row.key_spec, MAC]
    tag = shared.generate_mac(key.token, key.binding, MESSAGE, row.name)
    expected = hmac.digest(opened(shared, key), MESSAGE, row.digest.replace("_", "").lower())
    assert expected == tag
    shared.verify_mac_with_key(key.token, key.binding, MESSAGE, tag, row.name)
    for message, bad in (
        (b"attack at noon", tag),
        (MESSAGE, tag[:-1]),
        (MESSAGE, tag + b"\0"),
        (MESSAGE, b""),
        (MESSAGE, bytes(len(tag))),
        (MESSAGE, tag[:-1] + bytes([tag[-1] ^ 1])),
    ):
        with pytest.raises(KMSInvalidMacException) as refused:
            shared.verify_mac_with_key(key.token, key.binding, message, bad, row.name)
        assert refused.value.message == ""
    for other in _MACS:
        if other.name != row.name:
            error = refusal_of(shared.generate_mac, key.token, key.binding, MESSAGE, other.name)
            text = f"Algorithm {other.name} is incompatible with key spec {row.key_spec}."
            assert (error.code, error.message) == ("InvalidKeyUsageException", text)


@pytest.mark.parametrize("spec", _CURVES)
def test_shared_secrets_agree(shared: SoftwareHsm, keys: Keys, spec: str) -> None:
    """Two keys derive the x-coordinate that the library derives, each from the other's key."""
    key = keys[spec, AGREE]
    binding = replace(key.binding, material_id="ee" * 32)
    other = shared.generate(binding).token
    ours, theirs = shared.public_key(key.token, key.binding), shared.public_key(other, binding)
    secret = shared.derive_shared_secret(key.token, key.binding, theirs)
    assert secret == shared.derive_shared_secret(other, binding, ours)
    private = load_der_private_key(opened(shared, key), None)
    public = load_der_public_key(theirs)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert secret == private.exchange(ec.ECDH(), public)
    assert len(secret) == (public.key_size + 7) // 8


def test_peers_that_do_not_fit_are_refused_with_an_empty_text(
    shared: SoftwareHsm, keys: Keys
) -> None:
    """Another curve or kind, a point off the curve or at infinity, garbage: one answer."""
    key = keys["ECC_NIST_P256", AGREE]
    good = shared.public_key(key.token, key.binding)
    header = good[:-64]
    infinity = bytes.fromhex("3019301306072a8648ce3d020106082a8648ce3d03010703020000")
    for peer in (
        b"",
        good[:-1],
        good[:-1] + bytes([good[-1] ^ 1]),
        header + bytes(64),
        header + b"\xff" * 64,
        infinity,
        good.replace(bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030108")),
        *(
            shared.public_key(other.token, other.binding)
            for (spec, _), other in keys.items()
            if not spec.startswith(("SYMMETRIC", "HMAC", "ECC_NIST_P256"))
        ),
    ):
        error = refusal_of(shared.derive_shared_secret, key.token, key.binding, peer)
        assert (error.code, error.message) == ("ValidationException", "")


@pytest.mark.parametrize(("spec", "size"), [("ML_KEM_768", 1088), ("ML_KEM_1024", 1568)])
def test_encapsulated_secrets_come_back(
    shared: SoftwareHsm, keys: Keys, spec: str, size: int
) -> None:
    """A secret comes back; a false ciphertext of the right size gives another, always the same."""
    key = keys[spec, ENCAPSULATE]
    secret, ciphertext = shared.encapsulate(key.token, key.binding)
    assert (32, size) == (len(secret), len(ciphertext))
    assert secret == shared.decapsulate(key.token, key.binding, ciphertext)
    public = load_der_public_key(shared.public_key(key.token, key.binding))
    theirs, sent = public.encapsulate()  # type: ignore[union-attr]
    assert theirs == shared.decapsulate(key.token, key.binding, sent)
    false = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    rejected = shared.decapsulate(key.token, key.binding, false)
    assert rejected != secret
    assert rejected == shared.decapsulate(key.token, key.binding, false)
    seed = opened(shared, key)[-64:]
    assert rejected == hashlib.shake_256(seed[32:] + false).digest(32)
    for wrong in (b"", ciphertext[:-1], ciphertext + b"\0"):
        with pytest.raises(InvalidCiphertextException) as refused:
            shared.decapsulate(key.token, key.binding, wrong)
        assert refused.value.message == ""


_PAIRS = [s.name for s in algorithms.KEY_SPECS if s.data_key_pair and s.supported]


@pytest.mark.parametrize("spec", [name for name in _PAIRS if name != "RSA_4096"])
def test_data_key_pairs_belong_together(shared: SoftwareHsm, keys: Keys, spec: str) -> None:
    """The blob holds the PKCS#8 private key of the public key, under its context."""
    key = keys["SYMMETRIC_DEFAULT", ENCRYPT]
    plain = spec != "RSA_3072"
    shown, sealed, public = shared.generate_data_key_pair(
        key.token, key.binding, spec, _CONTEXT, with_plaintext=plain
    )
    private = shared.decrypt(key.token, key.binding, sealed, _CONTEXT)
    assert shown == (private if plain else None)
    loaded = load_der_private_key(private, None, unsafe_skip_rsa_key_validation=True)
    assert loaded.public_key() == load_der_public_key(public)
    assert len(sealed) <= 6144
    with pytest.raises(InvalidCiphertextException):
        shared.decrypt(key.token, key.binding, sealed, b"")


@pytest.mark.parametrize(
    "spec", ["SM2", "ML_KEM_512", "ML_DSA_44", "HMAC_256", "SYMMETRIC_DEFAULT", "", "RSA_1024"]
)
def test_pairs_that_are_not_made_are_refused(shared: SoftwareHsm, keys: Keys, spec: str) -> None:
    """Specs that have no data key pairs, or none here, give none."""
    key = keys["SYMMETRIC_DEFAULT", ENCRYPT]
    with pytest.raises(UnsupportedOperationException):
        shared.generate_data_key_pair(key.token, key.binding, spec, b"", with_plaintext=True)
