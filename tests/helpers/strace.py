"""Killing a child at the Nth system call, wherever in it the call is made: also inside SQLite.

``strace`` counts a child's system calls once, then runs it again and again and delivers SIGKILL
as the Nth call of a kind begins, so that the call does not happen. A child is a deterministic
command that writes :data:`MARKER` to standard error when what is to be tried begins, and says on
standard output (with :func:`os.write`, which has no buffer) what it has acknowledged.

strace counts calls for each thread by itself: what is to be killed belongs in the main thread.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

SYSCALLS = (
    "pwrite64",
    "write",
    "fdatasync",
    "fsync",
    "rename",
    "renameat",
    "renameat2",
    "ftruncate",
    "unlink",
    "unlinkat",
)
"""The calls that change what is on a disk, or wait until it has changed."""

Point = TypeVar("Point")

MARKER = "kill-points-begin"

MARK = f"import os; os.write(2, b'{MARKER}\\n')"
"""A statement for a child to begin with."""

_CALL = re.compile(r"^(?P<thread>\d+) +(?P<call>(?P<name>\w+)\((?P<fd>\d+)?.*)$")
STANDARD_STREAMS = {"0", "1", "2"}
"""The descriptors whose calls are no points."""


@dataclass(frozen=True, slots=True)
class KillPoint:
    """One system call of a child's run.

    Attributes:
        syscall: Its name.
        number: Which of that name it is in the whole run of the thread, from 1.
        call: The call as strace printed it, with the files' names; for messages.
    """

    syscall: str
    number: int
    call: str

    def __str__(self) -> str:
        return f"{self.syscall} number {self.number}: {self.call}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of a child ended.

    Attributes:
        returncode: As :mod:`subprocess` has it; negative for a signal.
        stdout: What it had written to standard output.
        stderr: What it had written to standard error.
    """

    returncode: int
    stdout: bytes
    stderr: bytes

    @property
    def killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.returncode == -signal.SIGKILL


@cache
def why_not() -> str:
    """Why children cannot be traced here; empty if they can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    with tempfile.TemporaryDirectory() as directory:
        argv = [strace, "-f", "-o", f"{directory}/out", "-e", "trace=write", "true"]
        try:
            result = subprocess.run(argv, capture_output=True, timeout=20, check=False)
        except subprocess.TimeoutExpired:
            return "strace does not come to an end here"
    if result.returncode:
        said = result.stderr.decode(errors="replace").strip().splitlines()
        return f"strace cannot trace here (ptrace): {said[-1] if said else 'no reason given'}"
    return ""


def require_strace() -> None:
    """Skip the test that calls this, with the reason, where children cannot be traced."""
    reason = why_not()
    if reason:
        print(f"no kill points: {reason}")  # noqa: T201 - the run shall say so
        pytest.skip(reason)


def kill_points(
    argv: Sequence[str],
    *,
    syscalls: Iterable[str] = SYSCALLS,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
) -> list[KillPoint]:
    """Every call of some kinds that a child makes after its marker, in order.

    Calls on the standard streams are left out, as are those of threads other than the first.

    Args:
        argv: The child; it must exit with 0.
        syscalls: The kinds; those that this machine does not have are passed over.
        env: Environment on top of the present one.
        cwd: Where it runs.
        timeout: Seconds.
    """
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "strace"
        wanted = ",".join(f"?{name}" for name in {*syscalls, "write"})
        options = [
            "--seccomp-bpf",
            "-y",
            "-o",
            str(log),
            "-e",
            f"trace={wanted}",
            "-e",
            "signal=none",
        ]
        outcome = _strace(options, argv, env, cwd, timeout)
        assert outcome.returncode == 0, outcome
        return _points(log.read_text(errors="replace").splitlines(), set(syscalls))


def kill_at(
    argv: Sequence[str],
    point: KillPoint,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
) -> Outcome:
    """Run a child again and kill it as it begins a call.

    Args:
        argv: As for :func:`kill_points`.
        point: The call.
        env: As for :func:`kill_points`.
        cwd: Where it runs.
        timeout: Seconds.

    Returns:
        How it ended; not killed if it never came to that call.
    """
    return inject(argv, point, "signal=KILL", env=env, cwd=cwd, timeout=timeout)


def inject(
    argv: Sequence[str],
    point: KillPoint,
    fault: str,
    *,
    sticky: bool = False,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
) -> Outcome:
    """Run a child again and let one of its calls go wrong.

    Args:
        argv: As for :func:`kill_points`.
        point: The call.
        fault: As strace has it: ``signal=KILL``, ``error=ENOSPC``, ``retval=1`` ...
        sticky: Whether every later call of that name goes wrong too.
        env: As for :func:`kill_points`.
        cwd: Where it runs.
        timeout: Seconds.
    """
    # Not with --seccomp-bpf: strace 6.1 then counts but does not inject the signal.
    when = f"{point.number}{'+' if sticky else ''}"
    options = [
        *("-o", os.devnull, "-e", f"trace={point.syscall}"),
        *("-e", f"inject={point.syscall}:{fault}:when={when}"),
    ]
    return _strace(options, argv, env, cwd, timeout)


def spread(points: Sequence[Point], limit: int) -> list[Point]:
    """At most ``limit`` of the points, evenly over the run, the first and last among them."""
    if len(points) <= limit or limit < 2:
        return list(points[:limit])
    step = (len(points) - 1) / (limit - 1)
    return [points[round(number * step)] for number in range(limit)]


def _strace(
    options: list[str],
    argv: Sequence[str],
    env: Mapping[str, str] | None,
    cwd: Path | None,
    timeout: float,
) -> Outcome:
    require_strace()
    # Compiled modules written by one run and not by the next would shift every number.
    steady = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    result = subprocess.run(
        ["strace", "-f", "-qq", *options, *argv],
        capture_output=True,
        env={**os.environ, **steady, **(env or {})},
        cwd=cwd,
        timeout=timeout,
        check=False,
    )
    return Outcome(result.returncode, result.stdout, result.stderr)


def _points(lines: list[str], syscalls: set[str]) -> list[KillPoint]:
    counts: Counter[str] = Counter()
    points: list[KillPoint] = []
    main = marked = ""
    for line in lines:
        found = _CALL.match(line)
        if found is None:
            continue
        main = main or found["thread"]
        if found["thread"] != main:
            continue
        counts[found["name"]] += 1
        if marked:
            if found["name"] in syscalls and found["fd"] not in STANDARD_STREAMS:
                points.append(KillPoint(found["name"], counts[found["name"]], found["call"]))
        elif MARKER in line:
            marked = line
    assert marked, "the child never wrote its marker to standard error"
    return points
