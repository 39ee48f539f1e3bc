"""A text area for a policy: coloured JSON, and a glyph beside each line there is a remark on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.style import Style
from rich.text import Text
from textual import events
from textual.color import Color
from textual.strip import Strip
from textual.widgets.text_area import Edit, EditResult

from kmstui.authz.lint import Finding, Level
from kmstui.tui import text
from kmstui.tui.json_colour import runs
from kmstui.tui.places.access.policies.remarks import LOOKS, worst
from kmstui.tui.widgets.safe_area import SafeTextArea

_INDENT = "  "
_MARGIN = 2
"""Cells between a line's number and its text."""


class PolicyArea(SafeTextArea):
    """Edits a policy.

    Args:
        source: The text to begin with.
        id: Id of the widget.
    """

    DEFAULT_CSS = """
    PolicyArea {
        border: none;
        padding: 0 1;
        background: $background;
        color: $foreground;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        &:focus { border: none; }
        & .text-area--gutter { color: $muted; background: $background; }
        & .text-area--cursor-line { background: $row-cursor; }
        & .text-area--cursor-gutter { color: $key-accent; background: $row-cursor; }
    }
    """

    def __init__(self, source: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        self._runs: list[list[tuple[int, int, str]]] | None = None
        self._levels: dict[int, Level] = {}
        super().__init__(
            source, id=id, soft_wrap=False, show_line_numbers=True, tab_behavior="focus"
        )

    def set_findings(self, findings: Iterable[Finding]) -> None:
        """Put the glyphs of other remarks beside the lines."""
        self._levels = worst(findings)
        self.notify_style_update()
        self.refresh()

    def edit(self, edit: Edit) -> EditResult:
        """Carry out an edit, and colour the text anew."""
        self._runs = None
        return super().edit(edit)

    def undo(self) -> None:
        """Take the last edit back."""
        self._runs = None
        super().undo()

    def redo(self) -> None:
        """Carry an edit out again."""
        self._runs = None
        super().redo()

    def load_text(self, text: str) -> None:
        """Begin with another text."""
        self._runs = None
        super().load_text(text)

    def put(self, source: str) -> None:
        """Replace the whole text by another, as one edit that can be undone."""
        row, column = self.cursor_location
        self.replace(source, self.document.start, self.document.end)
        row = min(row, self.document.line_count - 1)
        self.move_cursor((row, min(column, len(self.document.get_line(row)))))

    def go_to_line(self, line: int) -> None:
        """Put the cursor at the beginning of what stands on a line, counted from 1."""
        row = max(0, min(line - 1, self.document.line_count - 1))
        content = self.document.get_line(row)
        self.move_cursor((row, len(content) - len(content.lstrip())), center=True)

    def get_line(self, line_index: int) -> Text:
        """Return a line in the colours of the theme."""
        line = super().get_line(line_index)
        if self._runs is None:
            self._runs = runs(self.text)
        coloured = self._runs[line_index] if line_index < len(self._runs) else []
        for start, end, role in coloured:
            line.stylize(self._style(role), start, end)
        return line

    def _style(self, role: str) -> Style:
        variable = self.app.theme_variables.get(role.removeprefix("$"))
        return Style(color=Color.parse(variable).rich_color) if variable else Style()

    def render_line(self, y: int) -> Strip:
        """Paint a line, the glyph of its remark between number and text."""
        strip = super().render_line(y)
        level = self._levels.get(y + self.scroll_offset.y + 1)
        if level is None or y + self.scroll_offset.y >= self.document.line_count:
            return strip
        glyph, style = LOOKS[level]
        at = self.gutter_width - _MARGIN
        base = self.get_visual_style("text-area--gutter")
        mark = Strip(text.styled(glyph, style).render_segments(base))
        return Strip.join([strip.crop(0, at), mark, strip.crop(at + 1)])

    def on_key(self, event: events.Key) -> None:
        """Begin a new line as deep as the one before, or deeper behind a bracket."""
        if event.key != "enter" or self.read_only:
            return
        event.stop()
        event.prevent_default()
        row, column = self.selection.end
        before = self.document.get_line(row)[:column]
        depth = before[: len(before) - len(before.lstrip())]
        if before.rstrip().endswith(("{", "[")):
            depth += _INDENT
        self.replace(f"\n{depth}", *self.selection)

    async def _on_paste(self, event: events.Paste) -> None:
        """Write out what cannot be seen as escapes of JSON, instead of dropping it."""
        pasted: Any = text.json_escaped(event.text)
        await super()._on_paste(events.Paste(pasted))
        event.stop()
        event.prevent_default()
