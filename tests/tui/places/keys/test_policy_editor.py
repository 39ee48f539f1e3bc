"""The editor of a key policy: text, remarks, templates, review, saving, drafts."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from kmstui.tui.app import KmsApp
from kmstui.tui.dialogs.choice import Choose
from kmstui.tui.dialogs.refusal import WhyDialog
from kmstui.tui.place import Route
from kmstui.tui.places.keys.detail.access.pane import AccessPane
from kmstui.tui.places.keys.detail.policy_view import KeyPolicyView
from kmstui.tui.places.keys.detail.view import KeyView, key_route
from kmstui.tui.policy_editor.review import ReviewDialog
from kmstui.tui.policy_editor.template import TemplateDialog
from kmstui.tui.verdicts import Verdict
from tests._textual_private import screen_text
from tests.helpers.access_account import ADA, APP, AccessAccount, allow, document, key_policy
from tests.helpers.console import settle
from tests.helpers.demo_console import hit, write
from tests.helpers.engines import ROOT
from tests.helpers.goldens import assert_golden
from tests.helpers.grant_account import BOB, grant_account

SMALL, LARGE, NARROW = (80, 24), (120, 40), (60, 16)
NOBODY = document(allow("App", "kms:Encrypt", Principal={"AWS": APP}))
"""A policy under which nobody could change it again."""


@pytest.fixture
def account(tmp_path: Path) -> AccessAccount:
    """Return an account with a key that several people may use."""
    tmp_path.chmod(0o700)
    return grant_account(tmp_path)


@asynccontextmanager
async def editing(
    account: AccessAccount, size: tuple[int, int] = LARGE
) -> AsyncIterator[tuple[Pilot[None], KeyPolicyView]]:
    """Run a console in the editor, opened by `e` on the Access tab."""
    app = account.console()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await app.go(key_route(account.key, "access"))
        await settle(pilot)
        await hit(pilot, "e")
        view = app.main.view
        assert isinstance(view, KeyPolicyView)
        await looked(pilot, view)
        try:
            yield pilot, view
        finally:
            await app.close_engine()


async def looked(pilot: Pilot[None], view: KeyPolicyView) -> None:
    """Wait until the text as it stands has been looked through."""
    for _ in range(200):
        await settle(pilot)
        if not view.looking:
            break
        await pilot.pause(0.02)
    await settle(pilot)


async def put(pilot: Pilot[None], view: KeyPolicyView, policy: str) -> None:
    """Put a text into the editor, laid out."""
    view.area.put(json.dumps(json.loads(policy), indent=2))
    await looked(pilot, view)


async def reviewed(pilot: Pilot[None]) -> ReviewDialog:
    """Ask to save, and wait until who gains and loses is known."""
    await hit(pilot, "ctrl+s")
    dialog = pilot.app.screen
    assert isinstance(dialog, ReviewDialog)
    for _ in range(200):
        await settle(pilot)
        if dialog.done:
            break
    await settle(pilot)
    return dialog


def console(pilot: Pilot[None]) -> KmsApp:
    """Return the application by its own type."""
    assert isinstance(pilot.app, KmsApp)
    return pilot.app


def stored(account: AccessAccount) -> Any:
    """Return the key's policy as it is stored."""
    return json.loads(account.bench.call("GetKeyPolicy", KeyId=account.key)["Policy"])


def with_statement(statement: dict[str, object]) -> str:
    """Return the key's first policy with one statement more."""
    policy = json.loads(key_policy())
    policy["Statement"].append(statement)
    return json.dumps(policy)


