"""Policies: finding statements by what they mean, and the page of one document."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from kmstui.authz.lint import Finding, Level
from kmstui.authz.model import PolicyKind
from kmstui.tui.app import KmsApp
from kmstui.tui.json_colour import pretty
from kmstui.tui.places.access.policies.lines import statement_lines
from kmstui.tui.places.access.policies.model import PolicyRef, read_argument
from kmstui.tui.places.access.policies.page import PolicyView
from kmstui.tui.places.access.policies.query import Question, split
from kmstui.tui.places.access.policies.remarks import MarkedJson, worst
from kmstui.tui.places.access.policies.view import PoliciesView
from kmstui.tui.places.keys.detail.view import KeyView
from tests._textual_private import screen_text
from tests.helpers.access_account import ADA, AccessAccount, key_policy
from tests.helpers.demo_console import hit, running
from tests.helpers.goldens import assert_golden
from tests.helpers.links import until_ready

GROUPS = ("access", "access-more", "first-page", "keys", "command")
SIZES = ((80, 24), (120, 40))
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
BOB_INLINE = PolicyRef("identity-based policy", f"{ADA.removesuffix('ada')}bob Everything")


async def ready(pilot: Pilot[None]) -> PoliciesView:
    """Wait until the statements have been read, and return the view."""
    await until_ready(pilot, *GROUPS)
    app = pilot.app
    assert isinstance(app, KmsApp)
    view = app.main.view
    assert isinstance(view, PoliciesView)
    return view


async def answered(pilot: Pilot[None], view: PoliciesView) -> None:
    """Wait until the engine has answered the query."""
    await pilot.pause()
    for _ in range(200):
        await until_ready(pilot, *GROUPS)
        if view.settled:
            return
        await pilot.pause(0.01)


async def find(pilot: Pilot[None], query: str) -> list[str]:
    """Ask for statements and return Sids, or numbers, of those shown."""
    view = await ready(pilot)
    view.do_filter(query)
    await answered(pilot, view)
    rows = [view.table.row(key) for key in view.table.visible_keys()]
    return [row.sid or row.policy.word for row in rows]


class TestQuery:
    """How a query is split."""

    def test_names_become_what_they_stand_for(self) -> None:
        """A user's name, an action without its service and an alias are resolved."""
        known = {"ada": ADA}
        asked = split(
            'principal:ada action:decrypt resource:"my key" words',
            lambda name: known.get(name, ""),
            lambda name: "arn:key" if name == "my key" else "",
        )
        members = {"Principal": ADA, "Action": "kms:Decrypt", "Resource": "arn:key"}
        assert Question(members, "words") == asked

    @pytest.mark.parametrize(
        "term", ["principal:nobody", "action:dec*", "resource:pay", "-principal:ada"]
    )
    def test_what_stands_for_nothing_stays_with_the_list(self, term: str) -> None:
        """A pattern, part of a name and a negated term are compared as text."""
        assert Question({}, term) == split(term, lambda _: "", lambda _: "")


class TestLines:
    """Where statements stand."""

    def test_a_statement_ends_with_its_brace(self) -> None:
        """The range covers the statement's own lines, nested conditions included."""
        source = pretty(key_policy())
        lines = source.splitlines()
        for number in (1, 2, 3):
            span = statement_lines(source, number)
            assert "    {" == lines[span.start - 1]
            assert lines[span.stop - 2].startswith("    }")

    @pytest.mark.parametrize("source", ["", "{", "[]", '{"Statement": []}', '{"Statement": 4}'])
    def test_what_is_not_there_has_no_lines(self, source: str) -> None:
        """A document that is none, or has no such statement, has an empty range."""
        assert not statement_lines(source, 2)


class TestModel:
    """How policies are named."""

    @pytest.mark.parametrize("argument", ["", "x", "9|", "99999999999|a|b", "1|key policy|"])
    def test_any_argument_is_read(self, argument: str) -> None:
        """A route's argument that nobody wrote names no policy and raises nothing."""
        ref, number = read_argument(argument)
        assert isinstance(ref, PolicyRef)
        assert number in {0, 1, 9}

    def test_an_argument_reads_back(self) -> None:
        """What one policy writes is read as that policy, whatever is in its name."""
        ref = PolicyRef(PolicyKind.IDENTITY.value, "arn:aws:iam::1:user/a|b c|d")
        assert (ref, 3) == read_argument(ref.argument(3))

    def test_the_worst_remark_marks_a_line(self) -> None:
        """Of two remarks on a line the graver one has the glyph."""
        found = worst(
            [Finding(Level.SUGGESTION, 3, "A", "a"), Finding(Level.SECURITY, 3, "B", "b")]
        )
        assert {3: Level.SECURITY} == found


