"""What the views of Access have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Generic

from textual import on
from textual.app import ComposeResult

from kmstui.core.errors import FilterError, KeystoreLockedError, KmsError, SessionError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope
from kmstui.tui.filter_fields import Field, Row
from kmstui.tui.filter_index import FilterIndex
from kmstui.tui.filtering import Filter, compile_filter
from kmstui.tui.place import Route, View
from kmstui.tui.places.access.strip import VIEWS, Strip
from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.places.keys.filter_bar import FilterBar
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.table_messages import MarksChanged, RowHighlighted, RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable

WORKERS = "access"
"""Name of the worker group that reads what the place shows."""


class AccessView(View):
    """A view that stands beside the others of the place."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.ACCESS,)
    STYLES = Path(__file__).with_name("access.tcss")

    @property
    def now(self) -> datetime:
        """The account's time."""
        return account_time(self.console)

    @property
    def masked(self) -> bool:
        """Whether names are hidden."""
        return self.console.masked

    @property
    def crumb(self) -> Content:
        """Name the view, unless it is the first."""
        title = dict(VIEWS).get(self.route.view, "")
        return text.literal(title if self.route.view else "")

    def named(self, value: str, style: str = "") -> Content:
        """Write something that identifies, or what stands for it under the privacy mask."""
        return text.mask(value) if self.masked else text.literal(value, style)

    async def do_next_tab(self, _argument: str) -> None:
        """Show the next view."""
        await self._beside(1)

    async def do_previous_tab(self, _argument: str) -> None:
        """Show the view before."""
        await self._beside(-1)

    async def _beside(self, by: int) -> None:
        await self.console.go(Route("access", self.query_one(Strip).beside(by)))

    @on(Strip.Chosen)
    async def _view_clicked(self, event: Strip.Chosen) -> None:
        event.stop()
        await self.console.go(Route("access", event.name))

    def leave(self) -> bool:
        """Go to the place's first view, for `esc`; tell whether this was another."""
        if not self.route.view:
            return False
        self.console.run_worker(self.console.go(Route("access")), group="go")
        return True


class AccessList(AccessView, Generic[Row]):
    """A list with a filter.

    A subclass reads rows in :meth:`read` and hands them to :meth:`show_rows`.
    """

    EXAMPLE: ClassVar[str] = ""
    """What the filter's empty field shows."""

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._fields = tuple(self.fields())
        self._index: FilterIndex[Row] = FilterIndex(self._fields)
        self._filter: Filter[Row] = Filter((), {})
        self.rows: list[Row] = []
        self.error: KmsError | None = None
        self.reading = False

    def columns(self) -> Sequence[Column[Row]]:
        """Return the columns."""
        raise NotImplementedError

    def fields(self) -> Sequence[Field[Row]]:
        """Return what the filter can ask."""
        raise NotImplementedError

    def row_key(self, row: Row) -> str:
        """Return the stable name of a row."""
        raise NotImplementedError

    def nothing(self) -> Content:
        """Say that there is nothing, and what to do about it."""
        raise NotImplementedError

    async def read(self) -> None:
        """Read the rows.

        Raises:
            KmsError: The engine refused.
        """
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay out the views, the filter and the table."""
        yield Strip(VIEWS, self.route.view)
        yield FilterBar(self.EXAMPLE)
        yield VirtualTable[Row](self.columns(), empty=text.literal(""), id="table")

    def on_mount(self) -> None:
        """Read the rows in the background."""
        self.start_reading()

    def start_reading(self) -> None:
        """Read the rows anew; what is being read already is dropped."""
        self.run_worker(self.refresh_data(), group=WORKERS, exclusive=True)

    @property
    def table(self) -> VirtualTable[Row]:
        """The table."""
        return self.query_one("#table", VirtualTable)

    @property
    def bar(self) -> FilterBar:
        """The filter's field."""
        return self.query_one(FilterBar)

    def focus_first(self) -> None:
        """Focus the rows."""
        self.table.focus(scroll_visible=False)

    def focus_rest(self) -> None:
        """Focus the rows after `esc` in the filter's field."""
        self.bar.rest()
        self.table.focus(scroll_visible=False)

    def step_back(self) -> bool:
        """Undo the filter, the marks; then leave a view that is not the first."""
        if self.bar.query_text:
            self.bar.set("")
            return True
        return self.table.step_back() or self.leave()

    async def refresh_data(self) -> None:
        """Read the rows again; what the engine refuses stands in their place."""
        self.reading, self.error = True, None
        self._say_nothing()
        try:
            await self.read()
        except KmsError as error:
            self._failed(error)
        finally:
            self.reading = False
        if self.is_mounted:
            self._show()

    def _failed(self, error: KmsError) -> None:
        if isinstance(error, KeystoreLockedError | SessionError):
            return
        self.error = error
        self.show_rows([])
        self.console.tell(Outcome(str(self.crumb) or "Policies", "", "", error))

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows; the cursor stays on its own."""
        if self.is_mounted:
            self.rows = list(rows)
            self._index.set_rows(self.rows)
            self.table.set_rows(self.rows, [self.row_key(row) for row in self.rows])
            self._show()

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Add rows at the end."""
        if self.is_mounted:
            self.rows.extend(rows)
            self._index.extend(rows)
            self.table.extend_rows(rows, [self.row_key(row) for row in rows])
            self._show()

    def _show(self) -> None:
        self.table.set_visible(self._index.apply(self._filter))
        self._say_nothing()
        if self.bar.query_text:
            self.bar.report(self.table.visible_count, self.table.row_count)
        self.console.main.sync()

    def _say_nothing(self) -> None:
        if self.error is not None:
            said = text.literal(self.error.message or self.error.code, "$danger")
            hint = text.literal(self.error.hint or "f5 reads again", "$muted")
            self.table.set_empty(text.lines(said, text.literal(""), hint))
        elif self.reading:
            self.table.set_empty(text.literal("Reading…", "$muted"))
        elif self.bar.query_text:
            said = text.literal("Nothing matches the filter.")
            hint = text.literal("esc clears it", "$muted")
            self.table.set_empty(text.lines(said, text.literal(""), hint))
        else:
            self.table.set_empty(self.nothing())

    def mask_changed(self) -> None:
        """Repaint every row."""
        self.table.repaint()

    def narrow(self, query: str) -> None:
        """Show the rows that match a query.

        Raises:
            FilterError: The query makes no sense.
        """
        self._filter = compile_filter(query, self._fields, now=self.now)
        self._show()

    @on(FilterBar.Asked)
    def _asked(self, event: FilterBar.Asked) -> None:
        event.stop()
        try:
            self.narrow(event.query_text)
        except FilterError as error:
            self.bar.complain(error)

    @on(FilterBar.Left)
    def _left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.focus_rest()

    @on(RowHighlighted)
    def _cursor_moved(self, event: RowHighlighted) -> None:
        event.stop()
        self.near_end()
        self.console.main.sync()

    def near_end(self) -> None:
        """Look whether more has to be read; called when the cursor moved."""

    @on(MarksChanged)
    def _marks_changed(self, event: MarksChanged) -> None:
        event.stop()
        self.console.main.sync()

    @on(RowSelected)
    async def _opened(self, event: RowSelected) -> None:
        event.stop()
        await self.open_row(self.table.row(event.key))

    async def open_row(self, row: Row) -> None:
        """Go where a row leads."""
        raise NotImplementedError

    def do_filter(self, argument: str) -> None:
        """Ask for a filter, or set the one given."""
        if argument:
            self.bar.set(argument)
        else:
            self.bar.start()
