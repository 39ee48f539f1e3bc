"""The lock: nothing is reached over it, nothing is seen on it. One test for each way in."""

from __future__ import annotations

import asyncio
import signal
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Input

from kmstui.core.clock import FakeClock
from kmstui.core.errors import KeystoreLockedError, SessionError
from kmstui.core.secret import Secret
from kmstui.tui import signals
from kmstui.tui.app import KmsApp
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import by_id
from kmstui.tui.dialogs.confirm import ConfirmTyped
from kmstui.tui.lockscreen import LockScreen
from kmstui.tui.place import Route
from kmstui.tui.text import literal
from tests._textual_private import screen_text
from tests.helpers.console import (
    PASSPHRASE,
    START,
    FakeEngine,
    FakeSession,
    console,
    probe,
    probes,
    settle,
)

SIZE = (100, 30)


@pytest.fixture(autouse=True)
def probe_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put probes wherever a view would be."""
    probes(monkeypatch)


def shows_the_lock_only(app: KmsApp) -> bool:
    """Tell whether the sign-in screen is all there is."""
    shown = screen_text(app)
    return (
        isinstance(app.screen, LockScreen)
        and app.screen_stack == [app.screen]
        and "Passphrase" in shown
        and "payments" not in shown
    )


class TestNothingOverTheLock:
    """Each way something could appear over the lock."""

    @pytest.mark.parametrize(
        "key",
        ["ctrl+p", "colon", "question_mark", "a", "exclamation_mark", "grave_accent", "f1", "f5"],
    )
    async def test_keys(self, key: str) -> None:
        """No key opens the palette, the command line, help or a panel."""
        app = console()
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await app.lock("Test.")
            await pilot.press(key)
            await settle(pilot)
            assert shows_the_lock_only(app)

    @pytest.mark.parametrize("digit", "0123456789")
    async def test_digits(self, digit: str) -> None:
        """A digit is typed into the passphrase and goes nowhere."""
        app = console()
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await app.lock("Test.")
            await pilot.press(digit)
            assert shows_the_lock_only(app)
            assert app.screen.query_one(Input).value == digit

    async def test_textuals_palette(self) -> None:
        """Textual's own command palette does not open, neither locked nor unlocked."""
        app = console()
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            app.action_command_palette()
            await settle(pilot)
            assert app.screen is app.main
            await app.lock("Test.")
            app.action_command_palette()
            await settle(pilot)
            assert shows_the_lock_only(app)

    async def test_late_modal(self) -> None:
        """A dialog pushed by work that ends late waits for the next sign-in."""
        app = console()
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await app.lock("Test.")
            app.push_screen(ConfirmTyped(literal("payments"), literal(""), "x", literal("Do")))
            await settle(pilot)
            assert shows_the_lock_only(app)
            await app.unlock(Secret.from_text(PASSPHRASE))
            await settle(pilot)
            assert isinstance(app.screen, ConfirmTyped)

    async def test_open_modal(self) -> None:
        """A dialog that is open goes under the lock, and what was typed in it is gone."""
        app = console()
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            dialog = ConfirmTyped(literal("payments"), literal(""), "token", literal("Do"))
            app.push_screen(dialog)
            await settle(pilot)
            await pilot.press(*"token", "ctrl+l")
            await settle(pilot)
            assert shows_the_lock_only(app)
            assert dialog.query_one("#token", Input).value == ""

    async def test_toast(self) -> None:
        """An earlier toast goes, and a later one does not come."""
        app = console()
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await settle(pilot)
            app.notify("payments-db: earlier", timeout=60)
            await settle(pilot)
            assert "earlier" in screen_text(app)
            await app.lock("Test.")
            app.notify("payments-db: later", timeout=60)
            await settle(pilot)
            assert shows_the_lock_only(app)

    async def test_modes(self) -> None:
        """Code that switches modes stays at the lock."""
        app = console()
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await app.lock("Test.")
            await app.switch_mode("main")
            await settle(pilot)
            assert shows_the_lock_only(app)

    async def test_navigation_behind_the_lock(self) -> None:
        """A view opened by work that ends late does not come through."""
        app = console()
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await app.lock("Test.")
            await app.go(Route("keys", "a", "payments"))
            await settle(pilot)
            assert shows_the_lock_only(app)

    async def test_screenshots(self) -> None:
        """No screenshot is taken over the lock, by action, by system command or by verb."""
        app = console()
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await app.lock("Test.")
            assert app.check_action("screenshot", ()) is False
            assert list(app.get_system_commands(app.screen)) == []

    async def test_no_screenshot_of_plaintext(self) -> None:
        """While any view shows plaintext, the verb is refused."""
        app = console()
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            probe(app).shows_plaintext = True
            app.perform(by_id(COMMANDS, "screenshot"))
            await settle(pilot)
            assert "hide it first" in screen_text(app)

    async def test_a_call_that_ends_late(self) -> None:
        """A call in flight ends behind the lock and is not shown on it."""
        gate = threading.Event()

        def slow() -> dict[str, object]:
            gate.wait(5)
            return {}

        engine = FakeEngine(answers={"DisableKey": slow})
        app = console(engine)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await pilot.press("t")
            locking = asyncio.ensure_future(app.lock("Test."))
            await pilot.pause()
            gate.set()
            await locking
            await settle(pilot)
            assert shows_the_lock_only(app)

    async def test_calls_are_refused(self) -> None:
        """No view can read data while the console is locked."""
        engine = FakeEngine()
        app = console(engine)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await app.lock("Test.")
            with pytest.raises(KeystoreLockedError):
                await app.fetch("ListKeys")
            assert await app.call("DisableKey", KeyId="1") is None
            assert engine.calls == []


