"""A call that wants a code: the prompt, the code, and the call made again."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from kmstui.tui.keys_model import KeySummary
from kmstui.tui.mfa.lost import LostCodesScreen
from kmstui.tui.mfa.new_device import NewDeviceDialog
from kmstui.tui.mfa.prompt import CodeDialog, NoDeviceDialog
from kmstui.tui.places.keys.dialogs.bulk import BulkDialog
from kmstui.tui.text import literal
from kmstui.tui.why.screen import WhyScreen
from kmstui.tui.widgets.pick import Pick
from tests._textual_private import screen_text
from tests.conftest import MakeBench
from tests.helpers.console import settle
from tests.helpers.demo_console import running
from tests.helpers.engines import START, Bench, arn_of
from tests.helpers.goldens import assert_golden
from tests.helpers.mfa import enable, make_phone
from tests.helpers.mfa_console import console_of, console_on, enrol_phone, fill, until


@pytest.fixture
def guarded(make_bench: MakeBench) -> Bench:
    """Return a production keystore with its guardrail, and the administrator signed in."""
    return make_bench(administrator="admin", mfa_guardrail=True)


def delete(pilot: Pilot[None], key_id: str) -> None:
    """Ask for what the guardrail guards."""
    app = console_of(pilot)
    app.run_worker(
        app.call("ScheduleKeyDeletion", about="payments-db", KeyId=key_id), group="command"
    )


async def asked(pilot: Pilot[None], bench: Bench) -> str:
    """Be asked for a code; return the id of the key that is to be deleted."""
    key_id = bench.key()
    delete(pilot, key_id)
    await until(pilot, CodeDialog)
    return key_id


@pytest.mark.parametrize("code", ["{} {}", "{}-{}", "  {}{} "])
async def test_a_code_given_any_usual_way_makes_the_call_go_on(guarded: Bench, code: str) -> None:
    """Spaces and hyphens are dropped; the refused call is made again and the strip says MFA."""
    phone = make_phone(guarded)
    enable(phone, "admin")
    guarded.clock.advance(400)
    async with running(console_on(guarded), (80, 24)) as pilot:
        key_id = await asked(pilot, guarded)
        shown = phone.code()
        await fill(pilot, "#code", code.format(shown[:3], shown[3:]))
        await pilot.press("enter")
        await settle(pilot)
        app = console_of(pilot)
        assert "PendingDeletion" == guarded.record(key_id).state
        assert "MFA 5m" in screen_text(app)
        assert app.caller.last is not None
        assert app.caller.last.error is None
        guarded.clock.advance(250)
        await app.tick()
        assert "MFA 50s" in screen_text(app)
        guarded.clock.advance(50)
        await app.tick()
        assert "MFA" not in screen_text(app)


async def test_a_wrong_code_says_why_and_how_many_tries_are_left(guarded: Bench) -> None:
    """The dialog stays, counts down, waits when it must, and leaves the refusal on esc."""
    phone = make_phone(guarded)
    enable(phone, "admin")
    guarded.clock.advance(400)
    async with running(console_on(guarded), (80, 24)) as pilot:
        key_id = await asked(pilot, guarded)
        app = console_of(pilot)
        await fill(pilot, "#code", "12 34")
        await pilot.press("enter")
        await settle(pilot)
        assert "six digits; this has 4" in screen_text(app)
        for left in (4, 3, 2, 1):
            await fill(pilot, "#code", phone.wrong())
            await pilot.press("enter")
            await settle(pilot)
            assert f"{left} tr" in screen_text(app)
        assert "Wrong, or used already" in screen_text(app)
        await fill(pilot, "#code", phone.wrong())
        await pilot.press("enter")
        await settle(pilot)
        assert "the next one in 30 s" in screen_text(app)
        assert app.screen.query_one("#answer-1").disabled
        guarded.clock.advance(12)
        await app.tick()
        assert "the next one in 18 s" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert "AccessDenied" in screen_text(app)
        assert "Enabled" == guarded.record(key_id).state


async def test_a_used_code_is_refused_and_a_recovery_code_is_taken(guarded: Bench) -> None:
    """With the phone lost a recovery code proves as much, once."""
    phone = make_phone(guarded)
    enable(phone, "admin")
    codes = guarded.engine.call(guarded.session, "kmstui:CreateMfaRecoveryCodes")["RecoveryCodes"]
    guarded.clock.advance(400)
    async with running(console_on(guarded), (80, 24)) as pilot:
        key_id = await asked(pilot, guarded)
        app = console_of(pilot)
        app.screen.query_one("#proof", Pick).value = "recovery"
        await settle(pilot)
        assert "works once" in screen_text(app)
        await fill(pilot, "#code", "0000-0000-0000-0000")
        await pilot.press("enter")
        await settle(pilot)
        assert "No recovery code of yours" in screen_text(app)
        await fill(pilot, "#code", str(codes[3]).lower())
        await pilot.press("enter")
        await settle(pilot)
        assert "PendingDeletion" == guarded.record(key_id).state


async def test_without_a_device_enrolling_one_is_offered_and_counts(guarded: Bench) -> None:
    """From the refusal through passphrase, QR code and recovery codes to the call's success."""
    async with running(console_on(guarded), (80, 24)) as pilot:
        app = console_of(pilot)
        key_id = guarded.key()
        delete(pilot, key_id)
        await until(pilot, NoDeviceDialog)
        assert "You have no MFA device yet." in screen_text(app)
        await pilot.press("enter")
        await until(pilot, NewDeviceDialog)
        await fill(pilot, "#passphrase", "not it")
        await pilot.press("enter")
        await settle(pilot)
        assert "The present passphrase is not right." in screen_text(app)
        await enrol_phone(pilot, guarded)
        await until(pilot, LostCodesScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert "never shown again" in screen_text(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "PendingDeletion" == guarded.record(key_id).state
        assert (
            10 == guarded.engine.call(guarded.session, "kmstui:GetMfaStatus")["RecoveryCodesLeft"]
        )


async def test_locking_meanwhile_ends_it(guarded: Bench) -> None:
    """What was asked for before the lock is not done after it, and nothing typed stays."""
    phone = make_phone(guarded)
    enable(phone, "admin")
    guarded.clock.advance(400)
    async with running(console_on(guarded), (80, 24)) as pilot:
        await asked(pilot, guarded)
        app = console_of(pilot)
        await fill(pilot, "#code", phone.code())
        await app.lock("You locked it.")
        await settle(pilot)
        assert phone.code() not in screen_text(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_pictures(guarded: Bench, size: tuple[int, int]) -> None:
    """The dialogs look as they were agreed to look."""
    name = f"{size[0]}x{size[1]}"
    async with running(console_on(guarded), size) as pilot:
        app = console_of(pilot)
        key_id = guarded.key()
        delete(pilot, key_id)
        await until(pilot, NoDeviceDialog)
        assert_golden(app, f"mfa/no-device-{name}")
        await pilot.press("enter")
        await until(pilot, NewDeviceDialog)
        assert_golden(app, f"mfa/new-device-{name}")
        await pilot.press("escape")
        await settle(pilot)
        for label in ("phone", "tablet"):
            enable(make_phone(guarded, label), "admin")
        guarded.clock.advance(411)
        delete(pilot, key_id)
        await until(pilot, CodeDialog)
        assert_golden(app, f"mfa/code-{name}")


class TestManyAtOnce:
    """The same call on several keys."""

    async def test_one_code_serves_all(self, guarded: Bench) -> None:
        """The first call asks; the others find the session fresh."""
        phone = make_phone(guarded)
        enable(phone, "admin")
        guarded.clock.advance(400)
        ids = [guarded.key() for _ in range(3)]
        async with running(console_on(guarded), (100, 30)) as pilot:
            app = console_of(pilot)
            dialog = bulk(ids)
            app.push_screen(dialog)
            await until(pilot, CodeDialog)
            await fill(pilot, "#code", phone.code())
            await pilot.press("enter")
            await until(pilot, BulkDialog)
            await settle(pilot)
            assert ["PendingDeletion"] * 3 == [guarded.record(each).state for each in ids]

    async def test_esc_is_asked_for_once(self, guarded: Bench) -> None:
        """Whoever gives no code for the first key is not asked again for the next."""
        enable(make_phone(guarded), "admin")
        guarded.clock.advance(400)
        ids = [guarded.key() for _ in range(3)]
        async with running(console_on(guarded), (100, 30)) as pilot:
            app = console_of(pilot)
            dialog = bulk(ids)
            app.push_screen(dialog)
            await until(pilot, CodeDialog)
            await pilot.press("escape")
            await until(pilot, BulkDialog)
            await settle(pilot)
            assert not dialog.running
            assert 1 == len(dialog.results)
            assert "stopped" in screen_text(app)
            await pilot.press("w")
            await until(pilot, WhyScreen)
            assert "A fresh MFA code, nothing else" in screen_text(app)


def bulk(ids: list[str]) -> BulkDialog:
    """Make the dialog that schedules the deletion of keys."""
    keys = [
        KeySummary.from_answer(
            {
                "KeyId": each,
                "Arn": arn_of(each),
                "Aliases": [],
                "KeyState": "Enabled",
                "KeySpec": "SYMMETRIC_DEFAULT",
                "KeyUsage": "ENCRYPT_DECRYPT",
                "Origin": "AWS_KMS",
                "KeyManager": "CUSTOMER",
                "Description": "",
                "CreationDate": START,
                "MaterialDate": START,
                "Tags": {},
                "MultiRegion": False,
            }
        )
        for each in ids
    ]
    operation = "ScheduleKeyDeletion"
    return BulkDialog(literal("Delete"), operation, keys, lambda key: {"KeyId": key.arn})
