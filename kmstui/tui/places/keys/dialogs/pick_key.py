"""Choosing one key of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events, on
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.dialogs.base import Dialog
from kmstui.tui.keys_model import KeySummary, short_id
from kmstui.tui.places.keys.wording import name, short_spec
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.safe_input import SafeInput
from kmstui.tui.widgets.state_chip import state_chip
from kmstui.tui.widgets.table_messages import RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable


class KeyPicker(Dialog[str]):
    """Asks for a key; typing narrows the list, enter answers the ARN.

    Args:
        title: What it is for.
        keys: The keys offered.
        note: What choosing one does.
        like: A key that the chosen one must be like: others of another type or usage are left out.
        masked: Whether the privacy mask is on.
    """

    DEFAULT_CSS = """
    KeyPicker {
        #search { margin-bottom: 1; }
        VirtualTable { height: 7; background: $surface; }
        #answers { display: none; }
    }
    """

    def __init__(
        self,
        title: Content,
        keys: Sequence[KeySummary],
        *,
        note: Content,
        like: KeySummary | None = None,
        masked: bool = False,
    ) -> None:
        super().__init__(title, ())
        self._note = note
        self._masked = masked
        self._keys = [key for key in keys if like is None or _alike(key, like)]
        self._words = [
            " ".join((*key.aliases, key.key_id, key.description)).lower() for key in self._keys
        ]

    def body(self) -> Iterable[Widget]:
        """Yield the note, the search field and the list."""
        yield Static(self._note, classes="paragraph")
        yield SafeInput(placeholder="type to narrow", compact=True, id="search")
        yield VirtualTable(
            [
                Column("alias", "KEY", self._label, flex=1, sortable=False),
                Column("state", "STATE", lambda key: state_chip(key.state), sortable=False),
                Column("spec", "SPEC", lambda key: short_spec(key.spec), sortable=False),
            ],
            empty=text.literal("No such key of the same type and usage."),
        )
        yield Static(hints(("enter", "choose"), ("↑ ↓", "move"), ("esc", "back")), id="keys")

    def on_mount(self) -> None:
        """Fill the list."""
        self._table.set_rows(self._keys, [key.arn for key in self._keys])
        super().on_mount()

    @property
    def _table(self) -> VirtualTable[KeySummary]:
        return self.query_one(VirtualTable)

    def _label(self, key: KeySummary) -> Content:
        return name(key.alias or short_id(key.key_id), masked=self._masked)

    def first_focus(self) -> None:
        """Focus the search field."""
        self.query_one("#search", SafeInput).focus()

    @on(Input.Changed, "#search")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        words = event.value.lower().split()
        shown = [
            index
            for index, haystack in enumerate(self._words)
            if all(word in haystack for word in words)
        ]
        self._table.set_visible(shown)

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


def _alike(key: KeySummary, other: KeySummary) -> bool:
    return (key.spec, key.usage) == (other.spec, other.usage) and not key.pending
