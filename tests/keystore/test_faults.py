"""Full disks and failing calls: an error, memory as the disk has it, and the next call works."""

from __future__ import annotations

import errno
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kmstui.core.disk import HostDisk
from kmstui.core.errors import (
    BackupError,
    KeystoreFullError,
    KmsError,
)
from kmstui.keystore import RollbackProtection
from tests.helpers.faults import READING, WRITING, FaultyDisk
from tests.helpers.keystores import (
    ACCOUNT,
    REGION,
    START,
    Place,
    commit,
    key_id,
    make_key,
)


def test_a_full_database_changes_nothing_and_recovers(place: Place) -> None:
    """A commit that does not fit fails; memory and disk stay equal; with space the next works."""
    place.fill(1)
    with place.unlock() as keystore:
        connection = keystore._ledger.database.connection
        before = keystore.head
        listed = keystore.keys(ACCOUNT, REGION, limit=10)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        with keystore.begin() as unit:
            unit.put_key(make_key(1, description="changed"))
            unit.put_key(make_key(2, policy="p" * 32_000))
            with pytest.raises(KeystoreFullError):
                commit(unit)
        assert before == keystore.head
        assert listed == keystore.keys(ACCOUNT, REGION, limit=10)
        keystore.verify()
        connection.execute("PRAGMA max_page_count = 1000000")
        with keystore.begin() as unit:
            unit.put_key(make_key(2, policy="p" * 32_000))
            commit(unit)
        keystore.verify()
    with place.unlock() as keystore:
        keystore.verify()
        assert keystore.key_count(ACCOUNT, REGION) == 2


def test_a_unit_can_be_tried_again_after_a_full_disk(place: Place) -> None:
    """The very unit that did not fit commits once there is space."""
    with place.create() as keystore, keystore.begin() as unit:
        connection = keystore._ledger.database.connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        unit.put_key(make_key(1, policy="p" * 32_000))
        with pytest.raises(KeystoreFullError):
            commit(unit)
        connection.execute("PRAGMA max_page_count = 1000000")
        assert commit(unit) == 2


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EMFILE, None])
def test_an_anchor_that_cannot_be_written_is_shown_and_nothing_else(
    place: Place, error: int | None
) -> None:
    """Whichever call of the anchor fails, the commit stands and protection says what it is."""
    with place.create() as keystore, keystore.begin() as unit:
        unit.put_key(make_key())
        commit(unit)
        for fail_at in range(1, 12):
            disk = FaultyDisk(fail_at=fail_at, error=error)
            keystore._ledger.anchor.disk = disk
            keystore._ledger.protection = RollbackProtection.ANCHOR
            with keystore.begin() as changed:
                changed.put_key(make_key(description=str(fail_at)))
                commit(changed)
            stored = keystore.key(ACCOUNT, REGION, key_id(1))
            assert stored is not None
            assert stored.description == str(fail_at)
            failed = disk.failed and error is not None and keystore.rollback_protection == "none"
            assert failed or keystore.rollback_protection == "anchor"
    with place.unlock() as keystore:
        keystore.verify()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EMFILE])
def test_creation_fails_whole_whichever_call_fails(tmp_path: Path, error: int) -> None:
    """Whichever call fails, there is a whole keystore afterwards or the next attempt works."""
    for fail_at in range(1, 40):
        disk = FaultyDisk(fail_at=fail_at, error=error)
        place = Place(tmp_path / f"at-{fail_at}", anchored=False, disk=disk)
        try:
            place.create().close()
        except KmsError:
            assert disk.failed
        else:
            assert not disk.failed
            return
        place.disk = HostDisk()
        if not place.database.exists():
            place.fill(1)
        with place.unlock() as keystore:
            keystore.verify()
    raise AssertionError


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EMFILE])
def test_opening_fails_cleanly_whichever_call_fails(place: Place, error: int) -> None:
    """Whichever call fails during opening, the error is ours and the next attempt works."""
    place.fill(1)
    for fail_at in range(1, 60):
        disk = FaultyDisk(fail_at=fail_at, error=error, calls=WRITING + READING)
        faulty = replace(place, disk=disk)
        try:
            with faulty.unlock() as keystore:
                keystore.verify()
        except KmsError:
            assert disk.failed
        if not disk.failed:
            return
        with place.unlock() as keystore:
            keystore.verify()
    raise AssertionError


def test_a_full_disk_while_a_snapshot_or_backup_is_made_leaves_nothing(place: Place) -> None:
    """Whichever call fails, no half-made file stays and the keystore goes on."""
    with place.create(training=True) as keystore:
        for fail_at in range(1, 9):
            disk = FaultyDisk(fail_at=fail_at, error=errno.ENOSPC, calls=WRITING[:-1])
            keystore._ledger.anchor.disk = disk
            for name, make in (
                ("snapshot", keystore.snapshot_to),
                ("backup", lambda path: keystore.export_backup(path, created=START)),
            ):
                path = place.root / "aside" / name
                path.parent.mkdir(mode=0o700, exist_ok=True)
                _make_or_fail(make, path)
                assert {left.name for left in path.parent.iterdir()} <= {"snapshot", "backup"}
                path.unlink(missing_ok=True)
        keystore._ledger.anchor.disk = HostDisk()
        with keystore.begin() as unit:
            unit.put_key(make_key())
            commit(unit)
        keystore.verify()


def _make_or_fail(make: Callable[[Path], None], path: Path) -> None:
    try:
        make(path)
    except (KeystoreFullError, BackupError):
        return
    assert path.exists()


_COMMITS = """
import sys
from pathlib import Path
from tests.helpers.keystores import Place, commit, make_key
with Place(Path(sys.argv[1])).create() as keystore:
    for number in range(int(sys.argv[2])):
        with keystore.begin() as unit:
            unit.put_key(make_key(number))
            commit(unit)
"""


def test_a_commit_is_one_durable_write(tmp_path: Path) -> None:
    """Forty more commits are forty more fsyncs, counted by strace."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    few = _count_syncs(strace, tmp_path / "few", 10)
    many = _count_syncs(strace, tmp_path / "many", 50)
    assert many - few == 40


def _count_syncs(strace: str, root: Path, commits: int) -> int:
    root.mkdir()
    log = root / "strace"
    command = [strace, "-f", "-e", "trace=fsync,fdatasync", "-o", str(log)]
    done = subprocess.run(
        [*command, sys.executable, "-c", _COMMITS, str(root), str(commits)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    if "PTRACE" in done.stderr:
        pytest.skip("ptrace is not allowed here")
    assert done.returncode == 0, done.stderr
    return len(re.findall(r"\bf(?:data)?sync\(", log.read_text()))
