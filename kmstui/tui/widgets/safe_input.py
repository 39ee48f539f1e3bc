"""A one-line input whose text cannot reach the terminal as anything but text."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

from kmstui.tui import text


class SafeInput(Input):
    """An :class:`~textual.widgets.Input` that drops characters a terminal would obey or hide.

    Textual paints what was typed, pasted or set as it is, escape sequences included. A password
    input keeps every character, since none of them is painted.

    Its width is that of the place it stands in, never that of its text: a key pressed in it does
    not lay the screen out again.
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    def validate_value(self, value: str) -> str:
        """Drop hidden characters, however the value arrived."""
        return value if self.password else text.without_hidden(value)
