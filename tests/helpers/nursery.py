"""Children that need no start: forks of a process that has imported everything, for kill tests.

A child runs untraced until it asks to be watched; only then is ``strace`` attached to it. So the
calls of one step are counted from that step's beginning, and a child that is to be killed in a
late step comes there at its full speed.

As a program, ``python -m tests.helpers.nursery MODULE`` reads requests, a line of JSON each, runs
``MODULE.child`` in a fork for each, and answers with the fork's exit code.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, Self, TypeAlias

import orjson

from tests.helpers.strace import STANDARD_STREAMS, SYSCALLS, Outcome

ROOT = Path(__file__).parents[2]
PATIENCE = 60
"""Seconds that a child may live."""

Watch: TypeAlias = Callable[[], None]
"""What a child calls, once, when what is to be tried begins."""

Child: TypeAlias = Callable[..., None]
"""Called with a :data:`Watch` and with what else was asked for.

It says on standard output, with :func:`os.write` and a line each, which steps it has done.
"""

_CALL = re.compile(r"^(?P<name>\w+)\((?P<fd>\d+)?")
_PR_SET_PTRACER = 0x59616D61


@dataclass(frozen=True, slots=True)
class StepPoint:
    """One system call of one of a child's steps.

    Attributes:
        step: How many steps were done before.
        syscall: The call's name.
        number: Which of that name it is in the step, from 1.
        call: The call as strace printed it, with the files' names; for messages.
    """

    step: int
    syscall: str
    number: int
    call: str

    def __str__(self) -> str:
        return f"step {self.step}, {self.syscall} number {self.number}: {self.call}"


@dataclass(frozen=True, slots=True)
class _Request:
    arguments: list[str]
    tracing: list[str]
    stdout: str
    stderr: str


class Nursery:
    """A process whose forks run a module's ``child``.

    Args:
        module: The module, which is imported once.
    """

    def __init__(self, module: str) -> None:
        # Compiled modules written by one child and not by the next would shift every number.
        steady = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", __name__, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **steady},
        )

    def __enter__(self) -> Self:
        """Use it; at the end the process is gone."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._parent.communicate()

    def points(self, *arguments: str) -> list[StepPoint]:
        """Every call that changes a disk, or waits for one, after a child asked to be watched.

        Calls on the standard streams are left out, as are those of threads other than the first.

        Args:
            arguments: For the child, which must end well.
        """
        with tempfile.TemporaryDirectory() as directory:
            log = Path(directory) / "strace"
            wanted = ",".join(f"?{name}" for name in SYSCALLS)
            tracing = ["-y", "-o", str(log), "-e", f"trace={wanted}", "-e", "signal=none"]
            outcome = self._run(arguments, tracing)
            assert outcome.returncode == 0, outcome
            return _points(log.read_text(errors="replace").splitlines())

    def kill_at(self, point: StepPoint, *arguments: str) -> Outcome:
        """Run a child and kill it as it begins a call.

        Args:
            point: The call; the child is to ask to be watched as its step begins.
            arguments: For the child.

        Returns:
            How it ended; not killed if it never came to that call.
        """
        fault = f"inject={point.syscall}:signal=KILL:when={point.number}"
        tracing = ["-o", os.devnull, "-e", f"trace={point.syscall}", "-e", fault]
        return self._run(arguments, tracing)

    def _run(self, arguments: Sequence[str], tracing: list[str]) -> Outcome:
        requests, answers = self._parent.stdin, self._parent.stdout
        assert requests is not None
        assert answers is not None
        with tempfile.TemporaryDirectory() as directory:
            out, err = Path(directory) / "out", Path(directory) / "err"
            request = _Request(list(arguments), tracing, str(out), str(err))
            requests.write(orjson.dumps(asdict(request)) + b"\n")
            requests.flush()
            answer = answers.readline()
            assert answer, "the nursery has ended"
            return Outcome(int(answer), out.read_bytes(), err.read_bytes())


def _points(lines: Sequence[str]) -> list[StepPoint]:
    counts: Counter[str] = Counter()
    points: list[StepPoint] = []
    step = 0
    for line in lines:
        found = _CALL.match(line)
        if found is None:
            continue
        counts[found["name"]] += 1
        if found["fd"] == "1":
            step += 1
            counts.clear()
        elif found["fd"] not in STANDARD_STREAMS:
            points.append(StepPoint(step, found["name"], counts[found["name"]], line))
    return points


def _serve(child: Child) -> None:
    for line in sys.stdin.buffer:
        request = _Request(**orjson.loads(line))
        os.write(1, b"%d\n" % _bear(child, request))


def _bear(child: Child, request: _Request) -> int:
    """Run one child to its end and return its exit code."""
    asked, ask = os.pipe()
    begin, go = os.pipe()
    pid = os.fork()
    if pid == 0:

        def watch() -> None:
            os.write(ask, b"?")
            os.read(begin, 1)

        os.close(asked)
        os.close(go)
        _live(child, request, watch)
    os.close(ask)
    os.close(begin)
    tracer = _attach(pid, request) if os.read(asked, 1) else None
    os.close(asked)
    # This is what the child reads: the end of the pipe.
    os.close(go)
    _, status = os.waitpid(pid, 0)
    if tracer is not None:
        tracer.communicate()
    return os.waitstatus_to_exitcode(status)


def _attach(pid: int, request: _Request) -> subprocess.Popen[bytes]:
    """Trace a child; one that cannot be traced is ended, and its standard error says why."""
    tracer: subprocess.Popen[bytes] = subprocess.Popen(
        ["strace", *request.tracing, "-p", str(pid)], stderr=subprocess.PIPE
    )
    assert tracer.stderr is not None
    said = tracer.stderr.readline()
    if b"attached" not in said:
        os.kill(pid, signal.SIGTERM)
        Path(request.stderr).write_bytes(said)
    return tracer


def _live(child: Child, request: _Request, watch: Watch) -> NoReturn:
    """Be the child."""
    code = 1
    for number, path in ((1, request.stdout), (2, request.stderr)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    signal.alarm(PATIENCE)
    # Where only a parent may trace, this lets the tracer, which is a sibling.
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
    try:
        child(watch, *request.arguments)
        code = 0
    except BaseException:  # noqa: BLE001 - a child reports whatever ends it, and never returns
        os.write(2, traceback.format_exc().encode())
    os._exit(code)


def main() -> None:
    """Run forks until there are no more requests."""
    module: Any = import_module(sys.argv[1])
    _serve(module.child)


if __name__ == "__main__":
    main()
