"""The wizard that imports key material."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Static

from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope
from kmstui.tui.gate import COMMANDS_GROUP
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.place import Route, View
from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.places.keys.detail.facts import KeyFacts, read_facts
from kmstui.tui.places.keys.detail.material.versions import read_versions
from kmstui.tui.places.keys.importing.material import Source, obtain
from kmstui.tui.places.keys.importing.plan import Terms, kinds
from kmstui.tui.places.keys.importing.run_step import RunStep
from kmstui.tui.places.keys.importing.steps import Done, SourceStep, TermsStep
from kmstui.tui.places.keys.importing.work import Import
from kmstui.tui.places.keys.wording import name
from kmstui.tui.text import Content
from kmstui.tui.widgets.pick import Pick

_TITLES = ("Material", "Terms", "Import")
_MATERIAL, _TERMS, _RUN = range(3)


class ImportView(View):
    """Asks for material and terms, and imports.

    The route's argument is the key's ARN.

    Args:
        route: Where the view is.
    """

    SCOPES = (Scope.WIZARD,)
    STYLES = Path(__file__).with_name("importing.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,alt+right", "step(1)", show=False),
        Binding("ctrl+b,alt+left", "step(-1)", show=False),
    ]

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self.at = _MATERIAL
        self.facts: KeyFacts | None = None
        self.work: Import | None = None
        self._material: Secret | None = None
        self._source: Source | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay out the row of steps, the step shown, and the buttons."""
        yield Static(id="steps")
        with VerticalScroll(classes="sheet", can_focus=False):
            yield Static(id="outcome")
        with Horizontal(id="wizard-buttons", classes="buttons"):
            yield Button(text.literal("Back  ctrl+b"), id="back", compact=True)
            yield Button(text.literal("Next  ctrl+n"), id="next", compact=True)

    async def on_mount(self) -> None:
        """Read the key and show the first step."""
        self.query_one("#outcome").display = False
        try:
            facts = await read_facts(self.console, self.route.argument)
            found = kinds(facts.key, await read_versions(self.console, facts))
            if problem := _unfit(facts.key):
                self._complain(text.literal(problem))
                return
        except KmsError as error:
            self._refuse(error)
            return
        self.facts = facts
        sheet = self.query_one(VerticalScroll)
        for step in (SourceStep(facts.key, found), TermsStep(facts.key, found), RunStep()):
            step.display = False
            await sheet.mount(step, before="#outcome")
        self._arrange()

    @property
    def crumb(self) -> Content:
        """Name the page and its key."""
        if self.facts is None:
            return text.literal("Import")
        label = name(self.facts.key.label, masked=self.console.masked)
        return text.template("Import into $key", key=label)

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        return self._busy

    @property
    def holds_material(self) -> bool:
        """Whether material was read that has not been wrapped yet."""
        return bool(self._material)

    @property
    def _now(self) -> datetime:
        return account_time(self.console)

    @property
    def _steps(self) -> list[Widget]:
        return list(self.query(".step").results(Widget))

    def _arrange(self) -> None:
        for index, step in enumerate(self._steps):
            step.display = index == self.at
        self.query_one("#outcome").display = False
        self.query_one(VerticalScroll).scroll_home(animate=False)
        running = self.work is not None and self.work.running
        done = self.work is not None and self.work.imported
        self.query_one("#back", Button).disabled = self.at == _MATERIAL or running or done
        onward = self.query_one("#next", Button)
        onward.disabled = running
        onward.label = text.literal(
            "Next  ctrl+n"
            if self.at == _MATERIAL
            else "Import it"
            if self.at == _TERMS
            else "Show the material"
            if done
            else "Try once more"
        )
        onward.refresh(layout=True)
        cells = []
        for index, title in enumerate(_TITLES):
            mark = "✓" if index < self.at or done else str(index + 1)
            style = "bold $key-accent" if index == self.at else "$muted"
            cells.append(text.literal(f"{mark} {title}", style))
        self.query_one("#steps", Static).update(text.join(cells, "   "))
        self.call_after_refresh(self.focus_first)
        self.console.main.sync()

    def focus_first(self) -> None:
        """Start in the step's first field."""
        if self.at == _RUN or not self._steps:
            self.query_one("#next" if self._steps else "#back", Button).focus()
            return
        step = self._steps[self.at]
        if isinstance(step, SourceStep | TermsStep) and step.children:
            step.entry().focus(scroll_visible=False)

    def focus_rest(self) -> None:
        """Focus the button that goes on."""
        self.query_one("#next", Button).focus()

    def conceal(self) -> None:
        """Wipe the material, and end what has not been sent yet."""
        self._wipe()
        if self.work is not None:
            self.work.stop()

    def on_unmount(self) -> None:
        """Wipe the material."""
        self._wipe()

    def _wipe(self) -> None:
        if self._material is not None:
            self._material.wipe()
            self._material = None

    def _complain(self, said: Content) -> None:
        outcome = self.query_one("#outcome", Static)
        outcome.update(text.template("[$danger]✗[/] $what", what=said))
        outcome.display = True

    def _refuse(self, error: KmsError) -> None:
        said = text.template("$message  [$muted]$hint[/]", message=error.message, hint=error.hint)
        self._complain(said)

    def action_step(self, by: int) -> None:
        """Go to the next step, or the one before."""
        running = self.work is not None and self.work.running
        if self._busy or running or not self._steps:
            return
        if by < 0:
            self._back()
        else:
            self._start(self._on())

    def _back(self) -> None:
        done = self.work is not None and self.work.imported
        if self.at > _MATERIAL and not done:
            # The material was wiped once it was wrapped; a file is read anew.
            self.at = _MATERIAL if self.at == _RUN else self.at - 1
            self._wipe()
            self.work = None
            self._arrange()

    def _start(self, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            self._busy = True
            try:
                await work
            except KmsError as error:
                self._refuse(error)
            finally:
                self._busy = False

        self.console.run_worker(guarded(), group=COMMANDS_GROUP)

    async def _on(self) -> None:
        if self.facts is None:
            return
        if self.at == _MATERIAL:
            await self._take_material(self.facts.key)
        elif self.at == _TERMS:
            await self._import(self.facts.key)
        elif self.work is not None and self.work.imported:
            await self._leave()
        else:
            self._back()

    async def _take_material(self, key: KeySummary) -> None:
        source = self.query_one(SourceStep).source
        self._wipe()
        if source.kind == "file":
            self._material = await self.console.caller.run(obtain, source, key.spec)
        self._source = source
        self.at = _TERMS
        self._arrange()

    async def _import(self, key: KeySummary) -> None:
        terms, source = self.query_one(TermsStep).terms(self._now), self._source
        if source is None:
            return
        if self._material is None:
            # Fresh material is made last, so that no copy lies about of what was never imported.
            self._material = await self.console.caller.run(obtain, source, key.spec)
        await self._run(key, self._material, source, terms)

    async def _run(self, key: KeySummary, material: Secret, source: Source, terms: Terms) -> None:
        shown = self.query_one(RunStep)
        self.work = Import(self.console, key, material, terms, shown.paint)
        shown.follow(self.work, source, terms)
        self.at = _RUN
        self._arrange()
        await self.work.run()
        self._material = None
        if self.is_attached:
            self._arrange()
            self._tell(key)
            await self._bring_up_to_date()

    async def _bring_up_to_date(self) -> None:
        """Have the key's own page, which esc goes back to, read the key again."""
        for view in self.console.main.stage.views:
            if view is not self and view.route.argument == self.route.argument:
                await view.refresh_data()

    def _tell(self, key: KeySummary) -> None:
        work = self.work
        if work is None:
            return
        if work.error is not None:
            self.console.tell(Outcome("ImportKeyMaterial", key.label, "", work.error))
        elif work.imported:
            said = "[$ok]✓[/] Imported into [b]$key[/]"
            shown = name(key.label, masked=self.console.masked)
            self.console.main.say(text.template(said, key=shown))

    async def _leave(self) -> None:
        from kmstui.tui.places.keys.detail.view import key_route  # noqa: PLC0415 - a circle

        await self.console.main.stage.back()
        view = await self.console.go(key_route(self.route.argument, "material"))
        await view.refresh_data()

    def step_back(self) -> bool:
        """Stop what runs; else go back a step."""
        if self.work is not None and self.work.running:
            self.work.stop()
            return True
        if self.at == _TERMS:
            self._back()
            return True
        return False

    def do_wizard_next(self, _argument: str) -> None:
        """Go on."""
        self.action_step(1)

    def do_wizard_previous(self, _argument: str) -> None:
        """Go back a step."""
        self.action_step(-1)

    @on(Pick.Changed)
    def _picked(self, event: Pick.Changed) -> None:
        """Take back a complaint about what is no longer chosen."""
        event.stop()
        self.query_one("#outcome", Static).display = False

    @on(Done)
    def _step_done(self, event: Done) -> None:
        event.stop()
        self.action_step(1)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_step(-1 if event.button.id == "back" else 1)

    def mask_changed(self) -> None:
        """Hide or show what identifies the key."""
        self.console.main.sync()


def _unfit(key: KeySummary) -> str:
    """Say why a key imports nothing; empty if it does."""
    if key.origin != "EXTERNAL":
        return (
            "Its material was made in the HSM, and stays there. Whether material is imported is "
            "decided when a key is created: n, More options, material EXTERNAL."
        )
    return "It is waiting to be deleted; K keeps it first." if key.pending else ""
