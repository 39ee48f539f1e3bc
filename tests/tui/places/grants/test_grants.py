"""The place Grants: what it lists and counts, and how grants are made and ended there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kmstui.core.errors import AccessDeniedException
from kmstui.tui.app import KmsApp
from kmstui.tui.place import Route
from kmstui.tui.places.grants.create import CreateGrantDialog, TokenDialog
from kmstui.tui.places.grants.ending import EndDialog, EndManyDialog, GrantDialog
from kmstui.tui.places.grants.principals import PrincipalPicker
from kmstui.tui.places.grants.view import GrantsView
from kmstui.tui.widgets.opaque_value import OpaqueValue
from tests._textual_private import screen_text
from tests.helpers.access_account import APP, AccessAccount
from tests.helpers.console import settle
from tests.helpers.demo_console import hit, write
from tests.helpers.goldens import assert_golden
from tests.helpers.grant_account import grant_account

SMALL, LARGE, NARROW = (80, 24), (120, 40), (60, 16)


@pytest.fixture
def account(tmp_path: Path) -> AccessAccount:
    """Return an account with grants."""
    tmp_path.chmod(0o700)
    return grant_account(tmp_path)


@asynccontextmanager
async def showing(
    account: AccessAccount, size: tuple[int, int] = LARGE
) -> AsyncIterator[tuple[Pilot[None], GrantsView]]:
    """Run a console on Grants."""
    app = account.console()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        view = await app.go(Route("grants"))
        assert isinstance(view, GrantsView)
        for _ in range(200):
            await settle(pilot)
            if not view.reading:
                break
        try:
            yield pilot, view
        finally:
            await app.close_engine()


def console(pilot: Pilot[None]) -> KmsApp:
    """Return the application by its own type."""
    assert isinstance(pilot.app, KmsApp)
    return pilot.app


def grantees(view: GrantsView) -> list[str]:
    """Return the grantees of the rows that show."""
    return [view.table.row(key).grantee_label for key in view.table.visible_keys()]


class TestLists:
    """The views."""

    @pytest.mark.parametrize("size", [NARROW, SMALL, LARGE], ids=lambda size: size[0])
    async def test_all(self, account: AccessAccount, size: tuple[int, int]) -> None:
        """Every grant shows with key, grantee, operations and bounds, the totals above them."""
        async with showing(account, size) as (pilot, view):
            assert 5 == view.table.visible_count
            assert_golden(pilot.app, f"grants/all-{size[0]}")

    async def test_the_views_follow_each_other(self, account: AccessAccount) -> None:
        """The bracket keys go through the views, and esc comes back to all grants."""
        async with showing(account, SMALL) as (pilot, view):
            for name in ("by-key", "by-grantee", "orphans", "unconstrained"):
                await hit(pilot, "right_square_bracket")
                assert_golden(pilot.app, f"grants/{name}-80")
            await hit(pilot, "escape")
            assert "" == view.shown

    async def test_a_count_leads_to_its_grants(self, account: AccessAccount) -> None:
        """Enter on a grantee filters the grants by it."""
        async with showing(account) as (pilot, view):
            view.show("grantees")
            await hit(pilot, "enter")
            assert ["role/night-job"] * 2 == sorted(grantees(view))

    async def test_filter(self, account: AccessAccount) -> None:
        """The filter asks about grantee, operation, context and orphans."""
        async with showing(account) as (pilot, view):
            for query, count in (
                ("grantee:payments", 2),
                ("operation=decrypt", 3),
                ("context:env=prod", 1),
                ("orphan:yes", 3),
                ("age>5d", 2),
            ):
                view.bar.set(query)
                await settle(pilot)
                assert (query, count) == (query, view.table.visible_count)

    async def test_verbs_jump_to_a_view(self, account: AccessAccount) -> None:
        """`:orphans` and `:unconstrained` show their view from anywhere."""
        async with showing(account) as (pilot, view):
            await console(pilot).go(Route("access"))
            await hit(pilot, "colon")
            await write(pilot, "unconstrained")
            await hit(pilot, "enter")
            assert (3, "unconstrained") == (view.table.visible_count, view.shown)

    async def test_a_refusal_stands_in_place_of_the_rows(
        self, account: AccessAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who may not list grants is told so, and nothing is shown."""
        async with showing(account) as (pilot, view):
            fetch = console(pilot).fetch

            async def refuse(operation: str, /, **members: object) -> dict[str, object]:
                if operation == "kmstui:ListAllGrants":
                    raise AccessDeniedException("No policy allows kmstui:ListAllGrants.")
                return await fetch(operation, **members)

            monkeypatch.setattr(console(pilot), "fetch", refuse)
            await view.refresh_data()
            assert 0 == view.table.visible_count
            assert "No policy allows" in screen_text(pilot.app)

    async def test_the_mask_hides_names(self, account: AccessAccount) -> None:
        """Under the privacy mask neither keys nor grantees can be read."""
        async with showing(account) as (pilot, _):
            await hit(pilot, "f12")
            shown = screen_text(pilot.app)
            assert ["payments", "night", "bob"] == [
                word for word in ("payments", "night", "bob") if word not in shown
            ]


class TestDetails:
    """One grant."""

    async def test_everything_is_said(self, account: AccessAccount) -> None:
        """Enter shows every fact of a grant."""
        async with showing(account, SMALL) as (pilot, _):
            await hit(pilot, "down", "enter")
            assert isinstance(pilot.app.screen, GrantDialog)
            assert_golden(pilot.app, "grants/details-80")

    async def test_o_opens_the_key(self, account: AccessAccount) -> None:
        """`o` opens the grant's key at its Access tab."""
        async with showing(account) as (pilot, view):
            grant = view.grant
            assert grant is not None
            await hit(pilot, "o")
            shown = console(pilot).main.view
            assert shown is not None
            assert ("keys", grant.key_arn) == (shown.route.place, shown.route.argument)


