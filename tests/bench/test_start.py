"""How soon the program shows itself: exec to the first painted frame, on a real pty."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from statistics import median

from tests.bench.conftest import Say
from tests.helpers.engines import Bench

EMPTY = """
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static("the first frame")

Empty().run()
"""
ROUNDS = 21
_TOO_LONG = 10.0


def first_frame(argv: list[str], marker: bytes, environment: dict[str, str]) -> float:
    """Return the seconds from starting a program until it has painted a text; then kill it.

    Raises:
        AssertionError: It did not within ten seconds.
    """
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(argv[0], argv, environment)  # noqa: S606 - the program itself, on a terminal
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    painted = b""
    try:
        while marker not in painted:
            ready, _, _ = select.select([terminal], [], [], _TOO_LONG)
            assert ready, painted[-500:]
            painted += os.read(terminal, 65_536)
        return time.perf_counter() - began
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def test_first_frame(empty: Bench, full: Bench, say: Say, tmp_path: Path) -> None:
    """The sign-in screen is there within 1.2 times an empty app; with 100,000 keys within 1.1."""
    environment = {
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    program = [sys.executable, "-m", "kmstui", "--keystore"]
    contenders = {
        "empty app": ([sys.executable, "-c", EMPTY], b"first frame"),
        "0 keys": ([*program, str(empty.directory)], b"key management console"),
        "100,000 keys": ([*program, str(full.directory)], b"key management console"),
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for round_number in range(ROUNDS + 1):
        for name, (argv, marker) in contenders.items():
            found = first_frame(argv, marker, environment)
            if round_number:  # the first round fills caches
                times[name].append(found)
    cost = {name: median(found) for name, found in times.items()}
    over_empty = cost["0 keys"] / cost["empty app"]
    many_over_none = cost["100,000 keys"] / cost["0 keys"]
    figures = ", ".join(f"{name} {seconds * 1e3:.0f} ms" for name, seconds in cost.items())
    say(f"First frame: {figures}; {over_empty:.2f} x empty, {many_over_none:.2f} x no keys")
    assert over_empty <= 1.2
    assert many_over_none <= 1.1
