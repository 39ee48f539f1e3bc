"""Principals: the list, the page of one, and what can be done to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from kmstui.core.secret import Secret
from kmstui.tui.app import KmsApp
from kmstui.tui.place import Route
from kmstui.tui.places.access.principals.access_keys import SecretDialog
from kmstui.tui.places.access.principals.creating import trust_policy
from kmstui.tui.places.access.principals.operators import OperatorDialog
from kmstui.tui.places.access.principals.page import PrincipalView
from kmstui.tui.places.access.principals.view import PrincipalsView
from kmstui.tui.places.access.simulator.view import SimulatorView
from kmstui.tui.widgets.opaque_value import OpaqueValue
from tests._textual_private import screen_text
from tests.helpers.access_account import ADA, ADMINISTRATOR, APP, USE, AccessAccount
from tests.helpers.demo_console import hit, running, write
from tests.helpers.engines import ACCOUNT
from tests.helpers.goldens import assert_golden
from tests.helpers.links import until_ready

GROUPS = ("access", "first-page", "keys", "command", "go", "operator", "strength")
SIZES = ((60, 16), (80, 24), (120, 40))
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
GROUP = f"arn:aws:iam::{ACCOUNT}:group/auditors"


async def listed(pilot: Pilot[None]) -> PrincipalsView:
    """Open the list of principals and wait until it was read."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    await app.go(Route("access", "principals"))
    await until_ready(pilot, *GROUPS)
    view = app.main.view
    assert isinstance(view, PrincipalsView)
    return view


async def page(pilot: Pilot[None], arn: str, tab: str = "") -> PrincipalView:
    """Open a principal's page, at a tab."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    await app.go(Route("access", "principal", arn))
    await until_ready(pilot, *GROUPS)
    view = app.main.view
    assert isinstance(view, PrincipalView)
    if tab:
        await view._switch(tab)
    return view


async def deed(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, waiting for what each of them starts."""
    for key in keys:
        await hit(pilot, key)
        await until_ready(pilot, "access", "go", "operator", "strength")


def users(account: AccessAccount) -> list[dict[str, Any]]:
    """Return the users there are now."""
    found: list[dict[str, Any]] = account.bench.call("iam:ListUsers")["Users"]
    return found


class TestGoldens:
    """What the place looks like."""

    @sizes
    async def test_list_and_page(self, account: AccessAccount, size: tuple[int, int]) -> None:
        """The list, a user's policies and a role's."""
        app = account.console()
        name = f"{size[0]}x{size[1]}"
        async with running(app, size) as pilot:
            await listed(pilot)
            assert_golden(app, f"access/principals-{name}")
            await page(pilot, ADA)
            assert_golden(app, f"access/principal-{name}")
            await page(pilot, APP)
            assert_golden(app, f"access/principal-role-{name}")


class TestList:
    """The list."""

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("kind:role", ["payments-app"]),
            ("policy:admin*", ["ada"]),
            ("group:auditors", ["carol"]),
            ("tag:team=keys", ["ada"]),
            ("operator:yes", ["root"]),
            ("sessions>0", ["root"]),
        ],
    )
    async def test_the_filter_finds(
        self, account: AccessAccount, query: str, names: list[str]
    ) -> None:
        """Each field finds what it is about."""
        app = account.console()
        async with running(app) as pilot:
            view = await listed(pilot)
            view.do_filter(query)
            await until_ready(pilot, *GROUPS)
            assert names == [view.table.row(key).name for key in view.table.visible_keys()]

    async def test_it_sorts_both_ways(self, account: AccessAccount) -> None:
        """By a column's name, and the other way with a hyphen."""
        app = account.console()
        async with running(app) as pilot:
            view = await listed(pilot)
            view.do_sort("-name")
            keys = view.table.visible_keys()
            assert "root" == view.table.row(keys[0]).name

    async def test_s_opens_the_simulator(self, account: AccessAccount) -> None:
        """The principal under the cursor stands in the form."""
        app = account.console()
        async with running(app) as pilot:
            await listed(pilot)
            await deed(pilot, "j", "S")
            view = app.main.view
            assert isinstance(view, SimulatorView)
            assert ADA == view.form.typed.principal


