"""The first view of Settings: sections on the left, what each says and does on the right."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static

from kmstui.core.errors import KeystoreLockedError, KmsError, SessionError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope
from kmstui.tui.gate import COMMANDS_GROUP
from kmstui.tui.idle import IDLE_SETTING
from kmstui.tui.mfa.flow import read_devices
from kmstui.tui.place import Route, View
from kmstui.tui.places.settings.dialogs import (
    ALIAS_PATTERN,
    PassphraseDialog,
    PatternDialog,
    idle_prompt,
    scale_prompt,
)
from kmstui.tui.places.settings.quota_section import QUOTA_SCALE, Quotas
from kmstui.tui.places.settings.sections import QUOTAS, SECTIONS, Section, State, section
from kmstui.tui.places.settings.stores.model import Stores
from kmstui.tui.places.settings.stores.section import STORES
from kmstui.tui.widgets.fact_list import FactList
from kmstui.tui.widgets.link_list import Line, LinkList

_LABEL_CELLS = 14


class SettingsView(View):
    """Shows one section at a time."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LINES,)
    STYLES = Path(__file__).with_name("settings.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "enter_section", show=False),
        Binding("left,h", "leave_section", show=False),
    ]

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._state: State | None = None
        self._shown: Section | None = None

    def compose(self) -> ComposeResult:
        """Lay out the sections, and what the one chosen says and does."""
        yield LinkList([Line(text.literal(each.title), each.id) for each in SECTIONS], id="list")
        with Vertical(id="detail"):
            yield Static(text.literal(""), id="title")
            yield FactList(label_cells=_LABEL_CELLS, id="facts")
            yield LinkList(id="deeds")

    def on_mount(self) -> None:
        """Read."""
        self.run_worker(self.refresh_data(), group="settings")

    @property
    def chosen(self) -> Section:
        """The section shown."""
        return section(self.query_one("#list", LinkList).target)

    @property
    def deeds(self) -> LinkList:
        """What can be done."""
        return self.query_one("#deeds", LinkList)

    def focus_first(self) -> None:
        """Focus the sections, and bring what they say up to date."""
        self.query_one("#list").focus(scroll_visible=False)
        if self._state is not None:
            self.run_worker(self.refresh_data(), group="settings")

    def step_back(self) -> bool:
        """Go from the deeds back to the sections."""
        if self.deeds.has_focus:
            self.action_leave_section()
            return True
        return False

    def show_section(self, identity: str) -> None:
        """Show a section."""
        ids = [each.id for each in SECTIONS]
        if identity in ids:
            self.query_one("#list", LinkList).highlighted = ids.index(identity)

    async def refresh_data(self) -> None:
        """Read the engine's condition, the settings and the checkpoints."""
        console = self.console
        if console.session is None:
            return
        try:
            status = await console.caller.run((await console.door()).status)
            answer = await console.fetch("kmstui:GetSettings")
            kept = await console.shell.checkpoints() if status.training else []
            mfa, loose = await read_devices(console)
            quotas = await self._quotas()
            stores, refused = await self._stores()
        except KmsError as error:
            if not isinstance(error, KeystoreLockedError | SessionError):
                console.tell(Outcome("Settings", "", "", error))
            return
        self._state = State(
            status=status,
            location=console.launch.location,
            region=console.standing.region,
            host_now=console.launch.clock.wall(),
            settings={str(name): str(value) for name, value in answer["Settings"].items()},
            checkpoints=kept,
            theme=console.theme,
            idle_minutes=console.idle.minutes,
            masked=console.masked,
            mfa=mfa,
            loose=loose,
            recovery=console.home is not None and console.home.recovery,
            quotas=quotas,
            stores=stores,
            stores_refused=refused,
        )
        self._paint()

    def mask_changed(self) -> None:
        """Hide or show what identifies."""
        self.run_worker(self.refresh_data(), group="settings")

    def _paint(self) -> None:
        if self._state is None or not self.is_mounted:
            return
        chosen = self.chosen
        self.query_one("#title", Static).update(text.literal(chosen.title, "bold"))
        facts = self.query_one("#facts", FactList)
        facts.label_cells = chosen.label_cells
        facts.facts = tuple(chosen.facts(self._state))
        deeds = chosen.actions(self._state)
        self.deeds.set_lines(deeds, keep=chosen is self._shown)
        self._shown = chosen
        self.deeds.can_focus = any(line.target for line in deeds)

    @on(OptionList.OptionHighlighted, "#list")
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._paint()
        if self._state is not None and self.chosen.id in {QUOTAS, STORES}:
            self.run_worker(self.refresh_data(), group="settings")

    @on(LinkList.Opened)
    def _opened(self, event: LinkList.Opened) -> None:
        event.stop()
        if event.links is self.deeds:
            # A dialog is asked from a worker; what it wants is carried out there too.
            self.console.run_worker(self._act(event.target), group=COMMANDS_GROUP)
        else:
            self.action_enter_section()

    def action_enter_section(self) -> None:
        """Go to what can be done."""
        if self.deeds.can_focus:
            self.deeds.focus(scroll_visible=False)

    def action_leave_section(self) -> None:
        """Go back to the sections."""
        self.query_one("#list").focus(scroll_visible=False)

    async def _act(self, target: str) -> None:
        deed, _, argument = target.partition(" ")
        own = {
            "passphrase": self._passphrase,
            "idle": self._idle,
            "pattern": self._pattern,
            QUOTAS: self._scale,
        }
        try:
            if deed.startswith("mfa-"):
                from kmstui.tui.mfa.deeds import act  # noqa: PLC0415 - rarely needed

                await act(self.console, deed, argument)
            elif deed.startswith("store-"):
                from kmstui.tui.places.settings.stores import deeds  # noqa: PLC0415 - as above

                await deeds.act(self.console, deed, argument)
            elif deed in own:
                await own[deed]()
            else:
                handler = getattr(self.console.shell, f"do_{deed}")
                result = handler(argument)
                if result is not None:
                    await result
            if not self.console.locked:
                await self.refresh_data()
        except KmsError as error:
            self.console.tell(Outcome(deed.capitalize(), "", "", error))

    async def _passphrase(self) -> None:
        if await self.console.ask(PassphraseDialog()):
            self.console.main.say(
                text.template("[$ok]✓[/] The passphrase was changed. [$muted]$rest[/]", rest=_REST)
            )

    async def _idle(self) -> None:
        typed = await self.console.ask(idle_prompt(self.console.idle.minutes))
        if typed is not None and await self._put(IDLE_SETTING, str(int(typed))):
            self.console.idle.limit_to(int(typed))

    async def _pattern(self) -> None:
        present = self._state.settings.get(ALIAS_PATTERN, "") if self._state is not None else ""
        typed = await self.console.ask(PatternDialog(present))
        if typed is not None:
            await self._put(ALIAS_PATTERN, typed.strip())

    async def _quotas(self) -> Quotas | None:
        if self.chosen.id != QUOTAS:
            return None
        return Quotas.read(await self.console.fetch("kmstui:ShowRequestQuotas"))

    async def _stores(self) -> tuple[Stores | None, str]:
        """Return the key stores, or why they cannot be seen."""
        if self.chosen.id != STORES:
            return None, ""
        try:
            return Stores.read(await self.console.fetch("kmstui:ListKeyStoreSummaries")), ""
        except (KeystoreLockedError, SessionError):
            raise
        except KmsError as error:
            return None, error.message or error.code

    async def _scale(self) -> None:
        present = self._state.quotas if self._state is not None else None
        typed = await self.console.ask(scale_prompt(present.scale if present is not None else "0"))
        if typed is not None:
            await self._put(QUOTA_SCALE, typed.strip())

    async def _put(self, name: str, value: str) -> bool:
        answer = await self.console.call("kmstui:PutSetting", about=name, Name=name, Value=value)
        return answer is not None


_REST = "The recovery code opens the keystore as before."
