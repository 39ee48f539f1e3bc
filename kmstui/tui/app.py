"""The application: modes, the two locks, calls, and the one way anything gets onto the screen.

Light to import: the sign-in screen is all that is loaded before the first frame.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from rich.text import Text
from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen

from kmstui.core.errors import KeystoreLockedError, KmsError, SessionError
from kmstui.core.secret import Secret
from kmstui.tui import crash, signals, text
from kmstui.tui.appearance import Appearance
from kmstui.tui.calls import Caller, Outcome
from kmstui.tui.chrome.standing import Standing, standing_of
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import Command, Scope, by_key, refusal
from kmstui.tui.idle import IdleTimer
from kmstui.tui.lockscreen import LockScreen

if TYPE_CHECKING:
    from kmstui.tui.launch import Door, Launch, Session
    from kmstui.tui.main_screen import MainScreen
    from kmstui.tui.place import Route, View
    from kmstui.tui.shell import Shell

T = TypeVar("T")
MAIN, LOCKED = "main", "locked"


class KmsApp(Appearance, App[None]):
    """The console.

    Args:
        launch: What to open, and how.
    """

    TITLE = "kmstui"
    CSS_PATH = Path(__file__).with_name("base.tcss")
    DEFAULT_MODE = LOCKED
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"press('{key}')", show=False, priority=True)
        for command in COMMANDS
        if command.over
        for key in command.keys
    ]

    masked: reactive[bool] = reactive(False)

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self.launch = launch
        self.caller = Caller()
        self.idle = IdleTimer(launch.clock, launch.idle_lock)
        self.locked = True
        self.session: Session | None = None
        self.standing = Standing()
        self.notices: list[Outcome | text.Content] = []
        self._main: MainScreen | None = None
        self._shell: Shell | None = None
        self._opening: asyncio.Future[Door] | None = None
        self._principal = ""
        self._busy: set[str] = set()
        self._failure: BaseException | None = None
        self.add_mode(LOCKED, lambda: LockScreen(launch.location, training=launch.training))
        self.use_theme(launch.theme)

    @property
    def main(self) -> MainScreen:
        """The screen of the unlocked console.

        Raises:
            KeystoreLockedError: Nobody has signed in yet.
        """
        if self._main is None:
            raise KeystoreLockedError
        return self._main

    @property
    def shell(self) -> Shell:
        """What carries out the commands that belong to no view.

        Raises:
            KeystoreLockedError: Nobody has signed in yet.
        """
        if self._shell is None:
            raise KeystoreLockedError
        return self._shell

    @property
    def undo_label(self) -> str:
        """What `u` would take back; empty if nothing."""
        last = self.caller.last
        return last.operation if last is not None and last.undo is not None else ""

    def on_mount(self) -> None:
        """Watch signals and the clock; start the engine once the first frame is out."""
        signals.watch(self)
        if self.launch.ticking:
            self.set_interval(1.0, self.tick)
        self.call_after_refresh(self.run_worker, self._start(), group="engine")

    async def _start(self) -> None:
        lock_screen = cast(LockScreen, self.screen)
        try:
            door = await self.door()
            if self.launch.sign_in is not None:
                lock_screen.busy()
                await self._enter(await self.caller.run(self.launch.sign_in, door))
        except KmsError as error:
            lock_screen.refuse(error)

    async def door(self) -> Door:
        """Return the engine, opening it the first time.

        Raises:
            KmsError: It cannot be opened; the next call tries again.
        """
        if self._opening is None:
            self._opening = asyncio.ensure_future(self.caller.run(self.launch.open_engine))
        try:
            return await asyncio.shield(self._opening)
        except KmsError:
            self._opening = None
            raise

    async def action_quit(self) -> None:
        """Lock, give the keystore back, and leave."""
        await self.close_engine()
        self.exit()

    async def close_engine(self) -> None:
        """Lock and close the engine, if it was opened."""
        opening, self._opening = self._opening, None
        if opening is not None and opening.done() and opening.exception() is None:
            await self.caller.run(opening.result().close)

    async def unlock(self, passphrase: Secret) -> None:
        """Sign in and show the console.

        Raises:
            KmsError: The passphrase opens no slot, or the keystore cannot be opened.
        """
        door = await self.door()
        await self._enter(await self.caller.run(door.unlock, passphrase))

    async def _enter(self, session: Session) -> None:
        if self._main is not None and self._principal != session.principal:
            self.caller.forget()
            self.notices.clear()
            self._main = None
            await self.remove_mode(MAIN)
        self.session, self._principal = session, session.principal
        await self.read_standing()
        self.locked = False
        self.idle.touch()
        if self._main is not None:
            await self.switch_mode(MAIN)
            for view in self._main.stage.views:
                await view.refresh_data()
        else:
            await self._first_view()
        self.main.sync()

    async def _first_view(self) -> None:
        from kmstui.tui.main_screen import MainScreen  # noqa: PLC0415 - after the first frame
        from kmstui.tui.shell import Shell  # noqa: PLC0415 - after the first frame

        self._shell = Shell(self)
        self._main = main = MainScreen()
        self.add_mode(MAIN, lambda: main)
        await self.switch_mode(MAIN)
        await main.stage.switch(self.launch.start)
        if self.launch.greeting:
            main.say(text.literal(self.launch.greeting, "$muted"))

    async def lock(self, reason: str) -> None:
        """Hide everything, end the session and drop the keys.

        While an endpoint serves, the keys stay and the lock screen says so.

        Args:
            reason: Why, as the lock screen says it.
        """
        if self.locked:
            return
        self.locked, self.session = True, None
        self.clear_notifications()
        for screen in self.screen_stack:
            conceal = getattr(screen, "conceal", None)
            if conceal is not None:
                conceal()
        keeps = self.launch.serving()
        await self.switch_mode(LOCKED)
        kept = " Keys stay loaded: the endpoint is serving." if keeps else ""
        cast(LockScreen, self.screen).explain(reason + kept)
        if not keeps:
            await self.caller.run((await self.door()).lock)

    def switch_mode(self, mode: str) -> Any:
        """Switch modes; while locked there is one only."""
        return super().switch_mode(LOCKED if self.locked else mode)

    def push_screen(self, *arguments: Any, mode: str | None = None, **options: Any) -> Any:
        """Push a screen; while locked it waits, unseen, over the console it belongs to.

        Raises:
            KeystoreLockedError: Nobody has signed in, so there is nothing for it to wait over.
        """
        if self.locked and self._main is None:
            raise KeystoreLockedError
        return super().push_screen(*arguments, mode=mode or MAIN, **options)

    async def ask(self, screen: Screen[T]) -> T | None:
        """Show a dialog and wait for its answer, None for `esc`; for use in a worker."""
        return await self.push_screen_wait(screen)

    def notify(self, message: str, **options: Any) -> None:
        """Show a toast, literally; while locked it is kept for the message list only."""
        self.notices.append(text.literal(message))
        if not self.locked:
            options.update(markup=False, title=text.visible(str(options.get("title", ""))))
            super().notify(text.visible(message), **options)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer none of Textual's own commands: the table has what there is."""
        del screen
        return ()

    async def go(self, route: Route) -> View:
        """Show the view of a route, opening it if need be."""
        view = await self.main.stage.go(route)
        self.main.sync()
        return view

    async def fetch(self, operation: str, /, **members: object) -> dict[str, Any]:
        """Call the engine for a view's data; leaves no result line.

        Raises:
            KmsError: The engine refused, or the console is locked.
        """
        if self.session is None:
            raise KeystoreLockedError
        return await self.caller.fetch(await self.door(), self.session, operation, members)

    async def call(
        self,
        operation: str,
        request: Mapping[str, object] | None = None,
        /,
        *,
        about: str = "",
        before: Mapping[str, object] | None = None,
        explain: bool = False,
        **members: object,
    ) -> dict[str, Any] | None:
        """Call the engine for a person, and tell them how it ended on the result line.

        Args:
            operation: Its name; ``kmstui:Name`` for one AWS does not have.
            about: What it is done to, as the person calls it.
            before: What was there before, for `u`; see :func:`kmstui.tui.undo.inverse`.
            explain: Open the refusal in a dialog at once instead of waiting for `w`.
            request: Members as AWS names them; or name them as keywords.
            **members: More members.

        Returns:
            The answer, or None if it was refused or the console is locked.
        """
        if self.session is None:
            return None
        members |= request or {}
        outcome, answer = await self.caller.call(
            await self.door(), self.session, operation, members, about=about, before=before
        )
        self._tell(outcome)
        if isinstance(outcome.error, KeystoreLockedError | SessionError):
            await self.lock("The session ended.")
        elif outcome.error is not None and explain:
            self.shell.do_why("")
        return answer

    def _tell(self, outcome: Outcome) -> None:
        self.notices.append(outcome)
        self.main.say(outcome)

    async def read_standing(self) -> None:
        """Read what the status strip shows."""
        session = self.session
        if session is not None:
            status = await self.caller.run((await self.door()).status)
            self.standing = standing_of(session, status)

    async def tick(self) -> None:
        """Let one second pass: the idle lock, the status strip, countdowns of the view shown."""
        if self.locked:
            return
        if self.idle.left == 0:
            await self.lock(self.idle.reason)
            return
        await self.read_standing()
        if self.idle.warning:
            self.standing = replace(
                self.standing, alerts=(*self.standing.alerts, self.idle.warning)
            )
        if self.main.view is not None:
            self.main.view.tick()
        self.main.sync()

    async def on_event(self, event: events.Event) -> None:
        """Count every key and click against the idle lock."""
        if isinstance(event, events.InputEvent):
            self.idle.touch()
        await super().on_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse Textual's own screenshot action, and all but leaving while locked."""
        if action == "screenshot":
            return False
        if action == "press" and self.locked:
            return parameters == ("ctrl+q",)
        return super().check_action(action, parameters)

    async def action_press(self, key: str) -> None:
        """Carry out a command whose keys work over dialogs."""
        command = by_key(COMMANDS, key, [Scope.GLOBAL])
        if self.locked:
            await self.action_quit()
        elif command is not None:
            self.perform(command)

    def perform(self, command: Command, argument: str = "") -> None:
        """Carry a command out, or say on the result line why not; a running one runs once.

        Args:
            command: From the table.
            argument: What followed the verb.
        """
        reason = refusal(command, self.main.context())
        handler = self.main.handler(command) or self.shell.handler(command)
        if reason is None and handler is None:
            reason = "not here; open the place it belongs to"
        if reason is not None:
            self.main.say(
                text.template("[b]$title[/] [$warn]$why[/]", title=command.title, why=reason)
            )
        elif handler is not None and command.id not in self._busy:
            self._busy.add(command.id)
            self.run_worker(self._carry_out(command, handler, argument), group="command")

    async def _carry_out(
        self, command: Command, handler: Callable[[str], Any], argument: str
    ) -> None:
        try:
            result = handler(argument)
            if inspect.isawaitable(result):
                await result
        except KmsError as error:
            self._tell(Outcome(command.title, "", "", error))
        finally:
            self._busy.discard(command.id)
            self.main.sync()

    def _handle_exception(self, error: Exception) -> None:
        """Remember what failed, for the report."""
        self._failure = self._failure or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave with our report instead of a traceback that prints every local variable."""
        last = self.caller.last
        request_id = last.request_id if last is not None else ""
        self.panic(Text(crash.report(self._failure, request_id)))