class TestPage:
    """The page of one principal."""

    async def test_every_tab_of_every_kind_shows(self, account: AccessAccount) -> None:
        """Root, user, role and group have their tabs, empty or not."""
        app = account.console()
        async with running(app) as pilot:
            for arn in (f"arn:aws:iam::{ACCOUNT}:root", ADA, APP, GROUP):
                view = await page(pilot, arn)
                for tab in view._tabs:
                    await view._switch(tab.name)
                    assert view.table.visible_count or tab.empty in screen_text(app)

    async def test_a_policy_of_a_group_counts_for_its_user(self, account: AccessAccount) -> None:
        """A user's policies name the group that they come from."""
        app = account.console()
        async with running(app) as pilot:
            await page(pilot, ADA.replace("ada", "carol"))
            assert "from group auditors" in screen_text(app)

    async def test_last_activity_leads_to_the_event(self, account: AccessAccount) -> None:
        """Enter on a line of it opens the event."""
        app = account.console()
        async with running(app) as pilot:
            await page(pilot, f"arn:aws:iam::{ACCOUNT}:root", "activity")
            await deed(pilot, "enter")
            view = app.main.view
            assert view is not None
            assert "event" == view.route.view

    async def test_somebody_who_is_not_there_is_said(self, account: AccessAccount) -> None:
        """A route to nobody shows one line."""
        app = account.console()
        async with running(app) as pilot:
            await page(pilot, ADA.replace("ada", "nobody"))
            assert "no such principal" in screen_text(app)


