"""Who may do what with the key: a row for each principal, a column for each action."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from kmstui.authz.document import parse_policy
from kmstui.authz.model import PolicyKind
from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.commands import Scope
from kmstui.tui.places.grants.principals import known_principals
from kmstui.tui.places.keys.detail.access.matrix import Matrix
from kmstui.tui.places.keys.detail.access.part import Part
from kmstui.tui.simulation import SimulationStart, open_simulator
from kmstui.tui.text import Content
from kmstui.tui.verdicts import (
    Judged,
    action_groups,
    all_actions,
    legend,
    named_principals,
    short_principal,
)

AT_ONCE = 12
"""Principals of one call: some tens of milliseconds, so that nothing else waits for long."""


class MatrixPart(Part):
    """Shows decisions, read as far as they are in view."""

    SCOPES: ClassVar[tuple[Scope, ...]] = ()
    _reading = False

    def compose(self) -> ComposeResult:
        """Lay out the legend, the matrix and the reason."""
        yield Static(legend(), id="title")
        yield Matrix(id="matrix")
        yield Static(id="reason")

    @property
    def matrix(self) -> Matrix:
        """The matrix."""
        return self.query_one("#matrix", Matrix)

    async def load(self) -> None:
        """Read who there is, then what is in view."""
        key = self.facts.key
        known = [each.arn for each in await known_principals(self.console)]
        named: list[str] = []
        answer = await self.console.fetch("GetKeyPolicy", KeyId=key.arn)
        try:
            named = named_principals(parse_policy(str(answer["Policy"]), PolicyKind.KEY))
        except KmsError:
            # A stored policy that no longer parses names nobody; its principals stay.
            named = []
        principals = list(dict.fromkeys([*known, *named]))
        self.matrix.fill(
            principals,
            [self._label(each) for each in principals],
            action_groups(key.spec, key.usage),
        )
        await self._read()

    def _label(self, principal: str) -> str:
        return short_principal(principal, self.facts.arn.account)

    async def _read(self) -> None:
        """Decide what is in view and not decided yet."""
        if self._reading:
            return
        self._reading = True
        try:
            while missing := self.matrix.missing()[:AT_ONCE]:
                await self._judge(missing)
        finally:
            self._reading = False
        self.paint()

    async def _judge(self, principals: list[str]) -> None:
        actions = list(all_actions(self.matrix.groups))
        try:
            cells = await self._simulate(principals, actions)
        except KmsError as error:
            if len(principals) == 1:
                self.matrix.give_up(principals[0], error.message or error.code)
                return
            for each in principals:
                await self._judge([each])
            return
        for each in principals:
            self.matrix.put(each, [cell for cell in cells if cell.principal == each])

    async def _simulate(self, principals: list[str], actions: list[str]) -> list[Judged]:
        answer = await self.console.fetch(
            "kmstui:SimulateAccess",
            Principals=principals,
            Actions=actions,
            KeyId=self.facts.key.arn,
        )
        return [Judged.read(cell) for cell in answer["Cells"]]

    def paint(self) -> None:
        """Write the reason and the names anew."""
        self.matrix.masked = self.masked
        self.query_one("#reason", Static).update(self._reason())

    def _reason(self) -> Content:
        principal, action = self.matrix.principal, self.matrix.action
        if not principal:
            return text.literal("Reading…", "$muted")
        who = text.mask(principal) if self.masked else text.literal(principal)
        head = text.template("[b]$action[/]  [$muted]$who[/]", action=action, who=who)
        judged, problem = self.matrix.judged, self.matrix.problem
        if judged is None:
            said = text.literal(problem or "…", "$warn" if problem else "$muted")
            return text.lines(head, said)
        why = text.mask(judged.reason or judged.sid) if self.masked else judged.why
        return text.lines(head, why)

    @on(Matrix.Moved)
    def _moved(self, event: Matrix.Moved) -> None:
        event.stop()
        self.paint()
        if self.matrix.missing():
            self.run_worker(self._read(), group="matrix", exit_on_error=False)

    @on(Matrix.Opened)
    async def _opened(self, event: Matrix.Opened) -> None:
        event.stop()
        await self.do_simulate("")

    async def do_simulate(self, _argument: str) -> None:
        """Open the simulator with the call under the cursor."""
        start = SimulationStart(
            principal=self.matrix.principal,
            action=self.matrix.action,
            key_arn=self.facts.key.arn,
        )
        await open_simulator(self.console, start)

    def entry(self) -> Widget:
        """Focus the matrix."""
        return self.matrix
