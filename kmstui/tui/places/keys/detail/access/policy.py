"""The key policy in a sentence, in full, and with remarks beside its lines."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from kmstui.authz.lint import Finding
from kmstui.authz.model import PolicyKind
from kmstui.tui import text
from kmstui.tui.chrome.hints import hint
from kmstui.tui.places.access.policies.remarks import MarkedJson, remarks_on, written
from kmstui.tui.places.keys.detail.access.part import Part
from kmstui.tui.places.keys.detail.reading import policy_sentence
from kmstui.tui.text import Content


class PolicyPart(Part):
    """Shows the key policy."""

    source = ""
    findings: tuple[Finding, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the sentence, the policy and the remarks."""
        yield Static(id="sentence")
        yield Static(id="title")
        yield MarkedJson(empty=text.literal("Reading the policy…", "$muted"), id="policy")
        with VerticalScroll(id="remarks", can_focus=False):
            yield Static(id="written")

    async def load(self) -> None:
        """Read the policy, and what there is to remark on it."""
        answer = await self.console.fetch("GetKeyPolicy", KeyId=self.facts.key.arn)
        self.source = str(answer["Policy"])
        account = self.facts.arn.account

        def look() -> tuple[Finding, ...]:
            return remarks_on(self.source, PolicyKind.KEY, account=account)

        self.findings = await self.console.caller.run(look)
        self.paint()

    def paint(self) -> None:
        """Write the sentence, the policy and the remarks, unless names are to be hidden."""
        view, shown = self.query_one("#policy", MarkedJson), not self.masked
        source = self.source if shown else ""
        if view.source != source:
            view.set_source(source)
        view.set_remarks(self.findings if shown else ())
        self.query_one("#sentence", Static).update(self._sentence())
        self.query_one("#title", Static).update(self._title())
        self.query_one("#written", Static).update(written(self.findings if shown else ()))
        self.query_one("#remarks").display = bool(self.findings) and shown

    def _sentence(self) -> Content:
        if self.masked or not self.source:
            return text.mask(self.source)
        return text.literal(policy_sentence(self.source, self.facts.arn.account))

    def _title(self) -> Content:
        count = len(self.findings)
        remarks = (
            text.literal(text.plural(count, "remark").plain, "$warn")
            if count
            else text.literal("✓ no remarks", "$ok")
        )
        edit = (
            text.literal("AWS manages it", "$muted")
            if self.facts.key.aws_managed
            else hint("e", "edits it")
        )
        return text.join([text.markup("[b $key-accent]Key policy[/]"), remarks, edit], "   ")

    def entry(self) -> Widget:
        """Focus the policy, so that it scrolls."""
        return self.query_one("#policy", MarkedJson)
