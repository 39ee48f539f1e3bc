"""Creating a key with every option, step by step."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.gate import COMMANDS_GROUP
from kmstui.tui.place import Route, View
from kmstui.tui.places.keys.create.creation import Draft, create_key, open_created
from kmstui.tui.places.keys.create.kind_steps import MaterialStep, PurposeStep, SpecStep
from kmstui.tui.places.keys.create.kinds import takes_seconds
from kmstui.tui.places.keys.create.step import Step
from kmstui.tui.places.keys.create.steps import LabelsStep, PolicyStep, RegionStep, ReviewStep
from kmstui.tui.places.keys.create.stores import key_stores
from kmstui.tui.places.keys.labels import alias_pattern, listed_keys
from kmstui.tui.text import Content

_STEPS: tuple[tuple[str, type[Step]], ...] = (
    ("Use", PurposeStep),
    ("Spec", SpecStep),
    ("Material", MaterialStep),
    ("Labels", LabelsStep),
    ("Policy", PolicyStep),
    ("Region", RegionStep),
    ("Review", ReviewStep),
)
_LABELS = [title for title, _ in _STEPS].index("Labels")


class WizardView(View):
    """Asks step by step.

    Args:
        route: Where the view is; its argument is the alias typed before.
    """

    SCOPES = (Scope.WIZARD,)
    STYLES = Path(__file__).with_name("create.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,alt+right", "step(1)", show=False),
        Binding("ctrl+b,alt+left", "step(-1)", show=False),
    ]

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self.at = 0
        self._steps: list[Step] = []
        self._made = ""
        self._calling = False
        self._waited = 0
        self._blank = Draft()

    def compose(self) -> ComposeResult:
        """Lay out the row of steps, the step shown, and the buttons."""
        yield Static(id="steps")
        self._steps = [step(self.route.argument) for _, step in _STEPS]
        with VerticalScroll(classes="sheet", can_focus=False):
            yield from self._steps
            yield Static(id="outcome")
        with Horizontal(id="wizard-buttons", classes="buttons"):
            yield Button(text.literal("Back  ctrl+b"), id="back", compact=True)
            yield Button(text.literal("Next  ctrl+n"), id="next", compact=True)
            yield Button(text.literal("Create key"), id="create", compact=True)

    def on_mount(self) -> None:
        """Show the first step, and learn the names that exist."""
        self._blank = self.draft
        self._waiting = self.set_interval(1.0, self._count, pause=True)
        self._arrange()
        self.run_worker(self.refresh_data(), group="read", exclusive=True)

    @property
    def crumb(self) -> Content:
        """Name the page."""
        return text.literal("Options")

    @property
    def draft(self) -> Draft:
        """What was chosen so far."""
        draft = Draft()
        for step in self._steps:
            draft = step.fill(draft)
        return draft

    async def refresh_data(self) -> None:
        """Read the naming rule and the names that exist."""
        try:
            pattern = await alias_pattern(self.console)
            keys = await listed_keys(self.console)
        except KmsError as error:
            self.console.tell(Outcome("Names", "", "", error))
            return
        taken = frozenset(alias for key in keys for alias in key.aliases)
        stores = await key_stores(self.console)
        for step in self._steps:
            step.learn(pattern=pattern, taken=taken)
            step.learn_stores(stores)

    def _arrange(self) -> None:
        last = len(_STEPS) - 1
        for index, step in enumerate(self._steps):
            step.display = index == self.at
        session = self.console.session
        self._steps[self.at].enter(self.draft, session)
        self.query_one("#outcome").display = False
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self.query_one("#back", Button).disabled = self.at == 0
        self.query_one("#next").display = self.at < last
        self.query_one("#create").display = self.at == last
        self.query_one("#steps", Static).update(self._row())
        self.call_after_refresh(self.focus_first)

    def _row(self) -> Content:
        cells = []
        for index, (title, _) in enumerate(_STEPS):
            style = "bold $key-accent" if index == self.at else "$muted"
            done = "✓" if index < self.at else str(index + 1)
            cells.append(text.literal(f"{done} {title}", style))
        return text.join(cells, "   ")

    def focus_first(self) -> None:
        """Start in the step's first field."""
        if self._steps and self._steps[self.at].is_mounted:
            self._steps[self.at].entry().focus(scroll_visible=False)

    def focus_rest(self) -> None:
        """Focus the button that goes on."""
        self.query_one("#create" if self.at == len(_STEPS) - 1 else "#next").focus()

    def action_step(self, by: int) -> None:
        """Go to the next step, or the one before."""
        problem = self._steps[self.at].problem if by > 0 else None
        if problem is not None:
            self._say(text.template("[$danger]✗[/] $what", what=problem))
        elif 0 <= self.at + by < len(_STEPS):
            self.at += by
            self._arrange()

    def step_back(self) -> bool:
        """Go back a step; ask before what was typed is dropped.

        While the key is being made this leaves at once: the work goes on and is told of.
        """
        if self._calling:
            return False
        if self.at:
            self.action_step(-1)
            return True
        if self._made or self.draft == self._blank:
            return False
        self.console.run_worker(self._leave(), group=COMMANDS_GROUP)
        return True

    async def _leave(self) -> None:
        stay = Choice(value=False, label=text.literal("Go on"), note="What was chosen is kept.")
        leave = Choice(
            value=True, label=text.literal("Leave"), note="No key is made; the choices are gone."
        )
        title = text.literal("Leave without creating a key?")
        if await self.console.ask(Choose(title, [stay, leave])):
            await self.console.main.stage.back()
            self.console.main.sync()

    def _say(self, said: Content) -> None:
        outcome = self.query_one("#outcome", Static)
        outcome.update(said)
        outcome.display = True

    def do_wizard_next(self, _argument: str) -> None:
        """Go on."""
        self.action_step(1)

    def do_wizard_previous(self, _argument: str) -> None:
        """Go back a step."""
        self.action_step(-1)

    @on(Step.Done)
    def _step_done(self, event: Step.Done) -> None:
        event.stop()
        self.action_step(1)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "create":
            self._work(self._make())
        else:
            self.action_step(1 if event.button.id == "next" else -1)

    def _work(self, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except KmsError as error:
                self.console.tell(Outcome("CreateKey", "", "", error))

        if not self._calling:
            self.console.run_worker(guarded(), group=COMMANDS_GROUP)

    def _count(self) -> None:
        """Say how long the key has been in the making."""
        self._waited += 1
        said = text.template(
            "[$key-accent]◌[/] Making $spec, $seconds s [$muted]· primes are being found in the "
            "HSM; esc leaves this page, and the result line will tell[/]",
            spec=self.draft.spec,
            seconds=self._waited,
        )
        self._say(said)

    def _busy(self, busy: bool) -> None:
        """Hold the buttons and count, or let go."""
        self._calling = busy
        if not self.is_attached:
            return
        for button in self.query(Button):
            button.disabled = busy
        if busy and takes_seconds(self.draft.spec):
            self._waited = -1
            self._count()
            self._waiting.resume()
        else:
            self._waiting.pause()

    async def _make(self) -> None:
        draft = self.draft
        self._busy(True)
        try:
            done = await create_key(self.console, draft, self._made)
        finally:
            self._busy(False)
        self._made = done.arn
        shown = self.is_attached and self.console.main.view is self
        if done.error is None:
            await open_created(self.console, done.arn, draft, show=shown)
            return
        if not self.is_attached:
            self.console.main.say(done.said)
            return
        if done.arn:
            self.at = _LABELS
            self._arrange()
        self._say(done.said)
