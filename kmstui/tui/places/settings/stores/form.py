"""A dialog of a few fields, some of which are secret."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

Check = Callable[[str], str | None]
"""Says what is wrong with a text, or None."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: Its name in the answer.
        label: What stands before it.
        value: What it starts with.
        secret: Whether what is typed is hidden.
        longest: Most characters.
        check: Says what is wrong with it, or None.
    """

    name: str
    label: str
    value: str = ""
    secret: bool = False
    longest: int = 256
    check: Check | None = None


class Form(Dialog[Mapping[str, str]]):
    """Asks for several texts at once; answers them by their names.

    Args:
        title: What is asked.
        fields: In order.
        verb: The main button's words.
        message: A paragraph above the fields.
    """

    DEFAULT_CSS = """
    Form {
        .row { height: 1; margin-bottom: 1; }
        .row Static { width: 16; }
        .row Input { width: 1fr; }
    }
    """

    def __init__(
        self, title: Content, fields: Sequence[Field], verb: Content, message: Content
    ) -> None:
        back: Answer[Mapping[str, str]] = Answer({}, text.literal("Back"))
        done: Answer[Mapping[str, str]] = Answer({"": ""}, verb, Tone.MAIN)
        super().__init__(title, (back, done))
        self._fields = tuple(fields)
        self._message = message

    def body(self) -> Iterable[Widget]:
        """Yield the paragraph, the fields and the place for a complaint."""
        yield Static(self._message, classes="paragraph")
        for field in self._fields:
            entry = SafeInput(
                field.value,
                compact=True,
                id=field.name,
                password=field.secret,
                max_length=field.longest,
            )
            label = Static(text.literal(field.label, "$muted"))
            yield Horizontal(label, entry, classes="row")
        yield Static(text.literal(""), id="complaint")

    def first_focus(self) -> None:
        """Focus the first field that is empty."""
        empty = [field.name for field in self._fields if not field.value]
        self._entry(empty[0] if empty else self._fields[0].name).focus()

    def _entry(self, name: str) -> SafeInput:
        return self.query_one(f"#{name}", SafeInput)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._complain("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        names = [field.name for field in self._fields]
        following = dict(pairwise(names)).get(event.input.id or "")
        if following is None:
            self.chosen({"": ""})
        else:
            self._entry(following).focus()

    def _complain(self, problem: str) -> None:
        self.query_one("#complaint", Static).update(text.literal(problem, "$warn"))

    def chosen(self, value: Mapping[str, str]) -> None:
        """Answer with what was typed, unless something is wrong with it."""
        if not value:
            self.dismiss(None)
            return
        typed = {field.name: self._entry(field.name).value for field in self._fields}
        for field in self._fields:
            problem = field.check(typed[field.name]) if field.check is not None else None
            if problem:
                self._complain(problem)
                self._entry(field.name).focus()
                return
        self.conceal()
        self.dismiss(typed)
