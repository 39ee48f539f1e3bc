"""Training snapshots: there and back in one transaction."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from kmstui.core.errors import CheckpointError, KeystoreTamperedError, NotTrainingError
from kmstui.core.position import TrailPosition
from kmstui.core.secret import Secret
from kmstui.keystore import OutboxRecord
from tests.helpers.keystores import (
    ACCOUNT,
    REGION,
    START,
    TRAIL,
    Place,
    commit,
    key_id,
    make_key,
)

LATER = TrailPosition(segment=2, offset=100, sequence=9, line_hash="a" * 64)


def test_a_restore_brings_every_record_back_at_a_higher_generation(place: Place) -> None:
    """Changed, removed and added keys are as at the snapshot; the generation went up."""
    place.fill(3, training=True)
    path = place.directory / "checkpoints" / "first.db"
    with place.unlock() as keystore:
        before = keystore.keys(ACCOUNT, REGION, limit=10)
        keystore.snapshot_to(path)
        with keystore.begin() as unit:
            unit.put_key(make_key(1, description="changed"))
            unit.delete_key(ACCOUNT, REGION, key_id(2))
            unit.put_key(make_key(9))
            unit.commit(clock_mark=START + timedelta(days=8), trail=TRAIL)
        generation = keystore.restore_from(path, trail=LATER)
        assert generation == keystore.head.generation == 4
        assert before == keystore.keys(ACCOUNT, REGION, limit=10)
        assert before[0] == keystore.key(ACCOUNT, REGION, key_id(1))
        assert keystore.alias(ACCOUNT, REGION, "alias/key-2") is not None
        assert keystore.key(ACCOUNT, REGION, key_id(9)) is None
        assert keystore.head.clock_mark == START
        assert keystore.head.trail == LATER
        assert keystore.head.key_count == 3
        keystore.verify()
    with place.unlock() as keystore:
        keystore.verify()
        assert before == keystore.keys(ACCOUNT, REGION, limit=10)


def test_a_snapshot_can_be_restored_again_and_again(place: Place) -> None:
    """One snapshot restores any number of times, each time at a new generation."""
    place.fill(2, training=True)
    path = place.directory / "first.db"
    with place.unlock() as keystore:
        keystore.snapshot_to(path)
        seen = set()
        for _ in range(3):
            with keystore.begin() as unit:
                unit.delete_key(ACCOUNT, REGION, key_id(1))
                commit(unit)
            seen.add(keystore.restore_from(path, trail=TRAIL))
            assert keystore.key_count(ACCOUNT, REGION) == 2
            keystore.verify()
        assert len(seen) == 3


def test_trail_events_do_not_go_back(place: Place) -> None:
    """Pending events of the snapshot stay away; those of now, and the restore's own, are kept."""
    path = place.directory / "first.db"
    with place.create(training=True) as keystore:
        with keystore.begin() as unit:
            unit.add_outbox(OutboxRecord("then", b"1"))
            commit(unit)
        keystore.snapshot_to(path)
        with keystore.begin() as unit:
            unit.drop_outbox(["then"])
            unit.add_outbox(OutboxRecord("now", b"2"))
            unit.add_outbox(OutboxRecord("done", b"3"))
            commit(unit)
        keystore.restore_from(
            path, trail=TRAIL, outbox=[OutboxRecord("restore", b"4")], dropped=["done"]
        )
        assert [record.event_id for record in keystore.outbox()] == ["now", "restore"]
        keystore.verify()


def test_passphrases_do_not_go_back(place: Place) -> None:
    """After a restore the present slots open the keystore, not those of the snapshot."""
    place.fill(1, training=True)
    path = place.directory / "first.db"
    with place.unlock() as keystore:
        keystore.snapshot_to(path)
        keystore.replace_slots((place.slot("slot-2", "another"),))
        keystore.restore_from(path, trail=TRAIL)
    with place.open() as keystore:
        keystore.unlock("slot-2", Secret.from_text("another"))
        keystore.verify()


def test_production_keystores_refuse(place: Place) -> None:
    """A production keystore neither takes nor restores snapshots."""
    with place.create() as keystore:
        with pytest.raises(NotTrainingError):
            keystore.snapshot_to(place.directory / "first.db")
        with pytest.raises(NotTrainingError):
            keystore.restore_from(place.directory / "first.db", trail=TRAIL)


def test_a_tampered_snapshot_changes_nothing(place: Place) -> None:
    """A snapshot with a row removed is refused; the keystore stays whole and usable."""
    place.fill(3, training=True)
    path = place.directory / "first.db"
    with place.unlock() as keystore:
        keystore.snapshot_to(path)
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("DELETE FROM rows WHERE tbl = 'alias'")
        connection.close()
        before = keystore.head
        with pytest.raises(KeystoreTamperedError):
            keystore.restore_from(path, trail=TRAIL)
        assert before == keystore.head
        keystore.verify()


def test_a_missing_snapshot_is_a_checkpoint_error(place: Place) -> None:
    """A snapshot that is not there, in a directory that is and in one that is not, says so."""
    with place.create(training=True) as keystore:
        for path in (place.directory / "first.db", place.directory / "none" / "first.db"):
            with pytest.raises(CheckpointError):
                keystore.restore_from(path, trail=TRAIL)


def test_another_keystores_snapshot_is_refused(place: Place) -> None:
    """A snapshot of a keystore with another root key does not authenticate."""
    other = Place(place.root / "other")
    path = place.root / "snapshots" / "first.db"
    with other.create(training=True) as keystore:
        keystore.snapshot_to(path)
    with place.create(training=True) as keystore, pytest.raises(KeystoreTamperedError):
        keystore.restore_from(path, trail=TRAIL)
