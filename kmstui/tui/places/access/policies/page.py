"""One policy: its document with the statement that led here, and what there is to remark."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from kmstui.authz.document import parse_policy
from kmstui.authz.lint import Finding
from kmstui.authz.model import PolicyKind
from kmstui.core.errors import KmsError
from kmstui.tui import text, timefmt
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hints
from kmstui.tui.commands import Scope, Subject
from kmstui.tui.json_colour import pretty
from kmstui.tui.place import Route
from kmstui.tui.places.access.base import WORKERS
from kmstui.tui.places.access.policies.documents import PolicyDocument, read_document
from kmstui.tui.places.access.policies.lines import statement_lines
from kmstui.tui.places.access.policies.model import PolicyRef, StatementRow, read_argument
from kmstui.tui.places.access.policies.remarks import MarkedJson, remarks_on, written
from kmstui.tui.places.access.policies.subject import PolicyCommands
from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import Fact, FactList
from kmstui.tui.widgets.page import Page

_LABEL_CELLS = 10


class PolicyView(PolicyCommands):
    """Shows a policy; the route's argument is what :meth:`PolicyRef.argument` wrote."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.POLICY,)
    STYLES = Path(__file__).parent.with_name("access.tcss")

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self.ref, self._number = read_argument(route.argument)
        self.document: PolicyDocument | None = None
        self._error: KmsError | None = None

    def compose(self) -> ComposeResult:
        """Lay out facts, document and remarks."""
        with Container(id="body"):
            yield MarkedJson(id="document", empty=text.literal("Reading…", "$muted"))
            with Page(id="side"):
                yield FactList(label_cells=_LABEL_CELLS)
                yield Static(text.literal(""), id="remarks")

    @property
    def crumb(self) -> Content:
        """Name the policy."""
        label = self.ref.label(self.naming)
        return text.mask(label) if self.console.masked else text.literal(label)

    @property
    def policy(self) -> PolicyRef | None:
        """The policy."""
        return self.ref

    @property
    def subject(self) -> Subject | None:
        """The policy, as commands see it."""
        return Subject("policy", self.ref.argument(), self.ref.label(self.naming))

    @property
    def statement(self) -> StatementRow | None:
        """The statement that led here, read from the document."""
        if self.document is None or not self._number:
            return None
        try:
            policy = parse_policy(self.document.source, self.ref.kind)
        except KmsError:
            # A document that does not parse still shows; there is just no statement in it.
            return None
        if self._number > len(policy.statements):
            return None
        found = policy.statements[self._number - 1]
        named = found.principals
        return StatementRow(
            self.ref,
            self._number,
            found.sid,
            found.allow,
            () if named is None else (*named.aws, *named.services),
            found.inverted_principal,
            tuple(found.actions),
            found.inverted_action,
            tuple(found.resources),
            bool(found.conditions),
        )

    def on_mount(self) -> None:
        """Read the document in the background."""
        self.run_worker(self.refresh_data(), group=WORKERS)

    def focus_first(self) -> None:
        """Focus the document, so that it scrolls."""
        self.query_one("#document").focus(scroll_visible=False)

    async def refresh_data(self) -> None:
        """Read the document again."""
        try:
            self.document = await read_document(self.console, self.ref)
        except KmsError as error:
            self._error = error
            self.console.tell(Outcome("Policy", "", "", error))
        if self.is_mounted:
            self._paint()
            self.console.main.sync()

    def mask_changed(self) -> None:
        """Hide or show the document: it is full of names."""
        self._paint()

    def _paint(self) -> None:
        view, document = self.query_one("#document", MarkedJson), self.document
        if document is None:
            if self._error is not None:
                self.query_one("#remarks", Static).update(
                    text.literal(self._error.message or self._error.code, "$danger")
                )
            return
        source = pretty(document.source)
        findings = self._findings(document)
        self.query_one(FactList).facts = tuple(self._facts(document, findings))
        self.query_one("#remarks", Static).update(written(findings))
        view.set_source("" if self.console.masked else document.source)
        view.set_remarks(() if self.console.masked else findings)
        lines = statement_lines(source, self._number)
        if lines and not self.console.masked:
            # Where it scrolls to depends on how high the document is once the facts are laid out.
            self.call_after_refresh(view.mark_lines, lines.start, lines.stop - 1)

    def _findings(self, document: PolicyDocument) -> tuple[Finding, ...]:
        session = self.console.session
        return remarks_on(
            document.source, self.ref.kind, account=session.account if session else ""
        )

    def _facts(self, document: PolicyDocument, findings: tuple[Finding, ...]) -> list[Fact]:
        facts = [Fact("Kind", self._kind())]
        if self.ref.owner:
            owner = self.naming(self.ref.owner) or self.ref.owner
            facts.append(
                Fact("Of", text.mask(owner) if self.console.masked else text.literal(owner))
            )
        if document.version:
            ago = timefmt.ago(document.updated, account_time(self.console))
            facts.append(Fact("Version", text.literal(f"{document.version}, made {ago}")))
        if document.attached is not None:
            facts.append(Fact("Used by", text.plural(document.attached, "principal")))
        if document.fixed:
            facts.append(Fact("Fixed", text.literal(document.fixed, "$muted")))
        count = text.plural(len(findings), "remark") if findings else text.styled("✓ none", "$ok")
        keys = [("o", "whose")] if self.ref.owner else []
        keys += [] if document.fixed else [("e", "edit")]
        return [
            *facts,
            Fact("Remarks", count),
            Fact("", hints(*keys, ("S", "simulate"), ("y", "copy"))),
        ]

    def _kind(self) -> Content:
        if self.ref.guardrail:
            return text.styled("⚑ MFA guardrail of the account; changed only under MFA", "$warn")
        if self.ref.kind is PolicyKind.SCP:
            return text.styled(f"⚑ {self.ref.kind.value}; changed only under MFA", "$warn")
        word = self.ref.word if self.ref.kind is PolicyKind.IDENTITY else ""
        return text.literal(f"{word} {self.ref.kind.value}".strip())
