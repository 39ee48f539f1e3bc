"""The application: commands, calls, the tick, and what happens when it fails.

Light to import: the sign-in screen is all that is loaded before the first frame.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events
from textual.reactive import reactive

from kmstui.core.errors import ExpiredTokenException, KeystoreLockedError, SessionError
from kmstui.tui import crash, signals, text
from kmstui.tui.gate import Gate
from kmstui.tui.typeahead import Typeahead

if TYPE_CHECKING:
    from textual.driver import Driver

    from kmstui.tui.calls import Outcome
    from kmstui.tui.commands import Command
    from kmstui.tui.launch import Launch
    from kmstui.tui.place import Route, View


_TYPEAHEAD_SECONDS = 1.0
"""A command line opens much sooner than this, if it opens at all."""


class KmsApp(Gate):
    """The console.

    Args:
        launch: What to open, and how.
    """

    TITLE = "kmstui"
    CSS_PATH = Path(__file__).with_name("base.tcss")
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual declares it so

    masked: reactive[bool] = reactive(False, init=False)

    def __init__(self, launch: Launch) -> None:
        super().__init__(launch)
        self.typeahead = Typeahead()
        self._failure: BaseException | None = None
        self.use_theme(launch.theme)

    def get_driver_class(self) -> type[Driver]:
        """Paint through a driver that outlives its terminal."""
        from kmstui.tui.driver import TerminalDriver  # noqa: PLC0415 - not where there is none

        return TerminalDriver

    def on_mount(self) -> None:
        """Watch signals and the clock; start the engine once the first frame is out."""
        signals.watch(self)
        if self.launch.ticking:
            self.set_interval(1.0, self.tick)
        self.call_after_refresh(self._after_first_frame)

    def _after_first_frame(self) -> None:
        # What has been imported stays: the collector need not look at it again.
        gc.freeze()
        gc.enable()
        self.run_worker(self.open_engine(), group="engine")

    def on_unmount(self) -> None:
        """Stop the engine's threads."""
        self.caller.close()

    async def action_quit(self) -> None:
        """Lock, give the keystore back, and leave; a screen may ask to be sure first."""
        holds_back = getattr(self.screen, "holds_back", None)
        if holds_back is not None and holds_back():
            return
        await self.close_engine()
        self.exit()

    def action_help_quit(self) -> None:
        """Say how to leave, because ctrl+c does not."""
        self.notify("ctrl+q leaves kmstui; ctrl+l locks it.")

    async def go(self, route: Route) -> View:
        """Show the view of a route, opening it if need be."""
        view = await self.main.stage.go(route)
        self.main.sync()
        return view

    @property
    def undo_label(self) -> str:
        """What `u` would take back; empty if nothing."""
        done = self.caller.undoable
        return done.operation if done is not None else ""

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
            request: Members as AWS names them; or name them as keywords.
            about: What it is done to, as the person calls it.
            before: What was there before, for `u`; see :func:`kmstui.tui.undo.inverse`.
            explain: Open the refusal in a dialog at once instead of waiting for `w`.
            **members: More members.

        Returns:
            The answer, or None if it was refused or the console is locked.
        """
        if self.session is None:
            return None
        members |= request or {}
        outcome, answer = await self.attempt(operation, members, about=about, before=before)
        self.tell(outcome)
        if isinstance(outcome.error, KeystoreLockedError | SessionError):
            await self.lock("The session ended.")
        elif isinstance(outcome.error, ExpiredTokenException) and self.role is not None:
            await self.shell.go_home("The role's time was over. You are [b]$name[/] again.")
        elif outcome.error is not None and explain:
            self.shell.do_why("")
        return answer

    async def attempt(
        self,
        operation: str,
        members: Mapping[str, object],
        *,
        about: str = "",
        before: Mapping[str, object] | None = None,
    ) -> tuple[Outcome, dict[str, Any] | None]:
        """Make a call; if only a fresh MFA code is missing, ask for it and repeat the call.

        Returns:
            How it ended in the end, and the answer or None if it was refused.

        Raises:
            KeystoreLockedError: The console is locked.
        """
        session = self.session
        if session is None:
            raise KeystoreLockedError
        door = await self.door()
        made = partial(
            self.caller.call, door, session, operation, members, about=about, before=before
        )
        outcome, answer = await made()
        if await self.proven(outcome) and self.session is session:
            outcome, answer = await made()
        return outcome, answer

    async def proven(self, outcome: Outcome) -> bool:
        """Ask for the code that a refused call wants, and tell whether it was given."""
        from kmstui.tui.mfa.status import wants_code  # noqa: PLC0415 - after the first frame

        if not wants_code(outcome.error):
            return False
        from kmstui.tui.mfa.flow import prove, purpose_of  # noqa: PLC0415 - rarely needed

        return await prove(self, purpose_of(outcome))

    async def tick(self) -> None:
        """Let one second pass: the idle lock, the status strip, countdowns of the view shown."""
        if self.locked:
            return
        if self.idle.left == 0:
            await self.lock(self.idle.reason)
            return
        await self.read_standing()
        if self.idle.warning:
            alerts = (*self.standing.alerts, self.idle.warning)
            self.standing = replace(self.standing, alerts=alerts)
        if self.main.view is not None:
            self.main.view.tick()
        over = getattr(self.screen, "tick", None)
        if over is not None:
            over()
        self.main.sync()

    async def on_event(self, event: events.Event) -> None:
        """Count every key and click against the idle lock."""
        if isinstance(event, events.InputEvent):
            self.idle.touch()
        if isinstance(event, events.Key) and not event.is_forwarded and self._held_back(event):
            return
        await super().on_event(event)

    def _held_back(self, event: events.Key) -> bool:
        """Keep keys for the command line from its `:` until it is open."""
        if self.typeahead.hold(event):
            return True
        if event.character == ":" and self._main is self.screen and not self.main.context().typing:
            self.typeahead.begin()
            self.set_timer(_TYPEAHEAD_SECONDS, self.release_keys)
        return False

    def release_keys(self) -> None:
        """Let keys go on that no command line came for."""
        for event in self.typeahead.take():
            self.post_message(event)

    def watch_masked(self) -> None:
        """Have every view show or hide what identifies things."""
        if self._main is not None:
            for view in self._main.stage.views:
                view.mask_changed()
            self._main.sync()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse Textual's own screenshot action, and every command while locked."""
        if action == "screenshot" or (action == "press" and self.locked):
            return False
        return super().check_action(action, parameters)

    def action_press(self, key: str) -> None:
        """Carry out a command whose keys work over dialogs."""
        self.shell.press(key)

    def perform(self, command: Command, argument: str = "") -> None:
        """Carry a command out, or say on the result line why not; a running one runs once.

        Args:
            command: From the table.
            argument: What followed the verb.
        """
        self.shell.perform(command, argument)

    def _handle_exception(self, error: Exception) -> None:
        """Remember what failed, for the report."""
        self._failure = self._failure or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave with our report instead of a traceback that prints every local variable."""
        last = self.caller.last
        request_id = last.request_id if last is not None else ""
        self.panic(text.literal(crash.report(self._failure, request_id), newlines=True))
