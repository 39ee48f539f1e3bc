"""The list of steps: as far as it is told, under layers and policies, of one decision or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kmstui.tui import text
from kmstui.tui.places.access.simulator.steps import (
    Line,
    Pair,
    heading_content,
    lines_of,
    step_content,
)
from kmstui.tui.text import Content

_BETWEEN = 3


class TraceView(ScrollView, can_focus=True):
    """Shows steps.

    Args:
        id: Id of the widget.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"trace--line", "trace--cursor", "trace--differs"}
    DEFAULT_CSS = """
    TraceView {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .trace--cursor { background: $row-cursor-blurred; }
        & > .trace--differs { background: $row-marked; }
        &:focus > .trace--cursor { background: $row-cursor; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("g,home", "move(-100000)", show=False),
        Binding("G,end", "move(100000)", show=False),
        Binding("ctrl+d,pagedown", "move(8)", show=False),
        Binding("ctrl+u,pageup", "move(-8)", show=False),
    ]

    masked: reactive[bool] = reactive(default=False)
    """Whether names are hidden."""

    class Moved(Message):
        """Another step is looked at, or more steps are told."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._pairs: Sequence[Pair] = ()
        self._lines: list[Line] = []
        self._two = False
        self._difference: int | None = None
        self._revealed = 0
        self._cursor = 0

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self._pairs)

    @property
    def revealed(self) -> int:
        """How many of them are told."""
        return self._revealed

    @property
    def told(self) -> bool:
        """Whether all are told."""
        return self._revealed >= len(self._pairs)

    @property
    def current(self) -> Pair | None:
        """The step under the cursor."""
        return self._pairs[self._cursor] if self._cursor < self._revealed else None

    def show(
        self,
        pairs: Sequence[Pair],
        *,
        two: bool = False,
        difference: int | None = None,
        cursor: int = 0,
    ) -> None:
        """Show other steps, all of them.

        Args:
            pairs: The steps.
            two: Whether they are of two decisions, side by side.
            difference: Index of the first pair that differs; None if none does.
            cursor: Index of the step to look at.
        """
        self._pairs, self._two, self._difference = tuple(pairs), two, difference
        self.reveal(len(self._pairs))
        self._cursor = cursor
        self._settle()

    def reveal(self, steps: int) -> None:
        """Tell so many steps; the cursor goes to the last of them."""
        self._revealed = max(0, min(steps, len(self._pairs)))
        shown = self._pairs[: self._revealed]
        self._lines = lines_of(shown)
        self._cursor = max(self._revealed - 1, 0)
        self._settle()

    def _settle(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._lines))
        at = next(
            (
                index
                for index, line in enumerate(self._lines)
                if line.pair is not None and line.step == self._cursor
            ),
            0,
        )
        height = max(self.scrollable_content_region.height, 1)
        top = self.scroll_offset.y
        if at < top + 2 or at >= top + height:
            self.scroll_to(y=max(at - height // 2, 0), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._settle()

    def watch_masked(self) -> None:
        """Paint anew."""
        self.refresh()

    def action_move(self, steps: int) -> None:
        """Look at another step."""
        self._cursor = max(0, min(self._cursor + steps, self._revealed - 1))
        self._settle()

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        width = self.scrollable_content_region.width
        base = self.get_visual_style("trace--line")
        index = y + self.scroll_offset.y
        if index >= len(self._lines):
            return Strip.blank(width, base.rich_style)
        line = self._lines[index]
        style = base
        if line.pair is not None and line.step == self._cursor:
            style = self.get_visual_style("trace--cursor")
        elif line.pair is not None and line.step == self._difference:
            style = self.get_visual_style("trace--differs")
        strip = Strip(self._content(line, width).render_segments(style))
        return strip.crop_extend(0, width, style.background_style.rich_style)

    def _content(self, line: Line, width: int) -> Content:
        if line.pair is None:
            return heading_content(line, width, masked=self.masked)
        one, other = line.pair
        if not self._two:
            return step_content(one, width, masked=self.masked, compact=width < 50)
        half = (width - _BETWEEN) // 2
        differs = line.step == self._difference
        mark = text.styled(" ≠ ", "bold $warn") if differs else text.literal(" │ ", "$faint")
        return (
            step_content(one, half, masked=self.masked, compact=half < 50)
            + mark
            + step_content(other, half, masked=self.masked, compact=half < 50)
        )
