"""Why a call ended as it did, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.dialogs.base import Answer, Dialog
from kmstui.tui.text import Content
from kmstui.tui.undo import WAYS_ON


def explanation(outcome: Outcome) -> list[tuple[str, Content]]:
    """List what there is to say about an outcome, as (heading, text)."""
    error = outcome.error
    said: list[tuple[str, Content]] = []
    if error is None:
        said.append(("Answer", text.literal("Done, and written to the trail.", "$ok")))
        undo = outcome.undo
        never = WAYS_ON.get(outcome.operation, "This cannot be taken back.")
        back = f"u calls {undo.operation}." if undo is not None else never
        said.append(("Undo", text.literal(back)))
    else:
        said.append(("Answer", text.literal(error.code, "bold $danger")))
        if error.message:
            said.append(("Why", text.literal(error.message)))
        if error.hint:
            said.append(("What next", text.literal(error.hint)))
    if outcome.request_id:
        said.append(("Request", text.literal(outcome.request_id, "$muted")))
    if outcome.command:
        said.append(("CLI", text.literal(outcome.command, "$muted")))
    return said


class WhyDialog(Dialog[None]):
    """Explains an outcome.

    Args:
        outcome: How the call ended.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("w,q", "back", show=False)]

    def __init__(self, outcome: Outcome) -> None:
        title = text.template(
            "[b]$operation[/] $about", operation=outcome.operation, about=outcome.about
        )
        super().__init__(
            title, (Answer(None, text.literal("Back")),), danger=outcome.error is not None
        )
        self._outcome = outcome

    def body(self) -> Iterable[Widget]:
        """Yield a heading and a text for each thing there is to say."""
        for heading, said in explanation(self._outcome):
            yield Static(text.literal(heading, "$muted"), classes="heading")
            yield Static(said, classes="paragraph")
