"""Choosing one of several, and typing one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import on
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of several.

    Attributes:
        value: What the dialog answers.
        label: Its name.
        note: What it means.
        reason: Why it cannot be chosen now; empty if it can.
    """

    value: T
    label: Content
    note: str = ""
    reason: str = ""


class Choose(Dialog[T]):
    """Asks which one; enter answers it, `esc` none.

    Args:
        title: What is chosen.
        choices: In order; those with a reason are shown and cannot be chosen.
        current: The value to start on.
        message: A paragraph above the list.
    """

    def __init__(
        self,
        title: Content,
        choices: Sequence[Choice[T]],
        *,
        current: T | None = None,
        message: Content | None = None,
    ) -> None:
        super().__init__(title, ())
        self._choices = tuple(choices)
        self._current = current
        self._message = message

    def body(self) -> Iterable[Widget]:
        """Yield the paragraph and the list."""
        if self._message is not None:
            yield Static(self._message, classes="paragraph")
        yield OptionList(
            *(self._option(each) for each in self._choices), id="choices", compact=True
        )
        yield Static(
            hints(("enter", "choose"), ("esc", "back")),
            id="keys",
        )

    def _option(self, choice: Choice[T]) -> Option:
        width = max(each.label.cell_length for each in self._choices) + 3
        about = (
            text.literal(choice.reason, "italic $muted")
            if choice.reason
            else text.literal(choice.note, "$muted")
        )
        return Option(text.content_fit(choice.label, width) + about, disabled=bool(choice.reason))

    def first_focus(self) -> None:
        """Focus the list, on the current value."""
        options = self.query_one("#choices", OptionList)
        values = [each.value for each in self._choices]
        options.highlighted = values.index(self._current) if self._current in values else 0
        options.focus()

    @on(OptionList.OptionSelected, "#choices")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.chosen(self._choices[event.option_index].value)


class Prompt(Dialog[str]):
    """Asks for one line of text.

    Args:
        title: What is asked.
        label: What stands before the field.
        verb: The main button's words.
        value: What the field starts with.
        check: Says what is wrong with a text, or None.
        message: A paragraph above the field.
        suggester: Completes what is typed.
    """

    def __init__(
        self,
        title: Content,
        label: Content,
        verb: Content,
        *,
        value: str = "",
        check: Callable[[str], str | None] | None = None,
        message: Content | None = None,
        suggester: Suggester | None = None,
    ) -> None:
        super().__init__(
            title, (Answer("", text.literal("Back")), Answer("done", verb, Tone.MAIN))
        )
        self._label = label
        self._value = value
        self._check = check
        self._message = message
        self._suggester = suggester

    def body(self) -> Iterable[Widget]:
        """Yield the paragraph, the field and the place for a complaint."""
        if self._message is not None:
            yield Static(self._message, classes="paragraph")
        yield Static(self._label, id="ask")
        yield SafeInput(self._value, compact=True, id="answer", suggester=self._suggester)
        yield Static(text.literal(""), id="complaint")

    def first_focus(self) -> None:
        """Focus the field."""
        self.query_one("#answer", SafeInput).focus()

    @on(SafeInput.Changed, "#answer")
    def _typed(self, event: SafeInput.Changed) -> None:
        self._complain(event.value)

    @on(SafeInput.Submitted, "#answer")
    def _submitted(self, event: SafeInput.Submitted) -> None:
        event.stop()
        self.chosen("done")

    def _complain(self, value: str) -> bool:
        wrong = self._check(value) if self._check is not None else None
        self.query_one("#complaint", Static).update(text.literal(wrong or "", "$warn"))
        return wrong is not None

    def chosen(self, value: str) -> None:
        """Answer with the text, unless something is wrong with it."""
        typed = self.query_one("#answer", SafeInput).value
        if not value:
            self.dismiss(None)
        elif not self._complain(typed):
            self.dismiss(typed)
