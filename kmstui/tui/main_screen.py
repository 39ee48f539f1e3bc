"""The one screen of the unlocked console: chrome around a stage of views."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input as TextualInput
from textual.widgets import Static, TextArea

from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.bottom import Footer, ResultLine
from kmstui.tui.chrome.top import PlaceNav, TopBar
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import Command, Context, by_key
from kmstui.tui.modal import OVER
from kmstui.tui.navigation import Stage
from kmstui.tui.place import View, place, scopes_of

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

MINIMUM = (60, 16)
"""Columns and rows below which one line says what is needed."""


def bindings() -> list[BindingType]:
    """Make one binding for each key of the table that no widget binds itself.

    The key alone is bound; what it means depends on the scopes active when it is pressed, and
    within those the table gives each key one meaning.
    """
    keys = {
        key for command in COMMANDS if not (command.native or command.over) for key in command.keys
    }
    return [*OVER, *(Binding(key, f"press('{key}')", show=False) for key in sorted(keys))]


class MainScreen(Screen[None]):
    """Chrome around a stage of views."""

    CSS_PATH = Path(__file__).with_name("main_screen.tcss")
    BINDINGS: ClassVar[list[BindingType]] = bindings()
    AUTO_FOCUS = ""

    @property
    def console(self) -> KmsApp:
        """The application, by its own type."""
        return cast("KmsApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out chrome and stage."""
        yield TopBar()
        yield PlaceNav()
        yield Stage()
        yield ResultLine()
        yield Footer()
        columns, rows = MINIMUM
        yield Static(
            text.literal(f"kmstui needs {columns} columns and {rows} rows."), id="too-small"
        )

    @property
    def stage(self) -> Stage:
        """The stage of views."""
        return self.query_one(Stage)

    @property
    def view(self) -> View | None:
        """The view shown."""
        return self.stage.current

    def context(self) -> Context:
        """Describe the present moment for legality predicates and the footer."""
        view = self.view
        focused = self.focused
        return Context(
            scopes=scopes_of(view, focused),
            subject=view.subject if view is not None else None,
            training=self.console.standing.training,
            read_only=self.console.standing.read_only,
            undo=self.console.undo_label,
            result=self.console.caller.last is not None,
            revealed=any(each.revealed for each in self.stage.views),
            typing=isinstance(focused, TextualInput | TextArea),
            deep=len(self.stage.trail) > 1,
            history=self.stage.history.ways,
        )

    def sync(self) -> None:
        """Bring the chrome up to date with the view, the focus and the session."""
        if not (self.is_mounted and self.is_running):
            return
        trail = self.stage.trail
        bar = self.query_one(TopBar)
        if trail:
            first = place(trail[0].route.place)
            bar.crumbs = (text.literal(first.title), *(view.crumb for view in trail))
            bar.note = trail[-1].note
            self.query_one(PlaceNav).place = first.id
        bar.standing = self.console.standing
        self.set_class(self.console.standing.training, "-training")
        self.query_one(Footer).context = self.context()

    def say(self, said: Outcome | text.Content | None) -> None:
        """Put an outcome or a notice on the result line."""
        self.query_one(ResultLine).said = said
        self.sync()

    def handler(self, command: Command) -> Callable[[str], Any] | None:
        """Find the method of the focused widget, what holds it, or the view."""
        nodes: list[object] = list(self.focused.ancestors_with_self) if self.focused else []
        for node in [*nodes, self.view]:
            found: Callable[[str], Any] | None = getattr(node, command.handler, None)
            if found is not None:
                return found
        return None

    def conceal(self) -> None:
        """Have every view drop the secrets it shows."""
        for view in self.stage.views:
            view.conceal()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let a key pass on when it means nothing in the scopes that are active."""
        if action == "press":
            return self._command(str(parameters[0])) is not None
        return True

    def action_press(self, key: str) -> None:
        """Carry out what a key means here."""
        command = self._command(key)
        if command is not None:
            self.console.perform(command)

    def _command(self, key: str) -> Command | None:
        return by_key(COMMANDS, key, scopes_of(self.view, self.focused))

    @on(PlaceNav.Chosen)
    async def _place_chosen(self, event: PlaceNav.Chosen) -> None:
        await self.stage.switch(event.place)
        self.sync()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _focus_moved(self) -> None:
        self.call_after_refresh(self.sync)

    def on_resize(self, event: events.Resize) -> None:
        """Show one line instead of everything when there is too little room."""
        columns, rows = MINIMUM
        self.set_class(event.size.width < columns or event.size.height < rows, "-tiny")
