"""Children of the nursery are killed where they are meant to be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.nursery import Nursery, StepPoint
from tests.helpers.strace import require_strace


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Return a nursery of children that write, sync and rename a file."""
    require_strace()
    with Nursery("tests.helpers.born") as made:
        yield made


def test_counts_each_step_by_itself(nursery: Nursery, tmp_path: Path) -> None:
    """Points are the calls after a child asked to be watched, numbered anew in each step."""
    points = nursery.points(str(tmp_path), "0")
    assert [(point.step, point.syscall, point.number) for point in points] == [
        (0, "write", 1),
        (0, "write", 2),
        (1, "fsync", 1),
        (2, "rename", 1),
    ]
    assert str(tmp_path) in str(points[0])


@pytest.mark.parametrize(
    ("point", "said", "left"),
    [
        (StepPoint(0, "write", 1, ""), b"", {"file": b""}),
        (StepPoint(0, "write", 2, ""), b"", {"file": b"one"}),
        (StepPoint(1, "fsync", 1, ""), b"0\n", {"file": b"onetwo"}),
        (StepPoint(2, "rename", 1, ""), b"0\n1\n", {"file": b"onetwo"}),
    ],
)
def test_kills_before_the_call_happens(
    nursery: Nursery, tmp_path: Path, point: StepPoint, said: bytes, left: dict[str, bytes]
) -> None:
    """A child killed at a call of a step has done everything before it, and not the call."""
    outcome = nursery.kill_at(point, str(tmp_path), str(point.step))
    assert outcome.killed
    assert said == outcome.stdout
    assert left == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_call_that_is_not_there_kills_nobody(nursery: Nursery, tmp_path: Path) -> None:
    """A child that never comes to the call ends well, and says so."""
    outcome = nursery.kill_at(StepPoint(0, "write", 9, ""), str(tmp_path), "0")
    assert outcome.returncode == 0
    assert outcome.stdout == b"0\n1\n2\n"


def test_a_child_that_fails_says_why(nursery: Nursery, tmp_path: Path) -> None:
    """A mistake in a child is its own: it is told, and the next child runs."""
    outcome = nursery.kill_at(StepPoint(0, "write", 1, ""), str(tmp_path / "nowhere"), "0")
    assert outcome.returncode == 1
    assert b"FileNotFoundError" in outcome.stderr
    assert nursery.points(str(tmp_path), "2")
