"""The base of the place's lists: the roster's rows, filter, sort, and what commands act on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import FilterError
from kmstui.tui import text
from kmstui.tui.commands import Scope
from kmstui.tui.filter_fields import Field, Row
from kmstui.tui.filter_index import FilterIndex
from kmstui.tui.filtering import Filter, compile_filter
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.place import Route, View
from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.places.keys.filter_bar import FilterBar
from kmstui.tui.places.keys.marking import Marking
from kmstui.tui.places.keys.roster import FIRST_PAGE, SLICE, Change, Kind, Roster, roster_of
from kmstui.tui.places.keys.view_strip import ViewStrip
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.table_messages import (
    MarksChanged,
    RowHighlighted,
    RowSelected,
    SortRequested,
)
from kmstui.tui.widgets.virtual_table import VirtualTable

ADDED_AT_ONCE = 4_000
"""Rows read in the background that wait to be shown together: each time costs a layout."""

SORTED_UP_TO = 2_000
"""Keys up to which a list that is read in full sorts itself before anybody asks."""


class ListView(Marking[Row]):
    """A list made of the roster's keys.

    A subclass says which rows a key makes (:meth:`derive`), how they are told apart
    (:meth:`row_key`), whose key a row is (:meth:`key_of`), and what their columns, fields and
    sort keys are.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.KEYS)
    STYLES = Path(__file__).with_name("list.tcss")
    FIRST_SORT: ClassVar[tuple[str, bool] | None] = None
    """Column, and whether it descends, that a list of few rows begins sorted by."""

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._filter: Filter[Row] = Filter((), {})
        self._index: FilterIndex[Row] = FilterIndex(self.fields())
        self._rows: list[Row] = []
        self._waiting: list[Row] = []
        self._order: list[int] | None = None
        self._sort: tuple[str, bool] | None = None
        self._chosen_sort = False
        self._stale = False
        self._untouched = True
        self._refilling = False
        self._forget: Callable[[], None] | None = None

    def columns(self) -> Sequence[Column[Row]]:
        """Return the columns."""
        raise NotImplementedError

    def fields(self) -> Sequence[Field[Row]]:
        """Return what the filter can ask."""
        raise NotImplementedError

    def sorts(self) -> Mapping[str, Callable[[Row], Any]]:
        """Return what each column sorts by."""
        raise NotImplementedError

    def derive(self, keys: Sequence[KeySummary]) -> Sequence[Row]:
        """Return the rows that keys make."""
        raise NotImplementedError

    def row_key(self, row: Row) -> str:
        """Return the stable name of a row."""
        raise NotImplementedError

    def empty(self) -> Content:
        """Say that there is nothing, and what to do about it."""
        raise NotImplementedError

    def lead(self) -> Content:
        """Say above the table what has to be known about the list; nothing if empty."""
        return text.literal("")

    def beside(self) -> Widget | None:
        """Return what stands beside the table, if anything."""
        return None

    def compose(self) -> ComposeResult:
        """Lay out the views, the filter, the table and what stands beside it."""
        yield ViewStrip(self.route.view)
        yield Static(id="lead")
        yield FilterBar()
        with Container(id="body"):
            yield VirtualTable[Row](self.columns(), empty=text.literal(""), id="table")
            beside = self.beside()
            if beside is not None:
                yield beside

    @property
    def bar(self) -> FilterBar:
        """The filter's field."""
        return self.query_one(FilterBar)

    @property
    def roster(self) -> Roster:
        """The keys behind the list."""
        return roster_of(self.console)

    @property
    def now(self) -> datetime:
        """The account's time."""
        return account_time(self.console)

    @property
    def masked(self) -> bool:
        """Whether names are hidden."""
        return self.console.masked

    async def on_mount(self) -> None:
        """Listen to the roster and read what is not read yet."""
        await self.prepare()
        self._forget = self.roster.listen(self._roster_changed)
        self._rebuild()
        self.run_worker(self.roster.load(), group="first-page")

    async def prepare(self) -> None:
        """Read what rows depend on besides the keys."""

    def on_unmount(self) -> None:
        """Stop listening; without a listener the roster stops reading."""
        if self._forget is not None:
            self._forget()

    def focus_first(self) -> None:
        """Focus the rows, brought up to date if they changed while another view was shown."""
        if self._stale:
            self._rebuild()
        self._told()
        self.table.focus(scroll_visible=False)

    def focus_rest(self) -> None:
        """Focus the rows after `esc` in the filter's field."""
        self.bar.rest()
        self.table.focus(scroll_visible=False)

    async def refresh_data(self) -> None:
        """Read the keys again."""
        await self.roster.reload()

    def mask_changed(self) -> None:
        """Repaint every row and what stands beside them."""
        self.table.repaint()

    def tick(self) -> None:
        """Repaint what the time changes."""
        self.table.repaint()

    def step_back(self) -> bool:
        """Undo a range, the filter, the marks; then leave a view that is not the first."""
        if self.bar.query_text:
            self.bar.set("")
            return True
        if self.table.step_back():
            return True
        if self.route.view:
            self.console.run_worker(self.console.go(Route("keys")), group="go")
            return True
        return False

    @property
    def note(self) -> Content:
        """How many rows there are, are shown, are marked, and how far reading is."""
        roster, table = self.roster, self.table
        parts = []
        if marks := len(table.marked):
            hidden = marks - (self._subject_of_many().count if self._filter else marks)
            said = f"{marks:,} marked" + (f", {hidden:,} hidden" if hidden else "")
            parts.append(text.literal(said, "$key-accent"))
        if self._filter:
            parts.append(text.literal(f"{table.visible_count:,} of {table.row_count:,}"))
        elif roster.complete:
            parts.append(self.count())
        if not roster.complete and roster.error is None:
            done, total = len(roster.keys), roster.total
            parts.append(text.literal(f"reading {done:,} of {total:,}", "$muted"))
        return text.join(parts, " · ")

    def count(self) -> Content:
        """Say how many rows there are."""
        return text.plural(self.table.row_count, "key")

    @property
    def _alive(self) -> bool:
        """Whether the table is still there: while the console closes, it goes first."""
        return bool(self.query("#table"))

    def _roster_changed(self, change: Change) -> None:
        if not self._alive:
            return
        if change.kind is Kind.SETTLED:
            self._settle()
        elif not self.display:
            self._stale = True
            return
        elif change.kind is Kind.RESET or self._refilling:
            self._rebuild()
        elif change.kind is Kind.ADDED:
            if not self._add(self.derive(change.keys)):
                return
        else:
            self._update(change.keys)
        self._many = None
        self._told()

    def _told(self) -> None:
        if self.display:
            self.query_one(ViewStrip).pending = self.roster.pending
            lead, line = self.lead(), self.query_one("#lead", Static)
            line.display = bool(lead)
            line.update(lead)
            self.after_change()
            self.console.main.sync()

    def after_change(self) -> None:
        """Bring what stands beside the table up to date."""

    def _update(self, keys: Sequence[KeySummary]) -> None:
        """Bring rows up to date whose keys changed; everything, unless a key is a row."""
        del keys
        self._rebuild()

    def _add(self, rows: Sequence[Row]) -> bool:
        """Take rows in that were read in the background; tell whether they show already."""
        start = len(self._rows)
        self._rows.extend(rows)
        self._index.extend(rows)
        self._waiting.extend(rows)
        if start and len(self._waiting) < ADDED_AT_ONCE:
            return False
        if self._order is not None:
            # What is still being read stands below until all of it can be sorted.
            first = len(self._rows) - len(self._waiting)
            self._order = [*self._order, *range(first, len(self._rows))]
        self._take_in()
        if self._order is not None or self._filter:
            self._show()
        return True

    def _take_in(self) -> None:
        rows, self._waiting = self._waiting, []
        if rows:
            self.table.extend_rows(rows, [self.row_key(row) for row in rows])
            self._index.set_order(self._order)

    def _rebuild(self) -> None:
        """Make every row again; cursor and marks follow their rows."""
        self._stale = False
        keys = self.roster.keys
        if len(keys) > ADDED_AT_ONCE:
            self._refilling = True
            self.run_worker(self._refill(), group="refill", exclusive=True)
        else:
            index = FilterIndex(self.fields())
            rows = self.derive(keys)
            index.set_rows(rows)
            self._swap(list(rows), index)

    async def _refill(self) -> None:
        """Make many rows a slice at a time beside the ones shown, then swap."""
        keys = self.roster.keys
        index, rows, done = FilterIndex(self.fields()), list[Row](), 0
        while done < len(keys):
            added = self.derive(keys[done : done + SLICE])
            index.extend(added)
            rows.extend(added)
            done += SLICE
            if not self.table.row_count and len(rows) >= FIRST_PAGE:
                self.table.set_rows(rows, [self.row_key(row) for row in rows])
            await asyncio.sleep(0)
            if not self._alive:
                return
        self._refilling = False
        self._swap(rows, index)
        self._told()

    def _swap(self, rows: list[Row], index: FilterIndex[Row]) -> None:
        first = not self.table.row_count
        self._rows, self._index, self._waiting = rows, index, []
        self.table.set_rows(rows, [self.row_key(row) for row in rows])
        self._arrange()
        if first:
            self.table.action_first()

    def _settle(self) -> None:
        if self._stale and self.display:
            self._rebuild()
        elif not (self._stale or self._refilling):
            top = self.table.cursor_index == 0
            self._arrange()
            if self._untouched and top:
                # Sorting for the first time would carry the cursor off with its row.
                self.table.action_first()
            self._untouched = False

    def _arrange(self) -> None:
        """Sort, filter and show."""
        if not self._chosen_sort and self.FIRST_SORT:
            small = self.roster.complete and len(self._rows) <= SORTED_UP_TO
            self._sort = self.FIRST_SORT if small else None
        self._order = None
        if self._sort is not None:
            column, descending = self._sort
            get = self.sorts()[column]
            cells = [get(row) for row in self._rows]
            self._order = sorted(range(len(cells)), key=cells.__getitem__, reverse=descending)
        self._take_in()
        self._index.set_order(self._order)
        self.table.set_sort(
            None if self._sort is None else self._sort[0],
            descending=self._sort is not None and self._sort[1],
        )
        self._show()

    def _show(self) -> None:
        if self._refilling:
            return
        self._take_in()
        self.table.set_visible(self._index.apply(self._filter))
        self.table.set_empty(self._nothing())
        self._many = None
        if self._filter:
            self.bar.report(self.table.visible_count, self.table.row_count)

    def _nothing(self) -> Content:
        if self._filter:
            return text.lines(
                text.literal("Nothing here matches the filter."),
                text.literal(""),
                text.literal("esc clears it", "$muted"),
            )
        if self.roster.error is not None:
            return text.lines(
                text.literal(self.roster.error.message or self.roster.error.code, "$danger"),
                text.literal(""),
                text.literal("f5 reads again", "$muted"),
            )
        return self.empty() if self.roster.complete else text.literal("Reading…", "$muted")

    @on(FilterBar.Asked)
    def _asked(self, event: FilterBar.Asked) -> None:
        event.stop()
        try:
            self._filter = compile_filter(event.query_text, self.fields(), now=self.now)
        except FilterError as error:
            self.bar.complain(error)
            return
        self._show()
        self.bar.report(self.table.visible_count, self.table.row_count)
        self.after_change()
        self.console.main.sync()

    @on(FilterBar.Left)
    def _left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.focus_rest()

    @on(ViewStrip.Chosen)
    async def _view_chosen(self, event: ViewStrip.Chosen) -> None:
        event.stop()
        await self.console.go(Route("keys", event.view))

    @on(RowHighlighted)
    def _cursor_moved(self, event: RowHighlighted) -> None:
        event.stop()
        self.after_change()
        self.console.main.sync()

    @on(MarksChanged)
    def _marks_changed(self, event: MarksChanged) -> None:
        event.stop()
        self._many = None
        self.after_change()
        self.console.main.sync()

    @on(RowSelected)
    async def _row_opened(self, event: RowSelected) -> None:
        event.stop()
        await self.open_key(self.key_of(self.table.row(event.key)))

    @on(SortRequested)
    def _title_clicked(self, event: SortRequested) -> None:
        event.stop()
        self.sort_by(event.column, descending=self._sort == (event.column, False))

    @property
    def sorting(self) -> tuple[str, bool] | None:
        """The column the rows are sorted by, and whether it descends."""
        return self._sort

    def sort_by(self, column: str, *, descending: bool = False) -> None:
        """Sort by a column from now on."""
        self._sort, self._chosen_sort = (column, descending), True
        self._arrange()

    async def open_key(self, key: KeySummary) -> View:
        """Show a key's page."""
        return await self.console.go(Route("keys", "key", key.arn))
