"""The Access tab of a key: its policy with remarks, the matrix, and its grants."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kmstui.tui.app import KmsApp
from kmstui.tui.places.grants.create import CreateGrantDialog
from kmstui.tui.places.grants.ending import EndDialog, GrantDialog
from kmstui.tui.places.keys.detail.access.grants import GrantsPart
from kmstui.tui.places.keys.detail.access.matrix_part import MatrixPart
from kmstui.tui.places.keys.detail.access.pane import AccessPane
from kmstui.tui.places.keys.detail.access.policy import PolicyPart
from kmstui.tui.places.keys.detail.view import KeyView, key_route
from kmstui.tui.simulation import SIMULATOR
from kmstui.tui.verdicts import Verdict
from tests._textual_private import screen_text
from tests.helpers.access_account import ADA, APP, AccessAccount
from tests.helpers.console import settle
from tests.helpers.demo_console import hit
from tests.helpers.goldens import assert_golden
from tests.helpers.grant_account import BOB, grant_account

SMALL, LARGE, NARROW = (80, 24), (120, 40), (60, 16)
SIZES = (NARROW, SMALL, LARGE)
PARTNER = "arn:aws:iam::999988887777:root"


@pytest.fixture
def account(tmp_path: Path) -> AccessAccount:
    """Return an account with a key that several people and grants are about."""
    tmp_path.chmod(0o700)
    return grant_account(tmp_path)


@asynccontextmanager
async def showing(
    account: AccessAccount, size: tuple[int, int] = LARGE, *keys: str
) -> AsyncIterator[tuple[Pilot[None], AccessPane]]:
    """Run a console on the key's Access tab and press keys."""
    app = account.console()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        view = await app.go(key_route(account.key, "access"))
        await settle(pilot)
        await hit(pilot, *keys)
        await settle(pilot)
        assert isinstance(view, KeyView)
        assert isinstance(view.pane, AccessPane)
        try:
            yield pilot, view.pane
        finally:
            await app.close_engine()


def console(pilot: Pilot[None]) -> KmsApp:
    """Return the application by its own type."""
    assert isinstance(pilot.app, KmsApp)
    return pilot.app


def matrix(pane: AccessPane) -> MatrixPart:
    """Return the matrix."""
    assert isinstance(pane.part, MatrixPart)
    return pane.part


class TestPolicy:
    """The policy."""

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: size[0])
    async def test_looks_as_approved(self, account: AccessAccount, size: tuple[int, int]) -> None:
        """A sentence, the document, and what can be done."""
        async with showing(account, size) as (pilot, _):
            assert_golden(pilot.app, f"key-access/policy-{size[0]}")

    async def test_remarks_stand_beside_their_lines(self, account: AccessAccount) -> None:
        """What lint says stands under the policy, its glyph beside the line."""
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "kms:*",
            "Resource": "*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        account.bench.call("PutKeyPolicy", KeyId=account.key, Policy=policy)
        async with showing(account) as (pilot, pane):
            part = pane.part
            assert isinstance(part, PolicyPart)
            assert part.findings
            assert_golden(pilot.app, "key-access/remarks-120")


