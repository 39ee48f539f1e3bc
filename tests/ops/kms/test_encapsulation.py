"""Encapsulate and Decapsulate."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.helpers.engines import Answer, Bench, arn_of

USAGE = "ENCAPSULATE_DECAPSULATE"
SIZES = {"ML_KEM_768": 1088, "ML_KEM_1024": 1568}


def request(key: str, **members: object) -> Answer:
    """Return a request for a key."""
    return {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM", **members}


@pytest.mark.parametrize("spec", SIZES)
def test_what_is_encapsulated_is_recovered(bench: Bench, spec: str) -> None:
    """32 secret bytes, in a ciphertext of the parameter set's size; each call gives others."""
    key = bench.key("alias/e", KeySpec=spec, KeyUsage=USAGE)
    answer = bench.call("Encapsulate", request("alias/e"))
    assert answer["SharedSecret"] != bench.call("Encapsulate", request(key))["SharedSecret"]
    blob, secret = answer.pop("SharedSecretCiphertextBlob"), answer["SharedSecret"]
    assert (SIZES[spec], 32) == (len(blob), len(secret))
    assert answer == {
        "KeyId": arn_of(key),
        "SharedSecret": secret,
        "EncapsulationAlgorithm": "ML_KEM",
    }
    recovered = bench.call("Decapsulate", request(key, SharedSecretCiphertextBlob=blob))
    assert answer == recovered


def test_a_secret_encapsulated_outside_is_recovered_here(bench: Bench) -> None:
    """Anyone with the public key can do what Encapsulate does."""
    key = bench.key(KeySpec="ML_KEM_768", KeyUsage=USAGE)
    public = load_der_public_key(bench.call("GetPublicKey", KeyId=key)["PublicKey"])
    assert isinstance(public, MLKEM768PublicKey)
    secret, blob = public.encapsulate()
    recovered = bench.call("Decapsulate", request(key, SharedSecretCiphertextBlob=blob))
    assert secret == recovered["SharedSecret"]


@pytest.mark.parametrize("size", [1, 1087, 1089, 1568, 6144])
def test_a_ciphertext_has_its_length(bench: Bench, size: int) -> None:
    """Any other is an invalid ciphertext, with an empty text."""
    key = bench.key(KeySpec="ML_KEM_768", KeyUsage=USAGE)
    blob = bytes(size)
    error = bench.refusal("Decapsulate", request(key, SharedSecretCiphertextBlob=blob))
    assert (error.code, error.message) == ("InvalidCiphertextException", "")


def test_a_changed_ciphertext_gives_a_secret_of_nobody(bench: Bench) -> None:
    """Of the right length it is never refused: the secret is another, and always the same."""
    key = bench.key(KeySpec="ML_KEM_768", KeyUsage=USAGE)
    answer = bench.call("Encapsulate", request(key))
    blob = answer["SharedSecretCiphertextBlob"]
    changed = request(key, SharedSecretCiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1]))
    secret = bench.call("Decapsulate", changed)["SharedSecret"]
    assert len(secret) == 32
    assert answer["SharedSecret"] != secret
    assert secret == bench.call("Decapsulate", changed)["SharedSecret"]


@pytest.mark.parametrize("name", ["Encapsulate", "Decapsulate"])
def test_other_keys_encapsulate_nothing(bench: Bench, name: str) -> None:
    """Refused for their usage."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
    more = {"SharedSecretCiphertextBlob": b"x"} if name == "Decapsulate" else {}
    error = bench.refusal(name, request(key, **more))
    text = f"{arn_of(key)} key usage is KEY_AGREEMENT which is not valid for {name}."
    assert (error.code, error.message) == ("InvalidKeyUsageException", text)


def test_a_dry_run_answers_no_secret(bench: Bench) -> None:
    """Success is an error of its own; a ciphertext of a wrong length comes first."""
    key = bench.key(KeySpec="ML_KEM_768", KeyUsage=USAGE)
    dry = request(key, DryRun=True)
    assert bench.refusal("Encapsulate", dry).code == "DryRunOperationException"
    blob = {"SharedSecretCiphertextBlob": bytes(1088)}
    assert bench.refusal("Decapsulate", dry, **blob).code == "DryRunOperationException"
    blob = {"SharedSecretCiphertextBlob": bytes(1087)}
    assert bench.refusal("Decapsulate", dry, **blob).code == "InvalidCiphertextException"


def test_the_trail_shows_key_and_algorithm_alone(bench: Bench) -> None:
    """Neither secret nor ciphertext."""
    key = bench.key(KeySpec="ML_KEM_768", KeyUsage=USAGE)
    blob = bench.call("Encapsulate", request(key))["SharedSecretCiphertextBlob"]
    shown = {"keyId": key, "encapsulationAlgorithm": "ML_KEM"}
    assert bench.last_event()["requestParameters"] == shown
    bench.call("Decapsulate", request(key, SharedSecretCiphertextBlob=blob))
    event = bench.last_event()
    assert (event["requestParameters"], event["responseElements"]) == (shown, None)


def test_there_is_no_smallest_parameter_set(bench: Bench) -> None:
    """ML-KEM-512 is refused when the key is made, with what there is instead."""
    error = bench.refusal("CreateKey", KeySpec="ML_KEM_512", KeyUsage=USAGE)
    assert error.code == "UnsupportedOperationException"
    assert error.hint == "ML_KEM_768 and ML_KEM_1024 are there."
