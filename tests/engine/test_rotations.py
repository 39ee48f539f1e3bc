"""Rotating what is due: on time, once after a pause, and only what rotates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kmstui.core.errors import KeystoreFullError
from kmstui.engine import EngineEvent
from kmstui.keystore import UnitOfWork
from tests.conftest import MakeBench
from tests.helpers.engines import START, Bench, arn_of

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def scheduled(bench: Bench, days: int = 90) -> str:
    """Return the id of a key that rotates every so many days."""
    key = bench.key()
    bench.call("EnableKeyRotation", KeyId=key, RotationPeriodInDays=days)
    return key


def pass_time(bench: Bench, by: timedelta) -> None:
    """Let account time go on, and maintenance run."""
    bench.clock.advance(by)
    bench.engine.maintain()


def dates(bench: Bench, key: str) -> list[timedelta]:
    """Return how long after the beginning a key was rotated by itself."""
    entries = bench.call("ListKeyRotations", KeyId=key)["Rotations"]
    assert {entry["RotationType"] for entry in entries} <= {"AUTOMATIC"}
    return [entry["RotationDate"] - START for entry in entries]


def upcoming(bench: Bench, key: str) -> timedelta:
    """Return how long after the beginning a key rotates next."""
    after: timedelta = bench.call("GetKeyRotationStatus", KeyId=key)["NextRotationDate"] - START
    return after


def rotate_events(bench: Bench) -> list[dict[str, Any]]:
    """Return the records of rotations."""
    return [event for event in bench.events() if event["eventName"] == "RotateKey"]


def test_a_key_rotates_when_its_period_is_over(bench: Bench) -> None:
    """Not a second before its date, then at once, and again a period later."""
    key = scheduled(bench)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    pass_time(bench, 90 * DAY - timedelta(seconds=1))
    assert dates(bench, key) == []
    pass_time(bench, timedelta(seconds=1))
    assert dates(bench, key) == [90 * DAY]
    assert upcoming(bench, key) == 180 * DAY
    pass_time(bench, 90 * DAY)
    assert dates(bench, key) == [90 * DAY, 180 * DAY]
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"


def test_an_automatic_rotation_is_on_record(bench: Bench) -> None:
    """The service's own event tells which material follows which."""
    key = scheduled(bench)
    before = bench.record(key).current.material_id
    told: list[EngineEvent] = []
    bench.engine.subscribe(told.append)
    pass_time(bench, 90 * DAY)
    (event,) = rotate_events(bench)
    assert event["userIdentity"] == {"accountId": "111122223333", "invokedBy": "AWS Internal"}
    assert event["serviceEventDetails"] == {
        "keyId": key,
        "rotationType": "AUTOMATIC",
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": before,
        "currentKeyMaterialId": bench.record(key).current.material_id,
    }
    assert [(each.name, each.resources) for each in told] == [("RotateKey", (arn_of(key),))]


def test_periods_missed_while_closed_are_one_rotation(bench: Bench) -> None:
    """A keystore that was closed for years rotates once at unlock; the period counts from then."""
    key = scheduled(bench)
    bench.close()
    bench.clock.advance(1000 * DAY)
    bench.restart()
    assert dates(bench, key) == [1000 * DAY]
    assert upcoming(bench, key) == 1090 * DAY


def test_a_disabled_key_rotates_when_it_is_enabled(bench: Bench) -> None:
    """Its status stays, nothing rotates, and what is overdue rotates within EnableKey."""
    key = scheduled(bench)
    bench.call("DisableKey", KeyId=key)
    pass_time(bench, 100 * DAY)
    assert dates(bench, key) == []
    assert upcoming(bench, key) == 90 * DAY
    sequence = bench.sequence()
    bench.call("EnableKey", KeyId=key)
    assert [event["eventName"] for event in bench.events(after=sequence)] == [
        "EnableKey",
        "RotateKey",
    ]
    assert dates(bench, key) == [100 * DAY]
    assert upcoming(bench, key) == 190 * DAY


