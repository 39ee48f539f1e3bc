"""Who one is: assuming roles, going back, acting as another, and what the strip says of it."""

from __future__ import annotations

import pytest
from textual.widgets import OptionList

from kmstui.tui.chrome.standing import Role, Standing, strip
from kmstui.tui.dialogs.choice import Choose, Prompt
from kmstui.tui.roles import KnownRole, may_assume, role_of
from tests._textual_private import screen_text
from tests.conftest import MakeBench
from tests.helpers.console import settle
from tests.helpers.demo_console import running
from tests.helpers.engines import ACCOUNT, Bench
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import FORBIDDEN
from tests.helpers.mfa import enable, make_phone
from tests.helpers.mfa_console import console_of, console_on, fill, until
from tests.helpers.roles import ROOT, make_role, trust

ADMIN = f"arn:aws:iam::{ACCOUNT}:user/admin"
SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def guarded(make_bench: MakeBench) -> Bench:
    """Return a keystore with an administrator and three roles, one of which trusts nobody here."""
    bench = make_bench(administrator="admin", mfa_guardrail=True)
    make_role(bench, "Auditor", description="Looks, [b]touches[/b] nothing")
    make_role(bench, "KeyAdmins", ADMIN)
    make_role(bench, "Partner", "arn:aws:iam::999988887777:root")
    return bench


@pytest.fixture
def lesson(make_bench: MakeBench) -> Bench:
    """Return a training keystore with an administrator."""
    bench = make_bench(administrator="admin", training=True)
    make_role(bench, "Auditor")
    return bench


class TestSwitching:
    """`R`."""

    async def test_there_and_back(self, guarded: Bench) -> None:
        """One key lists the roles, enter assumes one, and the strip shows it until `R` again."""
        async with running(console_on(guarded), (100, 30)) as pilot:
            app = console_of(pilot)
            await pilot.press("R")
            await until(pilot, Choose)
            assert "its trust policy does not name you" in screen_text(app)
            await pilot.press("enter")
            await settle(pilot)
            assert "admin ▸ Auditor" in screen_text(app)
            assert app.session is not None
            assert f"arn:aws:sts::{ACCOUNT}:assumed-role/Auditor/admin" == app.session.principal
            answer = await app.call("CreateKey")
            assert answer is None
            assert "AccessDenied" in screen_text(app)
            await pilot.press("R")
            await until(pilot, Choose)
            assert "back to admin" in screen_text(app)
            await pilot.press("enter")
            await settle(pilot)
            assert "▸" not in screen_text(app).splitlines()[0]
            assert await app.call("CreateKey") is not None

    async def test_the_verb_takes_a_name_and_what_was_used_lately_comes_first(
        self, guarded: Bench
    ) -> None:
        """`:role KeyAdmins` needs no list; the list then begins with it."""
        async with running(console_on(guarded), (100, 30)) as pilot:
            app = console_of(pilot)
            await pilot.press("colon", *"role KeyAdmins")
            await pilot.press("enter")
            await settle(pilot)
            assert "admin ▸ KeyAdmins" in screen_text(app)
            await pilot.press("R")
            await until(pilot, Choose)
            options = app.screen.query_one(OptionList)
            shown = [str(options.get_option_at_index(place).prompt) for place in range(3)]
            assert shown[0].startswith("back to admin")
            assert shown[1].startswith("KeyAdmins")
            await pilot.press("escape")
            await app.shell.do_switch_role("back")
            await settle(pilot)
            assert "▸" not in screen_text(app).splitlines()[0]

    async def test_what_is_refused_is_said(self, guarded: Bench) -> None:
        """A role that trusts another account, and one that is not there."""
        async with running(console_on(guarded), (100, 30)) as pilot:
            app = console_of(pilot)
            for name, said in (("Partner", "AccessDenied"), ("Nobody", "There is no role Nobody")):
                await pilot.press("colon", *f"role {name}", "enter")
                await settle(pilot)
                assert said in screen_text(app)
                assert app.role is None

    async def test_a_code_counts_in_the_role_too(self, guarded: Bench) -> None:
        """Freshness is the person's; the strip shows it in the role and after going back."""
        phone = make_phone(guarded)
        enable(phone, "admin")
        async with running(console_on(guarded), (100, 30)) as pilot:
            app = console_of(pilot)
            await app.shell.do_switch_role("Auditor")
            await settle(pilot)
            assert "admin ▸ Auditor · MFA 5m" in screen_text(app)

    async def test_after_an_hour_one_is_oneself_again(self, guarded: Bench) -> None:
        """A role's session ends; the first call after that says so."""
        async with running(console_on(guarded), (100, 30)) as pilot:
            app = console_of(pilot)
            await app.shell.do_switch_role("Auditor")
            guarded.clock.advance(3_700)
            assert await app.call("ListKeys") is None
            await settle(pilot)
            assert "The role's time was over. You are admin again." in screen_text(app)
            assert app.role is None

    async def test_locking_ends_it(self, guarded: Bench) -> None:
        """After a lock one is oneself again."""
        async with running(console_on(guarded), (100, 30)) as pilot:
            app = console_of(pilot)
            await app.shell.do_switch_role("Auditor")
            await app.lock("You locked it.")
            assert (None, None) == (app.role, app.home)

    @pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
    async def test_pictures(self, guarded: Bench, size: tuple[int, int]) -> None:
        """The list and the strip look as they were agreed to look."""
        name = f"{size[0]}x{size[1]}"
        async with running(console_on(guarded), size) as pilot:
            app = console_of(pilot)
            await pilot.press("R")
            await until(pilot, Choose)
            assert_golden(app, f"identity/roles-{name}")
            await pilot.press("enter")
            await settle(pilot)
            assert_golden(app, f"identity/as-a-role-{name}")


