"""Asking for an alias."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.text import Content
from kmstui.tui.widgets.alias_field import AliasField


class AliasDialog(Dialog[str]):
    """Asks for an alias; answers it with its ``alias/``.

    Args:
        title: What it is for.
        pattern: The naming rule; a deviating name is warned about, not refused.
        taken: Aliases that are known to exist.
    """

    def __init__(self, title: Content, *, pattern: str, taken: frozenset[str]) -> None:
        answers = (
            Answer("", text.literal("Back")),
            Answer("add", text.literal("Add the alias"), Tone.MAIN),
        )
        super().__init__(title, answers)
        self._field = AliasField(pattern=pattern, taken=taken)

    def body(self) -> Iterable[Widget]:
        """Yield the field."""
        yield self._field

    def first_focus(self) -> None:
        """Focus the field."""
        self._field.focus_input()

    @on(AliasField.Submitted)
    def _submitted(self, event: AliasField.Submitted) -> None:
        event.stop()
        self.chosen("add")

    def chosen(self, value: str) -> None:
        """Answer the alias, unless it is none."""
        if not value:
            self.dismiss(None)
        elif self._field.alias and not self._field.problem:
            self.dismiss(self._field.alias)