class TestEnding:
    """Retiring and revoking."""

    async def test_revoking_says_what_stops(self, account: AccessAccount) -> None:
        """The question names what only the grant allows and what policies allow as well."""
        async with showing(account, SMALL) as (pilot, view):
            view.table.move_to(next(row.row_key for row in view.rows if row.subset))
            await hit(pilot, "Z")
            assert isinstance(pilot.app.screen, EndDialog)
            assert_golden(pilot.app, "grants/revoke-80")

    async def test_leaving_it_changes_nothing(self, account: AccessAccount) -> None:
        """The focus is on the safe answer: enter leaves the grant."""
        async with showing(account) as (pilot, view):
            await hit(pilot, "Z", "enter")
            assert 5 == len(view.rows)

    async def test_revoke_and_undo(self, account: AccessAccount) -> None:
        """A revoked grant is gone; `u` makes an equal one."""
        async with showing(account) as (pilot, view):
            gone = view.grant
            assert gone is not None
            await hit(pilot, "Z", "right", "enter")
            assert 4 == len(view.rows)
            await hit(pilot, "u")
            again = [row for row in view.rows if row.request() == gone.request()]
            assert 1 == len(again)
            assert gone.grant_id != again[0].grant_id

    async def test_many_ask_for_a_count(self, account: AccessAccount) -> None:
        """Several grants are revoked after a typed count."""
        async with showing(account, SMALL) as (pilot, view):
            view.show("orphans")
            await hit(pilot, "V", "Z")
            assert isinstance(pilot.app.screen, EndManyDialog)
            await write(pilot, "revoke 3 grants")
            assert_golden(pilot.app, "grants/revoke-many-80")
            await hit(pilot, "enter", "enter")
            assert 2 == len(view.rows)

    async def test_retire(self, account: AccessAccount) -> None:
        """The account that made a grant retires it."""
        async with showing(account) as (pilot, view):
            await hit(pilot, "z", "right", "enter")
            last = console(pilot).caller.last
            assert last is not None
            assert ("RetireGrant", None, 4) == (last.operation, last.error, len(view.rows))


class TestCreating:
    """A new grant."""

    async def test_the_form(self, account: AccessAccount) -> None:
        """The form names the grantee it understood and lists what the key can allow."""
        async with showing(account) as (pilot, _):
            await hit(pilot, "n", "enter")
            await write(pilot, "bob")
            await hit(pilot, "tab", "space", "down", "space", "tab", "right", "tab")
            await write(pilot, "app")
            assert_golden(pilot.app, "grants/create-120")

    async def test_the_form_in_eighty_columns(self, account: AccessAccount) -> None:
        """In a small terminal the form scrolls."""
        async with showing(account, SMALL) as (pilot, _):
            await hit(pilot, "n", "enter")
            assert_golden(pilot.app, "grants/create-80")

    async def test_what_is_missing_is_said(self, account: AccessAccount) -> None:
        """Without a grantee, an operation or pairs nothing is sent, and the dialog says why."""
        async with showing(account) as (pilot, _):
            await hit(pilot, "n", "enter")
            dialog = pilot.app.screen
            assert isinstance(dialog, CreateGrantDialog)
            said = []
            for keys in ((), ("b", "o", "b"), ("tab", "space", "tab", "right")):
                await hit(pilot, *keys)
                dialog.chosen({"": ""})
                problem = dialog.problem()
                said.append(problem.plain if problem else "")
            assert [
                "Name a principal.",
                "Tick at least one operation.",
                "Give the pairs that bound it.",
            ] == said

    async def test_made_with_its_token_shown_once(self, account: AccessAccount) -> None:
        """The grant is made as the form says, its token shows, and the list has it."""
        async with showing(account) as (pilot, view):
            await hit(pilot, "n", "enter")
            await write(pilot, "payments-app")
            await hit(pilot, "tab", "space", "tab", "right", "tab")
            await write(pilot, "app")
            await hit(pilot, "enter")
            await write(pilot, "shop")
            dialog = pilot.app.screen
            assert isinstance(dialog, CreateGrantDialog)
            dialog.button(1).press()
            await settle(pilot)
            await settle(pilot)
            assert isinstance(pilot.app.screen, TokenDialog)
            assert pilot.app.screen.query_one(OpaqueValue).has_value
            assert_golden(pilot.app, "grants/token-120")
            await hit(pilot, "enter")
            made = view.grant
            assert made is not None
            assert (APP, ("Encrypt",), (("app", "shop"),)) == (
                made.grantee,
                made.operations,
                made.subset,
            )

    async def test_principals_are_listed(self, account: AccessAccount) -> None:
        """The arrow down in the grantee's field lists the principals; enter takes one."""
        async with showing(account, SMALL) as (pilot, _):
            await hit(pilot, "n", "enter", "down")
            assert isinstance(pilot.app.screen, PrincipalPicker)
            assert_golden(pilot.app, "grants/principals-80")
            await write(pilot, "pay")
            await hit(pilot, "enter")
            dialog = pilot.app.screen
            assert isinstance(dialog, CreateGrantDialog)
            await hit(pilot, "tab", "space")
            assert {"GranteePrincipal": APP, "Operations": ["Encrypt"]} == dialog.members()
