"""Run a command on a terminal of its own, wait for its full-screen program, and quit it.

Usage: on_a_terminal.py COMMAND. Ends with the command's exit code, or 1 if no screen appears.
Only the standard library: it runs before anything is installed.
"""

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

ENTERS_THE_SCREEN = b"\x1b[?1049h"
CTRL_Q = b"\x11"
PATIENCE = 600.0
"""Seconds until the screen must be there: the command may install things first."""
LOOK = 5.0
"""Seconds that the screen is left alone before each attempt to quit."""
ATTEMPTS = 6


def main(command: str) -> int:
    """Run the command and return its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp("bash", ["bash", "-c", command])  # noqa: S606, S607 - a line of the README
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = _watch(terminal)
    code = _end(child)
    shown = ENTERS_THE_SCREEN in seen
    if not shown or code:
        sys.stderr.write(seen.decode(errors="replace"))
    print(f"the console {'opened' if shown else 'did not open'}; exit code {code}")
    return code if shown else 1


def _end(child: int) -> int:
    """Return the command's exit code; one that does not end is killed."""
    for _ in range(100):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _watch(terminal: int) -> bytes:
    """Read until the command ends, asking it to quit once its screen has been there a while."""
    seen = b""
    attempts = 0
    shown = False
    due = time.monotonic() + PATIENCE
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0.0, due - time.monotonic()))
        if ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return seen
            if not data:
                return seen
            seen += data
            if not shown and ENTERS_THE_SCREEN in seen:
                shown = True
                due = time.monotonic() + LOOK
        if time.monotonic() >= due:
            if attempts == ATTEMPTS or not shown:
                os.close(terminal)
                return seen
            os.write(terminal, CTRL_Q)
            attempts += 1
            due = time.monotonic() + LOOK


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
