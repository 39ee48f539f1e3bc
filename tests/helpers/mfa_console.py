"""A console over a keystore whose guardrail is on, and a phone that is enrolled through it."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from kmstui.tui.app import KmsApp
from kmstui.tui.launch import Launch
from kmstui.tui.mfa.enrol import EnrolScreen
from tests.helpers.console import settle
from tests.helpers.demo_console import DemoConsole
from tests.helpers.engines import PASSPHRASE, Bench
from tests.helpers.mfa import Phone


def console_on(bench: Bench, **options: Any) -> DemoConsole:
    """Make a console over a bench's engine, signed in; time moves only when the test says so."""
    app = DemoConsole(
        Launch(
            open_engine=lambda: bench.engine,
            location="~/keys/prod",
            training=bench.engine.status().training,
            sign_in=lambda _door: bench.session,
            clock=bench.clock,
            idle_lock=None,
            ticking=False,
            start="keys",
            **options,
        )
    )
    app.animation_level = "none"
    return app


def console_of(pilot: Pilot[None]) -> KmsApp:
    """Return the application by its own type."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    return app


async def fill(pilot: Pilot[None], field: str, typed: str) -> None:
    """Put text into a field, as a paste does."""
    pilot.app.screen.query_one(field, Input).value = typed
    await settle(pilot)


async def enrol_phone(pilot: Pilot[None], bench: Bench) -> Phone:
    """Go through enrolment from the dialog that asks for the name; return the phone."""
    await fill(pilot, "#passphrase", PASSPHRASE)
    await pilot.press("enter")
    await until(pilot, EnrolScreen)
    phone = phone_of(pilot, bench)
    await fill(pilot, "#one", phone.code(-2))
    await fill(pilot, "#two", phone.code(-1))
    pilot.app.screen.query_one("#two").focus()
    await pilot.press("enter")
    await settle(pilot)
    return phone


def phone_of(pilot: Pilot[None], bench: Bench) -> Phone:
    """Scan the secret off the screen."""
    screen = pilot.app.screen
    assert isinstance(screen, EnrolScreen)
    return Phone(bench, screen.new.device.serial, screen.new.seed.encode())


async def until(pilot: Pilot[None], kind: type) -> None:
    """Wait until a screen of a kind is on top."""
    for _ in range(400):
        if isinstance(pilot.app.screen, kind):
            break
        await pilot.pause(0.005)
    await settle(pilot)