class TestLocking:
    """What locks, and what it does."""

    async def test_both_locks(self) -> None:
        """ctrl+l hides the screen, ends the session and drops the keys."""
        engine = FakeEngine()
        app = console(engine)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            view = probe(app)
            await pilot.press("ctrl+l")
            await settle(pilot)
            assert (1, None, 1) == (engine.locked, app.session, view.concealed)
            assert "You locked it." in screen_text(app)

    async def test_serving_keeps_the_keys(self) -> None:
        """While an endpoint serves only the screen locks, and it says so."""
        engine = FakeEngine()
        app = console(engine, serving=lambda: True)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await app.lock("Test.")
            await settle(pilot)
            assert engine.locked == 0
            assert "Keys stay loaded" in screen_text(app)

    async def test_idle(self) -> None:
        """Five minutes without a key lock; any key starts the count anew; the strip warns."""
        clock = FakeClock(START)
        app = console(clock=clock)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            clock.advance(timedelta(minutes=4, seconds=30))
            await app.tick()
            await pilot.pause()
            assert "locks in 30 s" in screen_text(app)
            await pilot.press("j")
            clock.advance(timedelta(minutes=4))
            await app.tick()
            assert not app.locked
            clock.advance(timedelta(minutes=1))
            await app.tick()
            await settle(pilot)
            assert shows_the_lock_only(app)
            assert "Locked after 5 minutes without a key." in screen_text(app)

    async def test_never_in_a_demo(self) -> None:
        """Without a limit nothing locks by itself."""
        clock = FakeClock(START)
        app = console(clock=clock, idle_lock=None)
        async with app.run_test() as pilot:
            await settle(pilot)
            clock.advance(timedelta(days=1))
            await app.tick()
            assert not app.locked

    @pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
    async def test_told_to_end(self, number: signal.Signals) -> None:
        """A lost terminal, or being told to end, locks, closes the keystore and leaves."""
        engine = FakeEngine()
        app = console(engine)
        async with app.run_test() as pilot:
            await settle(pilot)
            await signals.leave(app, number)
        assert (1, 1, 128 + number) == (engine.locked, engine.closed, app.return_code)

    async def test_suspend(self) -> None:
        """ctrl+z locks before the shell gets the terminal."""
        order: list[str] = []
        engine = FakeEngine()
        app = console(engine)
        async with app.run_test() as pilot:
            await settle(pilot)
            await signals.stop(app, lambda *_: order.append(f"stopped, locked {engine.locked}"))
            assert ["stopped, locked 1"] == order

    async def test_a_session_that_ended(self) -> None:
        """An engine that no longer knows the session sends the person to sign in."""
        engine = FakeEngine(answers={"DisableKey": SessionError()})
        app = console(engine)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await pilot.press("t")
            await settle(pilot)
            await settle(pilot)
            assert shows_the_lock_only(app)


