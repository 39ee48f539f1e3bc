"""The screen that explains a refusal, and leads on from it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from kmstui.authz.advice import Suggestion
from kmstui.authz.refusal import Refusal
from kmstui.authz.report import as_text
from kmstui.core.errors import KmsError
from kmstui.tui import text, timefmt
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hints
from kmstui.tui.modal import Modal
from kmstui.tui.text import Content
from kmstui.tui.why.explained import (
    Advice,
    checks,
    facts,
    near_misses,
    read_advice,
    simulated,
    simulation_of,
)
from kmstui.tui.widgets.fact_list import Fact, FactList

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_LABELS = 12


class Next(StrEnum):
    """Where a person goes on from the explanation."""

    SIMULATE = "simulate"
    TRY_AS = "try as"
    CODE = "code"


class WhyScreen(Modal[Next]):
    """Explains why policies refused a call.

    Args:
        outcome: How the call ended.
        refusal: Why, as data.
    """

    DEFAULT_CSS = """
    WhyScreen {
        align: center middle;
        background: $background 50%;
        #sheet {
            width: 96%;
            max-width: 110;
            height: 92%;
            padding: 1 3;
            background: $surface;
            border-left: outer $danger;
        }
        #title { height: auto; margin-bottom: 1; }
        #page { height: 1fr; scrollbar-size-vertical: 1; }
        .heading { height: 1; margin-top: 1; color: $muted; }
        .item { height: auto; padding-left: 2; }
        #advice { height: auto; padding-left: 2; }
        #keys { height: auto; margin-top: 1; }
    }
    """
    AUTO_FOCUS = "#page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w", "dismiss(None)", show=False),
        Binding("s", "follow('simulate')", show=False),
        Binding("t", "follow('try as')", show=False),
        Binding("m", "follow('code')", show=False),
        Binding("y", "copy", show=False),
        Binding("j,down", "page(1)", show=False),
        Binding("k,up", "page(-1)", show=False),
    ]

    def __init__(self, outcome: Outcome, refusal: Refusal) -> None:
        super().__init__()
        self._outcome = outcome
        self._refusal = refusal
        self._advice: Advice | None = None

    @property
    def console(self) -> KmsApp:
        """The application, by its own type."""
        return cast("KmsApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out title, page and keys."""
        title = text.template(
            "[$danger]✗[/] [b]$operation[/] $about  [$muted]why?[/]",
            operation=self._outcome.operation,
            about=self._outcome.about,
        )
        with Vertical(id="sheet"):
            yield Static(title, id="title")
            with VerticalScroll(id="page"):
                yield from self._page()
            yield Static(self._keys(), id="keys")

    def _page(self) -> Iterable[Widget]:
        refusal, masked = self._refusal, self.console.masked
        rows = facts(self._outcome, refusal)
        yield FactList(
            [Fact(label, _shown(label, said, masked=masked)) for label, said in rows],
            label_cells=_LABELS,
        )
        yield from _section("Its conditions", checks(refusal.trace))
        yield Static(text.literal("What would allow it", "$muted"), classes="heading")
        yield Static(self._remedy(), id="advice")
        yield from _section("Nearly matched", near_misses(refusal.trace))
        if self._outcome.request_id:
            request = text.literal(self._outcome.request_id, "$muted")
            yield from _section("Request", [request])

    def _remedy(self) -> Content:
        if self._refusal.mfa_would_help:
            return text.literal("A fresh MFA code, nothing else. m gives one.", "$ok")
        if self._refusal.decision.outcome.value == "ExplicitlyDenied":
            return text.literal(
                "Nothing but another policy: a Deny overrides every Allow and every grant. "
                "It is there on purpose."
            )
        return text.literal("looking…", "$muted")

    def _keys(self) -> Content:
        pairs = [("s", "simulator"), ("t", "try as…"), ("y", "copy the page"), ("esc", "back")]
        if self._refusal.mfa_would_help:
            pairs.insert(0, ("m", "give a code"))
        return hints(*pairs)

    def on_mount(self) -> None:
        """Look for the smallest change that would allow the call."""
        if self._refusal.mfa_would_help or self._refusal.decision.policy:
            return
        self.run_worker(self._look(), group="why")

    async def _look(self) -> None:
        start = simulation_of(self._outcome, self._refusal, self.console.standing.mfa_age)
        request = simulated(start) | {"Principals": [start.principal], "Traces": True}
        console = self.console
        try:
            if console.home is None:
                return
            answer = await console.caller.fetch(
                await console.door(), console.home, "kmstui:SimulateAccess", request
            )
            self._advice = read_advice(answer["Cells"][0])
        except KmsError as error:
            self._say(text.literal(f"It cannot be told: {error.message or error.code}", "$muted"))
            return
        self._say(_advised(self._advice))

    def _say(self, said: Content) -> None:
        if self.is_mounted:
            self.query_one("#advice", Static).update(said)

    def action_follow(self, way: str) -> None:
        """Go on from here; without a code to give, `m` does nothing."""
        chosen = Next(way)
        if chosen is not Next.CODE or self._refusal.mfa_would_help:
            self.dismiss(chosen)

    def action_page(self, by: int) -> None:
        """Scroll."""
        self.query_one("#page", VerticalScroll).scroll_relative(y=by, animate=False)

    def action_copy(self) -> None:
        """Copy the explanation as one page of text; not while names are hidden."""
        if self.console.masked:
            said = text.literal("The page is full of names; F12 shows them first.", "$warn")
            self.query_one("#keys", Static).update(said)
            return
        now = self.console.standing.account_time
        advice = self._advice
        suggestion = None if advice is None else Suggestion((), advice.text, advice.dangerous)
        page = as_text(
            self._refusal.trace,
            title=f"{self._outcome.operation} {self._outcome.about}".strip(),
            when="" if now is None else timefmt.exact_stamp(now),
            suggestion=suggestion,
        )
        self.app.copy_to_clipboard(page)
        self.query_one("#keys", Static).update(
            text.literal("Sent to the terminal's clipboard (OSC 52).", "$ok")
        )


_NAMES = frozenset({"Who", "On", "Context"})


def _shown(label: str, said: Content, *, masked: bool) -> Content:
    return text.mask(said.plain) if masked and label in _NAMES else said


def _section(title: str, rows: list[Content]) -> Iterable[Widget]:
    if rows:
        yield Static(text.literal(title, "$muted"), classes="heading")
        for row in rows:
            yield Static(row, classes="item")


def _advised(advice: Advice | None) -> Content:
    if advice is None:
        return text.literal("No change of one policy would allow it.", "$muted")
    parts = [text.literal(advice.text)]
    if advice.dangerous:
        parts.append(text.template("[b $warn]▲ Careful:[/] $why.", why=advice.dangerous))
    for name, document in advice.documents:
        parts.append(text.template("[$muted]in $name:[/]", name=name))
        parts.append(text.literal(document, newlines=True))
    return text.lines(*parts)
