"""A console over a real engine on the demo account, at a fixed time, for tests of places."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from kmstui.core.clock import FakeClock
from kmstui.core.ids import SeededIds
from kmstui.engine import Engine, Host
from kmstui.engine.demo import build_demo, demo_passphrase
from kmstui.hsm import CHEAPEST
from kmstui.trail.log import SyncPolicy
from kmstui.tui.app import KmsApp
from kmstui.tui.launch import Door, Launch, Session
from kmstui.tui.places.keys.detail.view import KeyView, key_route
from tests.helpers.console import settle

TODAY = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
"""When the demo's year ends."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo keystore on disk, to be copied for each test.

    Attributes:
        keystore: Its directory.
        anchors: The directory of its rollback anchor.
    """

    keystore: Path
    anchors: Path

    @classmethod
    def build(cls, base: Path) -> Demo:
        """Live through the demo's year."""
        demo = cls(base / "keystore", base / "anchors")
        host = demo.host(FakeClock(TODAY))
        build_demo(demo.keystore, host, seed=1, profile=CHEAPEST, test_profile=True)
        return demo

    def copy(self, base: Path) -> Demo:
        """Copy it, so that a test may change it."""
        shutil.copytree(self.keystore, base / "keystore")
        if self.anchors.exists():
            shutil.copytree(self.anchors, base / "anchors")
        return Demo(base / "keystore", base / "anchors")

    def host(self, clock: FakeClock) -> Host:
        """Return the machine that the engine sees."""
        return Host(
            anchor_dir=self.anchors,
            clock=clock,
            ids=SeededIds(7),
            holder="tests",
            user_agent="tests/1.0",
            sync=SyncPolicy.NONE,
            background=False,
        )


class DemoConsole(KmsApp):
    """A console whose random values show as placeholders."""

    opaque_placeholder = True


def demo_console(
    demo: Demo, *, start: str = "keys", proven: bool = False, **options: Any
) -> DemoConsole:
    """Make a console, signed in to a demo; time moves only when the test says so.

    Args:
        demo: The demo.
        start: Where the console starts.
        proven: Whether a fresh MFA code has been given, so that critical calls need none.
        options: More for the launch.
    """
    clock = FakeClock(TODAY)

    def sign_in(door: Door) -> Session:
        session = door.unlock(demo_passphrase())
        if proven:
            code = door.call(session, "kmstui:ShowDemoCode", {})["Code"]
            door.call(session, "kmstui:AuthenticateMfa", {"TokenCode": code})
        return session

    def open_engine() -> Door:
        return Engine.open(demo.keystore, host=demo.host(clock))

    app = DemoConsole(
        Launch(
            open_engine=open_engine,
            location="~/keys/demo",
            training=True,
            sign_in=sign_in,
            clock=clock,
            idle_lock=None,
            ticking=False,
            start=start,
            **options,
        )
    )
    app.animation_level = "none"
    return app


@asynccontextmanager
async def running(app: KmsApp, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[None]]:
    """Run a console headless until it is settled; the engine is closed at the end."""
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        try:
            yield pilot
        finally:
            await app.close_engine()


async def open_key(pilot: Pilot[None], alias: str, tab: str = "") -> KeyView:
    """Open the page of the key with an alias, named without its prefix."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    answer = await app.fetch("DescribeKey", KeyId=f"alias/{alias}")
    view = await app.go(key_route(answer["KeyMetadata"]["Arn"], tab))
    await settle(pilot)
    assert isinstance(view, KeyView)
    return view


def key_view(app: KmsApp) -> KeyView:
    """Return the key's page that shows."""
    view = app.main.view
    assert isinstance(view, KeyView)
    return view


async def write(pilot: Pilot[None], typed: str) -> None:
    """Type text, one key a character."""
    named = {" ": "space", "-": "minus", "/": "slash", "=": "equals_sign", "_": "underscore"}
    await pilot.press(*(named.get(character, character) for character in typed))
    await settle(pilot)


async def hit(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, waiting for what each of them starts."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
