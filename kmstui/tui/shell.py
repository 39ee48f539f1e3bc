"""What the commands of the shell itself do; a view's own commands are methods of the view."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from kmstui.core.errors import KmsError, UsageError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.chooser import Invocation, action_menu, command_bar, palette
from kmstui.tui.chrome.help import HelpScreen
from kmstui.tui.chrome.panels import EchoPanel, MessagePanel
from kmstui.tui.chrome.standing import Standing, standing_of
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import Command, Scope, by_key, refusal
from kmstui.tui.dialogs.refusal import WhyDialog
from kmstui.tui.gate import COMMANDS_GROUP
from kmstui.tui.identity import Identity
from kmstui.tui.mfa.flow import prove, purpose_of
from kmstui.tui.mfa.status import refusal_of
from kmstui.tui.place import Route, place
from kmstui.tui.simulation import SimulationStart, open_simulator
from kmstui.tui.undo_check import changed_since
from kmstui.tui.why.explained import simulation_of
from kmstui.tui.why.reach import decided_again, try_as
from kmstui.tui.why.screen import Next, WhyScreen

if TYPE_CHECKING:
    from kmstui.authz.refusal import Refusal
    from kmstui.engine.status import EngineStatus
    from kmstui.tui.app import KmsApp
    from kmstui.tui.launch import Session


class Shell(Identity):
    """Carries out the commands that belong to no view.

    Args:
        app: The application.
    """

    def __init__(self, app: KmsApp) -> None:
        super().__init__(app)
        self._busy: set[str] = set()

    def standing(self, session: Session, status: EngineStatus) -> Standing:
        """Put together what the status strip shows."""
        return standing_of(session, status)

    def refused(self, what: str, error: KmsError) -> None:
        """Tell that something of the console's own was refused."""
        self._app.tell(self.refusal(what, error))

    @staticmethod
    def refusal(what: str, error: KmsError) -> Outcome:
        """Write a refusal of something that is no call of its own."""
        return Outcome(what.removesuffix("…"), "", "", error)

    def press(self, key: str) -> None:
        """Carry out a command whose keys work everywhere."""
        command = by_key(COMMANDS, key, [Scope.GLOBAL])
        if command is not None:
            self.perform(command)

    def perform(self, command: Command, argument: str = "") -> None:
        """Carry a command out, or say on the result line why not; a running one runs once."""
        main = self._app.main
        reason = refusal(command, main.context())
        handler = main.handler(command) or self.handler(command)
        if reason is None and handler is None:
            reason = "not here; open the place it belongs to"
        if reason is not None:
            title = command.title.removesuffix("…")
            main.say(text.template("[b]$title[/]  [$warn]$why[/]", title=title, why=reason))
        elif handler is not None and command.id not in self._busy:
            self._busy.add(command.id)
            self._app.run_worker(self._work(command, handler, argument), group=COMMANDS_GROUP)

    async def _work(self, command: Command, handler: Callable[[str], Any], argument: str) -> None:
        try:
            result = handler(argument)
            if inspect.isawaitable(result):
                await result
        except KmsError as error:
            self.refused(command.title, error)
        finally:
            self._busy.discard(command.id)
        self._app.main.sync()

    def handler(self, command: Command) -> Callable[[str], Any] | None:
        """Return what carries a command out, or None if no part of the shell does."""
        if command.id.startswith("place-"):
            return partial(self._place, command.id.removeprefix("place-"))
        found: Callable[[str], Any] | None = getattr(self, command.handler, None)
        return found

    async def _place(self, identity: str, _argument: str) -> None:
        await self._app.main.stage.switch(identity)
        self._app.main.sync()

    async def do_back(self, _argument: str) -> None:
        """Leave the field, then a layer of the view, then the view."""
        main = self._app.main
        view = main.view
        if main.context().typing and view is not None:
            main.set_focus(None)
            view.focus_rest()
        elif view is None or not view.step_back():
            await main.stage.back()
        main.sync()

    async def do_earlier(self, _argument: str) -> None:
        """Step back through the history."""
        await self._app.main.stage.step(-1)
        self._app.main.sync()

    async def do_later(self, _argument: str) -> None:
        """Step forward through the history."""
        await self._app.main.stage.step(1)
        self._app.main.sync()

    async def do_last_view(self, _argument: str) -> None:
        """Swap the two views last looked at."""
        await self._app.main.stage.swap()
        self._app.main.sync()

    def do_help(self, _argument: str) -> None:
        """Show what can be done here."""
        self._app.push_screen(HelpScreen(self._app.main.context()))

    async def do_command_line(self, _argument: str) -> None:
        """Ask for a verb and carry it out."""
        self._carry_out(await self._app.ask(command_bar(self._app.main.context())))

    async def do_palette(self, _argument: str) -> None:
        """Search the commands by their words and carry out what is chosen."""
        self._carry_out(await self._app.ask(palette(self._app.main.context())))

    async def do_actions(self, _argument: str) -> None:
        """List what can be done with the selection and carry out what is chosen."""
        self._carry_out(await self._app.ask(action_menu(self._app.main.context())))

    def _carry_out(self, chosen: Invocation | None) -> None:
        if chosen is not None:
            self._app.perform(chosen.command, chosen.argument)

    async def do_undo(self, _argument: str) -> None:
        """Call the inverse of the last change, if that is still as it was left."""
        app = self._app
        done = app.caller.undoable
        if done is None or done.undo is None or app.session is None:
            return
        if done.region and done.region != app.session.region:
            raise UsageError(
                f"{done.operation} was done in {done.region}.", hint=":region goes there."
            )
        changed = await changed_since(app, done.undo)
        taken = app.caller.take_undo()
        if changed or taken is None:
            raise UsageError(
                f"{done.operation} is not undone. {changed}", hint="Nothing was done."
            )
        _, call = taken
        await app.call(call.operation, call.members, about=done.about, before=call.before)
        if app.main.view is not None:
            await app.main.view.undone()

    def do_why(self, _argument: str) -> None:
        """Explain the last outcome."""
        last = self._app.caller.last
        if last is not None:
            self.explain(last)

    def explain(self, outcome: Outcome) -> None:
        """Explain how a call ended, and go on from there."""
        refusal = refusal_of(outcome.error)
        if refusal is None:
            self._app.push_screen(WhyDialog(outcome))
            return
        self._app.run_worker(self._explain(outcome, refusal), group=COMMANDS_GROUP)

    def explain_past(self, outcome: Outcome, start: SimulationStart) -> None:
        """Explain a refusal of the trail, as policies would decide it now."""
        work = self._explain_past(outcome, start)
        self._app.run_worker(work, group=COMMANDS_GROUP)

    async def _explain_past(self, outcome: Outcome, start: SimulationStart) -> None:
        refused = await decided_again(self._app, start)
        if refused is None:
            self._app.push_screen(WhyDialog(outcome))
        else:
            await self._explain(outcome, refused)

    async def _explain(self, outcome: Outcome, refused: Refusal) -> None:
        app = self._app
        start = simulation_of(outcome, refused, app.standing.mfa_age)
        chosen = await app.ask(WhyScreen(outcome, refused))
        try:
            if chosen is Next.SIMULATE:
                await open_simulator(app, start)
            elif chosen is Next.TRY_AS:
                await try_as(app, start)
            elif chosen is Next.CODE and await prove(app, purpose_of(outcome)):
                app.main.say(
                    text.literal("✓ The code counts from now on. Repeat the call.", "$ok")
                )
        except KmsError as error:
            self.refused("Why", error)
        app.main.sync()

    def do_cli(self, _argument: str) -> None:
        """List the calls as AWS CLI commands."""
        self._app.push_screen(EchoPanel(self._app.caller.outcomes))

    def do_messages(self, _argument: str) -> None:
        """List the notices of the session."""
        self._app.push_screen(MessagePanel(self._app.notices))

    def do_mask(self, _argument: str) -> None:
        """Hide or show what identifies things."""
        self._app.masked = not self._app.masked

    async def do_screenshot(self, _argument: str) -> None:
        """Save the screen, masked."""
        app = self._app
        masked, app.masked = app.masked, True
        try:
            await app.animator.wait_until_complete()
            path = app.save_screenshot()
        finally:
            app.masked = masked
        app.notify(f"Saved {path}, masked.")

    async def do_lock(self, _argument: str) -> None:
        """Lock screen and engine."""
        await self._app.lock("You locked it.")

    async def do_quit(self, _argument: str) -> None:
        """Lock, close and leave."""
        await self._app.action_quit()

    async def do_arn(self, argument: str) -> None:
        """Open a key by its ARN."""
        if not argument.startswith("arn:"):
            raise UsageError("That is not an ARN.", hint="arn:aws:kms:REGION:ACCOUNT:key/ID")
        await self._view("keys", "key", argument)

    async def do_deletions(self, _argument: str) -> None:
        """Show the keys in their waiting period."""
        await self._view("keys", "deletions")

    async def do_rotation(self, _argument: str) -> None:
        """Show the keys by rotation."""
        await self._view("keys", "rotation")

    async def do_aliases(self, _argument: str) -> None:
        """Show the aliases."""
        await self._view("keys", "aliases")

    async def do_access_policies(self, _argument: str) -> None:
        """Show the statements of every policy."""
        await self._view("access", "")

    async def do_access_principals(self, _argument: str) -> None:
        """Show users, groups and roles."""
        await self._view("access", "principals")

    async def do_access_simulator(self, _argument: str) -> None:
        """Show the simulator."""
        await self._view("access", "simulator")

    async def do_orphans(self, _argument: str) -> None:
        """Show the grants of which grantee or key is gone."""
        await self._grants("orphans")

    async def do_unconstrained(self, _argument: str) -> None:
        """Show the grants that nothing bounds."""
        await self._grants("unconstrained")

    async def _grants(self, shown: str) -> None:
        view = await self._app.go(Route("grants"))
        cast(Any, view).show(shown)
        self._app.main.sync()

    async def do_doctor(self, _argument: str) -> None:
        """Show what verifies."""
        await self._view("settings", "doctor")

    async def _view(self, identity: str, view: str, argument: str = "") -> None:
        spec = place(identity)
        if view not in spec.views:
            raise UsageError(
                f"{spec.title} has no such view yet.", hint=f"{spec.digit} shows {spec.title}."
            )
        await self._app.go(Route(identity, view, argument))