class TestMatrix:
    """The matrix."""

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: size[0])
    async def test_looks_as_approved(self, account: AccessAccount, size: tuple[int, int]) -> None:
        """A glyph for each decision, the legend in words, the reason below."""
        async with showing(account, size, "m", "down", "right") as (pilot, _):
            assert_golden(pilot.app, f"key-access/matrix-{size[0]}")

    async def test_the_reason_names_what_decides(self, account: AccessAccount) -> None:
        """Below the matrix stand policy, statement and Sid of the cell under the cursor."""
        async with showing(account, LARGE, "m", "down", "right") as (pilot, pane):
            judged = matrix(pane).matrix.judged
            assert judged is not None
            assert (ADA, "kms:Decrypt", Verdict.FORBIDDEN) == (
                judged.principal,
                judged.action,
                judged.verdict,
            )
            assert "“AdministratorsDoNotDecrypt”" in screen_text(pilot.app)

    async def test_a_grant_shows_as_one(self, account: AccessAccount) -> None:
        """What only a grant allows has a glyph of its own."""
        async with showing(account, LARGE, "m", "G") as (_, pane):
            grid = matrix(pane).matrix
            found = {"kms:DescribeKey": Verdict.BY_GRANT, "kms:EnableKeyRotation": Verdict.DENIED}
            assert APP == grid.principal
            while grid.action != "kms:EnableKeyRotation":
                if grid.action in found:
                    assert grid.judged is not None
                    assert found[grid.action] is grid.judged.verdict
                grid.action_move(0, 1)
            assert grid.judged is not None
            assert found[grid.action] is grid.judged.verdict

    async def test_others_that_the_policy_names_have_a_row(self, account: AccessAccount) -> None:
        """Other accounts and services stand in the matrix if the policy names them."""
        document = json.loads(account.bench.call("GetKeyPolicy", KeyId=account.key)["Policy"])
        document["Statement"].append(
            {
                "Effect": "Allow",
                "Principal": {"AWS": PARTNER, "Service": "s3.amazonaws.com"},
                "Action": "kms:Decrypt",
                "Resource": "*",
            }
        )
        account.bench.call("PutKeyPolicy", KeyId=account.key, Policy=json.dumps(document))
        async with showing(account, LARGE, "m", "G", "right") as (pilot, pane):
            assert "s3.amazonaws.com" == matrix(pane).matrix.principal
            assert "account 999988887777" in screen_text(pilot.app)
            judged = matrix(pane).matrix.judged
            assert judged is not None
            assert judged.verdict.open

    async def test_columns_follow_the_cursor(self, account: AccessAccount) -> None:
        """In a narrow terminal the grid scrolls sideways and the names stay."""
        async with showing(account, NARROW, "m", *("right",) * 20) as (pilot, pane):
            assert "ada" in screen_text(pilot.app)
            assert "[✓]" in screen_text(pilot.app)
            assert "kms:CreateAlias" == matrix(pane).matrix.action

    async def test_enter_opens_the_simulator(self, account: AccessAccount) -> None:
        """Enter on a cell has its call decided step by step."""
        async with showing(account, LARGE, "m", "down", "right", "enter") as (pilot, _):
            view = console(pilot).main.view
            assert view is not None
            assert SIMULATOR == view.route
            assert "AdministratorsDoNotDecrypt" in screen_text(pilot.app)

    async def test_the_mask_hides_who(self, account: AccessAccount) -> None:
        """Under the privacy mask nobody is named."""
        async with showing(account, LARGE, "m", "f12") as (pilot, _):
            assert "user/ada" not in screen_text(pilot.app)


class TestGrants:
    """The key's grants."""

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: size[0])
    async def test_looks_as_approved(self, account: AccessAccount, size: tuple[int, int]) -> None:
        """The grants of this key alone, and what bounds them."""
        async with showing(account, size, "r") as (pilot, _):
            assert_golden(pilot.app, f"key-access/grants-{size[0]}")

    async def test_details_and_revoking(self, account: AccessAccount) -> None:
        """Enter shows a grant; `Z` asks, and the row goes."""
        async with showing(account, LARGE, "r", "enter") as (pilot, pane):
            assert isinstance(pilot.app.screen, GrantDialog)
            await hit(pilot, "escape", "Z")
            assert isinstance(pilot.app.screen, EndDialog)
            await hit(pilot, "right", "enter")
            part = pane.part
            assert isinstance(part, GrantsPart)
            assert 1 == len(part.rows)

    async def test_creating(self, account: AccessAccount) -> None:
        """`n` asks for a grant on this key, and the list has it."""
        async with showing(account, LARGE, "r", "n") as (pilot, pane):
            dialog = pilot.app.screen
            assert isinstance(dialog, CreateGrantDialog)
            await hit(pilot, "b", "o", "b", "tab", "space")
            dialog.button(1).press()
            await settle(pilot)
            await settle(pilot)
            await hit(pilot, "enter")
            part = pane.part
            assert isinstance(part, GrantsPart)
            assert BOB in {row.grantee for row in part.rows}

    async def test_esc_goes_back_to_the_policy(self, account: AccessAccount) -> None:
        """Esc leaves the grants for the policy, then the key."""
        async with showing(account, LARGE, "r", "escape") as (pilot, pane):
            await settle(pilot)
            assert "policy" == pane.shown

    async def test_commands_on_the_key_still_work(self, account: AccessAccount) -> None:
        """On the grants `t` still asks about the key."""
        async with showing(account, LARGE, "r", "t") as (pilot, _):
            assert 2 == len(pilot.app.screen_stack)