def test_a_schedule_resumes_where_nothing_is_overdue(bench: Bench) -> None:
    """A key that is enabled before its date keeps it."""
    key = scheduled(bench)
    bench.call("DisableKey", KeyId=key)
    pass_time(bench, 50 * DAY)
    bench.call("EnableKey", KeyId=key)
    assert dates(bench, key) == []
    pass_time(bench, 40 * DAY)
    assert dates(bench, key) == [90 * DAY]


def test_a_key_pending_deletion_says_it_does_not_rotate(bench: Bench) -> None:
    """Its status reads false until the deletion is cancelled; then it is what it was."""
    key = scheduled(bench)
    pass_time(bench, 80 * DAY)
    bench.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=30)
    status = bench.call("GetKeyRotationStatus", KeyId=key)
    assert status == {"KeyId": arn_of(key), "KeyRotationEnabled": False}
    pass_time(bench, 20 * DAY)
    bench.call("CancelKeyDeletion", KeyId=key)
    assert upcoming(bench, key) == 90 * DAY
    assert dates(bench, key) == []
    bench.call("EnableKey", KeyId=key)
    assert dates(bench, key) == [100 * DAY]


def test_a_rotation_on_demand_leaves_the_schedule(bench: Bench) -> None:
    """The automatic rotation comes at its date all the same."""
    key = scheduled(bench)
    bench.clock.advance(85 * DAY)
    bench.call("RotateKeyOnDemand", KeyId=key)
    assert upcoming(bench, key) == 90 * DAY
    pass_time(bench, 5 * DAY)
    assert [event["serviceEventDetails"]["rotationType"] for event in rotate_events(bench)] == [
        "ON_DEMAND",
        "AUTOMATIC",
    ]


def test_a_key_without_rotation_is_left_alone(bench: Bench) -> None:
    """Neither a key that never rotated nor one whose rotation was turned off."""
    key, plain = scheduled(bench), bench.key()
    bench.call("DisableKeyRotation", KeyId=key)
    pass_time(bench, 5000 * DAY)
    assert dates(bench, key) == dates(bench, plain) == []


def test_keys_of_aws_services_rotate_every_year(training: Bench) -> None:
    """A managed key has a schedule from the beginning, which nobody can change."""
    made = training.call("DescribeKey", KeyId="alias/aws/ebs")["KeyMetadata"]
    key = made["KeyId"]
    assert training.call("GetKeyRotationStatus", KeyId=key) == {
        "KeyId": arn_of(key),
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": 365,
        "NextRotationDate": START + 365 * DAY,
    }
    for operation in ("EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"):
        assert training.refusal(operation, KeyId=key).code == "AccessDeniedException"
    training.call("kmstui:AdvanceClock", Seconds=int((365 * DAY).total_seconds()))
    assert len(rotate_events(training)) == 1
    assert dates(training, key) == [365 * DAY]
    assert upcoming(training, key) == 730 * DAY


def test_a_rotation_that_cannot_be_stored_did_not_happen(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key goes on with what it had, and the next run rotates it."""
    key = scheduled(bench)
    before = bench.record(key)
    bench.clock.advance(90 * DAY)

    def full(*_: object, **__: object) -> int:
        raise KeystoreFullError("no space is left")

    with monkeypatch.context() as patch:
        patch.setattr(UnitOfWork, "commit", full)
        with pytest.raises(KeystoreFullError):
            bench.engine.maintain()
    assert before == bench.record(key)
    assert rotate_events(bench) == []
    bench.engine.maintain()
    assert dates(bench, key) == [90 * DAY]


def test_events_of_a_crash_after_the_commit_are_not_lost(make_bench: MakeBench) -> None:
    """Both events of a rotation are durable with it, and reach the trail in their order."""
    bench = make_bench()
    key = bench.key()
    trail = bench.core.require_trail()

    def fail(_: bytes) -> None:
        raise KeystoreFullError("no space is left")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trail, "append", fail)
        assert bench.refusal("RotateKeyOnDemand", KeyId=key).code == KeystoreFullError.code
    bench.crash()
    bench.restart()
    names = [event["eventName"] for event in bench.events()]
    rotated = names.index("RotateKeyOnDemand")
    assert names[rotated : rotated + 2] == ["RotateKeyOnDemand", "RotateKey"]
    assert len(bench.record(key).materials) == 2
