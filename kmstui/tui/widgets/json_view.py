"""A read-only view of a JSON document."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kmstui.tui import text
from kmstui.tui.json_colour import json_lines, pretty
from kmstui.tui.text import Content

_GAP = 2


class JsonView(ScrollView, can_focus=True):
    """Shows JSON in the colours of the theme, with line numbers and a range of lines set off.

    Text that is not JSON is shown as it is. Only lines in view are painted, so a policy of 32 KiB
    costs what a small one does.

    Args:
        source: The document; one without line breaks is laid out over several.
        empty: What stands there when there is no document.
        id: Id of the widget.
        classes: Classes of the widget.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "json-view--line",
        "json-view--marked",
        "json-view--number",
    }
    DEFAULT_CSS = """
    JsonView {
        background: $surface;
        color: $foreground;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        & > .json-view--number { color: $muted; }
        & > .json-view--marked { background: $row-marked; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_lines(1)", "Down", show=False),
        Binding("k,up", "scroll_lines(-1)", "Up", show=False),
        Binding("h,left", "scroll_columns(-8)", "Left", show=False),
        Binding("l,right", "scroll_columns(8)", "Right", show=False),
        Binding("g,home", "top", "Top", show=False),
        Binding("G,end", "bottom", "Bottom", show=False),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
    ]

    def __init__(
        self,
        source: str = "",
        *,
        empty: Content | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._empty = text.literal("No document", "$muted") if empty is None else empty
        self._source = ""
        self._lines: list[Content] = []
        self._marked = range(0)
        self.set_source(source)

    @property
    def source(self) -> str:
        """The document as it was given, for copying."""
        return self._source

    @property
    def line_count(self) -> int:
        """Lines of the document as laid out."""
        return len(self._lines)

    def set_source(self, source: str) -> None:
        """Show another document, from its top."""
        self._source = source
        self._lines = json_lines(pretty(source)) if source else []
        self._marked = range(0)
        widest = max((line.cell_length for line in self._lines), default=0)
        self.virtual_size = Size(self._number_width + _GAP + widest, len(self._lines))
        if self.is_attached:
            self.scroll_to(0, 0, animate=False, force=True)
        self.refresh()

    def mark_lines(self, first: int, last: int) -> None:
        """Set off lines ``first`` to ``last``, counted from 1, and bring them into view."""
        self._marked = range(first, last + 1)
        self.scroll_to(y=max(first - 3, 0), animate=False, force=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint one line of the document."""
        width = self.scrollable_content_region.width
        scroll_x, scroll_y = self.scroll_offset
        fill = self.get_visual_style("json-view--line")
        if not self._lines:
            content = self._empty if y == 0 else Content.empty()
            return Strip(content.render_segments(fill)).crop_extend(0, width, fill.rich_style)
        index = y + scroll_y
        if index >= len(self._lines):
            return Strip.blank(width, fill.rich_style)
        marked = index + 1 in self._marked
        style = self.get_visual_style("json-view--marked") if marked else fill
        number_style = self.get_visual_style("json-view--number")
        number = text.cell_fit(str(index + 1), self._number_width, "right")
        segments = [
            Segment(text.cell_fit(number, self._number_width + _GAP), number_style.rich_style),
            *self._lines[index].render_segments(style),
        ]
        strip = Strip(segments)
        return strip.crop_extend(scroll_x, scroll_x + width, style.background_style.rich_style)

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by some lines."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def action_scroll_columns(self, cells: int) -> None:
        """Scroll sideways."""
        self.scroll_to(x=self.scroll_offset.x + cells, animate=False)

    def action_top(self) -> None:
        """Scroll to the first line."""
        self.scroll_to(y=0, animate=False)

    def action_bottom(self) -> None:
        """Scroll to the last line."""
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by pages, or parts of one."""
        self.action_scroll_lines(int(pages * self.scrollable_content_region.height))

    @property
    def _number_width(self) -> int:
        return len(str(len(self._lines)))
