"""Columns of a table and how they share its width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from kmstui.tui.text import Align, Content, cell_width

Row = TypeVar("Row")

GAP = 2
"""Cells between two columns."""

SORT_MARK_CELLS = 2
"""Cells a sortable title keeps free for its arrow."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column of a :class:`~kmstui.tui.widgets.virtual_table.VirtualTable`.

    Attributes:
        key: Name of the column in sort requests and settings.
        title: What stands over it.
        render: Makes the cell of a row; a plain string is shown literally.
        width: Exact width in cells; None to measure the first rows.
        flex: Share of the width that is left over; 0 takes none.
        min_width: Cells a flexible column may shrink to before columns are dropped.
        max_width: Cells a measured column takes at most; None for no bound.
        priority: Columns with the highest number are dropped first when the table is narrow; 0 is
            never dropped.
        align: The side short cells keep to.
        sortable: Whether a click on the title asks for sorting.
    """

    key: str
    title: str
    render: Callable[[Row], Content | str]
    width: int | None = None
    flex: int = 0
    min_width: int = 4
    max_width: int | None = 40
    priority: int = 0
    align: Align = "left"
    sortable: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns are shown and how wide each is.

    Attributes:
        shown: Indices of the columns shown, in order.
        widths: Cells of each shown column.
        dropped: How many columns did not fit.
    """

    shown: tuple[int, ...] = ()
    widths: tuple[int, ...] = ()
    dropped: int = 0

    @property
    def total(self) -> int:
        """Cells of all shown columns and the gaps between them."""
        return sum(self.widths) + GAP * max(len(self.widths) - 1, 0)

    def column_at(self, x: int) -> int | None:
        """Return the index of the column at cell ``x`` from the first, or None in a gap."""
        left = 0
        for index, width in zip(self.shown, self.widths, strict=True):
            if left <= x < left + width:
                return index
            left += width + GAP
        return None


def natural_widths(columns: Sequence[Column[Row]], sample: Sequence[Row]) -> tuple[int, ...]:
    """Measure the width each column would like, from its title and a sample of rows."""
    return tuple(_natural_width(column, sample) for column in columns)


def lay_out(columns: Sequence[Column[Row]], natural: Sequence[int], width: int) -> Layout:
    """Fit columns into a width.

    Flexible columns that may be dropped shrink first, then columns are dropped by priority, then
    the flexible ones that are never dropped shrink too. What is left over goes to the flexible
    ones. What can neither shrink nor be dropped is wider than ``width``, and the table scrolls.

    Args:
        columns: All columns in order.
        natural: What :func:`natural_widths` measured.
        width: Cells there are for columns and gaps.
    """
    shown = list(range(len(columns)))
    while len(shown) > 1 and _least(columns, natural, shown) > width:
        last = max(shown, key=lambda index: (columns[index].priority, index))
        if columns[last].priority == 0:
            break
        shown.remove(last)
    widths = {index: natural[index] for index in shown}
    spare = width - sum(widths.values()) - GAP * max(len(shown) - 1, 0)
    flexible = [index for index in shown if columns[index].flex]
    if spare < 0:
        _shrink(columns, widths, flexible, -spare)
    elif flexible:
        _grow(columns, widths, flexible, spare)
    return Layout(
        shown=tuple(shown),
        widths=tuple(widths[index] for index in shown),
        dropped=len(columns) - len(shown),
    )


def _natural_width(column: Column[Row], sample: Sequence[Row]) -> int:
    if column.width is not None:
        return column.width
    title = cell_width(column.title) + (SORT_MARK_CELLS if column.sortable else 0)
    widest = max((_cell_width(column.render(row)) for row in sample), default=0)
    natural = max(title, widest, column.min_width)
    return natural if column.max_width is None else min(natural, max(column.max_width, title))


def _cell_width(cell: Content | str) -> int:
    return cell.cell_length if isinstance(cell, Content) else cell_width(cell)


def _least(columns: Sequence[Column[Row]], natural: Sequence[int], shown: Sequence[int]) -> int:
    return sum(_floor(columns[index], natural[index]) for index in shown) + GAP * (len(shown) - 1)


def _floor(column: Column[Row], natural: int) -> int:
    return min(column.min_width, natural) if column.flex and column.priority else natural


def _shrink(
    columns: Sequence[Column[Row]], widths: dict[int, int], flexible: list[int], excess: int
) -> None:
    for index in sorted(flexible, key=lambda index: columns[index].priority, reverse=True):
        room = max(widths[index] - columns[index].min_width, 0)
        step = min(excess, room)
        widths[index] -= step
        excess -= step


def _grow(
    columns: Sequence[Column[Row]], widths: dict[int, int], flexible: list[int], spare: int
) -> None:
    shares = sum(columns[index].flex for index in flexible)
    left = spare
    for index in flexible[1:]:
        extra = spare * columns[index].flex // shares
        widths[index] += extra
        left -= extra
    widths[flexible[0]] += left
