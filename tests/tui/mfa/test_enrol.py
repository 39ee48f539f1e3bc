"""Devices: enrolled, shown, synchronised, removed; the demo authenticator; codes themselves."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Digits, Static

from kmstui.core.otpauth import otpauth_text
from kmstui.tui.dialogs.confirm import ConfirmTyped
from kmstui.tui.mfa.authenticator import AuthenticatorScreen
from kmstui.tui.mfa.codes import cleaned, code_problem, seconds_left, spaced
from kmstui.tui.mfa.deeds import TwoCodesDialog
from kmstui.tui.mfa.enrol import EnrolScreen
from kmstui.tui.mfa.lost import LostCodesScreen, two_columns
from kmstui.tui.mfa.new_device import NewDeviceDialog
from kmstui.tui.mfa.prompt import CodeDialog
from kmstui.tui.mfa.qr import BORDER, half_blocks, modules, qr_code
from kmstui.tui.modal import Modal
from kmstui.tui.themes import load_themes
from tests._textual_private import screen_styles, screen_text
from tests.conftest import MakeBench
from tests.helpers.console import settle
from tests.helpers.demo_console import running
from tests.helpers.engines import Bench
from tests.helpers.goldens import assert_golden
from tests.helpers.mfa import enable, make_phone
from tests.helpers.mfa_console import (
    console_of,
    console_on,
    enrol_phone,
    fill,
    phone_of,
    until,
)

THEMES = [entry.name for entry in load_themes().entries]
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def guarded(make_bench: MakeBench) -> Bench:
    """Return a production keystore with its guardrail, and the administrator signed in."""
    return make_bench(administrator="admin", mfa_guardrail=True)


@pytest.fixture
def lesson(make_bench: MakeBench) -> Bench:
    """Return a training keystore with its guardrail, and the administrator signed in."""
    return make_bench(administrator="admin", mfa_guardrail=True, training=True)


async def deed(pilot: Pilot[None], name: str) -> None:
    """Carry out a deed of the MFA section."""
    console_of(pilot).run_worker(_deed(pilot, name), group="command")
    await settle(pilot)


async def _deed(pilot: Pilot[None], name: str) -> None:
    from kmstui.tui.mfa.deeds import act

    what, _, serial = name.partition(" ")
    await act(console_of(pilot), what, serial)


class TestCodes:
    """Codes as people type them."""

    @pytest.mark.parametrize(
        "typed", ["492039", "492 039", "492-039", "  492039\t", "4 9 2 0 3 9", "492\u2013039"]
    )
    def test_separators_are_dropped(self, typed: str) -> None:
        """What apps and people put between digits does not matter."""
        assert "492039" == cleaned(typed)
        assert "" == code_problem(typed)

    @pytest.mark.parametrize("typed", ["", " - ", "49203", "4920391", "49203a", "\u0664920399"])
    def test_what_is_no_code_is_said(self, typed: str) -> None:
        """Five digits, letters, digits of other scripts are named before the engine is asked."""
        assert code_problem(typed)

    def test_time_left(self) -> None:
        """A code is shown for 30 seconds from the epoch on."""
        assert (30, 1) == (seconds_left(0.0), seconds_left(59.9))
        assert "492 039" == spaced("492039")


class TestQrCode:
    """The QR code as characters."""

    def test_it_fits_a_terminal_of_24_lines(self) -> None:
        """With the longest label there is room for a title and the keys."""
        said = otpauth_text("a-name-that-is-far-too-long", "123456789012", SEED)
        lines = half_blocks(modules(said))
        assert len(lines) <= 20
        assert len(lines[0]) <= 41

    def test_half_blocks_hold_every_module(self) -> None:
        """Two rows of modules stand in one line; nothing is lost."""
        rows = modules("otpauth://totp/x?secret=" + SEED)
        upper = {" ": False, "▀": True, "▄": False, "█": True}
        lower = {" ": False, "▀": False, "▄": True, "█": True}
        read: list[list[bool]] = []
        for line in half_blocks(rows):
            read += [[upper[each] for each in line], [lower[each] for each in line]]
        assert rows == read[: len(rows)]
        assert not any(any(row) for row in [*rows[:BORDER], *rows[-BORDER:]])

    @pytest.mark.parametrize("theme", THEMES)
    async def test_it_is_dark_on_light_in_every_theme(self, guarded: Bench, theme: str) -> None:
        """Scanners need dark modules on a light ground."""
        async with running(console_on(guarded), (80, 24)) as pilot:
            app = console_of(pilot)
            app.use_theme(theme)
            await pilot.app.push_screen(QrProbe())
            await settle(pilot)
            painted = [style for line in screen_styles(app) for run, style in line if "█" in run]
            assert painted
            assert all("#000000 on #ffffff" in style for style in painted)


class QrProbe(Modal[None]):
    """A screen that shows a QR code and nothing else."""

    def compose(self) -> ComposeResult:
        """Lay out the code."""
        yield Static(qr_code("otpauth://totp/x?secret=" + SEED))


class TestEnrolment:
    """From `:mfa` to an enabled device."""

    async def test_by_hand(self, guarded: Bench) -> None:
        """`:mfa` shows that there is none; enter enrols; the section then shows it."""
        async with running(console_on(guarded), (100, 30)) as pilot:
            app = console_of(pilot)
            await pilot.press("colon", *"mfa", "enter")
            await settle(pilot)
            assert "▲ none" in screen_text(app)
            await pilot.press("enter")
            await until(pilot, NewDeviceDialog)
            phone = await enrol_phone(pilot, guarded)
            await until(pilot, LostCodesScreen)
            await pilot.press("enter")
            await settle(pilot)
            shown = screen_text(app)
            assert "✓ enabled" in shown
            assert "10 left" in shown
            assert phone.seed.decode() not in shown
            guarded.clock.advance(400)
            await deed(pilot, "mfa-enrol")
            await until(pilot, CodeDialog)
            assert "Enrolling a further device" in screen_text(app)
            await fill(pilot, "#code", phone.code())
            await pilot.press("enter")
            await until(pilot, NewDeviceDialog)
            assert "phone-2" in str(app.screen.query_one("#name").value)  # type: ignore[attr-defined]
            assert not app.screen.query("#passphrase")

    async def test_wrong_codes_are_refused_and_leaving_enables_nothing(
        self, guarded: Bench
    ) -> None:
        """Two codes that do not follow each other are said to be that; esc leaves the device."""
        async with running(console_on(guarded), (80, 24)) as pilot:
            app = console_of(pilot)
            await deed(pilot, "mfa-enrol")
            await until(pilot, NewDeviceDialog)
            await fill(pilot, "#passphrase", "correct horse battery staple")
            await pilot.press("enter")
            await until(pilot, EnrolScreen)
            phone = phone_of(pilot, guarded)
            await fill(pilot, "#one", phone.code())
            await fill(pilot, "#two", phone.code())
            app.screen.query_one("#two").focus()
            await pilot.press("enter")
            await settle(pilot)
            assert "not two codes in a row" in screen_text(app)
            await pilot.press("escape")
            await settle(pilot)
            assert [] == guarded.call("kmstui:GetMfaStatus", {})["Devices"]

    async def test_locking_drops_the_secret(self, guarded: Bench) -> None:
        """Nothing of the secret is left when the console locks."""
        async with running(console_on(guarded), (80, 24)) as pilot:
            app = console_of(pilot)
            await deed(pilot, "mfa-enrol")
            await until(pilot, NewDeviceDialog)
            await fill(pilot, "#passphrase", "correct horse battery staple")
            await pilot.press("enter")
            await until(pilot, EnrolScreen)
            screen = app.screen
            assert isinstance(screen, EnrolScreen)
            screen.conceal()
            await settle(pilot)
            assert "█" not in screen_text(app)
            assert screen.new.typed not in screen_text(app)

    @pytest.mark.parametrize(
        "size", [(60, 20), (80, 24), (120, 40)], ids=["60x20", "80x24", "120x40"]
    )
    async def test_pictures(self, guarded: Bench, size: tuple[int, int]) -> None:
        """The screens look as they were agreed to look; below 80x24 there is text only."""
        name = f"{size[0]}x{size[1]}"
        async with running(console_on(guarded), size) as pilot:
            app = console_of(pilot)
            await deed(pilot, "mfa-enrol")
            await until(pilot, NewDeviceDialog)
            await fill(pilot, "#passphrase", "correct horse battery staple")
            await pilot.press("enter")
            await until(pilot, EnrolScreen)
            assert ("█" in screen_text(app)) == (size[0] >= 80)
            phone = phone_of(pilot, guarded)
            app.screen.query_one("#qr", Static).update(qr_code("otpauth://totp/x?secret=" + SEED))
            await settle(pilot)
            assert_golden(app, f"mfa/enrol-{name}")
            await fill(pilot, "#one", phone.code(-2))
            await fill(pilot, "#two", phone.code(-1))
            app.screen.query_one("#two").focus()
            await pilot.press("enter")
            await until(pilot, LostCodesScreen)
            assert_golden(app, f"mfa/recovery-codes-{name}")
            await pilot.press("enter")
            await settle(pilot)
            await app.shell.do_mfa("")
            await settle(pilot)
            assert_golden(app, f"mfa/settings-{name}")


class TestDemoAuthenticator:
    """A phone on the screen, for training."""

    async def test_it_enrols_and_gives_codes(self, lesson: Bench) -> None:
        """Without any phone: enrolled, asked for a code, given it, and shown by its verb."""
        async with running(console_on(lesson), (80, 24)) as pilot:
            app = console_of(pilot)
            await deed(pilot, "mfa-enrol")
            await until(pilot, NewDeviceDialog)
            await fill(pilot, "#passphrase", "correct horse battery staple")
            await pilot.press("enter")
            await until(pilot, EnrolScreen)
            app.screen.query_one("#demo").press()  # type: ignore[attr-defined]
            await until(pilot, AuthenticatorScreen)
            assert "FAKE AUTHENTICATOR" in screen_text(app)
            assert "TRAINING" in screen_text(app)
            await pilot.press("enter")
            await until(pilot, EnrolScreen)
            await pilot.press("enter")
            await until(pilot, LostCodesScreen)
            await pilot.press("enter")
            await settle(pilot)
            lesson.clock.advance(400)
            key_id = lesson.key()
            app.run_worker(app.call("ScheduleKeyDeletion", KeyId=key_id), group="command")
            await until(pilot, CodeDialog)
            app.screen.query_one("#demo").press()  # type: ignore[attr-defined]
            await until(pilot, AuthenticatorScreen)
            await pilot.press("enter")
            await until(pilot, CodeDialog)
            await pilot.press("enter")
            await settle(pilot)
            assert "PendingDeletion" == lesson.record(key_id).state

    @pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
    async def test_the_verb_shows_big_digits_that_change(
        self, lesson: Bench, size: tuple[int, int]
    ) -> None:
        """`:authenticator` shows the code of now, and the next one when that is over."""
        enable(make_phone(lesson), "admin")
        async with running(console_on(lesson), size) as pilot:
            app = console_of(pilot)
            await pilot.press("colon", *"authenticator", "enter")
            await until(pilot, AuthenticatorScreen)
            before = app.screen.query_one(Digits).value
            app.screen.query_one(Digits).update("492 039")
            await settle(pilot)
            assert_golden(app, f"mfa/authenticator-{size[0]}x{size[1]}")
            lesson.clock.advance(31)
            await app.tick()
            await settle(pilot)
            assert app.screen.query_one(Digits).value not in {before, "492 039"}

    async def test_a_production_keystore_has_none(self, guarded: Bench) -> None:
        """The verb says why not."""
        async with running(console_on(guarded), (100, 24)) as pilot:
            await pilot.press("colon", *"authenticator", "enter")
            await settle(pilot)
            assert "only a training keystore" in screen_text(pilot.app)


class TestDeeds:
    """What is done with a device later."""

    async def test_removing_asks_for_its_name_and_a_code(self, guarded: Bench) -> None:
        """The device is deactivated and deleted; the only one is warned about."""
        phone = make_phone(guarded)
        enable(phone, "admin")
        async with running(console_on(guarded), (80, 24)) as pilot:
            app = console_of(pilot)
            await deed(pilot, f"mfa-remove {phone.serial}")
            await until(pilot, ConfirmTyped)
            assert "your only one" in screen_text(app)
            await fill(pilot, "#token", "phone")
            app.screen.query_one("#answer-1").press()  # type: ignore[attr-defined]
            await settle(pilot)
            assert [] == guarded.call("kmstui:GetMfaStatus", {})["Devices"]
            assert [] == guarded.call("iam:ListVirtualMFADevices", {})["VirtualMFADevices"]

    async def test_a_device_whose_clock_is_off_is_synchronised(self, guarded: Bench) -> None:
        """Two consecutive codes tell by how much."""
        phone = make_phone(guarded)
        enable(phone, "admin")
        async with running(console_on(guarded), (80, 24)) as pilot:
            await deed(pilot, f"mfa-resync {phone.serial}")
            await until(pilot, TwoCodesDialog)
            await fill(pilot, "#one", phone.code(4))
            await fill(pilot, "#two", phone.code(5))
            pilot.app.screen.query_one("#two").focus()
            await pilot.press("enter")
            await settle(pilot)
            app = console_of(pilot)
            assert app.caller.last is not None
            assert app.caller.last.error is None
            assert phone.code(4) not in app.caller.last.command


def test_recovery_codes_stand_in_two_columns() -> None:
    """Read downwards; an odd number leaves a place free."""
    assert "a    c\nb" == two_columns(["a", "b", "c"])
