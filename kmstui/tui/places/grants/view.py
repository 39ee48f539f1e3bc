"""The place Grants: every grant of the account and Region, and what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from kmstui.core.errors import (
    FilterError,
    KeystoreLockedError,
    KmsError,
    SessionError,
    UsageError,
)
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope, Subject
from kmstui.tui.filter_index import FilterIndex
from kmstui.tui.filtering import Filter, compile_filter
from kmstui.tui.keys_model import KeySummary, short_id
from kmstui.tui.place import Route, View
from kmstui.tui.places.access.strip import Strip
from kmstui.tui.places.grants import deeds
from kmstui.tui.places.grants.book import all_grants
from kmstui.tui.places.grants.columns import GrantCells
from kmstui.tui.places.grants.commands import GrantCommands
from kmstui.tui.places.grants.model import GrantRow, Tally, grant_fields, tally
from kmstui.tui.places.grants.wording import NO_MATCH, none_of, refused, totals
from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.places.keys.dialogs.pick_key import KeyPicker
from kmstui.tui.places.keys.filter_bar import FilterBar
from kmstui.tui.places.keys.roster import roster_of
from kmstui.tui.text import Content
from kmstui.tui.verdicts import short_principal
from kmstui.tui.widgets.table_messages import MarksChanged, RowHighlighted, RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable

ALL, BY_KEY, BY_GRANTEE = "", "keys", "grantees"
ORPHANS, UNCONSTRAINED = "orphans", "unconstrained"
VIEWS: tuple[tuple[str, str], ...] = (
    (ALL, "All"),
    (BY_KEY, "By key"),
    (BY_GRANTEE, "By grantee"),
    (ORPHANS, "Orphans"),
    (UNCONSTRAINED, "Unconstrained"),
)
"""Name and title of each view of the place, in order."""

_EXAMPLE = "words   key:prod-*   grantee:app   operation:decrypt   age>90d   orphan:yes   -not"
_GONE, _LEAVING = "gone", "key leaves"
_ORPHANS = {
    _GONE: "its grantee no longer exists",
    _LEAVING: "its key is waiting to be deleted",
}
_COUNTED = (BY_KEY, BY_GRANTEE)
_WORKERS = "grants"


class GrantsView(GrantCommands, View):
    """Lists grants, or counts them."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.GRANTS, Scope.GRANT)
    STYLES = Path(__file__).with_name("grants.tcss")

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self.shown = ALL
        self.rows: list[GrantRow] = []
        self.error: KmsError | None = None
        self.reading = False
        self._fields = grant_fields(self.naming, lambda row: bool(self.orphaned(row)))
        self._index: FilterIndex[GrantRow] = FilterIndex(self._fields)
        self._filter: Filter[GrantRow] = Filter((), {})
        self._cells = GrantCells(
            self.naming, self.orphaned, lambda: self.now, lambda: self.console.masked
        )

    def compose(self) -> ComposeResult:
        """Lay out the views, the totals, the filter and the tables."""
        yield Strip(VIEWS, ALL)
        yield Static(id="totals")
        yield FilterBar(_EXAMPLE)
        yield VirtualTable[GrantRow](
            self._cells.columns(with_key=True), empty=text.literal(""), id="table"
        )
        yield VirtualTable[Tally](
            self._cells.tallies("KEY", "GRANTEES"), empty=text.literal(""), id="counts"
        )

    def on_mount(self) -> None:
        """Read the grants in the background."""
        self.run_worker(self.refresh_data(), group=_WORKERS, exclusive=True)

    @property
    def table(self) -> VirtualTable[GrantRow]:
        """The table of grants."""
        return self.query_one("#table", VirtualTable)

    @property
    def counts(self) -> VirtualTable[Tally]:
        """The table of counts."""
        return self.query_one("#counts", VirtualTable)

    @property
    def bar(self) -> FilterBar:
        """The filter's field."""
        return self.query_one(FilterBar)

    @property
    def now(self) -> datetime:
        """The account's time."""
        return account_time(self.console)

    @property
    def counted(self) -> bool:
        """Whether counts show instead of grants."""
        return self.shown in _COUNTED

    @property
    def crumb(self) -> Content:
        """Name the view, unless it is the first."""
        return text.literal(dict(VIEWS)[self.shown] if self.shown else "")

    @property
    def note(self) -> Content:
        """How many rows there are."""
        if not self.is_mounted:
            return text.literal("")
        if self.counted:
            what = "key" if self.shown == BY_KEY else "grantee"
            return text.styled(text.plural(self.counts.row_count, what).plain, "$muted")
        total, shown = len(self.rows), self.table.visible_count
        said = f"{shown:,} of {total:,}" if shown != total else text.plural(total, "grant").plain
        return text.literal(said, "$muted")

    @property
    def grant(self) -> GrantRow | None:
        """The grant under the cursor."""
        return None if self.counted or not self.is_mounted else self.table.cursor_row

    @property
    def chosen_grants(self) -> list[GrantRow]:
        """The marked grants, or the one under the cursor."""
        marked = [] if self.counted else self.table.marked_visible
        if marked:
            return [self.table.row(key) for key in marked]
        return [self.grant] if self.grant is not None else []

    @property
    def subject(self) -> Subject | None:
        """What commands act on."""
        chosen = self.chosen_grants
        if not chosen:
            return None
        if len(chosen) == 1:
            return chosen[0].subject
        count = text.plural(len(chosen), "grant").plain
        return Subject("grant", chosen[0].row_key, count, count=len(chosen))

    def naming(self, arn: str) -> str:
        """Call a key what a person calls it."""
        key = self._key(arn)
        return key.label if key is not None else short_id(arn.rpartition("/")[2])

    def orphaned(self, row: GrantRow) -> str:
        """Say what of a grant is gone, or going, in two words; nothing if nothing is."""
        if row.grantee_gone:
            return _GONE
        key = self._key(row.key_arn)
        if key is not None and key.pending:
            return _LEAVING
        return ""

    def _key(self, arn: str) -> KeySummary | None:
        return roster_of(self.console).get(arn)

    def focus_first(self) -> None:
        """Focus the rows."""
        (self.counts if self.counted else self.table).focus(scroll_visible=False)

    def focus_rest(self) -> None:
        """Focus the rows after `esc` in the filter's field."""
        self.bar.rest()
        self.focus_first()

    def step_back(self) -> bool:
        """Undo the filter, the marks; then go back to all grants."""
        if self.bar.query_text:
            self.bar.set("")
            return True
        if self.table.step_back():
            return True
        if self.shown:
            self.show(ALL)
            return True
        return False

    async def refresh_data(self) -> None:
        """Read every grant again; what was there stays until there is twice as much.

        To arrange rows after each page would cost the square of their number.
        """
        self.reading, self.error = True, None
        self._arrange()
        found: list[GrantRow] = []
        first = not self.rows
        try:
            await roster_of(self.console).load()
            await roster_of(self.console).settle()
            async for page in all_grants(self.console):
                found += page
                if len(found) >= 2 * len(self.rows):
                    self._take(found)
        except KmsError as error:
            self._failed(error)
        else:
            self._take(sorted(found, key=lambda row: (self.naming(row.key_arn), row.created)))
            if first:
                self.table.action_first()
        finally:
            self.reading = False
        self._arrange()

    def _failed(self, error: KmsError) -> None:
        if isinstance(error, KeystoreLockedError | SessionError):
            return
        self.error = error
        self._take([])
        self.console.tell(Outcome("ListAllGrants", "", "", error))

    def _take(self, rows: Sequence[GrantRow]) -> None:
        """Show other grants; the cursor stays on its own."""
        if not self.is_mounted:
            return
        self.rows = list(rows)
        self._index.set_rows(self.rows)
        self.table.set_rows(self.rows, [row.row_key for row in self.rows])
        self._arrange()

    def show(self, shown: str) -> None:
        """Show one of the views."""
        self.shown = shown
        self.query_one(Strip).shown = shown
        self.set_class(self.counted, "-counts")
        self._arrange()
        self.focus_first()

    def _arrange(self) -> None:
        """Show the rows of the view that pass the filter, and the totals."""
        if not self.is_mounted:
            return
        if self.counted:
            self._count()
        else:
            passing = self._index.apply(self._filter)
            indices = range(len(self.rows)) if passing is None else passing
            self.table.set_visible([at for at in indices if self._belongs(self.rows[at])])
        for table in (self.table, self.counts):
            table.set_empty(self._nothing())
        if self.bar.query_text:
            self.bar.report(self.table.visible_count, len(self.rows))
        self.query_one("#totals", Static).update(self._totals())
        self.console.main.sync()

    def _belongs(self, row: GrantRow) -> bool:
        if self.shown == ORPHANS:
            return bool(self.orphaned(row))
        return self.shown != UNCONSTRAINED or not row.constrained

    def _count(self) -> None:
        def key_of(row: GrantRow) -> str:
            return row.key_arn

        def grantee_of(row: GrantRow) -> str:
            return row.grantee

        by_key = self.shown == BY_KEY
        of, other = (key_of, grantee_of) if by_key else (grantee_of, key_of)
        session = self.console.session
        account = session.account if session else ""

        def label(identity: str) -> str:
            return self.naming(identity) if by_key else short_principal(identity, account)

        rows = tally(self.rows, of, other, label, lambda row: bool(self.orphaned(row)))
        titles = ("KEY", "GRANTEES") if by_key else ("GRANTEE", "KEYS")
        self.counts.set_columns(self._cells.tallies(*titles))
        self.counts.set_rows(rows, [row.identity for row in rows])

    def _totals(self) -> Content:
        orphans = sum(1 for row in self.rows if self.orphaned(row))
        return totals(self.rows, orphans, reading=self.reading)

    def _nothing(self) -> Content:
        if self.error is not None:
            return refused(self.error)
        if self.reading:
            return text.literal("Reading grants…", "$muted")
        if self.bar.query_text:
            return NO_MATCH
        return none_of("orphaned" if self.shown == ORPHANS else "unconstrained", bool(self.rows))

    async def undone(self) -> None:
        """Read what the change that was taken back had changed."""
        await self.refresh_data()

    def mask_changed(self) -> None:
        """Repaint every row."""
        self.table.repaint()
        self.counts.repaint()

    @on(FilterBar.Asked)
    def _asked(self, event: FilterBar.Asked) -> None:
        event.stop()
        try:
            self._filter = compile_filter(event.query_text, self._fields, now=self.now)
        except FilterError as error:
            self.bar.complain(error)
            return
        self._arrange()

    @on(FilterBar.Left)
    def _left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.focus_rest()

    @on(RowHighlighted)
    @on(MarksChanged)
    def _moved(self, event: RowHighlighted | MarksChanged) -> None:
        event.stop()
        self.console.main.sync()

    @on(RowSelected, "#table")
    def _opened(self, event: RowSelected) -> None:
        event.stop()
        self.run_worker(self.open_grant(self.table.row(event.key)), group=_WORKERS)

    @on(RowSelected, "#counts")
    def _counted_opened(self, event: RowSelected) -> None:
        event.stop()
        row: Tally = self.counts.row(event.key)
        field = "key" if self.shown == BY_KEY else "grantee"
        self.show(ALL)
        self.bar.set(f'{field}="{row.label}"')
        self.focus_first()

    @on(Strip.Chosen)
    def _view_clicked(self, event: Strip.Chosen) -> None:
        event.stop()
        self.show(event.name)

    def do_next_tab(self, _argument: str) -> None:
        """Show the next view."""
        self.show(self.query_one(Strip).beside(1))

    def do_previous_tab(self, _argument: str) -> None:
        """Show the view before."""
        self.show(self.query_one(Strip).beside(-1))

    def do_filter(self, argument: str) -> None:
        """Ask for a filter, or set the one given."""
        if self.counted:
            self.show(ALL)
        if argument:
            self.bar.set(argument)
        else:
            self.bar.start()

    async def do_open_grant_key(self, _argument: str) -> None:
        """Open the key of the grant."""
        if self.grant is not None:
            await self.console.go(Route("keys", "key", f"{self.grant.key_arn}#access"))

    async def key_for_grant(self) -> KeySummary | None:
        """Ask which key a new grant is on; that of the grant under the cursor stands first."""
        roster = roster_of(self.console)
        await roster.load()
        keys = [key for key in roster.keys if not (key.pending or key.aws_managed)]
        if not keys:
            raise UsageError("There is no key that a grant could be on.")
        mine = self.grant.key_arn if self.grant is not None else ""
        keys.sort(key=lambda key: key.arn != mine)
        note = "The grantee may use this key and no other."
        arn = await self.console.ask(
            KeyPicker(
                text.literal("A grant on which key?"),
                keys,
                note=text.literal(note),
                masked=self.console.masked,
            )
        )
        return roster.get(arn) if arn else None

    async def do_create_grant(self, _argument: str) -> None:
        """Ask for a key and a grant on it, and make it."""
        key = await self.key_for_grant()
        made = await deeds.create(self.console, key) if key is not None else None
        if made is not None:
            others = [row for row in self.rows if row.row_key != made.row_key]
            self._take([*others, made])
            self.table.move_to(made.row_key)

    def dropped(self, rows: Sequence[GrantRow]) -> None:
        """Take grants that have ended off the list."""
        gone = {row.row_key for row in rows}
        self._take([row for row in self.rows if row.row_key not in gone])

    def explained(self, row: GrantRow) -> dict[str, Any]:
        """Return how a grant's facts are put into words."""
        return {"key": self.naming(row.key_arn), "orphaned": _ORPHANS.get(self.orphaned(row), "")}