class TestSigningIn:
    """The sign-in screen."""

    async def type_in(self, pilot: object, text: str) -> None:
        """Type a passphrase and send it."""
        field = pilot.app.screen.query_one(Input)  # type: ignore[attr-defined]
        field.value = text
        await pilot.press("enter")  # type: ignore[attr-defined]
        await settle(pilot)  # type: ignore[arg-type]

    async def test_right(self) -> None:
        """The passphrase opens the console, and the field is empty."""
        app = console(signed_in=False)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            screen = app.screen
            await self.type_in(pilot, PASSPHRASE)
            assert app.screen is app.main
            assert screen.query_one(Input).value == ""

    async def test_wrong(self) -> None:
        """A wrong one is counted and neither shown nor kept."""
        app = console(signed_in=False)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            for _ in range(2):
                await self.type_in(pilot, "canary-passphrase")
            shown = screen_text(app)
            assert "2 tries." in shown
            assert "canary" not in shown
            assert app.screen.query_one(Input).value == ""

    async def test_no_metadata(self) -> None:
        """Two keystores at one path look the same; path and training badge are all that shows."""
        shown = []
        for account, count in (("111122223333", 3), ("444455556666", 90_000)):
            engine = FakeEngine()
            engine.state = replace(engine.state, account=account, key_count=count)
            app = console(engine, signed_in=False, training=True)
            async with app.run_test(size=SIZE) as pilot:
                await settle(pilot)
                shown.append(screen_text(app))
        assert shown[0] == shown[1]
        assert ("~/keys/prod" in shown[0], "TRAINING" in shown[0]) == (True, True)
        assert not any(word in shown[0] for word in ("root", "eu-central-1", "111122223333"))

    async def test_the_same_person_finds_their_place(self) -> None:
        """After unlocking the views are as they were, with their data read anew."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            view = await app.go(Route("keys", "a", "one"))
            await app.lock("Test.")
            await app.unlock(Secret.from_text(PASSPHRASE))
            await settle(pilot)
            assert app.main.view is view
            assert probe(app).refreshed == 1

    async def test_another_person_finds_nothing(self) -> None:
        """Who signs in as somebody else gets neither views nor dialogs nor the echo."""
        engine = FakeEngine()
        app = console(engine)
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("t")
            await settle(pilot)
            await app.go(Route("keys", "a", "one"))
            await app.lock("Test.")
            app.push_screen(ConfirmTyped(literal("payments"), literal(""), "x", literal("Do")))
            engine.session = FakeSession(principal="arn:aws:iam::111122223333:user/bob")
            await app.unlock(Secret.from_text(PASSPHRASE))
            await settle(pilot)
            assert (Route("home"), [], []) == (
                probe(app).route,
                app.caller.outcomes,
                app.notices,
            )
            assert app.screen is app.main

    async def test_standing(self) -> None:
        """The strip shows what is out of the ordinary, and only that."""
        engine = FakeEngine()
        engine.state = replace(
            engine.state, verification="pending", verified_rows=43, total_rows=100
        )
        app = console(engine)
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            assert "verifying 43%" in screen_text(app).splitlines()[0]
            engine.state = replace(
                engine.state, verification="verified", rollback_protection="none"
            )
            await app.tick()
            await pilot.pause()
            first = screen_text(app).splitlines()[0]
            assert ("verifying" in first, "rollback protection: none" in first) == (False, True)
