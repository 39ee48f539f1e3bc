"""Destroying what is due: never early, never half, and on the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kmstui.core.errors import (
    KeystoreBusyError,
    KeystoreFullError,
    KmsError,
    KMSInternalException,
)
from kmstui.core.secret import Secret
from kmstui.engine import maintenance
from kmstui.hsm.base import MaterialBinding
from kmstui.keystore import Keystore, UnitOfWork
from kmstui.keystore.codec import KEYS, key_fields, scoped_id
from kmstui.keystore.records import KeyState
from kmstui.trail.log import SyncPolicy
from tests.conftest import MakeBench
from tests.helpers.engines import OTHER_REGION, PASSPHRASE, START, Bench, arn_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def schedule(bench: Bench, days: int = 7, alias: str = "") -> str:
    """Create a key and schedule its deletion; return its id."""
    key = bench.key(alias)
    bench.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=days)
    return key


def names(bench: Bench) -> list[str]:
    """Return the names of the service's own events."""
    events = bench.events()
    return [e["eventName"] for e in events if e["eventType"] == "AwsServiceEvent"][1:]


def test_nothing_is_destroyed_before_its_date(bench: Bench) -> None:
    """One second before the end of the waiting period the key is there."""
    key = schedule(bench)
    bench.clock.advance(7 * DAY - timedelta(seconds=1))
    assert bench.engine.maintain() == []
    assert names(bench) == []
    bench.call("CancelKeyDeletion", KeyId=key)


def test_a_production_key_is_destroyed_at_the_second_look(bench: Bench) -> None:
    """The first look is recorded; the key goes an hour of boot time later, not before."""
    key = schedule(bench, alias="alias/gone")
    bench.clock.advance(7 * DAY)
    assert bench.engine.maintain() == []
    assert names(bench) == ["KeyDeletionDue"]
    bench.clock.advance(HOUR - timedelta(seconds=1))
    assert bench.engine.maintain() == []
    assert names(bench) == ["KeyDeletionDue"]
    bench.clock.advance(1)
    assert bench.engine.maintain() == [arn_of(key)]
    assert names(bench) == ["KeyDeletionDue", "DeleteKey"]
    event = bench.last_event()
    assert event["userIdentity"] == {"accountId": "111122223333", "invokedBy": "AWS Internal"}
    assert [resource["ARN"] for resource in event["resources"]] == [arn_of(key)]
    assert event["serviceEventDetails"] == {"keyId": arn_of(key)}
    assert bench.engine.maintain() == []


def test_a_destroyed_key_is_gone_with_its_aliases(training: Bench) -> None:
    """Every operation answers NotFound, its ciphertext says nothing, its alias is free."""
    key = training.key("alias/gone")
    blob = training.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    training.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    training.call("kmstui:AdvanceClock", Seconds=7 * 86400)
    for operation in ("DescribeKey", "CancelKeyDeletion", "GetKeyPolicy", "GetKeyLastUsage"):
        error = training.refusal(operation, KeyId=key)
        text = f"Key '{arn_of(key)}' does not exist"
        assert (error.code, error.message) == ("NotFoundException", text)
    assert training.refusal("Decrypt", CiphertextBlob=blob).code == "AccessDeniedException"
    assert training.call("ListAliases")["Aliases"] == []
    assert training.call("ListKeys")["Keys"] == []
    training.key("alias/gone")


def test_the_wall_clock_alone_destroys_nothing_early(bench: Bench) -> None:
    """A jump of the wall clock makes a key due, but boot time has to pass all the same."""
    key = schedule(bench)
    bench.clock.step_wall(365 * DAY)
    for _ in range(5):
        assert bench.engine.maintain() == []
        bench.clock.step_wall(30 * DAY)
    bench.clock.advance(HOUR - timedelta(seconds=1))
    assert bench.engine.maintain() == []
    bench.call("CancelKeyDeletion", KeyId=key)
    bench.clock.advance(HOUR)
    assert bench.engine.maintain() == []
    bench.call("EnableKey", KeyId=key)


def test_a_cancelled_deletion_forgets_the_first_look(bench: Bench) -> None:
    """A key that is scheduled anew gets both looks anew."""
    key = schedule(bench)
    bench.clock.advance(7 * DAY)
    bench.engine.maintain()
    bench.call("CancelKeyDeletion", KeyId=key)
    bench.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    bench.clock.advance(HOUR)
    assert bench.engine.maintain() == []
    bench.clock.advance(7 * DAY)
    assert bench.engine.maintain() == []
    bench.clock.advance(HOUR)
    assert bench.engine.maintain() == [arn_of(key)]


