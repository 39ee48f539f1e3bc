"""The list of principals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on

from kmstui.core.errors import UsageError
from kmstui.tui import text, timefmt
from kmstui.tui.chrome.hints import hint
from kmstui.tui.commands import Scope
from kmstui.tui.filter_fields import Field
from kmstui.tui.place import Route
from kmstui.tui.places.access.base import AccessList
from kmstui.tui.places.access.policies.model import short_name
from kmstui.tui.places.access.principals.model import FIELDS, SORTS, PrincipalRow
from kmstui.tui.places.access.principals.reading import read_principals
from kmstui.tui.places.access.principals.subject import PrincipalCommands
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.table_messages import SortRequested

KIND_STYLES = {"root": "$warn", "role": "$key-accent", "group": "$muted"}


class PrincipalsView(PrincipalCommands, AccessList[PrincipalRow]):
    """Root, users, roles and groups of the account."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.ACCESS, Scope.PRINCIPAL)
    EXAMPLE = "words   kind:role   policy:admin*   operator:yes   mfa=0   keys>0   -not"

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._sort: tuple[str, bool] | None = None

    def columns(self) -> Sequence[Column[PrincipalRow]]:
        """Return the columns, those that matter most dropped last."""
        return (
            Column("name", "NAME", self._called, flex=2, min_width=14, max_width=40),
            Column("kind", "KIND", self._kind, width=7),
            Column("policies", "POLICIES", self._policies, flex=2, min_width=16, sortable=False),
            Column("mfa", "MFA", self._mfa, width=5, align="right"),
            Column("keys", "KEYS", self._keys, width=6, align="right", priority=2),
            Column("sessions", "SESSIONS", self._sessions, width=10, align="right", priority=3),
            Column(
                "groups", "GROUPS", self._groups, flex=1, min_width=10, priority=4, sortable=False
            ),
            Column("boundary", "BOUNDARY", self._boundary, width=14, priority=5, sortable=False),
            Column("created", "CREATED", self._created, width=10, priority=6),
        )

    def fields(self) -> Sequence[Field[PrincipalRow]]:
        """Return what the filter can ask of a principal."""
        return FIELDS

    def row_key(self, row: PrincipalRow) -> str:
        """Return the ARN."""
        return row.arn

    @property
    def principal(self) -> PrincipalRow | None:
        """The principal under the cursor."""
        return self.table.cursor_row

    @property
    def note(self) -> Content:
        """How many there are, or are shown."""
        if not self.is_mounted:
            return text.literal("")
        if self.bar.query_text:
            return text.literal(f"{self.table.visible_count:,} of {len(self.rows):,}")
        count = text.styled(text.plural(len(self.rows), "principal").plain, "$muted")
        legend = text.styled("●", "$key-accent") + text.literal(" operator", "$muted")
        return text.join([count, legend], "   ") if self.rows else count

    async def read(self) -> None:
        """Read them all."""
        self.show_rows(await read_principals(self.console))
        self._arrange()

    def nothing(self) -> Content:
        """Say how to begin."""
        return hint("n", "creates a user, a role or a group")

    async def open_row(self, row: PrincipalRow) -> None:
        """Open the principal's page."""
        await self.console.go(Route("access", "principal", row.arn))

    async def changed(self) -> None:
        """Read the principals again after one was changed."""
        await self.refresh_data()

    @on(SortRequested)
    def _title_clicked(self, event: SortRequested) -> None:
        event.stop()
        self._sort = (event.column, self._sort == (event.column, False))
        self._arrange()

    def do_sort(self, argument: str) -> None:
        """Sort by the column named, or by the next one."""
        wanted = argument.strip().lower()
        names = list(SORTS)
        if wanted:
            column = next((name for name in names if name.startswith(wanted.lstrip("-"))), None)
            if column is None:
                raise UsageError("There is no such column.", hint=f"There are {', '.join(names)}.")
            self._sort = (column, wanted.startswith("-"))
        elif self._sort is not None and not self._sort[1]:
            self._sort = (self._sort[0], True)
        else:
            at = names.index(self._sort[0]) + 1 if self._sort is not None else 0
            self._sort = (names[at % len(names)], False)
        self._arrange()

    def _arrange(self) -> None:
        if self._sort is None or not self.is_mounted:
            return
        column, descending = self._sort
        order = sorted(
            range(len(self.rows)), key=lambda at: SORTS[column](self.rows[at]), reverse=descending
        )
        self._index.set_order(order)
        self.table.set_sort(column, descending=descending)
        self._show()

    def _called(self, row: PrincipalRow) -> Content:
        mark = text.styled(" ●", "$key-accent") if row.operator else text.literal("")
        return self.named(row.name) + mark

    def _kind(self, row: PrincipalRow) -> Content:
        return text.literal(row.kind, KIND_STYLES.get(row.kind, ""))

    def _policies(self, row: PrincipalRow) -> Content:
        if row.kind == "root":
            return text.literal("everything here", "$muted")
        if not row.policies:
            return text.literal("none", "$muted")
        more = len(row.policies) - 1
        first = self.named(row.policies[0])
        return first + text.literal(f" +{more}", "$muted") if more else first

    def _mfa(self, row: PrincipalRow) -> Content:
        if row.kind in {"role", "group"}:
            return text.literal("")
        return text.literal(f"✓ {row.mfa}", "$ok") if row.mfa else text.literal("none", "$warn")

    def _keys(self, row: PrincipalRow) -> Content:
        return text.literal(str(row.access_keys) if row.access_keys else "")

    def _sessions(self, row: PrincipalRow) -> Content:
        return text.literal(str(row.sessions) if row.sessions else "", "$ok")

    def _groups(self, row: PrincipalRow) -> Content:
        return self.named(", ".join(row.groups)) if row.groups else text.literal("")

    def _boundary(self, row: PrincipalRow) -> Content:
        return self.named(short_name(row.boundary)) if row.boundary else text.literal("")

    def _created(self, row: PrincipalRow) -> Content:
        return text.literal(timefmt.day(row.created) if row.created else "", "$muted")
