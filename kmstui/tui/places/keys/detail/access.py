"""The Access tab: the key policy, and what it says in a sentence."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.places.keys.detail.pane import Pane
from kmstui.tui.places.keys.detail.reading import policy_sentence
from kmstui.tui.widgets.json_view import JsonView

_LATER = "Grants and principals come later; until then this policy decides alone."


class AccessPane(Pane):
    """Shows who may use a key."""

    _policy = ""

    def compose(self) -> ComposeResult:
        """Lay out the sentence and the policy."""
        yield Static(id="sentence")
        yield Static(text.literal(_LATER, "$muted"), id="later")
        yield Static(text.markup("[b $key-accent]Key policy[/]  [$muted]read-only[/]"), id="title")
        yield JsonView(empty=text.literal("Reading the policy…", "$muted"), id="policy")

    async def load(self) -> None:
        """Read the policy."""
        answer = await self.console.fetch("GetKeyPolicy", KeyId=self.facts.key.arn)
        self._policy = answer["Policy"]
        self.paint()

    def paint(self) -> None:
        """Write the sentence, and show the policy unless it is to be hidden."""
        if not self.ready:
            return
        view = self.query_one("#policy", JsonView)
        policy = "" if self.masked else self._policy
        if view.source != policy:
            view.set_source(policy)
        sentence = text.literal("")
        if self.masked:
            sentence = text.mask(self._policy)
        elif self._policy:
            sentence = text.literal(policy_sentence(self._policy, self.facts.arn.account))
        self.query_one("#sentence", Static).update(sentence)

    def entry(self) -> Widget:
        """Focus the policy, so that it scrolls."""
        return self.query_one("#policy", JsonView)

    def rest(self) -> Widget:
        """Focus the policy: letters are commands there."""
        return self.entry()

    @property
    def policy(self) -> str:
        """The policy shown, to copy."""
        return self._policy
