"""Run a command on a terminal of its own, wait for its full-screen program, and quit it.

Usage: on_a_terminal.py COMMAND. Ends with the command's exit code, or 1 if no screen appears.
Only the standard library: it runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

ENTERS_THE_SCREEN = b"\x1b[?1049h"
CTRL_Q = b"\x11"
PATIENCE = 600.0
"""Seconds until the screen must be there: the command may install things first."""
CALM = 2.0
"""Seconds without output after which the screen is complete."""


def main(command: str) -> int:
    """Run the command and return its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp("bash", ["bash", "-c", command])  # noqa: S606, S607 - a line of the README
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = _watch(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    shown = ENTERS_THE_SCREEN in seen
    if not shown or code:
        sys.stderr.write(seen.decode(errors="replace"))
    print(f"the console {'opened' if shown else 'did not open'}; exit code {code}")
    return code if shown else 1


def _watch(terminal: int) -> bytes:
    """Read until the command ends, asking it to quit once its screen is complete."""
    seen = b""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], CALM)
        if ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return seen
            if not data:
                return seen
            seen += data
        elif ENTERS_THE_SCREEN in seen:
            os.write(terminal, CTRL_Q)
    os.close(terminal)
    return seen


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
