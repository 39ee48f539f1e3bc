"""One of several lines, chosen by moving to it; what cannot be chosen stays visible with why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from kmstui.tui import text
from kmstui.tui.text import Content


@dataclass(frozen=True, slots=True)
class Line:
    """One of several.

    Attributes:
        value: What it is called in the program.
        cells: Its columns: the name first.
        about: What it means, the last column.
        reason: Why it cannot be chosen; empty if it can.
    """

    value: str
    cells: tuple[str, ...]
    about: str = ""
    reason: str = ""


class ChoiceList(OptionList):
    """Shows lines in columns; the highlighted one is the choice, and enter ends it.

    Args:
        lines: In order.
        id: Id of the widget.
    """

    class Changed(Message):
        """Another line was chosen."""

    def __init__(self, lines: Sequence[Line] = (), *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, compact=True)
        self._offered: tuple[Line, ...] = ()
        self._chosen = ""
        self.offer(lines)

    @property
    def value(self) -> str:
        """What is chosen; empty if nothing can be."""
        return self._chosen

    @property
    def line(self) -> Line | None:
        """The line that is chosen."""
        return next((line for line in self._offered if line.value == self._chosen), None)

    def offer(self, lines: Sequence[Line]) -> None:
        """Show other lines; what was chosen stays so if it can still be."""
        free = [line.value for line in lines if not line.reason]
        if tuple(lines) == self._offered:
            return
        if self._chosen not in free:
            self._chosen = free[0] if free else ""
        self._offered = tuple(lines)
        self.set_options(Option(self._prompt(line), disabled=bool(line.reason)) for line in lines)
        self._show_cursor()

    def _show_cursor(self) -> None:
        values = [line.value for line in self._offered]
        self.highlighted = values.index(self._chosen) if self._chosen in values else None

    def _prompt(self, line: Line) -> Content:
        chosen = line.value == self._chosen
        glyph = "◉ " if chosen else "✗ " if line.reason else "○ "
        mark = text.literal(glyph, "$key-accent" if chosen else "$muted")
        style = "bold" if chosen else "$muted" if line.reason else ""
        cells = [
            text.content_fit(text.literal(cell, style if not index else "$muted"), width)
            for index, (cell, width) in enumerate(zip(line.cells, self._widths(), strict=True))
        ]
        return (
            mark
            + text.join(cells, "  ")
            + text.literal(f"  {line.reason or line.about}", "$muted")
        )

    def _widths(self) -> list[int]:
        columns = zip(*(line.cells for line in self._offered), strict=True)
        return [max(text.cell_width(cell) for cell in column) for column in columns]

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Choose what the cursor is on."""
        super().watch_highlighted(highlighted)
        if highlighted is None or self._offered[highlighted].value == self._chosen:
            return
        self._chosen = self._offered[highlighted].value
        for index, line in enumerate(self._offered):
            self.replace_option_prompt_at_index(index, self._prompt(line))
        self.post_message(self.Changed())

    def focus_choice(self) -> None:
        """Put the focus on the line that is chosen."""
        self._show_cursor()
        self.focus(scroll_visible=False)
