"""The simulator: a form above, the decision and its steps below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.timer import Timer
from textual.widgets import Static

from kmstui.authz.advice import Suggestion
from kmstui.authz.report import as_text, compare
from kmstui.authz.vocabulary import KMS_ACTIONS
from kmstui.core.errors import KmsError, UsageError
from kmstui.tui import text, timefmt
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hints
from kmstui.tui.commands import Scope
from kmstui.tui.dialogs.choice import Prompt
from kmstui.tui.place import Route
from kmstui.tui.places.access.base import WORKERS, AccessView
from kmstui.tui.places.access.picker import Pickable, Picker
from kmstui.tui.places.access.saving import path_problem, write_text
from kmstui.tui.places.access.simulator.call import (
    FIELDS,
    MFA_AGES,
    SERVICES,
    FormText,
    request_of,
)
from kmstui.tui.places.access.simulator.decisions import (
    Simulated,
    advice,
    headline,
    side_by_side,
)
from kmstui.tui.places.access.simulator.form import PICKED, CallForm, FormField
from kmstui.tui.places.access.simulator.steps import Pair, deciding_step, details
from kmstui.tui.places.access.simulator.trace_view import TraceView
from kmstui.tui.places.access.strip import VIEWS, Strip
from kmstui.tui.places.keys.roster import roster_of
from kmstui.tui.simulation import SimulationStart
from kmstui.tui.text import Content
from kmstui.tui.widgets.page import Page

STEP_SECONDS = 0.7
"""How long each step stays alone while they are played."""


class SimulatorView(AccessView):
    """Decides calls that are not made."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.ACCESS, Scope.SIMULATOR)

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._principals: list[Pickable] = []
        self._decisions: tuple[Simulated, ...] = ()
        self._asked: Mapping[str, Any] = {}
        self._playing: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the form and what comes of it."""
        yield Strip(VIEWS, self.route.view)
        with Container(id="body"):
            yield CallForm()
            with Vertical(id="answer"):
                yield Static(_invitation(), id="decision")
                yield TraceView(id="trace")
                yield Static(text.literal(""), id="detail")
                with Page(id="after"):
                    yield Static(text.literal(""), id="advice")

    def on_mount(self) -> None:
        """Learn which principals and keys there are, to be picked and completed."""
        self._shown()
        self.run_worker(self._learn(), group=WORKERS)

    @property
    def form(self) -> CallForm:
        """The form."""
        return self.query_one(CallForm)

    @property
    def trace(self) -> TraceView:
        """The steps."""
        return self.query_one(TraceView)

    @property
    def decisions(self) -> tuple[Simulated, ...]:
        """What was decided: of one principal, or of two."""
        return self._decisions

    @property
    def playing(self) -> bool:
        """Whether steps are being told by themselves."""
        return self._playing is not None

    @property
    def note(self) -> Content:
        """How far the steps are told."""
        if not self.is_mounted or not self._decisions or self.trace.told:
            return text.literal("")
        return text.literal(f"step {self.trace.revealed} of {self.trace.steps}", "$key-accent")

    def focus_first(self) -> None:
        """Focus the steps if there are any, else the form."""
        if self._decisions:
            self.trace.focus(scroll_visible=False)
        else:
            self.form.focus_first()

    def focus_rest(self) -> None:
        """Put the focus where letters are commands."""
        self.trace.focus(scroll_visible=False)

    def step_back(self) -> bool:
        """Stop playing, show all steps, go back from two decisions to one; then leave."""
        if self._playing is not None or (self._decisions and not self.trace.told):
            self._stop()
            self._all()
            return True
        if len(self._decisions) > 1:
            self._take(self._decisions[:1])
            return True
        return self.leave()

    async def refresh_data(self) -> None:
        """Learn the principals again, and decide the call again if one was."""
        await self._learn()
        if self._asked:
            await self._decide(self._asked)

    def mask_changed(self) -> None:
        """Hide or show names."""
        self.trace.masked = self.masked
        self._paint()

    def conceal(self) -> None:
        """Stop playing while nobody may look."""
        self._stop()

    async def fill(self, start: SimulationStart) -> None:
        """Put a call into the form and decide it, if it is whole."""
        self.form.fill(FormText.of(start))
        if start.principal and start.action:
            await self._run()
        else:
            self.form.focus_first()

    async def _learn(self) -> None:
        await roster_of(self.console).load()
        try:
            answer = await self.console.fetch("kmstui:ListPrincipals")
        except KmsError:
            # Who may not list principals can still type their ARNs.
            return
        self._principals = [
            Pickable(str(each["Arn"]), str(each["Name"]), _KINDS.get(str(each["Type"]), "user"))
            for each in answer["Principals"]
        ]
        if self.is_mounted:
            self.form.suggest("principal", [each.label for each in self._principals])
            self.form.suggest("key", self._aliases())

    def _aliases(self) -> list[str]:
        keys = roster_of(self.console).keys
        return [alias.removeprefix("alias/") for key in keys for alias in key.aliases]

    def _principal_named(self, typed: str) -> str:
        wanted = typed.lower()
        return next((each.value for each in self._principals if each.label.lower() == wanted), "")

    def _key_named(self, typed: str) -> str:
        wanted = typed.removeprefix("alias/")
        for key in roster_of(self.console).keys:
            if any(alias.removeprefix("alias/") == wanted for alias in key.aliases):
                return key.arn
        return ""

    @on(CallForm.Submitted)
    async def _submitted(self, event: CallForm.Submitted) -> None:
        event.stop()
        self.console.run_worker(self._run(), group=WORKERS)

    async def do_simulate_run(self, _argument: str) -> None:
        """Decide the call of the form."""
        await self._run()

    async def _run(self) -> None:
        try:
            request = request_of(self.form.typed, self._principal_named, self._key_named)
        except UsageError as error:
            self.console.shell.refused("Simulate", error)
            return
        await self._decide(request)
        if self._decisions and self.display and self.screen.is_current:
            self.trace.focus(scroll_visible=False)

    async def _decide(self, request: Mapping[str, Any]) -> None:
        self._stop()
        try:
            answer = await self.console.fetch("kmstui:SimulateAccess", **request)
        except KmsError as error:
            self._decisions = ()
            self.trace.show(())
            self.query_one("#decision", Static).update(
                text.template("[$danger]✗[/] $why", why=error.message or error.code)
            )
            self._shown()
            self.console.tell(Outcome("Simulate", "", "", error))
            return
        self._asked = request
        self._take(tuple(Simulated.read(cell) for cell in answer["Cells"]))

    def _take(self, decisions: tuple[Simulated, ...]) -> None:
        self._decisions = decisions
        if not self.is_mounted:
            return
        if len(decisions) == 2:
            found = compare(decisions[0].trace, decisions[1].trace)
            pairs: list[Pair] = [(pair.left, pair.right) for pair in found.pairs]
            first = found.first if found.first >= 0 else None
            self.trace.show(pairs, two=True, difference=first, cursor=first or 0)
        else:
            pairs = [(step, None) for step in decisions[0].trace.steps]
            self.trace.show(pairs, cursor=deciding_step(decisions[0].trace))
        self._paint()

    def _shown(self) -> None:
        self.set_class(not self._decisions, "-empty")
        self.set_class(len(self._decisions) == 2, "-two")

    def _paint(self) -> None:
        self._shown()
        if not self._decisions:
            return
        decision = self.query_one("#decision", Static)
        told = self.trace.told
        if not told:
            decision.update(
                text.template(
                    "[$muted]… deciding, step $at of $all[/]",
                    at=str(self.trace.revealed),
                    all=str(self.trace.steps),
                )
            )
        elif len(self._decisions) == 2:
            one, other = self._decisions
            decision.update(side_by_side(one, other, masked=self.masked))
        else:
            decision.update(headline(self._decisions[0], masked=self.masked))
        said = [advice(each, masked=self.masked) for each in self._decisions] if told else []
        shown = text.lines(*(each for each in said if each.plain))
        self.query_one("#advice", Static).update(shown)
        self.query_one("#after").set_class(not shown.plain, "-none")
        current = self.trace.current
        self.query_one("#detail", Static).update(
            text.literal("") if current is None else details(current, masked=self.masked)
        )
        self.console.main.sync()

    @on(TraceView.Moved)
    def _moved(self, event: TraceView.Moved) -> None:
        event.stop()
        self._paint()

    def do_next_step(self, _argument: str) -> None:
        """Tell one step more; from the first one if all are told."""
        self._stop()
        self._needed()
        self._next()

    def _next(self) -> None:
        trace = self.trace
        trace.reveal(1 if trace.told else trace.revealed + 1)
        if trace.told:
            self._stop()

    def do_play_steps(self, _argument: str) -> None:
        """Tell a step now and then, or stop."""
        self._needed()
        if self._playing is not None:
            self._stop()
            return
        self._next()
        self._playing = self.set_interval(STEP_SECONDS, self._next)

    def _stop(self) -> None:
        if self._playing is not None:
            self._playing.stop()
            self._playing = None

    def do_all_steps(self, _argument: str) -> None:
        """Tell every step."""
        self._stop()
        self._needed()
        self._all()

    def _all(self) -> None:
        self.trace.reveal(self.trace.steps)

    def _needed(self) -> None:
        if not self._decisions:
            raise UsageError("Nothing has been decided yet.", hint="enter in the form decides.")

    def do_edit_call(self, _argument: str) -> None:
        """Go back to the form."""
        self.form.field(FIELDS[0]).focus(scroll_visible=False)

    async def do_compare_principals(self, argument: str) -> None:
        """Decide the same call for a second principal, beside the first."""
        self._needed()
        first = str(self._asked["Principals"][0])
        chosen: str | None = self._principal_named(argument.strip()) or argument.strip()
        if not chosen:
            title = text.literal("Compare with")
            others = [each for each in self._principals if each.value != first]
            chosen = await self.console.ask(Picker(title, others, masked=self.masked))
        if chosen:
            await self._decide({**self._asked, "Principals": [first, chosen]})

    async def do_export_decision(self, argument: str) -> None:
        """Write the decision to a new file."""
        self._needed()
        typed: str | None = argument
        if not typed:
            typed = await self.console.ask(
                Prompt(
                    text.literal("Export the decision"),
                    text.literal("File", "$muted"),
                    text.literal("Write"),
                    value=f"decision-{timefmt.day(self.now)}.txt",
                    check=path_problem,
                    message=text.literal(
                        "One page of text: the call, the decision, what nearly matched and what "
                        "would allow it. The file opens for you alone."
                    ),
                )
            )
        if typed:
            path = await self.console.caller.run(write_text, typed, self._page())
            self.console.main.say(
                text.template("[$ok]✓[/] Wrote the decision to [b]$path[/]", path=str(path))
            )

    def _page(self) -> str:
        when = timefmt.exact_stamp(self._asked.get("Time") or self.now)
        return "\n".join(_page_of(found, when) for found in self._decisions)

    async def do_pick_value(self, _argument: str) -> None:
        """List what the focused field can be."""
        name = self.form.focused_field
        if name not in PICKED:
            raise UsageError(
                "There is nothing to pick here.", hint="Fields that say so have a list."
            )
        await self._pick(name)

    @on(FormField.PickWanted)
    def _pick_wanted(self, event: FormField.PickWanted) -> None:
        event.stop()
        self.console.run_worker(self._pick(event.field), group="pick")

    async def _pick(self, name: str) -> None:
        title, choices = self._choices(name)
        chosen = await self.console.ask(Picker(text.literal(title), choices, masked=self.masked))
        field = self.form.field(name)
        if chosen is not None:
            field.value = chosen
        field.focus(scroll_visible=False)

    def _choices(self, name: str) -> tuple[str, list[Pickable]]:
        if name == "principal":
            services = [Pickable(each, each, "service") for each in SERVICES]
            return "Who calls", [*self._principals, *services]
        if name == "action":
            return "Which action", [
                Pickable(action, action, action_info.level.value)
                for action, action_info in KMS_ACTIONS.items()
            ]
        if name == "key":
            keys = roster_of(self.console).keys
            return "On which key", [Pickable(key.arn, key.label, key.spec) for key in keys]
        if name == "mfa":
            return "How long ago a code was given", [Pickable(age, age) for age in MFA_AGES]
        return "Through which service", [
            Pickable("none", "none", "the principal calls itself"),
            *(Pickable(each, each) for each in SERVICES),
        ]


_KINDS = {"Account": "root user", "User": "user", "Role": "role"}


def _invitation() -> Content:
    return text.lines(
        text.literal("A call is decided here without being made.", "$muted"),
        hints(("enter", "decides"), ("↓", "picks a value"), ("tab", "next field")),
    )


def _page_of(found: Simulated, when: str) -> str:
    advised = found.suggestion
    suggestion = None if advised is None else Suggestion((), advised.text, advised.dangerous)
    title = f"Simulated: {found.action}"
    return as_text(found.trace, title=title, when=when, suggestion=suggestion)
