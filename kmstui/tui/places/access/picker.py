"""Choosing one of many by typing a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual import events, on
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.dialogs.base import Dialog
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.safe_input import SafeInput
from kmstui.tui.widgets.table_messages import RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable


@dataclass(frozen=True, slots=True)
class Pickable:
    """One of many.

    Attributes:
        value: What the dialog answers.
        label: What a person reads; untrusted text.
        note: What it is.
    """

    value: str
    label: str
    note: str = ""


class Picker(Dialog[str]):
    """Asks for one; typing narrows the list, enter answers.

    Args:
        title: What it is for.
        choices: What there is.
        masked: Whether the privacy mask is on.
        note: A paragraph above the list.
    """

    DEFAULT_CSS = """
    Picker {
        #search { margin-bottom: 1; }
        VirtualTable { height: 9; background: $surface; }
        #answers { display: none; }
    }
    """

    def __init__(
        self,
        title: Content,
        choices: Sequence[Pickable],
        *,
        masked: bool = False,
        note: Content | None = None,
    ) -> None:
        super().__init__(title, ())
        self._choices = list({choice.value: choice for choice in choices}.values())
        self._masked = masked
        self._note = note
        self._words = [f"{each.label} {each.value} {each.note}".lower() for each in self._choices]

    def body(self) -> Iterable[Widget]:
        """Yield the field and the list."""
        if self._note is not None:
            yield Static(self._note, classes="paragraph")
        yield SafeInput(placeholder="type to narrow", compact=True, id="search")
        yield VirtualTable[Pickable](
            [
                Column("label", "NAME", self._label, flex=2, min_width=16, sortable=False),
                Column("note", "", self._about, flex=1, min_width=10, sortable=False),
            ],
            empty=text.literal("There is none."),
        )
        yield Static(hints(("enter", "choose"), ("↑ ↓", "move"), ("esc", "back")), id="keys")

    def _label(self, choice: Pickable) -> Content:
        return text.mask(choice.label) if self._masked else text.literal(choice.label)

    def _about(self, choice: Pickable) -> Content:
        return text.literal(choice.note, "$muted")

    def on_mount(self) -> None:
        """Fill the list."""
        self._table.set_rows(self._choices, [each.value for each in self._choices])
        super().on_mount()

    @property
    def _table(self) -> VirtualTable[Pickable]:
        return self.query_one(VirtualTable)

    def first_focus(self) -> None:
        """Focus the field."""
        self.query_one("#search", SafeInput).focus()

    @on(Input.Changed, "#search")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        words = event.value.lower().split()
        self._table.set_visible(
            [index for index, hay in enumerate(self._words) if all(word in hay for word in words)]
        )

    @on(Input.Submitted, "#search")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._table.cursor_key is not None:
            self.chosen(self._table.cursor_key)

    @on(RowSelected)
    def _selected(self, event: RowSelected) -> None:
        event.stop()
        self.chosen(event.key)

    def on_key(self, event: events.Key) -> None:
        """Move in the list while typing."""
        if event.key in {"up", "down"} and not self._table.has_focus:
            event.stop()
            self._table.action_move(1 if event.key == "down" else -1)
