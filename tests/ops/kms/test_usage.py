"""GetKeyLastUsage: what counts as a use, and that it survives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.helpers.engines import START, Bench
from tests.helpers.requests import make_things, valid

USES = (
    "Encrypt",
    "Decrypt",
    "ReEncrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "Sign",
    "Verify",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
)


def last(bench: Bench, key: str) -> dict[str, Any]:
    """Return a key's last usage."""
    usage: dict[str, Any] = bench.call("GetKeyLastUsage", KeyId=key)["KeyLastUsage"]
    return usage


@pytest.mark.parametrize("name", USES)
def test_each_cryptographic_operation_counts(bench: Bench, name: str) -> None:
    """The last use names operation, time and the trail's event and request."""
    things = make_things(bench)
    bench.clock.advance(timedelta(minutes=5))
    request = valid(f"kms:{name}", things)
    bench.call(name, request)
    event = bench.last_event()
    assert last(bench, request.get("KeyId", things.key)) == {
        "Operation": name,
        "Timestamp": START + timedelta(minutes=5),
        "CloudTrailEventId": event["eventID"],
        "KmsRequestId": event["requestID"],
    }


def test_reencrypt_counts_for_both_keys(bench: Bench) -> None:
    """The key that decrypts and the key that encrypts have both been used."""
    things = make_things(bench)
    bench.call("ReEncrypt", CiphertextBlob=things.blob, DestinationKeyId=things.other)
    assert last(bench, things.key)["Operation"] == "ReEncrypt"
    assert last(bench, things.key) == last(bench, things.other)


def test_what_does_not_use_the_key_does_not_count(bench: Bench) -> None:
    """Failures, dry runs and calls about the key leave the last use as it was."""
    things = make_things(bench)
    before = last(bench, things.key)
    bench.clock.advance(60)
    bench.refusal("Encrypt", KeyId=things.key, Plaintext=b"x", DryRun=True)
    bench.refusal("Decrypt", CiphertextBlob=things.blob[:-1] + b"\x00")
    bench.call("DescribeKey", KeyId=things.key)
    bench.call("DisableKey", KeyId=things.key)
    bench.refusal("GenerateDataKey", KeyId=things.key, KeySpec="AES_256")
    assert before == last(bench, things.key)


def test_a_key_that_was_never_used_has_an_empty_last_use(bench: Bench) -> None:
    """An unused key answers an empty structure, not a missing one."""
    assert last(bench, bench.key()) == {}


def test_last_use_is_stored_with_the_next_commit(bench: Bench) -> None:
    """A change to anything stores the uses that only memory had."""
    key = bench.key()
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    record = bench.record(key)
    assert bench.core.keystore.usage(record.account, record.region, key) is None
    bench.key()
    stored = bench.core.keystore.usage(record.account, record.region, key)
    assert stored is not None
    assert stored.operation == "Encrypt"
    assert bench.core.usage == {}
    assert last(bench, key)["Operation"] == "Encrypt"


def test_last_use_survives_a_restart(bench: Bench) -> None:
    """Closing stores what was pending."""
    key = bench.key()
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    before = last(bench, key)
    bench.reopen()
    assert before == last(bench, key)


def test_last_use_is_rebuilt_from_the_trail_after_a_crash(bench: Bench) -> None:
    """What only memory had is found again in the lines after the head's position."""
    things = make_things(bench)
    bench.key()
    bench.call("GenerateDataKey", KeyId=things.key, KeySpec="AES_256")
    bench.call("ReEncrypt", CiphertextBlob=things.blob, DestinationKeyId=things.other)
    bench.refusal("Encrypt", KeyId=things.other, Plaintext=b"x", DryRun=True)
    expected = last(bench, things.other)
    bench.crash()
    bench.restart()
    assert expected == last(bench, things.other)
    assert last(bench, things.key)["Operation"] == "ReEncrypt"


def test_a_destroyed_key_has_no_use_to_store(training: Bench) -> None:
    """A use that memory still has of a key that is gone is dropped."""
    key, other = training.key(), training.key()
    training.call("Encrypt", KeyId=key, Plaintext=b"x")
    training.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    training.crash()
    training.restart()
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    training.call("DisableKey", KeyId=other)
    assert training.refusal("GetKeyLastUsage", KeyId=key).code == "NotFoundException"