def test_a_reboot_between_the_looks_needs_an_hour_of_the_new_boot(bench: Bench) -> None:
    """Boot time starts anew, and so does the wait; the first look is not forgotten for good."""
    key = schedule(bench)
    bench.clock.advance(7 * DAY)
    bench.engine.maintain()
    bench.close()
    bench.clock.reboot()
    bench.restart()
    assert bench.engine.maintain() == []
    bench.clock.advance(HOUR - timedelta(seconds=1))
    assert bench.engine.maintain() == []
    bench.clock.advance(1)
    assert bench.engine.maintain() == [arn_of(key)]


def test_unlocking_does_what_is_due(bench: Bench) -> None:
    """Maintenance runs at unlock: the first look, and later the second."""
    key = schedule(bench)
    bench.close()
    bench.clock.advance(8 * DAY)
    bench.restart()
    assert names(bench) == ["KeyDeletionDue"]
    bench.close()
    bench.clock.advance(HOUR)
    bench.restart()
    assert bench.refusal("DescribeKey", KeyId=key).code == "NotFoundException"


@pytest.mark.parametrize("back", [timedelta(seconds=1), HOUR, 30 * DAY, 3650 * DAY])
def test_account_time_does_not_run_back(bench: Bench, back: timedelta) -> None:
    """A wall clock set back shortens, lengthens and moves nothing; over a minute is recorded."""
    key = schedule(bench)
    bench.clock.advance(DAY)
    bench.key()
    bench.clock.step_wall(-back)
    assert bench.core.now() == START + DAY
    bench.clock.advance(HOUR)
    assert bench.core.now() == START + DAY + HOUR
    bench.reopen()
    assert bench.core.now() == START + DAY + HOUR
    noted = [e for e in bench.events() if e["eventName"] == "ClockWentBack"]
    expected = [{"seconds": int(back.total_seconds())}] if back > timedelta(minutes=1) else []
    assert expected == [e["serviceEventDetails"] for e in noted]
    bench.clock.advance(6 * DAY)
    bench.engine.maintain()
    bench.clock.advance(HOUR)
    assert bench.engine.maintain() == [arn_of(key)]


def test_a_locked_engine_destroys_nothing(bench: Bench) -> None:
    """Without keys loaded maintenance does nothing and says nothing."""
    schedule(bench)
    bench.clock.advance(9 * DAY)
    bench.engine.lock()
    assert bench.engine.maintain() == []


def test_a_commanded_warp_destroys_at_once(training: Bench) -> None:
    """In training a warp past the date is answered after the key is gone; others stay."""
    soon, late = schedule(training, 7), schedule(training, 8)
    plain = training.key()
    training.call("kmstui:AdvanceClock", Seconds=7 * 86400)
    listed = {entry["KeyId"] for entry in training.call("ListKeys")["Keys"]}
    assert listed == {late, plain}
    assert soon not in listed
    assert "DeleteKey" in names(training)


def test_training_time_stands_still_while_closed(training: Bench) -> None:
    """Days on the wall clock do not count while a training keystore is closed."""
    schedule(training)
    training.close()
    training.clock.advance(30 * DAY)
    training.restart()
    assert training.core.now() == START
    assert len(training.call("ListKeys")["Keys"]) == 1


def test_production_time_cannot_be_moved(bench: Bench) -> None:
    """AdvanceClock is refused, and so is the clock itself."""
    schedule(bench)
    error = bench.refusal("kmstui:AdvanceClock", Seconds=30 * 86400)
    assert error.code == "NotTrainingError"
    clock = bench.core.clock
    assert clock is not None
    with pytest.raises(KmsError):
        clock.warp(DAY)
    with pytest.raises(KmsError):
        clock.reset(START)
    assert bench.core.now() == START


def test_keys_of_every_region_are_destroyed(training: Bench) -> None:
    """Maintenance is not bound to anybody's Region."""
    there = training.engine.switch_region(training.session, OTHER_REGION)
    key = training.engine.call(there, "kms:CreateKey")["KeyMetadata"]["KeyId"]
    members = {"KeyId": key, "PendingWindowInDays": 7}
    training.engine.call(there, "kms:ScheduleKeyDeletion", members)
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    assert training.last_event()["awsRegion"] == "us-east-1"
    destroyed = [e for e in training.events() if e["eventName"] == "DeleteKey"]
    assert [e["awsRegion"] for e in destroyed] == [OTHER_REGION]


