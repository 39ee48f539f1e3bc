"""Lines of a table as strips of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.segment import Segment
from textual.strip import Strip
from textual.style import Style

from kmstui.tui import text
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import GAP, Column, Layout, Row

GUTTER = 3
"""Cells before the first column: cursor bar, mark, space."""

Part = Literal["bar", "cursor", "empty", "header", "marked", "row", "sorted", "stripe"]
StyleOf = Callable[[Part], Style]

_BAR = "▌"
_MARK = "✓"
_ASCENDING, _DESCENDING = "▲", "▼"


@dataclass(frozen=True, slots=True)
class Paint:
    """What a row's line depends on besides the row.

    Attributes:
        cursor: The cursor is on it.
        marked: It is marked.
        stripe: It is one of every second rows.
    """

    cursor: bool
    marked: bool
    stripe: bool

    @property
    def part(self) -> Part:
        """The style the line is painted in."""
        if self.cursor:
            return "cursor"
        if self.marked:
            return "marked"
        return "stripe" if self.stripe else "row"


def row_strip(
    columns: Sequence[Column[Row]], fit: Layout, row: Row, paint: Paint, style_of: StyleOf
) -> Strip:
    """Paint one row over all shown columns, in view or not."""
    base = style_of(paint.part)
    plain = base.rich_style
    bar = (base + Style(foreground=style_of("bar").foreground)).rich_style
    gutter = (
        Segment(_BAR if paint.cursor else " ", bar),
        Segment(_MARK if paint.marked else " ", bar),
        Segment(" ", plain),
    )
    cells = (
        _cell(columns[index].render(row), width, columns[index].align, base)
        for index, width in zip(fit.shown, fit.widths, strict=True)
    )
    return _line(gutter, cells, Segment(" " * GAP, plain), fit)


def header_strip(
    columns: Sequence[Column[Row]],
    fit: Layout,
    sort: tuple[str, bool] | None,
    style_of: StyleOf,
) -> Strip:
    """Paint the titles, with an arrow at the column the rows are sorted by."""
    base = style_of("header")
    cells = (
        _title(columns[index], width, sort, style_of)
        for index, width in zip(fit.shown, fit.widths, strict=True)
    )
    gutter = (Segment(" " * GUTTER, base.rich_style),)
    return _line(gutter, cells, Segment(" " * GAP, base.rich_style), fit)


def empty_strip(content: Content, line: int, width: int, style_of: StyleOf) -> Strip:
    """Paint one line of what stands in the middle of an empty table."""
    base = style_of("empty")
    parts = content.split("\n")
    if not 0 <= line < len(parts):
        return Strip.blank(width, style_of("row").rich_style)
    part = parts[line].truncate(width, ellipsis=True)
    left = (width - part.cell_length) // 2
    padded = part.pad_left(left).pad_right(width - left - part.cell_length)
    return Strip(padded.render_segments(base), width)


def _line(
    gutter: Iterable[Segment], cells: Iterable[list[Segment]], gap: Segment, fit: Layout
) -> Strip:
    segments = list(gutter)
    for number, cell in enumerate(cells):
        if number:
            segments.append(gap)
        segments.extend(cell)
    return Strip(segments, GUTTER + fit.total).simplify()


def _cell(cell: Content | str, width: int, align: text.Align, base: Style) -> list[Segment]:
    if isinstance(cell, str):
        return [Segment(text.cell_fit(cell, width, align), base.rich_style)]
    fitted = text.content_fit(cell, width, align)
    # Reversed, a cell's own colour would turn into a patch of background.
    return (fitted.without_spans if base.reverse else fitted).render_segments(base)


def _title(
    column: Column[Row], width: int, sort: tuple[str, bool] | None, style_of: StyleOf
) -> list[Segment]:
    title = column.title
    if sort is None or sort[0] != column.key:
        return _cell(title, width, column.align, style_of("header"))
    arrow = _DESCENDING if sort[1] else _ASCENDING
    return _cell(f"{title} {arrow}", width, column.align, style_of("sorted"))
