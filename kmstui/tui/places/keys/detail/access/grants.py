"""The grants on the key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.chrome.hints import hint
from kmstui.tui.commands import Scope
from kmstui.tui.places.grants import deeds
from kmstui.tui.places.grants.book import grants_of_key
from kmstui.tui.places.grants.columns import GrantCells
from kmstui.tui.places.grants.commands import GrantCommands
from kmstui.tui.places.grants.model import GrantRow
from kmstui.tui.places.grants.principals import known_principals
from kmstui.tui.places.keys.detail.access.part import Part
from kmstui.tui.places.keys.detail.facts import KeyFacts
from kmstui.tui.text import Content
from kmstui.tui.widgets.table_messages import MarksChanged, RowHighlighted, RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable

_NEAR_END = 30
_UNIQUE_IDS = ("AIDA", "AROA")
"""How the ids begin that stand for users and roles which were deleted."""

_PEOPLE = ("user/", "role/")


class GrantsPart(GrantCommands, Part):
    """Lists the key's grants."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.GRANT,)

    def __init__(self, facts: KeyFacts) -> None:
        super().__init__(facts)
        self.rows: list[GrantRow] = []
        self._marker: str | None = None
        self._more = False
        self._known: frozenset[str] = frozenset()
        self._cells = GrantCells(
            lambda _arn: self.facts.key.label,
            self.orphaned,
            lambda: self.now,
            lambda: self.console.masked,
        )

    def compose(self) -> ComposeResult:
        """Lay out the count and the table."""
        yield Static(id="title")
        yield VirtualTable[GrantRow](
            self._cells.columns(with_key=False), empty=text.literal("Reading…"), id="table"
        )

    @property
    def table(self) -> VirtualTable[GrantRow]:
        """The table."""
        return self.query_one("#table", VirtualTable)

    @property
    def grant(self) -> GrantRow | None:
        """The grant under the cursor."""
        return self.table.cursor_row

    @property
    def chosen_grants(self) -> list[GrantRow]:
        """The marked grants, or the one under the cursor."""
        marked = self.table.marked_visible
        return [self.table.row(key) for key in marked] or super().chosen_grants

    def orphaned(self, row: GrantRow) -> str:
        """Say that the grantee is gone, if that is known."""
        if row.grantee.startswith(_UNIQUE_IDS):
            return "gone"
        own = row.grantee.startswith(f"arn:aws:iam::{self.facts.arn.account}:")
        person = row.grantee.rpartition(":")[2].startswith(_PEOPLE)
        return "gone" if own and person and self._known and row.grantee not in self._known else ""

    async def load(self) -> None:
        """Read the first grants."""
        self._known = frozenset(each.arn for each in await known_principals(self.console))
        found, self._marker = await grants_of_key(self.console, self.facts.key.arn)
        self._take(found)

    def _take(self, rows: Sequence[GrantRow]) -> None:
        self.rows = list(rows)
        self.table.set_rows(self.rows, [row.row_key for row in self.rows])
        nothing = text.literal("No grant lets anybody use this key.")
        how = text.literal("n makes one: permission for one principal", "$muted")
        self.table.set_empty(text.lines(nothing, text.literal(""), how))
        self.paint()

    async def _read_more(self) -> None:
        try:
            found, self._marker = await grants_of_key(
                self.console, self.facts.key.arn, self._marker
            )
        finally:
            self._more = False
        self.rows += found
        self.table.extend_rows(found, [row.row_key for row in found])
        self.paint()

    def paint(self) -> None:
        """Write the count and the rows anew."""
        self.query_one("#title", Static).update(self._title())
        self.table.repaint()
        self.console.main.sync()

    def _title(self) -> Content:
        more = "+" if self._marker else ""
        count = text.plural(len(self.rows), "grant").plain
        free = sum(1 for row in self.rows if not row.constrained)
        head = text.template("[b $key-accent]$count$more[/]", count=count, more=more)
        bound = text.literal(f"{free:,} unconstrained", "$warn" if free else "$muted")
        return text.join([head, bound, hint("n", "new grant")], "   ")

    @on(RowHighlighted)
    def _moved(self, event: RowHighlighted) -> None:
        event.stop()
        left = self.table.visible_count - self.table.cursor_index
        if self._marker and not self._more and left <= _NEAR_END:
            self._more = True
            self.run_worker(self._read_more(), group="grants", exit_on_error=False)
        self.console.main.sync()

    @on(MarksChanged)
    def _marked(self, event: MarksChanged) -> None:
        event.stop()
        self.console.main.sync()

    @on(RowSelected)
    def _opened(self, event: RowSelected) -> None:
        event.stop()
        self.run_worker(self.open_grant(self.table.row(event.key)), group="grants")

    async def do_create_grant(self, _argument: str) -> None:
        """Ask for a grant on the key, and make it."""
        made = await deeds.create(self.console, self.facts.key)
        if made is not None:
            self._take([*(row for row in self.rows if row.row_key != made.row_key), made])
            self.table.move_to(made.row_key)

    def dropped(self, rows: Sequence[GrantRow]) -> None:
        """Take grants that have ended off the list."""
        gone = {row.row_key for row in rows}
        self._take([row for row in self.rows if row.row_key not in gone])

    def explained(self, row: GrantRow) -> dict[str, Any]:
        """Return how a grant's facts are put into words."""
        orphan = "its grantee no longer exists" if self.orphaned(row) else ""
        return {"key": self.facts.key.label, "orphaned": orphan}

    def entry(self) -> Widget:
        """Focus the table."""
        return self.table

    def step_back(self) -> bool:
        """Take back marks."""
        return self.table.step_back()