class TestText:
    """The text and its remarks."""

    @pytest.mark.parametrize("size", [NARROW, SMALL, LARGE], ids=lambda size: size[0])
    async def test_looks_as_approved(self, account: AccessAccount, size: tuple[int, int]) -> None:
        """The text with line numbers, the facts above, the remarks beside or below."""
        async with editing(account, size) as (pilot, view):
            await put(pilot, view, with_statement(allow("All", "kms:*", Principal={"AWS": BOB})))
            view.area.go_to_line(1)
            await settle(pilot)
            assert_golden(pilot.app, f"policy-editor/text-{size[0]}")

    async def test_remarks_follow_what_is_typed(self, account: AccessAccount) -> None:
        """A character too many is an error at its line, and f8 goes there."""
        async with editing(account) as (pilot, view):
            view.area.go_to_line(4)
            await hit(pilot, "x")
            await looked(pilot, view)
            assert "MALFORMED_JSON" == view.findings[0].code
            view.area.go_to_line(1)
            await hit(pilot, "f8")
            assert view.findings[0].line == view.area.cursor_location[0] + 1

    async def test_a_remark_leads_to_its_line(self, account: AccessAccount) -> None:
        """Esc goes to the remarks, enter from there to the line."""
        async with editing(account) as (pilot, view):
            await put(pilot, view, with_statement(allow("All", "kms:*", Principal="*")))
            view.area.go_to_line(1)
            await hit(pilot, "escape", "down", "enter")
            assert view.area.has_focus
            assert view.area.cursor_location[0] + 1 in {each.line for each in view.findings}

    async def test_the_document_is_coloured(self, account: AccessAccount) -> None:
        """Names and strings have the styles of the theme."""
        async with editing(account) as (_, view):
            line = view.area.get_line(1)
            assert {str(span.style) for span in line.spans}

    async def test_enter_keeps_the_depth(self, account: AccessAccount) -> None:
        """A new line begins as deep as the one before, deeper behind a bracket."""
        async with editing(account) as (pilot, view):
            view.area.put("{")
            view.area.move_cursor((0, 1))
            await hit(pilot, "enter", "a", "enter", "b")
            assert "{\n  a\n  b" == view.source

    async def test_format(self, account: AccessAccount) -> None:
        """f3 lays the document out anew and keeps what it says."""
        async with editing(account) as (pilot, view):
            view.area.put(key_policy())
            await hit(pilot, "f3")
            assert json.loads(key_policy()) == json.loads(view.source)
            assert view.area.document.line_count > 10

    async def test_hidden_characters_are_written_out(self, account: AccessAccount) -> None:
        """What a terminal would obey or hide is pasted as an escape that means the same."""
        async with editing(account) as (pilot, view):
            view.area.put("")
            view.area.post_message(events.Paste('"a\u202eb\x1b[31m"'))
            await settle(pilot)
            assert '"a\\u202eb\\u001b[31m"' == view.source

    async def test_the_mask_hides_it(self, account: AccessAccount) -> None:
        """Under the privacy mask no line of the policy can be read."""
        async with editing(account) as (pilot, _):
            await hit(pilot, "f12")
            assert "payments-app" not in screen_text(pilot.app)


class TestTemplates:
    """Statements from templates."""

    async def test_the_list(self, account: AccessAccount) -> None:
        """Each template says what it is for."""
        async with editing(account, SMALL) as (pilot, _):
            await hit(pilot, "f2")
            assert_golden(pilot.app, "policy-editor/templates-80")

    async def test_users(self, account: AccessAccount) -> None:
        """A template asks for its principals and adds its statements."""
        async with editing(account) as (pilot, view):
            await hit(pilot, "f2", "down", "enter")
            assert isinstance(pilot.app.screen, TemplateDialog)
            await write(pilot, "bob carol")
            assert_golden(pilot.app, "policy-editor/template-users-120")
            await hit(pilot, "tab", "tab", "enter")
            await looked(pilot, view)
            added = json.loads(view.source)["Statement"][-1]
            assert [BOB, BOB.replace("bob", "carol")] == added["Principal"]["AWS"]

    async def test_context_and_service(self, account: AccessAccount) -> None:
        """Templates ask for a service or for pairs where they need them."""
        async with editing(account, SMALL) as (pilot, view):
            await hit(pilot, "f2", "down", "down", "enter")
            assert_golden(pilot.app, "policy-editor/template-service-80")
            await hit(pilot, "escape", "f2", *("down",) * 4, "enter")
            await write(pilot, "bob")
            await hit(pilot, "tab")
            await write(pilot, "app")
            await hit(pilot, "enter")
            await write(pilot, "shop")
            dialog = pilot.app.screen
            assert isinstance(dialog, TemplateDialog)
            dialog.button(1).press()
            await looked(pilot, view)
            assert "kms:EncryptionContext:app" in view.source

    async def test_without_questions(self, account: AccessAccount) -> None:
        """The MFA template needs nothing; the change can be undone in the text."""
        async with editing(account) as (pilot, view):
            before = view.source
            await hit(pilot, "f2", *("down",) * 3, "enter", "enter")
            await looked(pilot, view)
            assert "aws:MultiFactorAuthAge" in view.source
            view.area.undo()
            assert before == view.source

    async def test_what_is_missing_is_said(self, account: AccessAccount) -> None:
        """Without a principal nothing is inserted, and the dialog says why."""
        async with editing(account) as (pilot, _):
            await hit(pilot, "f2", "enter", "tab", "tab", "enter")
            dialog = pilot.app.screen
            assert isinstance(dialog, TemplateDialog)
            assert "Name a principal." in screen_text(pilot.app)


