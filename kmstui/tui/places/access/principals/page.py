"""The page of one principal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from kmstui.core.errors import KmsError, NotFoundException, UsageError
from kmstui.tui import text, timefmt
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope
from kmstui.tui.place import Route
from kmstui.tui.places.access.base import WORKERS
from kmstui.tui.places.access.policies.model import short_name
from kmstui.tui.places.access.principals.model import PrincipalRow
from kmstui.tui.places.access.principals.reading import read_principals
from kmstui.tui.places.access.principals.subject import PrincipalCommands
from kmstui.tui.places.access.principals.tabs import Entry, Tab, tabs_of
from kmstui.tui.places.access.strip import Strip
from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.fact_list import Fact, FactList
from kmstui.tui.widgets.table_messages import MarksChanged, RowHighlighted, RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable

_LABEL_CELLS = 10


class PrincipalView(PrincipalCommands):
    """Tabs about one principal; the route's argument is its ARN."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.ACCESS, Scope.PRINCIPAL)
    STYLES = Path(__file__).parent.with_name("access.tcss")

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        kind = route.argument.rpartition(":")[2].partition("/")[0]
        self._tabs = tabs_of(kind)
        self._row: PrincipalRow | None = None
        self._tab: Tab = self._tabs[0]
        self._entries: Sequence[Entry] = ()

    def compose(self) -> ComposeResult:
        """Lay out facts, tabs and entries."""
        yield FactList(label_cells=_LABEL_CELLS, id="facts")
        yield Strip([(tab.name, tab.title) for tab in self._tabs], self._tab.name)
        yield VirtualTable[Entry]([], empty=text.literal("Reading…", "$muted"), id="table")

    def on_mount(self) -> None:
        """Read in the background."""
        self.run_worker(self.refresh_data(), group=WORKERS)

    @property
    def table(self) -> VirtualTable[Entry]:
        """The entries of the tab shown."""
        return self.query_one("#table", VirtualTable)

    @property
    def principal(self) -> PrincipalRow | None:
        """The principal."""
        return self._row

    @property
    def access_key(self) -> str:
        """The access key under the cursor, on their tab."""
        return (self.table.cursor_key or "") if self._tab.name == "keys" else ""

    @property
    def crumb(self) -> Content:
        """The principal's name."""
        name = short_name(self.route.argument)
        return text.mask(name) if self.console.masked else text.literal(name)

    def focus_first(self) -> None:
        """Focus the entries."""
        self.table.focus(scroll_visible=False)

    def step_back(self) -> bool:
        """Drop the marks."""
        return self.table.step_back()

    async def refresh_data(self) -> None:
        """Read the principal and the tab again."""
        try:
            rows = await read_principals(self.console)
            found = next((row for row in rows if row.arn == self.route.argument), None)
            if found is None:
                raise NotFoundException("There is no such principal in this account.")
            self._row = found
            await self._read_tab()
        except KmsError as error:
            self._failed(error)
        if self.is_mounted:
            self._paint()
            self.console.main.sync()

    async def changed(self) -> None:
        """Read the principal again; leave if it was deleted."""
        await self.refresh_data()
        if self._row is None:
            await self.console.main.stage.back()

    def _failed(self, error: KmsError) -> None:
        self._entries = ()
        if isinstance(error, NotFoundException):
            self._row = None
        if self.is_mounted:
            self.table.set_rows([], [])
            self.table.set_empty(text.literal(error.message or error.code, "$danger"))
        self.console.tell(Outcome("Principal", "", "", error))

    async def _read_tab(self) -> None:
        tab, row = self._tab, self._row
        if row is None:
            return
        entries = await tab.read(self.console, row, account_time(self.console))
        if tab is not self._tab or not self.is_mounted:
            return
        self._entries = entries
        self.table.set_columns(self._columns())
        self.table.set_rows(entries, [entry.key for entry in entries])
        self.table.set_empty(text.literal(tab.empty, "$muted"))

    def _columns(self) -> list[Column[Entry]]:
        def cell(index: int) -> Column[Entry]:
            def render(entry: Entry) -> Content:
                shown = entry.cells[index]
                return text.mask(shown.plain) if self.console.masked and not index else shown

            title = self._tab.columns[index]
            first = index == 0
            return Column(
                title.lower(),
                title,
                render,
                flex=2 if first else 1,
                min_width=16 if first else 8,
                max_width=60,
                priority=0 if first else index,
                sortable=False,
            )

        return [cell(index) for index in range(len(self._tab.columns))]

    def _paint(self) -> None:
        row = self._row
        self.query_one("#facts", FactList).facts = () if row is None else tuple(self._facts(row))

    def _facts(self, row: PrincipalRow) -> list[Fact]:
        masked = self.console.masked
        facts = [Fact("ARN", text.mask(row.arn) if masked else text.literal(row.arn))]
        if row.created is not None:
            ago = timefmt.ago(row.created, account_time(self.console))
            created = text.literal(f"{timefmt.stamp(row.created)} · {ago}")
            facts.append(Fact("Created", created))
        if row.boundary:
            bounded = short_name(row.boundary)
            facts.append(Fact("Boundary", text.mask(bounded) if masked else text.literal(bounded)))
        if row.groups:
            groups = ", ".join(row.groups)
            facts.append(Fact("Groups", text.mask(groups) if masked else text.literal(groups)))
        if row.operator:
            said = text.styled("● ", "$key-accent") + text.literal("opens this keystore")
            facts.append(Fact("Operator", said))
        return facts

    def mask_changed(self) -> None:
        """Hide or show names."""
        self.table.repaint()
        self._paint()

    async def _switch(self, name: str) -> None:
        self._tab = next(tab for tab in self._tabs if tab.name == name)
        self.query_one(Strip).shown = name
        self.table.set_rows([], [])
        self.table.set_empty(text.literal("Reading…", "$muted"))
        try:
            await self._read_tab()
        except KmsError as error:
            self._failed(error)
        self.console.main.sync()

    @on(Strip.Chosen)
    async def _tab_clicked(self, event: Strip.Chosen) -> None:
        event.stop()
        await self._switch(event.name)

    async def do_next_tab(self, _argument: str) -> None:
        """Show the next tab."""
        await self._switch(self.query_one(Strip).beside(1))

    async def do_previous_tab(self, _argument: str) -> None:
        """Show the tab before."""
        await self._switch(self.query_one(Strip).beside(-1))

    @on(RowSelected)
    async def _opened(self, event: RowSelected) -> None:
        event.stop()
        route = self.table.row(event.key).route
        if route is not None:
            await self.console.go(route)

    @on(RowHighlighted)
    @on(MarksChanged)
    def _moved(self, event: RowHighlighted | MarksChanged) -> None:
        event.stop()
        self.console.main.sync()

    def do_filter(self, _argument: str) -> None:
        """Say that a page has no filter.

        Raises:
            UsageError: Always.
        """
        raise UsageError("A principal's page has no filter.", hint="The list of principals has.")
