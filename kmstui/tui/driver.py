"""Painting on a terminal that may go away.

Textual's writer thread ends at the first error of the terminal. What is painted afterwards waits
for it for ever: a console whose window was closed would never get to lock and leave.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


class Outlet:
    """A stream that drops what a terminal can no longer take.

    Args:
        stream: The terminal.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.lost = False

    def write(self, text: str) -> None:
        """Write, unless the terminal is gone."""
        self._pass_on(lambda: self._stream.write(text))

    def flush(self) -> None:
        """Flush, unless the terminal is gone."""
        self._pass_on(self._stream.flush)

    def fileno(self) -> int:
        """Return the terminal's file descriptor."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._stream.isatty()

    def _pass_on(self, act: Callable[[], object]) -> None:
        if self.lost:
            return
        try:
            act()
        except OSError:
            self.lost = True


class TerminalDriver(LinuxDriver):
    """Textual's driver, writing to an :class:`Outlet`.

    Args:
        app: The application.
        **options: What Textual passes.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file = cast(Any, Outlet(cast(IO[str], self._file)))
