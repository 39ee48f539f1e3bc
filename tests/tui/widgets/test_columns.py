"""How columns share the width of a table."""

from __future__ import annotations

from kmstui.tui import text
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import GAP, Column, Layout, lay_out, natural_widths

Row = dict[str, str]


def column(key: str, *, width: int | None = None, flex: int = 0, priority: int = 0) -> Column[Row]:
    """Make a column that shows one member of a row."""

    def render(row: Row) -> Content:
        return text.literal(row[key])

    return Column(key, key, render, width=width, flex=flex, priority=priority)


class TestNaturalWidths:
    """What a column would like."""

    def test_widest_cell_or_title(self) -> None:
        """A column is as wide as its widest cell, its title with room for the arrow at least."""
        rows = [{"alias": "payments-db", "id": "1"}, {"alias": "x", "id": "2"}]
        assert natural_widths([column("alias"), column("id")], rows) == (11, 4)

    def test_wide_characters(self) -> None:
        """Cells are counted, not characters."""
        assert natural_widths([column("a")], [{"a": "日本語テスト"}]) == (12,)

    def test_bound(self) -> None:
        """A long cell does not take more than the column's bound."""
        assert natural_widths([column("a")], [{"a": "x" * 90}]) == (40,)

    def test_fixed(self) -> None:
        """A fixed width is not measured."""
        assert natural_widths([column("a", width=7)], [{"a": "x" * 90}]) == (7,)

    def test_no_rows(self) -> None:
        """Without rows the titles decide."""
        assert natural_widths([column("alias")], []) == (7,)


class TestLayOut:
    """What fits."""

    def test_all_fit(self) -> None:
        """What is left over goes to the flexible columns by their shares."""
        columns = [column("a", flex=2), column("b"), column("c", flex=1)]
        assert lay_out(columns, (10, 10, 10), 64).widths == (30, 10, 20)

    def test_flexible_optional_column_shrinks_first(self) -> None:
        """A flexible column that could be dropped gives way before any is dropped."""
        columns = [column("a", flex=1), column("b", flex=1, priority=3)]
        assert lay_out(columns, (20, 20), 34) == Layout((0, 1), (20, 12), 0)

    def test_drop_by_priority(self) -> None:
        """The highest priority number goes first, the last of equals before the others."""
        columns = [column("a"), column("b", priority=1), column("c", priority=2)]
        assert lay_out(columns, (10, 10, 10), 25) == Layout((0, 1), (10, 10), 1)
        assert lay_out(columns, (10, 10, 10), 15) == Layout((0,), (10,), 2)

    def test_never_dropped_shrinks_last(self) -> None:
        """A flexible column that is never dropped shrinks when nothing else is left."""
        columns = [column("a", flex=1), column("b", priority=1)]
        assert lay_out(columns, (20, 10), 12) == Layout((0,), (12,), 1)

    def test_too_narrow(self) -> None:
        """What can neither shrink nor be dropped is wider than there is room."""
        layout = lay_out([column("a"), column("b")], (20, 20), 12)
        assert layout.total == 40 + GAP

    def test_nothing(self) -> None:
        """No columns need no room."""
        assert lay_out([], (), 80) == Layout()


def test_column_at() -> None:
    """A cell of the header belongs to a column, or to the gap between two."""
    layout = Layout((0, 2), (5, 5), 1)
    assert [layout.column_at(x) for x in (0, 4, 5, 6, 7, 11, 12)] == [0, 0, None, None, 2, 2, None]
