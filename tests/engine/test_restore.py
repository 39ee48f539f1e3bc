"""Backups and what is made of them: no event twice, no key lost, nothing in the way lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from kmstui.core.errors import BackupError, KeystoreFullError, UnsafePathError
from kmstui.core.secret import Secret
from kmstui.engine.backup import Restored, restore_backup
from kmstui.keystore.backup import Backup
from tests.helpers.engines import PASSPHRASE, Bench


def export(bench: Bench, name: str = "backup") -> Path:
    """Write a backup beside the keystore."""
    path = bench.directory.parent / name
    bench.call("kmstui:ExportBackup", Destination=str(path))
    return path


def restore(
    bench: Bench, backup: Path, directory: Path | None = None, trail: Path | None = None
) -> Restored:
    """Restore over the bench's own keystore, or elsewhere."""
    return restore_backup(
        backup,
        directory or bench.directory,
        bench.host,
        Secret.from_text(PASSPHRASE),
        replace=True,
        trail=trail,
    )


def destroy(bench: Bench) -> str:
    """Create a key and let its waiting period end; return its id."""
    key = bench.key()
    bench.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    bench.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    return key


def test_no_event_is_recorded_twice(bench: Bench) -> None:
    """What was changed just before the export is on the continued trail once."""
    bench.key("alias/app")
    backup = export(bench)
    bench.close()
    assert restore(bench, backup).continued
    bench.restart()
    times = Counter(event["eventID"] for event in bench.events())
    assert set(times.values()) == {1}


def test_a_key_that_a_checkpoint_brought_back_is_restored(training: Bench) -> None:
    """Only what was destroyed after the backup is left out, not what came back before it."""
    key = training.key()
    training.call("kmstui:CreateCheckpoint", Name="before")
    training.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    assert training.refusal("DescribeKey", KeyId=key).code == "NotFoundException"
    training.call("kmstui:RestoreCheckpoint", Name="before")
    backup = export(training)
    training.close()
    done = restore(training, backup)
    assert (done.keys, done.dropped) == (1, ())


def test_a_database_that_is_set_aside_keeps_its_log(bench: Bench) -> None:
    """After a crash the last changes are in the log: it goes where SQLite looks for it."""
    backup = export(bench)
    bench.key()
    generation = bench.core.keystore.head.generation
    crashed = bench.directory.parent / "crashed"
    shutil.copytree(bench.directory, crashed)
    bench.close()
    restore(bench, backup, crashed)
    (aside,) = [
        path
        for path in crashed.glob("keystore.db.replaced-*")
        if not path.name.endswith(("-wal", "-shm"))
    ]
    with sqlite3.connect(aside) as connection:
        query = "SELECT generation FROM meta WHERE name = 'head'"
        assert connection.execute(query).fetchone() == (generation,)
    connection.close()


def test_what_was_set_aside_is_never_replaced(bench: Bench) -> None:
    """A second restore within the same second leaves the first one's keystore alone."""
    backup = export(bench)
    bench.close()
    restore(bench, backup)
    with pytest.raises(BackupError):
        restore(bench, backup)
    bench.clock.advance(1)
    restore(bench, backup)
    assert len(list(bench.directory.glob("keystore.db.replaced-*"))) == 2


def test_a_restore_that_fails_puts_the_keystore_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the new keystore cannot be written the old one is where it was."""
    key = bench.key()
    backup = export(bench)
    bench.crash()

    def full(*_: object, **__: object) -> None:
        raise KeystoreFullError("no space is left")

    monkeypatch.setattr(Backup, "restore_to", full)
    with pytest.raises(KeystoreFullError):
        restore(bench, backup)
    bench.restart()
    assert bench.call("DescribeKey", KeyId=key)["KeyMetadata"]["Enabled"] is True
    assert list(bench.directory.glob("*.replaced-*")) == []


@pytest.mark.parametrize(
    "line",
    [
        b'{"eventName":"DeleteKey"',
        b'["DeleteKey"]',
        b'{"eventName":"DeleteKey","eventType":"AwsServiceEvent","resources":[{}]}',
        b'{"eventName":"DeleteKey","eventType":"AwsServiceEvent","resources":7}',
        b'\xff"DeleteKey"',
    ],
)
def test_a_line_that_is_no_record_says_nothing(bench: Bench, tmp_path: Path, line: bytes) -> None:
    """A trail from elsewhere may be damaged: what can be read of it counts."""
    bench.key()
    backup = export(bench)
    trail = tmp_path / "evidence"
    trail.mkdir(mode=0o700)
    segment = trail / "000001.jsonl"
    segment.write_bytes(line + b"\n")
    segment.chmod(0o600)
    done = restore(bench, backup, tmp_path / "new", trail)
    assert (done.keys, done.dropped) == (1, ())


@pytest.mark.parametrize("kind", ["fifo", "link"])
def test_a_trail_of_other_things_than_files_is_refused(
    bench: Bench, tmp_path: Path, kind: str
) -> None:
    """A pipe does not hang the restore and a link does not lead it elsewhere."""
    backup = export(bench)
    trail = tmp_path / "evidence"
    trail.mkdir(mode=0o700)
    segment = trail / "000001.jsonl"
    if kind == "fifo":
        os.mkfifo(segment)
    else:
        segment.symlink_to(bench.directory / "trail" / "000001.jsonl")
    with pytest.raises(UnsafePathError):
        restore(bench, backup, tmp_path / "new", trail)
    assert not (tmp_path / "new").exists()


def test_a_file_beside_the_segments_destroys_nothing(training: Bench) -> None:
    """Only the segments that were verified tell what was destroyed."""
    key = training.key()
    backup = export(training)
    training.close()
    trail = training.directory / "trail"
    line = (
        '{"eventName":"DeleteKey","eventType":"AwsServiceEvent","eventTime":"2026-06-09",'
        f'"resources":[{{"ARN":"arn:aws:kms:us-east-1:111122223333:key/{key}"}}]}}\n'
    )
    (trail / "planted.jsonl").write_text(line)
    assert restore(training, backup).dropped == ()
