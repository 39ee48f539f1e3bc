"""The first view of Access: every statement of every policy, found by what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.timer import Timer

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.commands import Scope, Subject
from kmstui.tui.filter_fields import Field
from kmstui.tui.place import Route
from kmstui.tui.places.access.base import WORKERS, AccessList
from kmstui.tui.places.access.policies.model import (
    StatementRow,
    short_name,
    statement_fields,
)
from kmstui.tui.places.access.policies.query import Question, split
from kmstui.tui.places.access.policies.subject import PolicyCommands
from kmstui.tui.places.keys.roster import roster_of
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column

_PAGE = 200
_NEAR_END = 40
_PAUSE = 0.2
"""Seconds without a key after which the engine is asked."""

_SHOWN = 2
"""Patterns written out before the rest is a number."""


class PoliciesView(PolicyCommands, AccessList[StatementRow]):
    """Every statement, in the order in which policies are looked at."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.ACCESS, Scope.POLICY)
    EXAMPLE = "principal:ada   action:decrypt   resource:my-key   effect:deny   kind:trust   words"

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._members: Mapping[str, str] = {}
        self._marker: str | None = None
        self._names: dict[str, str] = {}
        self._pause: Timer | None = None
        self._more = False

    def columns(self) -> Sequence[Column[StatementRow]]:
        """Return the columns, those that matter most dropped last."""
        return (
            Column("effect", "EFFECT", self._effect, width=7, sortable=False),
            Column("policy", "POLICY", self._policy, flex=2, min_width=16, sortable=False),
            Column("kind", "KIND", self._kind, width=7, priority=1, sortable=False),
            Column("whom", "WHO", self._whom, flex=2, min_width=12, sortable=False),
            Column("actions", "ACTIONS", self._actions, flex=2, min_width=14, sortable=False),
            Column("if", "IF", self._condition, width=2, priority=2, sortable=False),
            Column("sid", "SID", self._sid, flex=1, min_width=10, priority=3, sortable=False),
            Column("on", "RESOURCES", self._on, flex=1, min_width=10, priority=4, sortable=False),
        )

    def fields(self) -> Sequence[Field[StatementRow]]:
        """Return what the filter can ask of a statement."""
        return statement_fields(self.naming)

    def row_key(self, row: StatementRow) -> str:
        """Return policy and number."""
        return row.row_key

    @property
    def statement(self) -> StatementRow | None:
        """The statement under the cursor."""
        return self.table.cursor_row

    @property
    def subject(self) -> Subject | None:
        """The statement's policy, as commands see it."""
        row = self.statement
        if row is None:
            return None
        return Subject("policy", row.row_key, row.policy.label(self.naming))

    @property
    def note(self) -> Content:
        """How many statements there are, and whether more were not read."""
        if not self.is_mounted:
            return text.literal("")
        more = "+" if self._marker else ""
        count = text.plural(len(self.rows), "statement").plain
        if self.bar.query_text:
            return text.literal(f"{self.table.visible_count:,} of {len(self.rows):,}{more}")
        return text.literal(f"{count}{more}", "$muted")

    async def read(self) -> None:
        """Read the first page, and the names that a query may use."""
        await roster_of(self.console).load()
        if not self._names:
            await self._read_names()
        members = dict(self._members)
        answer = await self.console.fetch("kmstui:FindStatements", Limit=_PAGE, **members)
        if members != self._members:
            return
        self._marker = answer.get("NextMarker")
        self.show_rows([StatementRow.read(each) for each in answer["Statements"]])

    async def _read_names(self) -> None:
        try:
            answer = await self.console.fetch("kmstui:ListPrincipals")
        except KmsError:
            # Who may not list principals can still write their ARNs.
            return
        self._names = {
            str(each["Name"]).lower(): str(each["Arn"]) for each in answer["Principals"]
        }

    def near_end(self) -> None:
        """Read more once the cursor comes near the end of what was read."""
        left = self.table.visible_count - self.table.cursor_index
        if self._marker and not self._more and left <= _NEAR_END:
            self._more = True
            self.run_worker(self._read_more(), group=f"{WORKERS}-more")

    async def _read_more(self) -> None:
        marker, members = self._marker, dict(self._members)
        try:
            answer = await self.console.fetch(
                "kmstui:FindStatements", Limit=_PAGE, Marker=marker, **members
            )
        except KmsError as error:
            self.console.shell.refused("FindStatements", error)
            return
        finally:
            self._more = False
        if members == self._members and marker == self._marker:
            self._marker = answer.get("NextMarker")
            self.add_rows([StatementRow.read(each) for each in answer["Statements"]])
            self.near_end()

    def narrow(self, query: str) -> None:
        """Ask the engine what it can answer, once nobody types, and the rows for the rest."""
        asked = self._split(query)
        super().narrow(asked.rest)
        if asked.members != self._members:
            self._members = asked.members
            self._marker = None
            if self._pause is not None:
                self._pause.stop()
            self._pause = self.set_timer(_PAUSE, self._typed)

    def _typed(self) -> None:
        self._pause = None
        self.start_reading()

    @property
    def settled(self) -> bool:
        """Whether the engine was asked what the query says."""
        return self._pause is None and not self.reading

    def _split(self, query: str) -> Question:
        return split(query, lambda name: self._names.get(name.lower(), ""), self._key_named)

    def _key_named(self, name: str) -> str:
        wanted = name.lower().removeprefix("alias/")
        for key in roster_of(self.console).keys:
            named = (alias.removeprefix("alias/").lower() for alias in key.aliases)
            if wanted == key.key_id or wanted in named:
                return key.arn
        return ""

    def nothing(self) -> Content:
        """Say that there is no policy."""
        return text.literal("There is no policy in this account and Region.", "$muted")

    async def open_row(self, row: StatementRow) -> None:
        """Open the policy's page at the statement."""
        await self.console.go(Route("access", "policy", row.row_key))

    def _effect(self, row: StatementRow) -> Content:
        if row.allow:
            return text.styled("✓ Allow", "$ok")
        return text.styled("✗ Deny", "$danger")

    def _policy(self, row: StatementRow) -> Content:
        label = self.named(row.policy.label(self.naming))
        return text.styled("⚑ ", "$warn") + label if row.policy.guardrail else label

    def _kind(self, row: StatementRow) -> Content:
        return text.literal(row.policy.word, "$muted")

    def _whom(self, row: StatementRow) -> Content:
        if not row.whom:
            everyone = row.policy.word == "SCP"
            return text.literal("everyone here" if everyone else "who has it", "$muted")
        lead = text.styled("not ", "$warn") if row.inverted_principal else text.literal("")
        return lead + self._some([_who(each) for each in row.whom])

    def _actions(self, row: StatementRow) -> Content:
        lead = text.styled("not ", "$warn") if row.inverted_action else text.literal("")
        shown = [action.removeprefix("kms:") for action in row.actions]
        if row.actions in {("*",), ("kms:*",)}:
            return lead + text.literal(row.actions[0], "bold")
        written = text.literal(", ".join(shown[:_SHOWN]))
        more = len(shown) - _SHOWN
        return (
            lead
            + written
            + (text.literal(f" +{more}", "$muted") if more > 0 else text.literal(""))
        )

    def _condition(self, row: StatementRow) -> Content:
        return text.literal("if" if row.conditional else "", "$key-accent")

    def _sid(self, row: StatementRow) -> Content:
        return text.literal(row.sid, "$muted")

    def _on(self, row: StatementRow) -> Content:
        return self._some([short_name(each) or each for each in row.resources])

    def _some(self, values: Sequence[str]) -> Content:
        first = self.named(values[0]) if values else text.literal("")
        more = len(values) - 1
        return first + text.literal(f" +{more}", "$muted") if more > 0 else first


def _who(principal: str) -> str:
    if principal.endswith(":root"):
        return f"account {principal.split(':')[4]}"
    return short_name(principal) or principal
