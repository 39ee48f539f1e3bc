"""A failing disk: no trail, no service, and no damage."""

from __future__ import annotations

import errno
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from kmstui.core.errors import KmsError, TrailError
from kmstui.core.position import TrailPosition
from kmstui.trail.log import SyncPolicy, Trail
from kmstui.trail.verify import verify
from tests.helpers.faults import ERRORS, READING, WRITING, FaultyDisk
from tests.helpers.trails import STORE, event, numbers

FAULTS = [*ERRORS, None]
NAMES = [*(errno.errorcode[number] for number in ERRORS), "short"]


@dataclass
class _Outcome:
    """What a run on a failing disk came to."""

    acknowledged: int = 0
    place: TrailPosition | None = None
    surfaced: bool = False


def _work(directory: Path, disk: FaultyDisk) -> _Outcome:
    """Create a trail, fill it over several segments, sync, mark, close."""
    outcome = _Outcome()
    try:
        trail = Trail.create(
            directory, store_id=STORE, policy=SyncPolicy.EACH, disk=disk, segment_bytes=600
        )
    except TrailError:
        outcome.surfaced = True
        return outcome
    try:
        for number in range(9):
            if number == 8:
                trail.sync()
                trail.start_segment("mark")
            outcome.place = trail.append(event(number))
            outcome.acknowledged += 1
        trail.close()
    except TrailError:
        outcome.surfaced = True
        assert trail.broken
        _check_refusals(directory, trail)
        trail.close()
    return outcome


def _check_refusals(directory: Path, trail: Trail) -> None:
    before = [path.read_bytes() for path in sorted(directory.iterdir())]
    with pytest.raises(TrailError):
        trail.append(event(99))
    with pytest.raises(TrailError):
        trail.sync()
    with pytest.raises(TrailError):
        trail.start_segment("x")
    assert before == [path.read_bytes() for path in sorted(directory.iterdir())]


@pytest.mark.parametrize("error", FAULTS, ids=NAMES)
def test_every_call_may_fail_once(tmp_path: Path, error: int | None) -> None:
    """Fail call N for N = 1, 2, ...: the error surfaces, then all acknowledged lines are there."""
    points = 0
    for fail_at in range(1, 1000):
        directory = tmp_path / str(fail_at)
        disk = FaultyDisk(fail_at=fail_at, error=error)
        outcome = _work(directory, disk)
        if not disk.failed:
            break
        points += 1
        assert outcome.surfaced or error is None
        if outcome.place is None:
            continue
        trail = Trail.open(directory, store_id=STORE, position=outcome.place)
        found = numbers(trail.latest(99))[::-1]
        # A refused line may have reached the disk before its sync failed; never more than one.
        assert found in [list(range(outcome.acknowledged + more)) for more in (0, 1)]
        end = trail.append(event(99))
        trail.close()
        assert verify(directory, position=end).ok
    assert not disk.failed
    assert points > 20


@pytest.mark.parametrize("error", ERRORS, ids=NAMES[:-1])
def test_opening_may_fail_at_every_call(tmp_path: Path, error: int) -> None:
    """Fail call N while a torn trail is opened: one error, and the next opening succeeds."""
    points = 0
    for fail_at in range(1, 1000):
        directory = tmp_path / str(fail_at)
        trail = Trail.create(directory, store_id=STORE, policy=SyncPolicy.NONE, segment_bytes=600)
        place = trail.position
        for number in range(6):
            trail.append(event(number))
        trail.close()
        with max(directory.iterdir()).open("ab") as file:
            file.write(b'{"torn":')
        disk = FaultyDisk(fail_at=fail_at, error=error, calls=tuple({*WRITING, *READING}))
        with suppress(TrailError):
            Trail.open(directory, store_id=STORE, position=place, disk=disk).close()
        again = Trail.open(directory, store_id=STORE, position=place)
        assert numbers(again.latest(99)) == [5, 4, 3, 2, 1, 0]
        again.close()
        assert verify(directory).ok
        if not disk.failed:
            break
        points += 1
    assert not disk.failed
    assert points > 10


def test_a_full_disk_refuses_until_there_is_space(tmp_path: Path) -> None:
    """With the disk full nothing is accepted; with space again, opening goes on where it was."""
    directory = tmp_path / "trail"
    trail = Trail.create(directory, store_id=STORE, policy=SyncPolicy.NONE)
    place = trail.append(event(0))
    trail.close()
    full = FaultyDisk(fail_at=1, error=errno.ENOSPC, calls=("write",), sticky=True)
    trail = Trail.open(directory, store_id=STORE, position=place, disk=full)
    for _ in range(3):
        with pytest.raises(TrailError, match="No space left"):
            trail.append(event(1))
    assert place == trail.position
    assert numbers(trail.latest(9)) == [0]
    trail.close()
    trail = Trail.open(directory, store_id=STORE, position=place)
    trail.append(event(1))
    assert numbers(trail.latest(9)) == [1, 0]
    trail.close()


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """However opening and creating fail, every descriptor that was opened is closed."""

    class Counting(FaultyDisk):
        opened = 0

        def open(
            self, path: str, flags: int, mode: int = 0o600, *, dir_fd: int | None = None
        ) -> int:
            fd = super().open(path, flags, mode, dir_fd=dir_fd)
            self.opened += 1
            return fd

        def close(self, fd: int) -> None:
            super().close(fd)
            self.opened -= 1

    for fail_at in range(1, 60):
        disk = Counting(fail_at=fail_at, calls=tuple({*WRITING, *READING}))
        directory = tmp_path / str(fail_at)
        with suppress(TrailError):
            Trail.create(directory, store_id=STORE, disk=disk).close()
        with suppress(KmsError):
            place = TrailPosition(1, 1, 1, "")
            Trail.open(directory, store_id=STORE, position=place, disk=disk)
        with suppress(KmsError):
            verify(directory, disk=disk)
        assert disk.opened == 0
