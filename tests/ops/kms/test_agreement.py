"""DeriveSharedSecret."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from tests.helpers.engines import Answer, Bench, arn_of

USAGE = "KEY_AGREEMENT"
CURVES = {
    "ECC_NIST_P256": (ec.SECP256R1(), 32),
    "ECC_NIST_P384": (ec.SECP384R1(), 48),
    "ECC_NIST_P521": (ec.SECP521R1(), 66),
}


def der(private: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half as it is given to the operation."""
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def derive(bench: Bench, key: str, peer: bytes) -> Answer:
    """Return the answer for a peer's public key."""
    return bench.call(
        "DeriveSharedSecret", KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=peer
    )


@pytest.mark.parametrize("spec", CURVES)
def test_both_sides_derive_one_secret(bench: Bench, spec: str) -> None:
    """The raw x-coordinate, as long as the field, is what the other side computes outside."""
    key = bench.key("alias/a", KeySpec=spec, KeyUsage=USAGE)
    curve, size = CURVES[spec]
    mine = ec.generate_private_key(curve)
    answer = derive(bench, "alias/a", der(mine))
    secret = answer.pop("SharedSecret")
    assert answer == {
        "KeyId": arn_of(key),
        "KeyAgreementAlgorithm": "ECDH",
        "KeyOrigin": "AWS_KMS",
    }
    theirs = load_der_public_key(bench.call("GetPublicKey", KeyId=key)["PublicKey"])
    assert isinstance(theirs, ec.EllipticCurvePublicKey)
    assert mine.exchange(ec.ECDH(), theirs) == secret
    assert size == len(secret)


def test_two_keys_here_agree(bench: Bench) -> None:
    """Either gives the other's public key, and both get one secret."""
    one, other = (bench.key(KeySpec="ECC_NIST_P256", KeyUsage=USAGE) for _ in range(2))
    publics = {key: bench.call("GetPublicKey", KeyId=key)["PublicKey"] for key in (one, other)}
    secret = derive(bench, one, publics[other])["SharedSecret"]
    assert secret == derive(bench, other, publics[one])["SharedSecret"]


@pytest.mark.parametrize("what", ["garbage", "curve", "koblitz", "cut", "off the curve"])
def test_a_key_that_does_not_fit_is_refused(bench: Bench, what: str) -> None:
    """Other curves, points on no curve and garbage share the recorded empty text."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage=USAGE)
    good = der(ec.generate_private_key(ec.SECP256R1()))
    peer = {
        "garbage": b"garbage",
        "curve": der(ec.generate_private_key(ec.SECP384R1())),
        "koblitz": der(ec.generate_private_key(ec.SECP256K1())),
        "cut": good[:-1],
        "off the curve": good[:-1] + bytes([good[-1] ^ 1]),
    }[what]
    members = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer}
    error = bench.refusal("DeriveSharedSecret", members)
    assert (error.code, error.message) == ("ValidationException", "")


def test_a_signing_key_agrees_on_nothing(bench: Bench) -> None:
    """The same curve with the other usage is another kind of key."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    members = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"}
    error = bench.refusal("DeriveSharedSecret", members)
    text = f"{arn_of(key)} key usage is SIGN_VERIFY which is not valid for DeriveSharedSecret."
    assert (error.code, error.message) == ("InvalidKeyUsageException", text)


def test_a_dry_run_answers_no_secret(bench: Bench) -> None:
    """Success is an error of its own; a wrong public key comes first."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage=USAGE)
    members = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "DryRun": True}
    good = der(ec.generate_private_key(ec.SECP256R1()))
    error = bench.refusal("DeriveSharedSecret", members, PublicKey=good)
    assert error.code == "DryRunOperationException"
    error = bench.refusal("DeriveSharedSecret", members, PublicKey=b"x")
    assert error.code == "ValidationException"


def test_the_trail_shows_no_keys_and_no_secret(bench: Bench) -> None:
    """Only what identifies the call."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage=USAGE)
    derive(bench, key, der(ec.generate_private_key(ec.SECP256R1())))
    event = bench.last_event()
    assert event["requestParameters"] == {"keyId": key, "keyAgreementAlgorithm": "ECDH"}
    assert event["responseElements"] is None
