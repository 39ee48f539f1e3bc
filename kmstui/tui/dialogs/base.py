"""The dialog every other is made of: a title, a body, a row of answers.

`esc` always answers None, "I did nothing". The focus starts on the safe answer, so that a key
pressed too often cannot destroy anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Static

from kmstui.tui.commands import Scope
from kmstui.tui.modal import Modal
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

T = TypeVar("T")


class Tone(StrEnum):
    """What choosing an answer means."""

    SAFE = "safe"
    """Changes nothing, or can be undone."""
    MAIN = "main"
    """What the dialog is for."""
    DANGER = "danger"
    """Breaks something for good."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """One button.

    Attributes:
        value: What the dialog answers.
        label: What the button says: the deed, never just "OK".
        tone: What choosing it means.
    """

    value: T
    label: Content
    tone: Tone = Tone.SAFE


class Dialog(Modal[T | None], Generic[T]):
    """A question.

    A subclass yields its widgets from :meth:`body` and, if the answers are not enough, overrides
    :meth:`chosen`.

    Args:
        title: One line.
        answers: The buttons, from left to right; the first safe one has the focus.
        danger: Whether the frame warns.
    """

    CSS_PATH = Path(__file__).with_name("dialogs.tcss")
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.DIALOG,)
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
    ]

    def __init__(
        self, title: Content, answers: Sequence[Answer[T]], *, danger: bool = False
    ) -> None:
        super().__init__(classes="-danger" if danger else "")
        self.heading = title
        self.answers = tuple(answers)

    @property
    def console(self) -> KmsApp:
        """The application, by its own type."""
        return cast("KmsApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out title, body and buttons."""
        with VerticalScroll(id="dialog", can_focus=False):
            yield Static(self.heading, id="title")
            yield from self.body()
            if self.answers:
                with Horizontal(id="answers"):
                    yield from self._buttons()

    def _buttons(self) -> Iterable[Button]:
        for index, answer in enumerate(self.answers):
            tone = f"-{answer.tone}"
            yield Button(answer.label, id=f"answer-{index}", classes=tone, compact=True)

    def body(self) -> Iterable[Widget]:
        """Yield the widgets between title and buttons."""
        return ()

    def on_mount(self) -> None:
        """Put the focus where nothing can be broken."""
        self.first_focus()

    def first_focus(self) -> None:
        """Focus the first safe answer; override to focus a field."""
        for index, answer in enumerate(self.answers):
            if answer.tone is Tone.SAFE:
                self.button(index).focus()
                return

    def button(self, index: int) -> Button:
        """Return the button of an answer."""
        return self.query_one(f"#answer-{index}", Button)

    def chosen(self, value: T) -> None:
        """Answer with a value; override to check something first."""
        self.dismiss(value)

    def conceal(self) -> None:
        """Empty every field when the console locks."""
        for field in self.query(SafeInput):
            field.clear()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        index = int((event.button.id or "answer-0").removeprefix("answer-"))
        self.chosen(self.answers[index].value)

    def action_back(self) -> None:
        """Leave without doing anything."""
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Move between the buttons."""
        buttons = list(self.query("#answers Button").results(Button))
        focused = self.focused
        if isinstance(focused, Button) and focused in buttons:
            enabled = [button for button in buttons if not button.disabled]
            enabled[(enabled.index(focused) + by) % len(enabled)].focus()
