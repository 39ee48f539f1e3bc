"""Dialogs: esc is always "nothing", enter never destroys, tokens are typed exactly."""

from __future__ import annotations

from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Button

from kmstui.tui.calls import Outcome
from kmstui.tui.dialogs import confirm
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.choice import Choice, Choose, Prompt
from kmstui.tui.dialogs.confirm import ConfirmTyped, bulk_token, confirmation_token
from kmstui.tui.dialogs.refusal import WhyDialog, explanation
from kmstui.tui.text import literal
from tests._textual_private import screen_text
from tests.helpers.console import console, probes, settle

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture(autouse=True)
def probe_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put probes wherever a view would be."""
    probes(monkeypatch)


async def answer(dialog: Screen[Any], *keys: str) -> list[object]:
    """Show a dialog, press keys, and return what it answered, if it did."""
    answers: list[object] = []
    app = console()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        app.push_screen(dialog, answers.append)
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)
    return answers


def two() -> Dialog[str]:
    """Make a dialog with a safe and a dangerous answer."""
    return Dialog(
        literal("Really?"),
        (Answer("gone", literal("Destroy"), Tone.DANGER), Answer("kept", literal("Keep it"))),
        danger=True,
    )


def typed() -> ConfirmTyped:
    """Make a dialog that wants ``pay``."""
    return ConfirmTyped(literal("Delete"), literal("Everything goes."), "pay", literal("Delete"))


class TestDialog:
    """The base of all."""

    async def test_esc_answers_nothing(self) -> None:
        """Esc answers None."""
        assert [None] == await answer(two(), "escape")

    async def test_enter_never_destroys(self) -> None:
        """The key pressed without looking chooses the safe answer, wherever it stands."""
        assert ["kept"] == await answer(two(), "enter")

    async def test_arrows_move(self) -> None:
        """Left and right move between the answers."""
        assert ["gone"] == await answer(two(), "left", "enter")

    async def test_quitting_and_locking_work_over_it(self) -> None:
        """ctrl+l locks although a dialog is open."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            app.push_screen(two())
            await settle(pilot)
            await pilot.press("ctrl+l")
            await settle(pilot)
            assert app.locked

    async def test_digits_do_not_leave_it(self) -> None:
        """The places cannot be switched under a dialog."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            dialog = two()
            app.push_screen(dialog)
            await settle(pilot)
            await pilot.press("4", "colon")
            await settle(pilot)
            assert app.screen is dialog


class TestToken:
    """What has to be typed."""

    @pytest.mark.parametrize(
        ("alias", "expected"),
        [
            ("alias/payments-db", "payments-db"),
            ("a" * 32, "a" * 32),
            ("a" * 33, "567890ab"),
            ("", "567890ab"),
            ("zahlung-ü", "567890ab"),
            ("pay\u202ements", "567890ab"),
            (" padded", "567890ab"),
        ],
    )
    def test_alias_or_tail(self, alias: str, expected: str) -> None:
        """The alias if it can be typed, else the last eight characters of the id."""
        assert expected == confirmation_token(alias, KEY_ID)

    @pytest.mark.parametrize(("count", "expected"), [(40, "delete 40 keys"), (1, "delete 1 key")])
    def test_many(self, count: int, expected: str) -> None:
        """Many keys are confirmed by their number."""
        assert expected == bulk_token(count)

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [("", "0 of 3"), ("pa", "2 of 3"), ("px", "differs at character 2"), ("pay", "matches")],
    )
    def test_progress(self, typed: str, expected: str) -> None:
        """The bar tells how far the token is right and where it went wrong."""
        assert expected in confirm.progress("pay", typed).plain

    def test_too_much_is_wrong(self) -> None:
        """More than the token does not match."""
        assert "differs at character 4" in confirm.progress("pay", "payx").plain


class TestConfirmTyped:
    """Confirming by typing."""

    async def test_enter_in_the_field_confirms_nothing(self) -> None:
        """Enter in the field moves to the button and does no more."""
        assert [] == await answer(typed(), *"pay", "enter")

    async def test_typed_and_confirmed(self) -> None:
        """The token, then the button."""
        assert [True] == await answer(typed(), *"pay", "enter", "enter")

    @pytest.mark.parametrize("text", ["pa", "PAY", "payx"])
    async def test_anything_else_confirms_nothing(self, text: str) -> None:
        """Without an exact match the button stays disabled."""
        assert [] == await answer(typed(), *text, "enter", "enter", "enter")

    async def test_back(self) -> None:
        """The safe answer is False and esc is None: neither does anything."""
        assert [False] == await answer(typed(), "tab", "enter")
        assert [None] == await answer(typed(), *"pay", "escape")

    async def test_a_changed_token_is_checked_again(self) -> None:
        """A button that was enabled does not count once the field has been changed."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            dialog = typed()
            app.push_screen(dialog)
            await settle(pilot)
            await pilot.press(*"pay", "backspace")
            assert dialog.query_one("#answer-1", Button).disabled

    async def test_hostile_token_and_title(self) -> None:
        """Markup in what is confirmed is shown, not obeyed."""
        app = console()
        async with app.run_test(size=(100, 30)) as pilot:
            await settle(pilot)
            app.push_screen(
                ConfirmTyped(literal("[/]"), literal("[b]"), "[@click=app.quit]", literal("x"))
            )
            await settle(pilot)
            assert "Type [@click=app.quit] to confirm." in screen_text(app)


class TestChoose:
    """One of several."""

    CHOICES = (
        Choice("a", literal("First")),
        Choice("b", literal("Second"), reason="not now"),
        Choice("c", literal("Third"), note="after both"),
    )

    async def test_enter_chooses(self) -> None:
        """Enter answers what is highlighted; what cannot be chosen is skipped."""
        assert ["c"] == await answer(Choose(literal("Which"), self.CHOICES), "down", "enter")

    async def test_starts_on_the_current(self) -> None:
        """The list starts on the value in use."""
        dialog = Choose(literal("Which"), self.CHOICES, current="c")
        assert ["c"] == await answer(dialog, "enter")

    async def test_esc(self) -> None:
        """Esc answers None."""
        assert [None] == await answer(Choose(literal("Which"), self.CHOICES), "escape")


class TestPrompt:
    """One line."""

    @staticmethod
    def prompt() -> Prompt:
        """Make a prompt that wants something."""
        return Prompt(
            literal("Name"),
            literal("Name"),
            literal("Save"),
            value="x",
            check=lambda typed: None if typed else "It is empty.",
        )

    async def test_enter_answers(self) -> None:
        """Enter answers the text."""
        assert ["xy"] == await answer(self.prompt(), "end", "y", "enter")

    async def test_a_wrong_text_is_not_taken(self) -> None:
        """A text that fails its check stays in the field."""
        assert [] == await answer(self.prompt(), "end", "backspace", "enter")

    async def test_esc(self) -> None:
        """Esc answers None."""
        assert [None] == await answer(self.prompt(), "escape")


class TestWhy:
    """Explaining an outcome."""

    async def test_done(self) -> None:
        """A success says whether it can be taken back."""
        said = dict(explanation(Outcome("kmstui:PutSetting", "x", "kmstui call ...")))
        assert said["Undo"].plain == "This cannot be taken back."

    async def test_w_closes_it_again(self) -> None:
        """The key that opened it closes it."""
        assert [None] == await answer(WhyDialog(Outcome("DisableKey", "x", "")), "w")
