"""The installed program on a terminal of its own, as a person sees and uses it.

Nothing here sleeps: every wait reads from the terminal until the screen shows what is waited for.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pexpect
import pyte

PATIENCE = 60.0
"""Seconds that anything may take before a test gives up; a loaded machine needs some of them."""

CHECKOUT = Path(__file__).resolve().parents[2]

ENTER_SCREEN, LEAVE_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
"""What switches a terminal to its alternate screen and back."""

_ASKS_FRAMES, _HAS_FRAMES = b"\x1b[?2026$p", "\x1b[?2026;2$y"
_FRAME, _FRAME_END = b"\x1b[?2026h", b"\x1b[?2026l"

KEYS: Mapping[str, str] = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pagedown": "\x1b[6~",
    "f12": "\x1b[24~",
    "ctrl+l": "\x0c",
    "ctrl+n": "\x0e",
    "ctrl+q": "\x11",
    "ctrl+u": "\x15",
}
"""What a terminal sends for the keys that are no characters."""

_CHUNK = 65536
_ECHOING = termios.ICANON | termios.ECHO | termios.ISIG


def program() -> list[str]:
    """Return the command that starts kmstui: its script where it is installed, else its module."""
    script = Path(sys.executable).with_name("kmstui")
    return [str(script)] if script.is_file() else [sys.executable, "-m", "kmstui"]


class Terminal:
    """A program on a pseudo-terminal, with the screen it paints.

    The program inherits the test's environment, in which home and data directories are private.

    Args:
        arguments: What follows the program's name.
        size: Columns and rows.
        command: What to run instead of the installed program.
        variables: Environment variables to add.

    Attributes:
        keystrokes: Keys pressed so far; what :meth:`enter_secret` types is not counted.
        raw: Every byte that the program has sent.
    """

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = (120, 40),
        command: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        columns, rows = size
        self.keystrokes = 0
        self.raw = bytearray()
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        # A size in the environment would be believed before the terminal's own.
        environment = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES"}}
        paths = [str(CHECKOUT), environment.get("PYTHONPATH", "")]
        environment |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "TEXTUAL_ANIMATIONS": "none",
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        }
        run, *rest = [*(command or program()), *arguments]
        with warnings.catch_warnings():
            # Newer Pythons warn of forking beside threads; the child only calls exec.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._child: Any = pexpect.spawn(
                run,
                rest,
                dimensions=(rows, columns),
                env=environment | dict(variables or {}),
                cwd=str(CHECKOUT),
                timeout=PATIENCE,
            )
        self._child.delaybeforesend = None
        self._flags = 0
        self._gone = False

    def __enter__(self) -> Self:
        """Use it; at the end the program is gone, however the test ended."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the program if it still runs, and give the terminal back."""
        if not self._gone:
            self._child.close(force=True)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return int(self._child.pid)

    @property
    def text(self) -> str:
        """The screen, line by line, without trailing spaces."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def focused(self) -> str:
        """The line that the cursor stands on: the field that takes what is typed."""
        return str(self.screen.display[self.screen.cursor.y]).rstrip()

    @property
    def transcript(self) -> str:
        """Every character sent so far."""
        return self.raw.decode("utf-8", "surrogateescape")

    @property
    def outside(self) -> str:
        """What was sent while the alternate screen was not in use: what stays after leaving."""
        parts = bytes(self.raw).split(ENTER_SCREEN)
        kept = [parts[0], *(part.partition(LEAVE_SCREEN)[2] for part in parts[1:])]
        return b"".join(kept).decode("utf-8", "surrogateescape")

    @property
    def restored(self) -> bool:
        """Whether the ended program left the terminal as it was: main screen, cursor, echo."""
        raw = bytes(self.raw)
        left = raw.count(ENTER_SCREEN) == raw.count(LEAVE_SCREEN) > 0
        cursor = raw.rfind(b"\x1b[?25h") > raw.rfind(b"\x1b[?25l")
        mouse = raw.rfind(b"\x1b[?1000l") > raw.rfind(b"\x1b[?1000h")
        return left and cursor and mouse and self._flags & _ECHOING == _ECHOING

    def press(self, *keys: str) -> None:
        """Press keys: names such as ``enter`` and ``ctrl+q``, or single characters."""
        for key in keys:
            self._send(KEYS.get(key, key))
            self.keystrokes += 1

    def write(self, text: str) -> None:
        """Type text, a keystroke a character."""
        self.press(*text)

    def paste(self, text: str) -> None:
        """Paste text as terminals do: between marks, and without the escapes that could end it."""
        self._send(f"\x1b[200~{text.replace(chr(27), '')}\x1b[201~")

    def enter_secret(self, secret: str) -> None:
        """Type a secret and enter; only enter is counted."""
        self._send(secret)
        self.press("enter")

    def command(self, verb: str) -> None:
        """Carry a verb out on the command line."""
        self.press(":")
        self.wait_match(r"(?m)^ :$")
        self.write(verb)
        self.wait_match(rf"(?m)^ : {re.escape(verb)}$")
        self.press("enter")

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal, as a window does."""
        self.screen.resize(rows, columns)
        self._child.setwinsize(rows, columns)

    @property
    def _between_frames(self) -> bool:
        return self.raw.rfind(_FRAME) <= self.raw.rfind(_FRAME_END)

    def _send(self, sent: str) -> None:
        self._child.send(sent.encode())

    def _read(self, patience: float) -> bool:
        """Take in what the program sends next; tell whether it sent anything."""
        try:
            data: bytes = self._child.read_nonblocking(_CHUNK, timeout=patience)
        except pexpect.TIMEOUT:
            return False
        if _ASKS_FRAMES in data:
            # As today's terminals do: the program then marks where a frame begins and ends.
            self._send(_HAS_FRAMES)
        self.raw += data
        self._stream.feed(data)
        return True

    def wait_until(
        self, seen: Callable[[str], object], what: str, patience: float = PATIENCE
    ) -> str:
        """Read until the screen satisfies a condition, and return it; half a frame never counts.

        Args:
            seen: Tells, given the screen's text.
            what: The condition in words, for the failure.
            patience: Seconds it may take.

        Raises:
            AssertionError: It did not happen in time, or the program ended.
        """
        end = time.monotonic() + patience
        while True:
            if self._between_frames and seen(shown := self.text):
                return shown
            try:
                if not self._read(max(0.0, end - time.monotonic())):
                    break
            except pexpect.EOF:
                if seen(self.text):
                    return self.text
                break
        raise AssertionError(f"waited for {what}; the screen shows\n{self.text}")

    def wait_for(self, *wanted: str, patience: float = PATIENCE) -> str:
        """Read until the screen shows every one of some texts, and return it."""
        return self.wait_until(
            lambda shown: all(each in shown for each in wanted), " and ".join(wanted), patience
        )

    def wait_gone(self, unwanted: str) -> str:
        """Read until the screen no longer shows a text, and return it."""
        return self.wait_until(lambda shown: unwanted not in shown, f"no {unwanted}")

    def wait_focus(self, label: str) -> None:
        """Read until the cursor stands beside a label."""
        self.wait_until(lambda _: label in self.focused, f"the cursor beside {label}")

    def wait_bold(self, label: str) -> None:
        """Read until the last place where a label stands is in bold, as a focused button is."""
        self.wait_until(lambda shown: self._is_bold(shown, label), f"{label} in bold")

    def _is_bold(self, shown: str, label: str) -> bool:
        places = [(row, line.rfind(label)) for row, line in enumerate(shown.split("\n"))]
        found = [(row, column) for row, column in places if column >= 0]
        return bool(found) and bool(self.screen.buffer[found[-1][0]][found[-1][1]].bold)

    def wait_match(self, pattern: str) -> re.Match[str]:
        """Read until a pattern is found on the screen, and return the match."""
        shown = self.wait_until(lambda text: re.search(pattern, text), pattern)
        match = re.search(pattern, shown)
        assert match is not None
        return match

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        self._child.kill(number)

    def hang_up(self) -> bool:
        """Close the terminal under the program, and tell whether it then ends by itself."""
        # A plain close of the descriptor: pexpect's own would end the program too.
        pseudo = self._child.ptyproc
        pseudo.fileobj.close()
        pseudo.closed, pseudo.fd = True, -1
        ended = threading.Thread(target=os.waitpid, args=(self.pid, 0))
        ended.start()
        ended.join(PATIENCE)
        alone = not ended.is_alive()
        if not alone:
            os.kill(self.pid, signal.SIGKILL)
            ended.join()
        self._child.closed, self._child.child_fd, self._gone = True, -1, True
        return alone

    def wait_exit(self) -> int:
        """Read until the program ends, and return its exit status, or minus the signal."""
        end = time.monotonic() + PATIENCE
        try:
            while self._read(max(0.0, end - time.monotonic())):
                pass
        except pexpect.EOF:
            self._flags = int(termios.tcgetattr(self._child.child_fd)[3])
            self._child.wait()
            status, killer = self._child.exitstatus, self._child.signalstatus
            return int(status) if status is not None else -int(killer)
        raise AssertionError(f"the program did not end; the screen shows\n{self.text}")


@contextmanager
def leaving(terminal: Terminal) -> Iterator[Terminal]:
    """Use a terminal, then quit the program as a person does."""
    with terminal:
        yield terminal
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
