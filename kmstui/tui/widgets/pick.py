"""One of a few, side by side; in more rows where they do not fit into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.text import Content

_GAP = 3


@dataclass(frozen=True, slots=True)
class PickOption:
    """One of the few.

    Attributes:
        value: What it is called in the program.
        label: What a person reads; text of our own.
        reason: Why it cannot be picked; empty if it can.
    """

    value: str
    label: str
    reason: str = ""


class Pick(Widget, can_focus=True):
    """Shows options side by side and lets one be picked with the arrow keys or a click.

    Args:
        options: In order; those with a reason are shown and skipped.
        value: The one picked at first; the first one if empty.
        id: Id of the widget.
        classes: Classes of the widget.
    """

    DEFAULT_CSS = """
    Pick {
        height: auto;
        width: 1fr;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", show=False),
        Binding("right,l,space", "step(1)", show=False),
    ]

    value: reactive[str] = reactive("")
    """The value picked."""

    class Changed(Message):
        """Another value was picked.

        Attributes:
            pick: The widget.
            value: The value.
        """

        def __init__(self, pick: Pick, value: str) -> None:
            super().__init__()
            self.pick = pick
            self.value = value

        @property
        def control(self) -> Pick:
            """The widget, for Textual's selectors."""
            return self.pick

    def __init__(
        self,
        options: Sequence[PickOption],
        value: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.options = tuple(options)
        self.set_reactive(Pick.value, value or self.options[0].value)

    def offer(self, options: Sequence[PickOption]) -> None:
        """Show other options; what was picked stays picked if it still can be."""
        self.options = tuple(options)
        free = [option.value for option in self.options if not option.reason]
        if self.value not in free:
            self.value = free[0] if free else ""
        self.refresh(layout=True)

    def watch_value(self, value: str) -> None:
        """Tell who wants to know."""
        self.post_message(self.Changed(self, value))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Count the rows at a width."""
        del container, viewport
        return len(self._rows(width))

    def render(self) -> Content:
        """Write the options; the one picked stands out by a glyph and its weight."""
        gap = " " * _GAP
        rows = self._rows(self.content_size.width)
        return text.lines(*(text.join([cell for _, cell in row], gap) for row in rows))

    def _rows(self, width: int) -> list[list[tuple[PickOption, Content]]]:
        """Put the options into rows of a width."""
        rows: list[list[tuple[PickOption, Content]]] = [[]]
        left = 0
        for option, cell in zip(self.options, self._cells(), strict=True):
            if rows[-1] and left + cell.cell_length > width:
                rows.append([])
                left = 0
            rows[-1].append((option, cell))
            left += cell.cell_length + _GAP
        return rows

    def _cells(self) -> list[Content]:
        return [self._cell(option) for option in self.options]

    def _cell(self, option: PickOption) -> Content:
        if option.value == self.value:
            style = "bold $key-accent" if self.has_focus else "bold"
            mark = "$key-accent"
            return text.literal("◉ ", mark) + text.literal(option.label, style)
        if option.reason:
            return text.literal(f"· {option.label}", "$muted strike")
        return text.literal(f"○ {option.label}", "$muted")

    def action_step(self, by: int) -> None:
        """Pick the next option in a direction, around the end."""
        free = [option.value for option in self.options if not option.reason]
        at = free.index(self.value) if self.value in free else 0
        self.value = free[(at + by) % len(free)]

    def on_click(self, event: events.Click) -> None:
        """Pick the option under the pointer."""
        rows = self._rows(self.content_size.width)
        left = 0
        for option, cell in rows[event.y] if 0 <= event.y < len(rows) else ():
            if left <= event.x < left + cell.cell_length and not option.reason:
                self.value = option.value
                return
            left += cell.cell_length + _GAP

    def on_focus(self) -> None:
        """Show the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the focus is elsewhere."""
        self.refresh()
