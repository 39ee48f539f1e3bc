"""kill -9 at any system call loses no acknowledged line and leaves no damage."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kmstui.core.position import TrailPosition
from kmstui.trail.log import Trail
from kmstui.trail.verify import verify
from tests.helpers.strace import MARK, kill_at, kill_points, require_strace, spread
from tests.helpers.trails import STORE, event, numbers

CHILD = f"""
import os, sys
from pathlib import Path
from kmstui.trail.log import SyncPolicy, Trail
from tests.helpers.trails import STORE, event

def say(position):
    os.write(1, b"%d %d %d %b\\n" % (
        position.segment, position.offset, position.sequence, position.line_hash.encode()))

trail = Trail.create(
    Path(sys.argv[1]), store_id=STORE, policy=SyncPolicy(sys.argv[2]), segment_bytes=900)
say(trail.position)
{MARK}
for number in range(9):
    say(trail.append(event(number)))
say(trail.start_segment("mark"))
say(trail.append(event(9)))
trail.close()
"""
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("policy", ["each", "none"])
def test_a_kill_at_any_call_loses_nothing_acknowledged(tmp_path: Path, policy: str) -> None:
    """After a kill the trail opens from its last acknowledged place, whole, and goes on."""
    require_strace()

    def argv(directory: Path) -> list[str]:
        return [sys.executable, "-c", CHILD, str(directory), policy]

    env = {"PYTHONPATH": str(ROOT)}
    points = kill_points(argv(tmp_path / "counted"), env=env)
    assert len(points) > 15
    for number, point in enumerate(spread(points, 14)):
        directory = tmp_path / str(number)
        outcome = kill_at(argv(directory), point, env=env)
        assert outcome.killed, (point, outcome)
        said = [_place(line) for line in outcome.stdout.splitlines()]
        last = said[-1]
        for place in (said[0], last):
            trail = Trail.open(directory, store_id=STORE, position=place)
            found = numbers(trail.latest(99))[::-1]
            assert found == list(range(len(found))), point
            # An event that was not acknowledged may be there, with the segment it began.
            assert 0 <= trail.position.sequence - last.sequence <= 2, point
            trail.close()
        assert verify(directory, position=last, store_id=STORE).ok
        trail = Trail.open(directory, store_id=STORE, position=last)
        end = trail.append(event(99))
        trail.close()
        assert verify(directory, position=end).ok


def _place(line: bytes) -> TrailPosition:
    segment, offset, sequence, digest = line.split()
    return TrailPosition(int(segment), int(offset), int(sequence), digest.decode())
