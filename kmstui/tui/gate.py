"""The two locks, and the one way anything gets onto the screen.

Two modes: ``locked`` holds the sign-in screen and nothing else, ever; ``main`` holds the console.
Whatever is pushed or said while the console is locked waits in ``main``, unseen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from textual.app import SystemCommand
from textual.screen import Screen

from kmstui.core.errors import KeystoreLockedError, KmsError
from kmstui.tui import text
from kmstui.tui.appearance import Appearance
from kmstui.tui.idle import IDLE_SETTING, IdleTimer
from kmstui.tui.lockscreen import LockScreen

if TYPE_CHECKING:
    from kmstui.core.secret import Secret
    from kmstui.tui.calls import Caller, Outcome
    from kmstui.tui.chrome.standing import Role, Standing
    from kmstui.tui.launch import Door, Launch, Onboarding, Session, Wish
    from kmstui.tui.main_screen import MainScreen
    from kmstui.tui.shell import Shell

T = TypeVar("T")
MAIN, LOCKED = "main", "locked"
_FRAME = 1 / 60
COMMANDS_GROUP = "command"
"""Name of the worker group that carries commands out."""


def _shell(app: Gate) -> Shell:
    from kmstui.tui.shell import Shell  # noqa: PLC0415 - after the first frame

    return Shell(cast(Any, app))


class Gate(Appearance):
    """The part of the application that locks, unlocks, and shows things.

    Args:
        launch: What to open, and how.
    """

    DEFAULT_MODE = LOCKED
    standing: Standing

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self.launch = launch
        self.idle = IdleTimer(launch.clock, launch.idle_lock)
        self.locked = True
        self.session: Session | None = None
        self.home: Session | None = None
        self.role: Role | None = None
        self.notices: list[Outcome | text.Content] = []
        self._main: MainScreen | None = None
        self._shell: Shell | None = None
        self._opening: asyncio.Future[Door] | None = None
        self.started = False
        self._principal = ""
        self.add_mode(LOCKED, self._first_screen)

    @cached_property
    def caller(self) -> Caller:
        """What makes the engine calls, in threads of its own."""
        from kmstui.tui.calls import Caller  # noqa: PLC0415 - after the first frame

        return Caller()

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

    def _lock_screen(self) -> LockScreen:
        return LockScreen(self.launch.location, training=self.launch.training)

    def _first_screen(self) -> Screen[None]:
        if self.launch.onboarding is None:
            return self._lock_screen()
        from kmstui.tui.onboarding.screen import OnboardingScreen  # noqa: PLC0415 - rarely shown

        return OnboardingScreen(self.launch.onboarding, self.launch.location)

    async def make(
        self, onboarding: Onboarding, wish: Wish, passphrase: Secret
    ) -> tuple[Session, Secret]:
        """Make a keystore and keep its engine; :meth:`enter` then shows the console.

        Raises:
            KmsError: It could not be made.
        """
        making = asyncio.ensure_future(self.caller.run(onboarding.create, wish, passphrase))

        async def made() -> Door:
            door: Door = (await making)[0]
            return door

        # Held from now on, so that leaving waits for it and gives the keystore back.
        self._opening = asyncio.ensure_future(made())
        await self.door()
        _, session, code = await making
        return session, code

    async def enter(self, session: Session) -> None:
        """Show the console to a session of a keystore that was just made."""
        await self._enter(session)
        await self.remove_mode(LOCKED)
        self.add_mode(LOCKED, self._lock_screen)

    async def open_engine(self) -> None:
        """Open the engine, and sign in where nobody has to be asked."""
        self.started = True
        if self.launch.onboarding is not None:
            return
        screen = cast(LockScreen, self.screen)
        try:
            door = await self.door()
            await self._warm_up()
            if self.launch.sign_in is not None:
                screen.busy()
                await self._enter(await self.caller.run(self.launch.sign_in, door))
        except KmsError as error:
            screen.refuse(error)

    async def _warm_up(self) -> None:
        """Import and parse what shows the console while the passphrase is being typed."""
        for path in await self.caller.run(_import_console, self.launch.start):
            if not self.stylesheet.has_source(str(path), ""):
                self.stylesheet.read(path)
        self.stylesheet.reparse()

    async def close_engine(self) -> None:
        """Lock and close the engine, if it was opened or is being opened."""
        if self._opening is not None:
            try:
                door = await self.door()
            except KmsError:
                return
            # Whatever still reads in the background would open the keystore again.
            self._opening = self.session = self.home = self.role = None
            await self.caller.run(door.close)

    async def unlock(self, passphrase: Secret) -> None:
        """Sign in and show the console.

        Raises:
            KmsError: The passphrase opens no slot, or the keystore cannot be opened.
        """
        door = await self.door()
        await self._enter(await self.caller.run(door.unlock, passphrase))

    async def _enter(self, session: Session) -> None:
        if self._main is not None and self._principal != session.principal:
            await self._forget()
        self.session = self.home = session
        self.role, self._principal = None, session.principal
        if self._shell is None:
            self._shell = _shell(self)
        await self.read_standing()
        await self._read_idle_lock(session)
        self.locked = False
        self.idle.touch()
        if self._main is not None:
            await self.switch_mode(MAIN)
            self.run_worker(self.refresh_views(), group="refresh", exclusive=True)
        else:
            await self._build()
        self.main.sync()

    async def _read_idle_lock(self, session: Session) -> None:
        """Lock after as many minutes as the keystore's setting says, unless never is asked for."""
        if self.launch.idle_lock is None:
            return
        try:
            answer = await self.caller.fetch(await self.door(), session, "kmstui:GetSettings", {})
        except KmsError as error:
            self.notices.append(self.shell.refusal("GetSettings", error))
            return
        minutes = answer.get("Settings", {}).get(IDLE_SETTING)
        if minutes is not None:
            self.idle.limit_to(int(minutes))

    async def _build(self) -> None:
        from kmstui.tui.main_screen import MainScreen  # noqa: PLC0415 - after the first frame

        self._main = main = MainScreen()
        # A new screen has every style sheet parsed anew, twice; nothing changed since the last.
        main._css_update_count = self._css_update_count  # noqa: SLF001 - there is no other way
        self.add_mode(MAIN, lambda: main)
        await self.switch_mode(MAIN)
        await main.stage.switch(self.launch.start)
        if self.launch.greeting:
            main.say(text.literal(self.launch.greeting, "$muted"))

    async def _forget(self) -> None:
        """Drop all that another principal saw, did or left half done."""
        self.workers.cancel_group(self, COMMANDS_GROUP)
        self.caller.forget()
        self.notices.clear()
        self._main = self._shell = None
        await self.remove_mode(MAIN)

    async def refresh_views(self) -> None:
        """Have every view read its data again, until somebody else signs in."""
        main, shell = self.main, self.shell
        for view in main.stage.views:
            try:
                await view.refresh_data()
            except KmsError as error:
                if self._main is not main:
                    return
                shell.refused("Refresh", error)
        if self._main is main:
            main.sync()

    async def lock(self, reason: str) -> None:
        """Hide everything, end the session and drop the keys.

        While an endpoint serves, the keys stay and the lock screen says so.

        Args:
            reason: Why, as the lock screen says it.
        """
        if self.locked:
            return
        self.locked = True
        self.session = self.home = self.role = None
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

    def delay_update(self, delay: float = 0.05) -> None:
        """Mask a change of screens for one frame; Textual's 50 ms are felt at every dialog."""
        super().delay_update(min(delay, _FRAME))

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

    def tell(self, outcome: Outcome) -> None:
        """Put an outcome on the result line and among the messages."""
        self.notices.append(outcome)
        self.main.say(outcome)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer none of Textual's own commands: the table has what there is."""
        del screen
        return ()

    async def switch_region(self, region: str) -> None:
        """Send this session's further calls to another Region.

        Raises:
            KmsError: It is not the name of a Region, or the console is locked.
        """
        if self.session is None:
            raise KeystoreLockedError
        door = await self.door()
        session = await self.caller.run(door.switch_region, self.session, region)
        if self.role is None:
            self.home = session
        self.session = session
        await self.read_standing()

    @property
    def person(self) -> Session | None:
        """The session whose MFA devices and codes count: that of whoever signed in.

        A role shares what its person has proven; acting as another begins with nothing.
        """
        acting = self.role is not None and self.role.acting
        return self.session if acting else self.home

    async def read_standing(self) -> None:
        """Read what the status strip shows."""
        session, home = self.session, self.home
        if session is not None and home is not None:
            door = await self.door()
            status, age = await self.caller.run(lambda: (door.status(), door.mfa_age(session)))
            self.standing = self.shell.standing(session, status)
            self.standing = replace(
                self.standing, identity=home.user_name, role=self.role, mfa_age=age
            )


def _import_console(start: str) -> list[Path]:
    """Import what shows the console and name the style sheets that come with it."""
    from kmstui.tui.place import place  # noqa: PLC0415 - after the first frame

    main = import_module("kmstui.tui.main_screen").MainScreen
    import_module("kmstui.tui.shell")
    module, _, name = place(start).views[""].target.partition(":")
    view = getattr(import_module(module), name)
    return [main.CSS_PATH, *([view.STYLES] if view.STYLES is not None else [])]
