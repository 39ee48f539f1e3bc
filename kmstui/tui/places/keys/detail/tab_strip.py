"""The tabs of a key's page, with the key's state beside them."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.text import Content

TABS: tuple[tuple[str, str], ...] = (
    ("overview", "Overview"),
    ("access", "Access"),
    ("material", "Material"),
    ("activity", "Activity"),
    ("try-it", "Try-it"),
)
"""Name and title of each tab, in order."""

NAMES = tuple(name for name, _ in TABS)

_MARGIN = 2
_GAP = 3


class TabStrip(Widget):
    """Two rows: the titles with the state at the right, and a rule that marks the tab shown."""

    DEFAULT_CSS = "TabStrip { height: 2; }"

    tab: reactive[str] = reactive(NAMES[0])
    """Name of the tab shown."""

    state: reactive[Content] = reactive(text.literal(""))
    """What stands at the right."""

    class Chosen(Message):
        """A tab was clicked.

        Attributes:
            tab: Its name.
        """

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def render(self) -> Content:
        """Draw the titles and the rule."""
        width = self.size.width
        titles = text.literal("")
        start = length = 0
        for index, (name, title) in enumerate(TABS):
            shown = name == self.tab
            titles += text.literal(" " * (_GAP if index else _MARGIN))
            if shown:
                start, length = titles.cell_length, len(title)
            titles += text.literal(title, "bold $key-accent" if shown else "$muted")
        room = max(width - self.state.cell_length - _MARGIN, 0)
        row = text.content_fit(titles, room) + self.state
        rule = (
            text.literal("─" * start, "$faint")
            + text.literal("━" * length, "$key-accent")
            + text.literal("─" * max(width - start - length, 0), "$faint")
        )
        return text.lines(row, rule.truncate(width))

    def on_click(self, event: events.Click) -> None:
        """Show the tab under the pointer."""
        left = _MARGIN
        for name, title in TABS:
            if left <= event.x < left + len(title):
                self.post_message(self.Chosen(name))
                return
            left += len(title) + _GAP
