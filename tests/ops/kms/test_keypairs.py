"""GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from kmstui.hsm.software import SoftwareHsm
from tests.helpers.engines import ACCOUNT, REGION, Bench, arn_of
from tests.helpers.key_stores import CLOUD

NAMES = ("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext")
SPECS = (
    "RSA_2048",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_768",
    "ML_KEM_1024",
)
CONTEXT = {"purpose": "files"}


def opened(bench: Bench, blob: bytes) -> bytes:
    """Return the private key that a blob holds."""
    answer = bench.call("Decrypt", CiphertextBlob=blob, EncryptionContext=CONTEXT)
    plaintext: bytes = answer["Plaintext"]
    return plaintext


def public_of(private: bytes) -> bytes:
    """Return the public half of a private key, in the form that is answered."""
    key: Any = load_der_private_key(private, password=None)
    half: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return half


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("name", NAMES)
def test_a_pair_belongs_together(bench: Bench, name: str, spec: str) -> None:
    """The blob decrypts to the PKCS#8 key whose public half is answered."""
    key = bench.key("alias/k")
    request = {"KeyId": "alias/k", "KeyPairSpec": spec, "EncryptionContext": CONTEXT}
    answer = bench.call(name, request)
    blob, public = answer.pop("PrivateKeyCiphertextBlob"), answer.pop("PublicKey")
    private = opened(bench, blob)
    assert public_of(private) == public
    if name == "GenerateDataKeyPair":
        assert private == answer.pop("PrivateKeyPlaintext")
    assert answer == {
        "KeyId": arn_of(key),
        "KeyPairSpec": spec,
        "KeyMaterialId": bench.record(key).current.material_id,
    }
    assert bench.refusal("Decrypt", CiphertextBlob=blob).code == "InvalidCiphertextException"
    assert len(blob) <= 6144


def test_private_keys_of_one_kind_are_seeds_of_one_length(bench: Bench) -> None:
    """ML-KEM private keys are written as seeds, whatever their parameter set."""
    key = bench.key()
    made = [
        bench.call("GenerateDataKeyPair", KeyId=key, KeyPairSpec=spec)["PrivateKeyPlaintext"]
        for spec in ("ML_KEM_768", "ML_KEM_1024")
    ]
    assert len(made[0]) == len(made[1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("SM2", "SM2 keys exist in the China Regions only."),
        ("ML_KEM_512", "ML_KEM_768 and ML_KEM_1024 are there."),
    ],
)
def test_pairs_that_are_not_here_are_refused(
    bench: Bench, name: str, spec: str, hint: str
) -> None:
    """With AWS's code, and what there is instead."""
    error = bench.refusal(name, KeyId=bench.key(), KeyPairSpec=spec)
    assert (error.code, error.hint) == ("UnsupportedOperationException", hint)
    assert error.message == f"KeyPairSpec {spec} is not supported."


@pytest.mark.parametrize("name", NAMES)
def test_only_symmetric_keys_encrypt_pairs(bench: Bench, name: str) -> None:
    """An RSA key that encrypts is refused as an algorithm, others for their usage."""
    request = {"KeyPairSpec": "ECC_NIST_P256"}
    key = bench.key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    error = bench.refusal(name, request, KeyId=key)
    text = "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."
    assert (error.code, error.message) == ("InvalidKeyUsageException", text)
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    error = bench.refusal(name, request, KeyId=key)
    text = f"{arn_of(key)} key usage is SIGN_VERIFY which is not valid for {name}."
    assert (error.code, error.message) == ("InvalidKeyUsageException", text)


@pytest.mark.parametrize("name", NAMES)
def test_a_key_of_a_store_makes_no_pairs(bench: Bench, name: str) -> None:
    """Custom key stores make data keys, not data key pairs."""
    key, keystore = bench.key(), bench.core.keystore
    store = replace(CLOUD, account=ACCOUNT, region=REGION)
    with keystore.begin() as changes:
        changes.put_key_store(store)
        changes.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)
    bench.force(key, custom_key_store_id=store.store_id)
    error = bench.refusal(name, KeyId=key, KeyPairSpec="ECC_NIST_P256")
    assert error.code == "UnsupportedOperationException"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "RSA_4096"])
def test_a_dry_run_makes_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str, spec: str
) -> None:
    """It is checked like any other call, and no key pair is made for it."""
    key = bench.key()

    def fail(*_: object, **__: object) -> None:
        pytest.fail("a key pair was made")

    monkeypatch.setattr(SoftwareHsm, "generate_data_key_pair", fail)
    request = {"KeyId": key, "KeyPairSpec": spec, "DryRun": True}
    assert bench.refusal(name, request).code == "DryRunOperationException"
    bench.call("DisableKey", KeyId=key)
    assert bench.refusal(name, request).code == "DisabledException"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("spec", "apart"), [("ECC_NIST_P521", False), ("RSA_2048", True)])
def test_what_takes_long_is_made_without_the_lock(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str, spec: str, apart: bool
) -> None:
    """Other calls go on while an RSA key pair is made; it is made once, and recorded once."""
    key, held = bench.key(), []
    make = SoftwareHsm.generate_data_key_pair

    def watched(*arguments: Any, **named: Any) -> Any:
        held.append(bench.core.lock._is_owned())  # type: ignore[attr-defined]  # a re-entrant lock has it
        return make(*arguments, **named)

    monkeypatch.setattr(SoftwareHsm, "generate_data_key_pair", watched)
    before = bench.sequence()
    bench.call(name, KeyId=key, KeyPairSpec=spec)
    assert held == [not apart]
    assert [name] == [event["eventName"] for event in bench.events(after=before)]


@pytest.mark.parametrize("name", NAMES)
def test_the_trail_shows_what_kind_of_pair(bench: Bench, name: str) -> None:
    """Key, spec and context; no keys."""
    key = bench.key()
    bench.call(name, KeyId=key, KeyPairSpec="ECC_NIST_P256", EncryptionContext=CONTEXT)
    event = bench.last_event()
    assert event["requestParameters"] == {
        "keyId": key,
        "keyPairSpec": "ECC_NIST_P256",
        "encryptionContext": CONTEXT,
    }
    assert event["responseElements"] is None
