"""`w` on a refusal: what decided, what nearly did, what would change it, and where to go on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from kmstui.tui.dialogs.choice import Choose
from kmstui.tui.mfa.prompt import CodeDialog
from kmstui.tui.simulation import SIMULATOR
from kmstui.tui.why.screen import WhyScreen
from tests._textual_private import screen_text
from tests.conftest import MakeBench
from tests.helpers.console import settle
from tests.helpers.demo_console import running
from tests.helpers.engines import Bench, arn_of
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import FORBIDDEN, HOSTILE
from tests.helpers.mfa import enable, make_phone
from tests.helpers.mfa_console import console_of, console_on, fill, until
from tests.helpers.roles import ROOT, make_role

SIZES = [(80, 24), (120, 40)]


def policy(*statements: dict[str, Any]) -> str:
    """Write a key policy that lets the account manage the key, and more."""
    own = {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [own, *statements]})


def deny_decrypt(sid: str = "NoDecrypt") -> dict[str, Any]:
    """Write a statement that lets nobody but a partner decrypt."""
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"kms:EncryptionContext:app": "ledger"}},
    }


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Return a keystore with an administrator, a role that only looks, and a guarded key."""
    made = make_bench(administrator="admin", mfa_guardrail=True, training=True)
    make_role(made, "Auditor")
    return made


async def refused(pilot: Pilot[None], operation: str, **members: object) -> None:
    """Have a call refused, and ask why."""
    app = console_of(pilot)
    assert await app.call(operation, members, about="payments-db") is None
    await settle(pilot)
    await pilot.press("w")
    await until(pilot, WhyScreen)


async def encrypted(pilot: Pilot[None], key_id: str) -> bytes:
    """Encrypt something."""
    answer = await console_of(pilot).fetch("Encrypt", KeyId=key_id, Plaintext=b"x")
    blob: bytes = answer["CiphertextBlob"]
    return blob


class TestTelling:
    """What the screen says."""

    async def test_a_deny_names_its_statement_and_what_its_condition_saw(
        self, bench: Bench
    ) -> None:
        """Policy, number, Sid and each condition with the value that the call had."""
        key_id = bench.key(Policy=policy(deny_decrypt()))
        async with running(console_on(bench), (120, 40)) as pilot:
            blob = await encrypted(pilot, key_id)
            await refused(pilot, "Decrypt", CiphertextBlob=blob)
            shown = screen_text(pilot.app)
            assert "explicit deny" in shown
            assert "key policy, statement 2 “NoDecrypt”" in shown
            assert "kms:EncryptionContext:app" in shown
            assert "It is there on purpose." in shown

    async def test_a_missing_allow_comes_with_the_smallest_change(self, bench: Bench) -> None:
        """What nothing allows names the layer, and the change that would allow it."""
        key_id = bench.key()
        async with running(console_on(bench), (120, 40)) as pilot:
            app = console_of(pilot)
            blob = await encrypted(pilot, key_id)
            await app.shell.do_switch_role("Auditor")
            await refused(pilot, "Decrypt", CiphertextBlob=blob)
            shown = screen_text(app)
            assert "nothing allows it" in shown
            assert "kms:Decrypt" in shown
            assert "looking…" not in shown
            assert "allow" in shown.split("What would allow it")[1].lower()

    async def test_hostile_sids_stay_text(self, bench: Bench) -> None:
        """A Sid and a context of somebody else's are shown as what they are."""
        key_id = bench.key(Policy=policy(deny_decrypt("[@click=app.quit]x[/]")))
        async with running(console_on(bench), (120, 40)) as pilot:
            blob = await encrypted(pilot, key_id)
            context = {f"k{place}": each for place, each in enumerate(HOSTILE[:20]) if each}
            printable = {key: value for key, value in context.items() if value.isprintable()}
            await refused(pilot, "Decrypt", CiphertextBlob=blob, EncryptionContext=printable)
            assert not FORBIDDEN.search(screen_text(pilot.app))
            assert "[@click=app.quit]x[/]" in screen_text(pilot.app)
            assert pilot.app.is_running

    async def test_masked_names_are_hidden(self, bench: Bench) -> None:
        """While somebody looks on neither principal nor key is shown, and nothing is copied."""
        key_id = bench.key(Policy=policy(deny_decrypt()))
        async with running(console_on(bench), (120, 40)) as pilot:
            app = console_of(pilot)
            blob = await encrypted(pilot, key_id)
            app.masked = True
            await refused(pilot, "Decrypt", CiphertextBlob=blob)
            assert arn_of(key_id) not in screen_text(app)
            await pilot.press("y")
            await settle(pilot)
            assert "F12 shows them first" in screen_text(app)
            assert "" == app.clipboard

    async def test_the_page_is_copied(self, bench: Bench) -> None:
        """As plain text, with the time of the call."""
        key_id = bench.key(Policy=policy(deny_decrypt()))
        async with running(console_on(bench), (120, 40)) as pilot:
            blob = await encrypted(pilot, key_id)
            await refused(pilot, "Decrypt", CiphertextBlob=blob)
            await pilot.press("y")
            await settle(pilot)
            assert "Decided by key policy, statement 2" in pilot.app.clipboard
            assert "2026-06-01" in pilot.app.clipboard

    @pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
    async def test_pictures(self, bench: Bench, size: tuple[int, int]) -> None:
        """The screen looks as it was agreed to look, for a deny and for a missing allow."""
        name = f"{size[0]}x{size[1]}"
        key_id = bench.key(Policy=policy(deny_decrypt()))
        async with running(console_on(bench), size) as pilot:
            app = console_of(pilot)
            blob = await encrypted(pilot, key_id)
            await refused(pilot, "Decrypt", CiphertextBlob=blob)
            assert_golden(app, f"why/deny-{name}")
            await pilot.press("escape")
            await app.shell.do_switch_role("Auditor")
            await refused(pilot, "Encrypt", KeyId=key_id, Plaintext=b"x")
            assert_golden(app, f"why/no-allow-{name}")