class TestActingAs:
    """In training, anybody."""

    async def test_a_service_and_back(self, lesson: Bench) -> None:
        """The list offers it, the prompt asks who, the strip warns by glyph and word."""
        async with running(console_on(lesson), (100, 30)) as pilot:
            app = console_of(pilot)
            await pilot.press("R")
            await until(pilot, Choose)
            await pilot.press("end", "up", "enter")
            await until(pilot, Prompt)
            await fill(pilot, "#answer", "somebody")
            assert "An ARN, or a service" in screen_text(app)
            await fill(pilot, "#answer", "ec2.amazonaws.com")
            await pilot.press("enter")
            await settle(pilot)
            assert "admin ▲ as ec2.amazonaws.com" in screen_text(app)
            await app.shell.do_switch_role("back")
            await settle(pilot)
            assert "▲ as" not in screen_text(app)

    async def test_a_production_keystore_refuses(self, guarded: Bench) -> None:
        """The verb says why not, and the list does not offer it."""
        async with running(console_on(guarded), (100, 30)) as pilot:
            await pilot.press("colon", *"act-as", "enter")
            await settle(pilot)
            assert "only a training keystore" in screen_text(pilot.app)


class TestTrust:
    """Which roles are worth offering."""

    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            (trust(ROOT), True),
            (trust(ADMIN), True),
            (trust(ACCOUNT), True),
            (trust("arn:aws:iam::999988887777:root"), False),
            (trust(ADMIN, effect="Deny"), False),
            ("no policy", True),
        ],
    )
    def test_trust_policies(self, policy: str, expected: bool) -> None:
        """A trust policy that leaves no room is said so; one that cannot be read is tried."""
        role = KnownRole("R", f"arn:aws:iam::{ACCOUNT}:role/R", trust=policy)
        assert expected is may_assume(role, ADMIN)

    def test_encoded_documents_are_read(self) -> None:
        """AWS writes trust policies percent-encoded."""
        entry = {"RoleName": "R", "Arn": "arn", "AssumeRolePolicyDocument": "%7B%22a%22%7D"}
        assert '{"a"}' == role_of(entry).trust


def test_the_identity_is_never_dropped_and_never_colour_alone() -> None:
    """Even at 30 columns both who one is and whom one has become stand, hostile names as text."""
    standing = Standing(identity="admin", role=Role("[b]x[/]\x1b[2J", "arn"), region="us-east-1")
    shown = strip(standing, 30).plain
    assert shown.startswith("admin ▸ [b]x[/]")
    assert not FORBIDDEN.search(shown)
