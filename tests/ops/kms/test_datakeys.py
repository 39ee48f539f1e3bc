"""Data keys and random bytes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.engines import Bench, arn_of

NAMES = ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext")
SIZES: list[tuple[dict[str, Any], int]] = [
    ({"KeySpec": "AES_256"}, 32),
    ({"KeySpec": "AES_128"}, 16),
    ({"NumberOfBytes": 1}, 1),
    ({"NumberOfBytes": 1024}, 1024),
]


@pytest.mark.parametrize(("members", "size"), SIZES)
def test_a_data_key_comes_in_two_forms(bench: Bench, members: dict[str, Any], size: int) -> None:
    """The plaintext has the size asked for and is what the blob decrypts to."""
    key, context = bench.key(), {"purpose": "files"}
    answer = bench.call("GenerateDataKey", members, KeyId=key, EncryptionContext=context)
    assert set(answer) == {"CiphertextBlob", "Plaintext", "KeyId", "KeyMaterialId"}
    assert size == len(answer["Plaintext"])
    assert answer["KeyId"] == arn_of(key)
    assert answer["KeyMaterialId"] == bench.record(key).current.material_id
    blob = answer["CiphertextBlob"]
    opened = bench.call("Decrypt", CiphertextBlob=blob, EncryptionContext=context)
    assert answer["Plaintext"] == opened["Plaintext"]
    assert bench.refusal("Decrypt", CiphertextBlob=blob).code == "InvalidCiphertextException"


@pytest.mark.parametrize(("members", "size"), SIZES)
def test_a_data_key_without_plaintext_shows_none(
    bench: Bench, members: dict[str, Any], size: int
) -> None:
    """Only the blob is answered; it decrypts to a key of the size asked for."""
    key = bench.key("alias/k")
    answer = bench.call("GenerateDataKeyWithoutPlaintext", members, KeyId="alias/k")
    assert set(answer) == {"CiphertextBlob", "KeyId", "KeyMaterialId"}
    opened = bench.call("Decrypt", CiphertextBlob=answer["CiphertextBlob"])
    assert (size, arn_of(key)) == (len(opened["Plaintext"]), opened["KeyId"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("members", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}])
def test_one_way_of_giving_the_size_is_needed(
    bench: Bench, name: str, members: dict[str, Any]
) -> None:
    """Neither and both lengths are refused with one text."""
    error = bench.refusal(name, members, KeyId=bench.key())
    text = "Please specify either number of bytes or key spec."
    assert (error.code, error.message) == ("ValidationException", text)


def test_two_data_keys_differ(bench: Bench) -> None:
    """Data keys are random."""
    key = bench.key()
    made = {
        bench.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")["Plaintext"] for _ in range(50)
    }
    assert len(made) == 50


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_answers_no_key(bench: Bench, name: str) -> None:
    """Success of a dry run is an error of its own."""
    error = bench.refusal(name, KeyId=bench.key(), KeySpec="AES_256", DryRun=True)
    assert error.code == "DryRunOperationException"


@pytest.mark.parametrize("size", [1, 32, 1024])
def test_generate_random(bench: Bench, size: int) -> None:
    """As many bytes as asked for, different each time, of no key and shown nowhere."""
    one = bench.call("GenerateRandom", NumberOfBytes=size)["Plaintext"]
    assert size == len(one)
    if size > 1:
        assert one != bench.call("GenerateRandom", NumberOfBytes=size)["Plaintext"]
    event = bench.last_event()
    assert (event["requestParameters"], event["responseElements"]) == (None, None)
    assert event["resources"] == []


def test_generate_random_needs_a_size(bench: Bench) -> None:
    """The recorded text."""
    error = bench.refusal("GenerateRandom")
    assert (error.code, error.message) == ("ValidationException", "NumberOfBytes is required.")


def test_random_bytes_of_an_unknown_key_store_are_refused(bench: Bench) -> None:
    """GenerateRandom with the id of no key store is refused as that."""
    error = bench.refusal("GenerateRandom", NumberOfBytes=8, CustomKeyStoreId="cks-1")
    assert error.code == "CustomKeyStoreNotFoundException"


@pytest.mark.parametrize("name", ["GenerateDataKey", "GenerateRandom", "Decrypt"])
def test_attestation_documents_are_not_accepted(bench: Bench, name: str) -> None:
    """A Recipient is refused: nothing here could verify it."""
    request: dict[str, dict[str, Any]] = {
        "GenerateDataKey": {"KeyId": bench.key(), "KeySpec": "AES_256"},
        "GenerateRandom": {"NumberOfBytes": 8},
        "Decrypt": {"CiphertextBlob": b"x"},
    }
    recipient = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}
    error = bench.refusal(name, request[name], Recipient=recipient)
    text = "The attestation document is not valid."
    assert (error.code, error.message) == ("ValidationException", text)