def test_no_byte_of_destroyed_material_is_in_any_file(training: Bench) -> None:
    """After the answer the wrapped material is in no file, and nothing left would open it."""
    key = training.key("alias/gone")
    record = training.record(key)
    token = record.current.token
    binding = MaterialBinding(
        record.account,
        key,
        record.current.material_id,
        1,
        record.key_spec,
        record.key_usage,
        record.origin,
        record.multi_region,
    )
    assert training.core.hsm.encrypt(token, binding, b"x", b"")
    row_id = scoped_id(record.account, record.region, key)
    sealed = training.core.keystore._ledger.database.row(KEYS, row_id)
    assert sealed is not None
    for _ in range(3):
        training.call("UpdateKeyDescription", KeyId=key, Description="again")
    last = training.core.keystore._ledger.database.row(KEYS, row_id)
    assert last is not None
    training.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    data = b"".join(path.read_bytes() for path in training.directory.rglob("*") if path.is_file())
    for needle in (token, token[:16], token[-16:], sealed.sealed[:24], last.sealed[-24:]):
        assert needle not in data


def test_nothing_is_destroyed_before_the_rows_are_verified(
    training: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verification that ended without a verdict is none: maintenance touches nothing."""
    key = schedule(training)
    training.engine.lock()

    def fail(*_: object) -> None:
        raise KMSInternalException("the disk failed")

    monkeypatch.setattr(Keystore, "verify", fail)
    with pytest.raises(KMSInternalException):
        training.engine.unlock(Secret.from_text(PASSPHRASE))
    clock = training.core.clock
    assert clock is not None
    clock.warp(8 * DAY)
    assert training.engine.maintain() == []
    assert training.record(key).state == "PendingDeletion"


@pytest.mark.parametrize("changes", [{"state": KeyState.ENABLED}, {"deletion_date": None}])
def test_an_entry_of_the_index_alone_destroys_nothing(
    training: Bench, changes: dict[str, object]
) -> None:
    """What is due is read from the key itself: the index only says where to look."""
    key = schedule(training)
    kept = replace(training.record(key), **changes)  # type: ignore[arg-type]
    keystore = training.core.keystore
    with keystore.begin() as unit:
        fields = key_fields(kept)
        unit.stage(KEYS, {scoped_id(kept.account, kept.region, kept.key_id): fields})
        unit.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    assert kept == training.record(key)


def test_material_is_scrubbed_later_when_the_log_is_being_read(
    training: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A destruction that could not empty the log does so at the next run, and is announced."""
    schedule(training)
    tries: list[str] = []
    real = Keystore.checkpoint_wal

    def busy_once(keystore: Keystore) -> None:
        tries.append("try")
        if len(tries) == 1:
            raise KeystoreBusyError("being read")
        real(keystore)

    monkeypatch.setattr(Keystore, "checkpoint_wal", busy_once)
    clock = training.core.clock
    assert clock is not None
    clock.warp(8 * DAY)
    with pytest.raises(KeystoreBusyError):
        training.engine.maintain()
    assert training.engine.maintain() == []
    assert len(tries) == 2
    training.engine.maintain()
    assert len(tries) == 2


def test_a_warp_that_cannot_be_stored_did_not_happen(
    training: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Account time in memory is what the keystore has when the commit fails."""
    before = training.core.now()

    def full(*_: object, **__: object) -> int:
        raise KeystoreFullError("no space is left")

    monkeypatch.setattr(UnitOfWork, "commit", full)
    assert training.refusal("kmstui:AdvanceClock", Seconds=86400).code == KeystoreFullError.code
    assert before == training.core.now()


def test_a_long_run_of_reads_moves_the_stored_position(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is changed the keystore still keeps up with the trail, now and then."""
    bench = make_bench(sync=SyncPolicy.EACH)
    monkeypatch.setattr(maintenance, "KEEP_UP_LINES", 10)
    key = bench.key()
    bench.engine.maintain()
    for _ in range(10):
        bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    before = bench.core.keystore.head
    bench.engine.maintain()
    after = bench.core.keystore.head
    assert before.generation + 1 == after.generation
    assert bench.core.require_trail().position == after.trail
    assert bench.core.usage == {}
    bench.engine.maintain()
    assert after == bench.core.keystore.head