class TestReview:
    """What stands in the question before saving."""

    async def test_who_gains_and_who_loses(self, account: AccessAccount) -> None:
        """The differences in meaning, then who gains and who loses what."""
        policy = document(
            allow("Account", "kms:*", Principal={"AWS": ROOT}),
            allow("AppDecrypts", ["kms:Decrypt", "kms:Encrypt"], Principal={"AWS": APP}),
        )
        async with editing(account) as (pilot, view):
            await put(pilot, view, policy)
            dialog = await reviewed(pilot)
            assert_golden(pilot.app, "policy-editor/review-120")
            found = {shift.principal: shift for shift in dialog.shifts}
            gained = (("kms:Encrypt", Verdict.ALLOWED), ("kms:Decrypt", Verdict.ALLOWED))
            assert (gained, ()) == (found[APP].gains, found[APP].loses)
            assert (("kms:Decrypt", Verdict.ALLOWED),) == found[ADA].gains

    async def test_small(self, account: AccessAccount) -> None:
        """In a small terminal the review scrolls and the buttons stay."""
        async with editing(account, SMALL) as (pilot, view):
            await put(
                pilot,
                view,
                with_statement(
                    {
                        "Sid": "Nobody",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "kms:Decrypt",
                        "Resource": "*",
                    }
                ),
            )
            dialog = await reviewed(pilot)
            assert_golden(pilot.app, "policy-editor/review-80")
            assert any(shift.loses for shift in dialog.shifts)

    async def test_only_the_layout(self, account: AccessAccount) -> None:
        """A document that is only written differently is said to say the same."""
        async with editing(account) as (pilot, view):
            view.area.put(key_policy())
            await looked(pilot, view)
            await reviewed(pilot)
            assert "says the same" in screen_text(pilot.app)
            assert "Nobody gains or loses anything." in screen_text(pilot.app)


class TestSaving:
    """Putting the policy in its place."""

    async def test_saved_and_undone(self, account: AccessAccount) -> None:
        """The policy is stored, the key's page shows it, and `u` puts the old one back."""
        before = stored(account)
        policy = with_statement(allow("Bob", "kms:Encrypt", Principal={"AWS": BOB}))
        async with editing(account) as (pilot, view):
            await put(pilot, view, policy)
            dialog = await reviewed(pilot)
            dialog.button(1).press()
            await settle(pilot)
            await settle(pilot)
            assert json.loads(policy) == stored(account)
            assert isinstance(console(pilot).main.view, KeyView)
            assert "u undo" in screen_text(pilot.app)
            await hit(pilot, "u")
            assert before == stored(account)
            page = console(pilot).main.view
            assert isinstance(page, KeyView)
            assert isinstance(page.pane, AccessPane)
            assert before == json.loads(page.pane.policy)

    async def test_undo_takes_no_later_change_back(self, account: AccessAccount) -> None:
        """If the policy was changed since, `u` refuses."""
        async with editing(account) as (pilot, view):
            await put(
                pilot, view, with_statement(allow("Bob", "kms:Sign", Principal={"AWS": BOB}))
            )
            (await reviewed(pilot)).button(1).press()
            await settle(pilot)
            await settle(pilot)
            account.bench.call("PutKeyPolicy", KeyId=account.key, Policy=key_policy())
            await hit(pilot, "u")
            assert json.loads(key_policy()) == stored(account)
            assert "changed since" in screen_text(pilot.app)

    async def test_a_lockout_is_refused(self, account: AccessAccount) -> None:
        """A policy nobody could change again is refused in AWS's words; the text stays."""
        async with editing(account) as (pilot, view):
            await put(pilot, view, NOBODY)
            (await reviewed(pilot)).button(1).press()
            await settle(pilot)
            await settle(pilot)
            assert isinstance(pilot.app.screen, WhyDialog)
            assert_golden(pilot.app, "policy-editor/lockout-120")
            await hit(pilot, "escape")
            assert (json.loads(NOBODY), True) == (json.loads(view.source), view.dirty)

    async def test_what_is_no_policy_is_refused(self, account: AccessAccount) -> None:
        """Broken text is not sent: the reason stands on the result line, the cursor at it."""
        async with editing(account) as (pilot, view):
            view.area.go_to_line(4)
            await hit(pilot, "x")
            await looked(pilot, view)
            await hit(pilot, "ctrl+s")
            assert "MalformedPolicyDocumentException" in screen_text(pilot.app)
            assert view.findings[0].line == view.area.cursor_location[0] + 1

    async def test_nothing_changed(self, account: AccessAccount) -> None:
        """Saving what is stored makes no call."""
        async with editing(account) as (pilot, _):
            await hit(pilot, "ctrl+s")
            assert console(pilot).caller.last is None
            assert "Nothing has changed." in screen_text(pilot.app)