class TestList:
    """The list of statements."""

    @sizes
    async def test_golden(self, account: AccessAccount, size: tuple[int, int]) -> None:
        """The list, what principal and action narrow it to, and the document of a statement."""
        app = account.console()
        name = f"{size[0]}x{size[1]}"
        async with running(app, size) as pilot:
            view = await ready(pilot)
            assert_golden(app, f"access/policies-{name}")
            await find(pilot, "principal:ada action:decrypt")
            assert_golden(app, f"access/policies-found-{name}")
            await hit(pilot, "G", "k", "enter")
            await until_ready(pilot, *GROUPS)
            assert view is not app.main.view
            assert_golden(app, f"access/policy-{name}")

    @pytest.mark.parametrize(
        ("query", "sids"),
        [
            ("action:generatedatakey kind:key resource:payments", ["Account", "AppEncrypts"]),
            ("effect:deny", ["AdministratorsDoNotDecrypt"]),
            ("condition:yes", ["AppEncrypts"]),
            ("kind:inline", ["TooMuch", "Look"]),
            ("principal:bob kind:inline", ["TooMuch"]),
            ("sts:AssumeRole", ["FullAWSAccess", "trust"]),
        ],
    )
    async def test_statements_are_found(
        self, account: AccessAccount, query: str, sids: list[str]
    ) -> None:
        """Principal, action and resource go by meaning, the rest by words."""
        app = account.console()
        async with running(app) as pilot:
            assert sids == await find(pilot, query)

    async def test_esc_brings_everything_back(self, account: AccessAccount) -> None:
        """Leaving the filter asks the engine for all statements again."""
        app = account.console()
        async with running(app) as pilot:
            assert 9 != len(await find(pilot, "principal:ada kind:key"))
            view = await ready(pilot)
            await hit(pilot, "escape")
            await answered(pilot, view)
            assert 9 == view.table.visible_count

    async def test_o_opens_the_key_of_a_key_policy(self, account: AccessAccount) -> None:
        """From the list, and it is the key's Access tab."""
        app = account.console()
        async with running(app) as pilot:
            await find(pilot, "effect:deny")
            await hit(pilot, "o")
            view = app.main.view
            assert isinstance(view, KeyView)
            assert (account.key, "access") == (view.route.argument, view.tab)

    async def test_the_mask_hides_names(self, account: AccessAccount) -> None:
        """Neither the list nor a document shows who or what."""
        app = account.console()
        async with running(app) as pilot:
            await ready(pilot)
            await hit(pilot, "f12")
            assert "payments" not in screen_text(app)
            await hit(pilot, "G", "enter")
            await until_ready(pilot, *GROUPS)
            assert "arn:" not in screen_text(app)


class TestPage:
    """The page of a document."""

    async def test_remarks_stand_beside_their_lines(self, account: AccessAccount) -> None:
        """A policy that gives everything away has a glyph at the line and the words below."""
        app = account.console()
        async with running(app) as pilot:
            await find(pilot, "sid:toomuch")
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            view = app.main.view
            assert isinstance(view, PolicyView)
            assert BOB_INLINE == view.ref
            assert view.query_one(MarkedJson)._remarks
            assert "line 7" in screen_text(app)

    async def test_every_kind_of_policy_opens(self, account: AccessAccount) -> None:
        """Control, inline, trust, managed and key policies show their documents."""
        app = account.console()
        async with running(app) as pilot:
            view = await ready(pilot)
            for key in list(view.table.visible_keys()):
                view.table.move_to(key)
                await hit(pilot, "enter")
                await until_ready(pilot, *GROUPS)
                page = app.main.view
                assert isinstance(page, PolicyView)
                assert page.document is not None
                assert page.statement is not None
                await hit(pilot, "escape")
