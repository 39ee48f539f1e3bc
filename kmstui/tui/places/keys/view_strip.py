"""The views of the place, side by side in one row above each of them."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.text import Content

VIEWS: tuple[tuple[str, str], ...] = (
    ("", "All keys"),
    ("deletions", "Deletions"),
    ("rotation", "Rotation"),
    ("aliases", "Aliases"),
)
"""Name and title of each view, in order."""

NAMES = tuple(name for name, _ in VIEWS)

_MARGIN = 3
_GAP = 3


class ViewStrip(Widget):
    """One row with the titles of the views; the one shown stands out.

    Args:
        view: Name of the view shown.
    """

    DEFAULT_CSS = "ViewStrip { height: 1; background: $background; }"

    pending: reactive[int] = reactive(0)
    """Keys waiting to be deleted, counted beside their view."""

    class Chosen(Message):
        """A title was clicked.

        Attributes:
            view: Name of the view.
        """

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def __init__(self, view: str) -> None:
        super().__init__()
        self._view = view

    def render(self) -> Content:
        """Write the titles."""
        titles = [self._title(name, title) for name, title in VIEWS]
        return text.literal(" " * _MARGIN) + text.join(titles, " " * _GAP)

    def _title(self, name: str, title: str) -> Content:
        shown = text.literal(
            title, "bold underline $key-accent" if name == self._view else "$muted"
        )
        if name == "deletions" and self.pending:
            return shown + text.literal(f" {self.pending:,}", "$state-pending")
        return shown

    def on_click(self, event: events.Click) -> None:
        """Show the view under the pointer."""
        left = _MARGIN
        for name, title in VIEWS:
            width = self._title(name, title).cell_length
            if left <= event.x < left + width:
                self.post_message(self.Chosen(name))
                return
            left += width + _GAP
