"""A table that paints only the rows in view, so that 100,000 cost what 100 do.

Textual's DataTable measures every cell it is given; here a row is asked for its cells when its
line is painted. The owner keeps order and filter: it hands over rows with stable keys, then the
indices to show (:meth:`VirtualTable.set_visible`). Cursor and marks follow keys, never positions,
so a refresh under the cursor does not move it to another row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic

from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from kmstui.tui import text
from kmstui.tui.text import Content
from kmstui.tui.widgets import table_messages
from kmstui.tui.widgets.columns import Column, Layout, Row, lay_out, natural_widths
from kmstui.tui.widgets.row_model import RowModel
from kmstui.tui.widgets.table_painter import (
    GUTTER,
    Paint,
    Part,
    empty_strip,
    header_strip,
    row_strip,
)

SAMPLE_ROWS = 200
"""Rows measured for column widths."""

_HEADER = 1
_STRIPS_KEPT = 1_024
_MOVES = (
    ("j,down", "move(1)", "Down"),
    ("k,up", "move(-1)", "Up"),
    ("l,right", "scroll_columns(8)", "Columns to the right"),
    ("h,left", "scroll_columns(-8)", "Columns to the left"),
    ("g,home", "first", "First row"),
    ("G,end", "last", "Last row"),
    ("ctrl+d", "page(0.5)", "Half a page down"),
    ("ctrl+u", "page(-0.5)", "Half a page up"),
    ("pagedown", "page(1)", "Page down"),
    ("pageup", "page(-1)", "Page up"),
    ("enter", "select", "Open"),
    ("space", "toggle_mark", "Mark"),
    ("v", "toggle_range", "Mark a range"),
    ("V", "mark_visible", "Mark all shown"),
)


class VirtualTable(ScrollView, Generic[Row], can_focus=True):
    """A table of any number of rows.

    The application must define the roles of :mod:`kmstui.tui.themes` as theme variables.

    Args:
        columns: The columns, in order.
        empty: What stands in the middle when no row is visible; may have several lines.
        id: Id of the widget.
        classes: Classes of the widget.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "virtual-table--bar",
        "virtual-table--cursor",
        "virtual-table--empty",
        "virtual-table--header",
        "virtual-table--marked",
        "virtual-table--row",
        "virtual-table--sorted",
        "virtual-table--stripe",
    }
    DEFAULT_CSS = """
    VirtualTable {
        height: 1fr;
        background: $background;
        color: $foreground;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        & > .virtual-table--header { background: $row-header; color: $muted; }
        & > .virtual-table--sorted { background: $row-header; color: $key-accent; }
        & > .virtual-table--stripe { background: $row-stripe; }
        & > .virtual-table--marked { background: $row-marked; }
        & > .virtual-table--cursor { background: $row-cursor-blurred; }
        & > .virtual-table--bar { color: $muted; }
        & > .virtual-table--empty { color: $muted; }
        &:focus > .virtual-table--cursor { background: $row-cursor; text-style: bold; }
        &:focus > .virtual-table--bar { color: $key-accent; }
        &:ansi > .virtual-table--header { text-style: underline; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, action, description, show=False) for keys, action, description in _MOVES
    ]

    RowHighlighted = table_messages.RowHighlighted
    RowSelected = table_messages.RowSelected
    SortRequested = table_messages.SortRequested
    MarksChanged = table_messages.MarksChanged

    def __init__(
        self,
        columns: Iterable[Column[Row]],
        *,
        empty: Content | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._empty = text.literal("Nothing to show") if empty is None else empty
        self._model: RowModel[Row] = RowModel()
        self._fit = Layout()
        self._natural: tuple[int, ...] | None = None
        self._sort: tuple[str, bool] | None = None
        self._cursor = 0
        self._cursor_key: str | None = None
        self._range: tuple[str, frozenset[str]] | None = None
        self._strips: LRUCache[tuple[str, int, Paint], Strip] = LRUCache(_STRIPS_KEPT)

    @property
    def row_count(self) -> int:
        """All rows, visible or not."""
        return len(self._model)

    @property
    def visible_count(self) -> int:
        """Rows that are visible."""
        return self._model.visible_count

    @property
    def cursor_key(self) -> str | None:
        """Key of the row under the cursor, None when nothing is visible."""
        return self._cursor_key

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor, None when nothing is visible."""
        return None if self._cursor_key is None else self._model.row(self._cursor_key)

    @property
    def cursor_index(self) -> int:
        """Where the cursor is among the visible rows, 0 at the top."""
        return self._cursor

    @property
    def marked(self) -> frozenset[str]:
        """Keys of all marked rows, visible or not."""
        return self._model.marks

    @property
    def marked_visible(self) -> list[str]:
        """Keys of the rows a bulk command acts on: marked and visible, in the order shown."""
        return self._model.marked_visible()

    def visible_keys(self) -> list[str]:
        """Return the keys of the visible rows, in the order shown."""
        return self._model.visible_keys()

    @property
    def dropped_columns(self) -> int:
        """Columns there is no room for."""
        return self._fit.dropped

    def row(self, key: str) -> Row:
        """Return the row with a key.

        Raises:
            KeyError: There is none.
        """
        return self._model.row(key)

    def set_rows(self, rows: Iterable[Row], keys: Iterable[str]) -> None:
        """Replace all rows; the cursor stays on its key, marks on theirs.

        Args:
            rows: The rows.
            keys: A unique and stable name for each.

        Raises:
            ValueError: Keys repeat, or there are not as many as rows.
        """
        self._model.replace(rows, keys)
        self._natural = None
        self._strips.clear()
        self._rows_changed()
        self.refresh()

    def extend_rows(self, rows: Iterable[Row], keys: Iterable[str]) -> None:
        """Add rows at the end; they show at once unless :meth:`set_visible` set an order.

        Raises:
            ValueError: A key is there already, or there are not as many keys as rows.
        """
        if len(self._model) < SAMPLE_ROWS:
            self._natural = None
        before = self._in_view()
        self._model.extend(rows, keys)
        self._rows_changed()
        self._repaint_unless(before)

    def update_row(self, key: str, row: Row) -> None:
        """Put a new row in place of the one with this key and paint its line only.

        Raises:
            KeyError: There is no row with this key.
        """
        position = self._model.update(key, row)
        if position is not None:
            self.refresh_line(position + _HEADER)

    def set_visible(self, indices: Sequence[int] | None) -> None:
        """Show the rows at these indices, in this order; all of them, as they came, if None.

        The sequence is kept, not copied.
        """
        before = self._in_view()
        self._model.show(indices)
        self._rows_changed()
        self._repaint_unless(before)

    def set_columns(self, columns: Iterable[Column[Row]]) -> None:
        """Replace the columns."""
        self._columns = tuple(columns)
        self._natural = None
        self.repaint()

    def set_sort(self, column: str | None, *, descending: bool = False) -> None:
        """Show by which column the owner sorted; no arrow if None."""
        sort = None if column is None else (column, descending)
        if sort != self._sort:
            self._sort = sort
            self.refresh()

    def set_empty(self, empty: Content) -> None:
        """Change what stands in the middle when no row is visible."""
        self._empty = empty
        if not self.visible_count:
            self.refresh()

    def repaint(self) -> None:
        """Ask every row in view for its cells again, for values that change with time."""
        self._strips.clear()
        self._arrange()
        self.refresh()

    def move_to(self, key: str) -> bool:
        """Move the cursor to the row with a key; False if it is not visible."""
        position = self._model.position(key)
        if position is None:
            return False
        self._move(position)
        return True

    def set_marks(self, keys: Iterable[str]) -> None:
        """Mark exactly these rows."""
        self._model.set_marks(keys)
        self.refresh()
        self.post_message(self.MarksChanged(self, len(self._model.marks)))

    def step_back(self) -> bool:
        """Undo the innermost thing esc should undo: a range being marked, then all marks.

        Returns:
            False if there was nothing to undo, so that esc means something outside the table.
        """
        if self._range is not None:
            before = self._range[1]
            self._range = None
            self.set_marks(before)
            return True
        if self._model.has_marks:
            self.set_marks(())
            return True
        return False

    def render_line(self, y: int) -> Strip:
        """Paint the header, a row, the empty text or nothing."""
        width, height = self.scrollable_content_region.size
        scroll_x, scroll_y = self.scroll_offset
        position = y - _HEADER + scroll_y
        part: Part = "row"
        if y == 0:
            part = "header"
            strip = header_strip(self._columns, self._fit, self._sort, self._style)
        elif not self.visible_count:
            middle = max((height - len(self._empty.split("\n"))) // 3, 1)
            return empty_strip(self._empty, y - _HEADER - middle, width, self._style)
        elif position >= self.visible_count:
            return Strip.blank(width, self._style("row").rich_style)
        else:
            strip, part = self._row_line(position)
        fill = self._style(part).background_style.rich_style
        return strip.crop_extend(scroll_x, scroll_x + width, fill)

    def notify_style_update(self) -> None:
        """Forget painted lines when the theme or the focus changes."""
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Fit the columns into the new width and keep the cursor in view."""
        self._arrange()
        self._reveal_cursor()

    def on_click(self, event: events.Click) -> None:
        """Sort by the title clicked, mark in the gutter, move to a row or open it."""
        event.stop()
        x = int(event.x) + self.scroll_offset.x
        if event.y < _HEADER:
            self._click_title(x)
            return
        position = int(event.y) - _HEADER + self.scroll_offset.y
        if position >= self.visible_count:
            return
        opens = position == self._cursor and x >= GUTTER
        self._move(position)
        if x < GUTTER:
            self.action_toggle_mark()
        elif opens:
            self.action_select()

    def action_move(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self._move(self._cursor + rows)

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._move(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._move(self.visible_count - 1)

    def action_page(self, pages: float) -> None:
        """Move the cursor by pages, or parts of one."""
        self._move(self._cursor + int(pages * self._rows_in_view()))

    def action_scroll_columns(self, cells: int) -> None:
        """Scroll sideways when the columns are wider than the table."""
        self.scroll_to(x=self.scroll_offset.x + cells, animate=False)

    def action_select(self) -> None:
        """Open the row under the cursor."""
        if self._cursor_key is not None:
            self.post_message(self.RowSelected(self, self._cursor_key))

    def action_toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self._cursor_key is not None:
            self._range = None
            self.set_marks(self._model.marks ^ {self._cursor_key})

    def action_toggle_range(self) -> None:
        """Start marking from the cursor on, or keep what was marked since."""
        if self._range is not None:
            self._range = None
        elif self._cursor_key is not None:
            self._range = (self._cursor_key, self._model.marks)
            self._mark_range()

    def action_mark_visible(self) -> None:
        """Mark every visible row; take the marks away if all of them have one."""
        self._range = None
        visible = frozenset(self._model.visible_keys())
        marks = self._model.marks
        self.set_marks(marks - visible if visible <= marks else marks | visible)

    def _row_line(self, position: int) -> tuple[Strip, Part]:
        key = self._model.key_at(position)
        paint = Paint(
            cursor=position == self._cursor,
            marked=self._model.is_marked(key),
            stripe=position % 2 == 1,
        )
        cached = (key, self._model.version(key), paint)
        strip = self._strips.get(cached)
        if strip is None:
            row = self._model.row_at(position)
            strip = row_strip(self._columns, self._fit, row, paint, self._style)
            self._strips[cached] = strip
        return strip, paint.part

    def _style(self, part: Part) -> Style:
        style = self.get_visual_style(f"virtual-table--{part}")
        if part == "cursor" and self.has_focus and self.app.native_ansi_color:
            # A terminal's own palette has no shade for a cursor, and Textual's component styles
            # lose "reverse".
            return style + Style(reverse=True)
        return style

    def _arrange(self) -> None:
        if self._natural is None:
            self._natural = natural_widths(self._columns, self._model.sample(SAMPLE_ROWS))
        fit = lay_out(self._columns, self._natural, self.scrollable_content_region.width - GUTTER)
        if fit != self._fit:
            self._fit = fit
            self._strips.clear()
            self.refresh()
        self._grow_to(Size(GUTTER + fit.total, _HEADER + self.visible_count))

    def _grow_to(self, size: Size) -> None:
        """Change how much there is to scroll through.

        Textual lays the whole screen out again for that, and paints all of it: twice the work of
        a keystroke in a filter. The vertical scrollbar is always there, so height moves nothing.
        """
        if size.width == self.virtual_size.width:
            self.set_reactive(VirtualTable.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    def _rows_changed(self) -> None:
        above = self._cursor - self.scroll_offset.y
        position = None if self._cursor_key is None else self._model.position(self._cursor_key)
        self._arrange()
        last = self.visible_count - 1
        self._cursor = max(min(self._cursor, last), 0) if position is None else position
        if self.is_attached:
            self.scroll_to(y=self._cursor - above, animate=False, force=True)
            self._reveal_cursor()
        if self._range is not None and self._model.position(self._range[0]) is None:
            self._range = None
        self._tell_cursor()

    def _in_view(self) -> tuple[int, list[str]]:
        """Return what the lines in view depend on when other rows become visible."""
        top = self.scroll_offset.y
        return self._cursor - top, self._model.visible_keys(top, top + self._rows_in_view())

    def _repaint_unless(self, before: tuple[int, list[str]]) -> None:
        """Paint the rows, unless what is in view is what was."""
        if self._in_view() != before:
            self.refresh()

    def _move(self, position: int) -> None:
        position = max(min(position, self.visible_count - 1), 0)
        if position != self._cursor:
            self.refresh_line(self._cursor + _HEADER)
            self._cursor = position
            self.refresh_line(position + _HEADER)
        if self.is_attached:
            self._reveal_cursor()
        self._tell_cursor()
        if self._range is not None:
            self._mark_range()

    def _tell_cursor(self) -> None:
        key = self._model.key_at(self._cursor) if self.visible_count else None
        if key != self._cursor_key:
            self._cursor_key = key
            self.post_message(self.RowHighlighted(self, key))

    def _reveal_cursor(self) -> None:
        top, view = self.scroll_offset.y, self._rows_in_view()
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= top + view:
            self.scroll_to(y=self._cursor - view + 1, animate=False, force=True)

    def _rows_in_view(self) -> int:
        return max(self.scrollable_content_region.height - _HEADER, 1)

    def _mark_range(self) -> None:
        if self._range is None:
            return
        anchor, before = self._range
        start = self._model.position(anchor)
        if start is not None:
            first, last = sorted((start, self._cursor))
            self.set_marks(before.union(self._model.visible_keys(first, last + 1)))

    def _click_title(self, x: int) -> None:
        index = self._fit.column_at(x - GUTTER)
        if index is not None and self._columns[index].sortable:
            self.post_message(self.SortRequested(self, self._columns[index].key))
