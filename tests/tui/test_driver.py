"""Painting on a terminal that goes away."""

from __future__ import annotations

import io

from textual.drivers.linux_driver import LinuxDriver

from kmstui.tui.driver import Outlet, TerminalDriver
from tests.helpers.console import console


class Lost(io.StringIO):
    """A terminal that is gone."""

    def flush(self) -> None:
        """Fail as a terminal does that was hung up."""
        raise OSError(5, "Input/output error")


def test_writes_to_a_terminal() -> None:
    """What is painted reaches the terminal."""
    terminal = io.StringIO()
    outlet = Outlet(terminal)
    outlet.write("painted")
    outlet.flush()
    assert ("painted", False) == (terminal.getvalue(), outlet.lost)


def test_drops_what_a_lost_terminal_cannot_take() -> None:
    """After the first failure nothing is passed on, and nothing is raised."""
    terminal = Lost()
    outlet = Outlet(terminal)
    outlet.write("before")
    outlet.flush()
    outlet.write("after")
    outlet.flush()
    assert ("before", True) == (terminal.getvalue(), outlet.lost)


def test_the_console_paints_through_it() -> None:
    """The application asks for the driver that outlives its terminal."""
    assert TerminalDriver is console().get_driver_class()


def test_textual_still_writes_to_what_is_replaced() -> None:
    """The attribute of Textual's driver that holds the terminal is still called so."""
    assert "_file" in LinuxDriver.__init__.__code__.co_names
