"""A row of titles, one of which stands out: the views of Access, the tabs of a principal."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.text import Content

VIEWS: tuple[tuple[str, str], ...] = (
    ("", "Policies"),
    ("principals", "Principals"),
    ("simulator", "Simulator"),
)
"""Name and title of each view of the place, in order."""

_MARGIN = 3
_GAP = 3


class Strip(Widget):
    """One row of titles.

    Args:
        titles: Name and title of each, in order.
        shown: Name of the one that stands out.
    """

    DEFAULT_CSS = "Strip { height: 1; background: $background; }"

    shown: reactive[str] = reactive("")
    """Name of the one that stands out."""

    class Chosen(Message):
        """A title was clicked.

        Attributes:
            name: Its name.
        """

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, titles: Sequence[tuple[str, str]], shown: str) -> None:
        super().__init__()
        self._titles = tuple(titles)
        self.set_reactive(Strip.shown, shown)

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(name for name, _ in self._titles)

    def beside(self, by: int) -> str:
        """Return the name that stands so many to the right of the one shown, around the end."""
        return self.names[(self.names.index(self.shown) + by) % len(self.names)]

    def render(self) -> Content:
        """Write the titles."""
        written = [
            text.literal(title, "bold underline $key-accent" if name == self.shown else "$muted")
            for name, title in self._titles
        ]
        return text.literal(" " * _MARGIN) + text.join(written, " " * _GAP)

    def on_click(self, event: events.Click) -> None:
        """Choose the title under the pointer."""
        left = _MARGIN
        for name, title in self._titles:
            if left <= event.x < left + len(title):
                self.post_message(self.Chosen(name))
                return
            left += len(title) + _GAP
