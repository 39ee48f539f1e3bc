"""Several of a few, side by side where there is room, ticked one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.text import Content

_MARK_CELLS = 4
_GAP = 2


class Checklist(Widget, can_focus=True):
    """Shows items in columns, read from top to bottom; arrows move, space ticks.

    It is one stop of the tab key.

    Args:
        items: What can be ticked.
        ticked: What is ticked at first.
        columns: How many columns at most; fewer where they do not fit.
        id: Id of the widget.
    """

    DEFAULT_CSS = "Checklist { height: auto; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("left,h", "across(-1)", show=False),
        Binding("right,l", "across(1)", show=False),
        Binding("space,enter", "tick", show=False),
    ]

    ticked: reactive[frozenset[str]] = reactive(frozenset())
    """What is ticked."""

    cursor: reactive[int] = reactive(0)
    """Index of the item under the cursor."""

    class Changed(Message):
        """Something else is ticked."""

    def __init__(
        self,
        items: Sequence[str],
        ticked: Iterable[str] = (),
        *,
        columns: int = 2,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.items = tuple(items)
        self._columns = columns
        self.set_reactive(Checklist.ticked, frozenset(ticked))

    @property
    def chosen(self) -> list[str]:
        """What is ticked, in the order of the items."""
        return [item for item in self.items if item in self.ticked]

    @property
    def _rows(self) -> int:
        return self._rows_in(self.content_size.width)

    def _rows_in(self, width: int) -> int:
        columns = max(min(self._columns, (width + _GAP) // self._width), 1)
        return -(-len(self.items) // columns)

    @property
    def _width(self) -> int:
        widest = max((text.cell_width(item) for item in self.items), default=0)
        return _MARK_CELLS + widest + _GAP

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Count the rows at a width."""
        del container, viewport
        return self._rows_in(width)

    def render(self) -> Content:
        """Write the items."""
        rows = [self._row(number) for number in range(self._rows)]
        return text.lines(*rows)

    def _row(self, number: int) -> Content:
        found = range(number, len(self.items), self._rows)
        return text.join([self._cell(index) for index in found], "")

    def _cell(self, index: int) -> Content:
        item, on = self.items[index], self.items[index] in self.ticked
        mark = text.styled("[✓] ", "$ok") if on else text.literal("[ ] ", "$muted")
        cell = mark + text.literal(item, "bold" if on else "")
        if self.has_focus and index == self.cursor:
            cell = cell.stylize("on $row-cursor")
        return text.content_fit(cell, self._width)

    def action_move(self, by: int) -> None:
        """Move the cursor down or up, on to the next column at the end."""
        self.cursor = (self.cursor + by) % len(self.items)

    def action_across(self, by: int) -> None:
        """Move the cursor to the column beside."""
        target = self.cursor + by * self._rows
        if 0 <= target < len(self.items):
            self.cursor = target

    def action_tick(self) -> None:
        """Tick the item under the cursor, or take its tick away."""
        self.ticked = self.ticked ^ {self.items[self.cursor]}
        self.post_message(self.Changed())

    def on_click(self, event: events.Click) -> None:
        """Tick the item under the pointer."""
        index = event.x // self._width * self._rows + event.y
        if 0 <= event.y < self._rows and index < len(self.items):
            self.cursor = index
            self.action_tick()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()