class TestDeeds:
    """What can be done."""

    async def test_a_user_is_created_by_name(self, account: AccessAccount) -> None:
        """:new user asks for a name and shows the user in the list."""
        app = account.console()
        async with running(app) as pilot:
            view = await listed(pilot)
            await deed(pilot, "n", "enter")
            await write(pilot, "dora")
            await deed(pilot, "enter")
            assert "dora" in [row.name for row in view.rows]

    def test_a_trust_policy_names_one_principal(self) -> None:
        """The template lets one account or service assume the role."""
        statement = json.loads(trust_policy("Service", "ec2.amazonaws.com"))["Statement"][0]
        assert {"Service": "ec2.amazonaws.com"} == statement["Principal"]
        assert "sts:AssumeRole" == statement["Action"]

    async def test_policies_are_attached_and_detached(self, account: AccessAccount) -> None:
        """A lists what is not attached yet, D what is."""
        app = account.console()
        async with running(app) as pilot:
            await page(pilot, ADA.replace("ada", "bob"))
            await deed(pilot, "A")
            await write(pilot, "usepay")
            await deed(pilot, "enter")
            listing = "iam:ListAttachedUserPolicies"
            attached = account.bench.call(listing, UserName="bob")["AttachedPolicies"]
            assert [USE] == [each["PolicyArn"] for each in attached]
            await deed(pilot, "D", "enter")
            assert [] == account.bench.call(listing, UserName="bob")["AttachedPolicies"]

    async def test_a_boundary_is_set_and_lifted(self, account: AccessAccount) -> None:
        """B picks a policy; with a boundary there is a way to lift it."""
        app = account.console()
        async with running(app) as pilot:
            view = await page(pilot, APP)
            await deed(pilot, "B")
            await write(pilot, "usepay")
            await deed(pilot, "enter")
            assert view.principal is not None
            assert USE == view.principal.boundary
            await deed(pilot, "B", "enter")
            assert "" == view.principal.boundary

    async def test_a_user_joins_and_leaves_a_group(self, account: AccessAccount) -> None:
        """Pressing m lists the groups the user is not in, M those it is in."""
        app = account.console()
        async with running(app) as pilot:
            view = await page(pilot, ADA)
            await deed(pilot, "m", "enter")
            assert view.principal is not None
            assert ["auditors"] == list(view.principal.groups)
            await deed(pilot, "M", "enter")
            assert [] == list(view.principal.groups)

    async def test_a_secret_is_shown_once(self, account: AccessAccount) -> None:
        """The dialog has the secret, hidden until asked for; afterwards nothing has it."""
        app = account.console()
        async with running(app) as pilot:
            await page(pilot, ADA, "keys")
            await deed(pilot, "K", "right", "enter")
            assert isinstance(app.screen, SecretDialog)
            value = app.screen.query_one(OpaqueValue)
            secret = value.value_to_copy()
            assert secret
            assert secret not in screen_text(app)
            await deed(pilot, "tab", "enter")
            assert secret not in screen_text(app)
            assert not value.has_value
            assert not any(secret in str(outcome) for outcome in app.caller.outcomes)
            assert "✓ active" in screen_text(app)

    async def test_an_access_key_is_switched_and_deleted(self, account: AccessAccount) -> None:
        """Pressing t deactivates after a question; d asks for the end of the id."""
        made = account.bench.call("iam:CreateAccessKey", UserName="ada")["AccessKey"]
        app = account.console()
        async with running(app) as pilot:
            await page(pilot, ADA, "keys")
            await deed(pilot, "t", "right", "enter")
            assert "○ inactive" in screen_text(app)
            await deed(pilot, "d")
            app.screen.query_one("#token", Input).value = made["AccessKeyId"][-8:]
            await deed(pilot, "enter", "enter")
            keys = account.bench.call("iam:ListAccessKeys", UserName="ada")
            assert [] == keys["AccessKeyMetadata"]

    async def test_deleting_lists_what_is_in_the_way_and_removes_it(
        self, account: AccessAccount
    ) -> None:
        """A user with policies, a group and a key is deleted after its name was typed."""
        bench = account.bench
        bench.call("iam:AddUserToGroup", UserName="ada", GroupName="auditors")
        bench.call("iam:CreateAccessKey", UserName="ada")
        app = account.console()
        async with running(app) as pilot:
            view = await listed(pilot)
            await deed(pilot, "j", "X")
            shown = screen_text(app)
            assert ADMINISTRATOR in shown
            assert "iam:RemoveUserFromGroup" in shown
            assert 3 == len(users(account))
            app.screen.query_one("#token", Input).value = "ada"
            await deed(pilot, "enter", "enter")
            assert ["bob", "carol"] == [user["UserName"] for user in users(account)]
            assert "ada" not in [row.name for row in view.rows]

    async def test_a_passphrase_is_given_and_taken(self, account: AccessAccount) -> None:
        """O gives a user a passphrase that opens the keystore, and takes it away again."""
        typed = "correct horse battery staple wagon"
        app = account.console()
        async with running(app) as pilot:
            view = await page(pilot, ADA)
            await deed(pilot, "O")
            assert isinstance(app.screen, OperatorDialog)
            for field in ("first", "second"):
                app.screen.query_one(f"#{field}", Input).value = typed
            app.screen.query_one("#second", Input).focus()
            await deed(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert view.principal is not None
            assert view.principal.operator
            opened = account.bench.engine.unlock(Secret.from_text(typed), principal=ADA)
            assert ADA == opened.principal
            await deed(pilot, "O")
            app.screen.query_one("#token", Input).value = "ada"
            await deed(pilot, "enter", "enter")
            assert not view.principal.operator

    async def test_a_refusal_is_said(self, account: AccessAccount) -> None:
        """A command that needs a user, pressed on root, says so and does nothing."""
        app = account.console()
        async with running(app) as pilot:
            await listed(pilot)
            await deed(pilot, "K")
            assert "a user is not selected" in screen_text(app)
