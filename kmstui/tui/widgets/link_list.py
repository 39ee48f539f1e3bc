"""Lines that lead somewhere, between headings and facts that do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from kmstui.tui import text
from kmstui.tui.text import Content


@dataclass(frozen=True, slots=True)
class Line:
    """A line.

    Attributes:
        content: What it says.
        target: Where it leads, by a name that stays the same when the line is written anew;
            empty for a line that only says something.
    """

    content: Content
    target: str = ""


def heading(title: str) -> Line:
    """Make a heading."""
    return Line(text.literal(title, "bold $key-accent"))


BLANK = Line(text.literal(""))
"""An empty line."""


class LinkList(OptionList):
    """Shows lines; the cursor stops only at those that lead somewhere.

    Args:
        lines: The lines.
        id: Id of the widget.
    """

    DEFAULT_CSS = """
    LinkList {
        height: 1fr;
        border: none;
        padding: 0;
        background: $background;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        scrollbar-size-vertical: 1;
        &:focus { border: none; background-tint: transparent 0%; }
        & > .option-list--option { padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .option-list--option-disabled { color: $foreground; text-style: none; }
        & > .option-list--option-highlighted {
            background: $row-cursor-blurred;
            color: $foreground;
            text-style: none;
        }
        &:focus > .option-list--option-highlighted {
            background: $row-cursor;
            color: $foreground;
            text-style: bold;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "first", show=False),
        Binding("G", "last", show=False),
        Binding("ctrl+d", "page_down", show=False),
        Binding("ctrl+u", "page_up", show=False),
    ]

    class Opened(Message):
        """A line was chosen.

        Attributes:
            links: The list.
            target: Where the line leads.
        """

        def __init__(self, links: LinkList, target: str) -> None:
            super().__init__()
            self.links = links
            self.target = target

        @property
        def control(self) -> LinkList:
            """The list, for Textual's selectors."""
            return self.links

    def __init__(
        self,
        lines: Sequence[Line] = (),
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id, compact=True)
        self._lines_shown: tuple[Line, ...] = ()
        self.set_lines(lines)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines, as they were given."""
        return self._lines_shown

    @property
    def target(self) -> str:
        """Where the line under the cursor leads; empty if there is none."""
        at = self.highlighted
        known = at is not None and at < len(self._lines_shown)
        return self._lines_shown[at].target if known and at is not None else ""

    def set_lines(self, lines: Iterable[Line], *, keep: bool = True) -> None:
        """Write other lines.

        Args:
            lines: The lines.
            keep: Whether the cursor stays on its target, if it is still there; else it goes to
                the first there is.
        """
        wanted, top = self.target if keep else "", self.scroll_offset.y
        self._lines_shown = tuple(lines)
        self.set_options(
            Option(line.content, disabled=not line.target) for line in self._lines_shown
        )
        targets = [line.target for line in self._lines_shown]
        if wanted in targets and wanted:
            self.highlighted = targets.index(wanted)
            self.scroll_to(y=top, animate=False)
        else:
            self.highlighted = next(
                (index for index, target in enumerate(targets) if target), None
            )

    def action_first(self) -> None:
        """Go to the first line, and show what stands above it."""
        super().action_first()
        self.scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Opened(self, self._lines_shown[event.option_index].target))