class TestGoingOn:
    """Where the screen leads."""

    async def test_m_gives_a_code(self, bench: Bench) -> None:
        """A refusal for want of a code alone offers to give it."""
        phone = make_phone(bench)
        enable(phone, "admin")
        bench.clock.advance(400)
        key_id = bench.key()
        async with running(console_on(bench), (120, 40)) as pilot:
            app = console_of(pilot)
            app.run_worker(app.call("ScheduleKeyDeletion", KeyId=key_id), group="command")
            await until(pilot, CodeDialog)
            await pilot.press("escape")
            await settle(pilot)
            await pilot.press("w")
            await until(pilot, WhyScreen)
            assert "A fresh MFA code, nothing else" in screen_text(app)
            await pilot.press("m")
            await until(pilot, CodeDialog)
            await fill(pilot, "#code", phone.code())
            await pilot.press("enter")
            await settle(pilot)
            assert "Repeat the call" in screen_text(app)

    async def test_t_lists_who_could_and_becomes_one(self, bench: Bench) -> None:
        """In training whoever is chosen is acted as; a role that may be assumed is assumed."""
        key_id = bench.key()
        async with running(console_on(bench), (120, 40)) as pilot:
            app = console_of(pilot)
            await app.shell.do_switch_role("Auditor")
            await refused(pilot, "Encrypt", KeyId=key_id, Plaintext=b"x")
            await pilot.press("t")
            await until(pilot, Choose)
            assert "Who could call kms:Encrypt?" in screen_text(app)
            options = app.screen.query_one(OptionList)
            assert 2 == options.option_count
            await pilot.press("end", "enter")
            await settle(pilot)
            assert app.role is None
            assert await app.call("Encrypt", KeyId=key_id, Plaintext=b"x") is not None

    async def test_s_opens_the_simulator_with_the_call(self, bench: Bench) -> None:
        """Principal, action, key and context are filled in."""
        key_id = bench.key(Policy=policy(deny_decrypt()))
        async with running(console_on(bench), (120, 40)) as pilot:
            app = console_of(pilot)
            blob = await encrypted(pilot, key_id)
            await refused(pilot, "Decrypt", CiphertextBlob=blob)
            await pilot.press("s")
            await settle(pilot)
            assert app.main.view is not None
            assert SIMULATOR.view == app.main.view.route.view
            assert "kms:Decrypt" in screen_text(app)

    async def test_a_line_of_the_trail_is_explained_as_policies_stand_now(
        self, bench: Bench
    ) -> None:
        """`w` on a refused call of the past tells its steps, decided anew."""
        key_id = bench.key(Policy=policy(deny_decrypt()))
        async with running(console_on(bench), (120, 40)) as pilot:
            app = console_of(pilot)
            blob = await encrypted(pilot, key_id)
            assert await app.call("Decrypt", CiphertextBlob=blob) is None
            await pilot.press("4")
            await settle(pilot)
            await pilot.press("r")
            await settle(pilot)
            await pilot.press("w")
            await until(pilot, WhyScreen)
            assert "key policy, statement 2 “NoDecrypt”" in screen_text(app)
