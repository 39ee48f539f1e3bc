"""The kill harness does what the kill tests take for granted."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.helpers import strace
from tests.helpers.strace import (
    MARK,
    KillPoint,
    inject,
    kill_at,
    kill_points,
    require_strace,
    spread,
)

FILES = f"""
import os, sys
path = sys.argv[1] + "/file"
fd = os.open(path, os.O_CREAT | os.O_RDWR)
os.write(fd, b"zero")
{MARK}
os.write(fd, b"one")
os.write(1, b"said")
os.fsync(fd)
os.ftruncate(fd, 1)
os.rename(path, path + "2")
os.unlink(path + "2")
"""

ROWS = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1] + "/rows.db", isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute("CREATE TABLE rows (number INTEGER)")
MARK
for number in range(4):
    database.execute("INSERT INTO rows VALUES (?)", (number,))
    os.write(1, b"%d\\n" % number)
database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
""".replace("MARK", MARK)


def _argv(script: str, directory: Path) -> list[str]:
    directory.mkdir(exist_ok=True)
    return [sys.executable, "-c", script, str(directory)]


@pytest.fixture(autouse=True)
def _traced() -> None:
    require_strace()


def test_counts_what_comes_after_the_marker(tmp_path: Path) -> None:
    """Points are the calls after the marker, numbered over the whole run, in order."""
    points = kill_points(_argv(FILES, tmp_path))
    assert [(point.syscall, point.number) for point in points] == [
        ("write", 3),
        ("fsync", 1),
        ("ftruncate", 1),
        ("rename", 1),
        ("unlink", 1),
    ]
    assert str(tmp_path) in str(points[0])


@pytest.mark.parametrize(
    ("number", "left"),
    [
        (0, {"file": b"zero"}),
        (1, {"file": b"zeroone"}),
        (2, {"file": b"zeroone"}),
        (3, {"file": b"z"}),
        (4, {"file2": b"z"}),
    ],
)
def test_kills_before_the_call_happens(
    tmp_path: Path, number: int, left: dict[str, bytes]
) -> None:
    """A child killed at a call has done everything before it, and not the call."""
    point = kill_points(_argv(FILES, tmp_path / "counted"))[number]
    outcome = kill_at(_argv(FILES, tmp_path / "killed"), point)
    assert outcome.killed
    assert left == {path.name: path.read_bytes() for path in (tmp_path / "killed").iterdir()}
    assert outcome.stdout == (b"said" if number else b"")


def test_reaches_into_sqlite(tmp_path: Path) -> None:
    """SQLite killed at any of its calls keeps what it has acknowledged."""
    points = kill_points(_argv(ROWS, tmp_path / "counted"))
    assert {"pwrite64", "fdatasync", "ftruncate", "unlink"} <= {point.syscall for point in points}
    for number, point in enumerate(spread(points, 8)):
        directory = tmp_path / str(number)
        outcome = kill_at(_argv(ROWS, directory), point)
        assert outcome.killed, point
        with closing(sqlite3.connect(directory / "rows.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            rows = [row for (row,) in database.execute("SELECT number FROM rows")]
        acknowledged = [int(line) for line in outcome.stdout.split()]
        assert acknowledged == rows[: len(acknowledged)], point


def test_injects_errors(tmp_path: Path) -> None:
    """A call can be made to fail inside SQLite, which then says so."""
    points = kill_points(_argv(ROWS, tmp_path / "counted"))
    point = next(point for point in points if point.syscall == "pwrite64")
    outcome = inject(_argv(ROWS, tmp_path / "full"), point, "error=ENOSPC", sticky=True)
    assert outcome.returncode == 1
    assert b"database or disk is full" in outcome.stderr
    assert outcome.stdout == b""


def test_spread_keeps_the_ends() -> None:
    """A choice of points covers the run from its first to its last."""
    points = [KillPoint("write", number, "") for number in range(100)]
    assert [point.number for point in spread(points, 4)] == [0, 33, 66, 99]
    assert points == spread(points, 100)
    assert points[:1] == spread(points, 1)


def test_says_why_it_cannot_trace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where tracing is forbidden the reason is a sentence, and tests are skipped with it."""
    fake = tmp_path / "strace"
    fake.write_text("#!/bin/sh\necho 'strace: ptrace: Operation not permitted' >&2\nexit 1\n")
    fake.chmod(0o700)
    strace.why_not.cache_clear()
    try:
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert "Operation not permitted" in strace.why_not()
        with pytest.raises(pytest.skip.Exception, match="Operation not permitted"):
            require_strace()
        strace.why_not.cache_clear()
        monkeypatch.setenv("PATH", str(tmp_path / "empty"))
        assert strace.why_not() == "strace is not installed"
    finally:
        strace.why_not.cache_clear()
