"""Consoles that show the showpiece screens: the demo account at a fixed time, on fixed ids."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from kmstui.core.clock import FakeClock
from kmstui.core.ids import SeededIds
from kmstui.core.secret import Secret
from kmstui.engine import Engine, Host, Session
from kmstui.engine.demo import build_demo, demo_passphrase
from kmstui.engine.opening import NewKeystore
from kmstui.engine.status import EngineStatus
from kmstui.hsm import CHEAPEST
from kmstui.tui.app import KmsApp
from kmstui.tui.launch import Door, Launch, Onboarding, Wish
from tests.helpers.demo_console import Demo, DemoConsole
from tests.helpers.screens import NAMED, Opening, Showpiece

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
"""When the pictures are taken."""

HOME = "~/.local/share/kmstui"
"""Where the pictures say that keystores are."""

_TRIES = 2_000


class ShownEngine(Engine):
    """An engine that says its keystore is where a keystore usually is."""

    def status(self) -> EngineStatus:
        """Report the engine's state, but not where the tests put its files."""
        return replace(
            super().status(), directory=f"{HOME}/demo", anchor_directory=f"{HOME}/anchors"
        )


@dataclass(frozen=True, slots=True)
class Showroom:
    """The demo account as it is at one moment.

    Attributes:
        demo: Its keystore.
        now: The moment.
    """

    demo: Demo
    now: datetime = NOW

    @classmethod
    def build(cls, base: Path, now: datetime = NOW) -> Showroom:
        """Live through the demo's year, up to a moment."""
        base.chmod(0o700)
        room = cls(Demo(base / "keystore", base / "anchors"), now)
        build_demo(room.demo.keystore, room.host(), seed=1, profile=CHEAPEST, test_profile=True)
        return room

    def copy(self, base: Path) -> Showroom:
        """Copy it, so that a console may change it."""
        base.mkdir(mode=0o700)
        return replace(self, demo=self.demo.copy(base))

    def host(self) -> Host:
        """Return the machine that the engine sees."""
        return replace(self.demo.host(FakeClock(self.now)), user_agent="kmstui")

    def console(self, screen: Showpiece) -> KmsApp:
        """Make the console of a screen; what leads to it is :func:`arrive`."""
        clock = FakeClock(self.now)
        host = replace(self.host(), clock=clock)
        spare = self.demo.keystore.with_name("fresh")

        def open_engine() -> Door:
            return ShownEngine.open(self.demo.keystore, host=host)

        def create(wish: Wish, passphrase: Secret) -> tuple[Engine, Session, Secret]:
            new = NewKeystore(
                wish.account,
                wish.region,
                CHEAPEST,
                test_profile=True,
                administrator=wish.user_name,
            )
            fresh = replace(host, ids=SeededIds(1))
            return ShownEngine.create(spare, host=fresh, new=new, passphrase=passphrase)

        nothing = screen.opening is Opening.NOTHING
        options: dict[str, Any] = {}
        if nothing:
            options["onboarding"] = Onboarding(
                Wish("123456789012", "us-east-1", "admin"), create, lambda _: (1, 5)
            )
        elif screen.opening is Opening.DEMO:
            options["sign_in"] = lambda door: door.unlock(demo_passphrase())
        app = DemoConsole(
            Launch(
                open_engine=open_engine,
                location=f"{HOME}/{'keystore' if nothing else 'demo'}",
                training=not nothing,
                clock=clock,
                idle_lock=None,
                ticking=False,
                start=screen.place,
                theme=screen.theme,
                **options,
            )
        )
        app.animation_level = "none"
        return app


@contextmanager
def surroundings(screen: Showpiece) -> Iterator[None]:
    """Set the environment that a screen is shown in, and put it back."""
    if not screen.no_color:
        yield
        return
    os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        os.environ.pop("NO_COLOR", None)


async def rest(pilot: Pilot[Any]) -> None:
    """Wait until the console has nothing left to do but to wait for a person."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    for _ in range(_TRIES):
        await pilot.pause()
        busy = any(each.is_running for each in app.workers if each.group not in {"command", "ask"})
        if app.started and not app.caller.running and not busy:
            break
    await pilot.pause()
    await pilot.pause()


async def arrive(pilot: Pilot[Any], screen: Showpiece) -> None:
    """Press the keys that lead to a screen; text is typed as fast as a paste."""
    await rest(pilot)
    for written, keys in groupby(screen.keys, _is_text):
        if written:
            await pilot.press(*keys)
            await rest(pilot)
            continue
        for key in keys:
            await pilot.press(key)
            await rest(pilot)


def _is_text(key: str) -> bool:
    return len(key) == 1 or key in NAMED.values()


def normal(svg: str) -> str:
    """Take out of a picture the number that Rich gives it."""
    return re.sub(r"\bterminal-\d+-([\w-]+)", r"terminal-\1", svg)