class TestLeaving:
    """Leaving what is not saved."""

    async def test_asks(self, account: AccessAccount) -> None:
        """Esc asks; staying changes nothing, dropping forgets the text."""
        async with editing(account, SMALL) as (pilot, view):
            await hit(pilot, "x", "escape", "escape")
            assert isinstance(pilot.app.screen, Choose)
            assert_golden(pilot.app, "policy-editor/leave-80")
            await hit(pilot, "enter")
            assert view.area.has_focus
            await hit(pilot, "escape", "escape", "down", "down", "enter")
            assert isinstance(console(pilot).main.view, KeyView)
            await hit(pilot, "e")
            again = console(pilot).main.view
            assert isinstance(again, KeyPolicyView)
            assert not again.dirty

    async def test_a_draft_comes_back(self, account: AccessAccount) -> None:
        """A draft survives leaving by esc and by the history."""
        async with editing(account) as (pilot, _):
            await hit(pilot, "x", "escape", "escape", "down", "enter", "e")
            view = console(pilot).main.view
            assert isinstance(view, KeyPolicyView)
            await looked(pilot, view)
            assert view.source.startswith("x{")
            await hit(pilot, "escape", "minus")
            await console(pilot).go(Route("keys", "policy", account.key))
            view = console(pilot).main.view
            assert isinstance(view, KeyPolicyView)
            await looked(pilot, view)
            assert view.source.startswith("x{")

    async def test_revert(self, account: AccessAccount) -> None:
        """`:revert` asks, then begins again from what is stored."""
        async with editing(account) as (pilot, view):
            await hit(pilot, "x", "escape", "colon")
            await write(pilot, "revert")
            await hit(pilot, "enter", "down", "enter")
            assert view.stored == view.source


class TestOwnEditor:
    """$EDITOR."""

    async def test_the_text_comes_back(
        self, account: AccessAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The editor gets a file for oneself alone, and what it leaves stands in the text."""
        seen = tmp_path / "seen"
        script = tmp_path / "editor"
        script.write_text(f'#!/bin/sh\nstat -c %a "$1" > {seen}\nprintf "{{}}\\n" > "$1"\n')
        script.chmod(stat.S_IRWXU)
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", str(script))
        async with editing(account) as (pilot, view):

            @contextmanager
            def suspend() -> Iterator[None]:
                yield

            monkeypatch.setattr(pilot.app, "suspend", suspend)
            await hit(pilot, "f4")
            assert ("{}", "600\n") == (view.source, seen.read_text())

    async def test_a_terminal_that_cannot(
        self, account: AccessAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the terminal cannot be handed over the text stays in the console."""
        monkeypatch.setenv("VISUAL", "true")
        async with editing(account) as (pilot, view):
            before = view.source
            await hit(pilot, "f4")
            assert before == view.source
            assert "cannot be handed" in screen_text(pilot.app)

    async def test_none_is_set(
        self, account: AccessAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without $VISUAL and $EDITOR the console says what to set."""
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.delenv("EDITOR", raising=False)
        async with editing(account) as (pilot, _):
            await hit(pilot, "f4")
            assert "No editor is set." in screen_text(pilot.app)
