"""The form of a call to simulate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from kmstui.authz.vocabulary import KMS_ACTIONS
from kmstui.tui import text
from kmstui.tui.places.access.simulator.call import FIELDS, FormText
from kmstui.tui.widgets.safe_input import SafeInput

_LABELS = {
    "principal": "Who",
    "action": "Action",
    "key": "Key",
    "context": "Context",
    "mfa": "MFA",
    "via": "via",
    "when": "at",
}
_HINTS = {
    "principal": "name, ARN or service · ↓ picks",
    "action": "kms:Decrypt · ↓ picks",
    "key": "alias, id or ARN · ↓ picks",
    "context": "name=value name=value",
    "mfa": "none",
    "via": "no service",
    "when": "now",
}
_ROWS = (("principal",), ("action",), ("key",), ("context",), ("mfa", "via", "when"))

PICKED = frozenset({"principal", "action", "key", "mfa", "via"})
"""Fields that there is something to pick for."""


class FormField(SafeInput):
    """A field; the arrow down asks for what it can be."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "pick", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    class PickWanted(Message):
        """The person wants to pick a value.

        Attributes:
            field: The field's name.
        """

        def __init__(self, field: str) -> None:
            super().__init__()
            self.field = field

    def action_pick(self) -> None:
        """Ask for what there is, or go on where there is nothing to pick."""
        name = (self.id or "").removeprefix("field-")
        if name in PICKED:
            self.post_message(self.PickWanted(name))
        else:
            self.screen.focus_next()


class CallForm(Vertical):
    """Seven fields in five rows."""

    DEFAULT_CSS = """
    CallForm {
        height: auto;
        & > Horizontal { height: 1; }
        & > Horizontal > Static { width: 10; color: $muted; padding: 0 0 0 1; }
        & > Horizontal > .-small { width: 5; }
        & > Horizontal > Input { width: 1fr; background: $panel; margin: 0 1 0 0; }
        & > Horizontal > Input:focus { background: $row-cursor; }
    }
    """

    class Submitted(Message):
        """Enter was pressed in a field."""

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        for row in _ROWS:
            with Horizontal():
                yield from (widget for name in row for widget in _field(name))

    def field(self, name: str) -> FormField:
        """Return a field."""
        return self.query_one(f"#field-{name}", FormField)

    @property
    def typed(self) -> FormText:
        """What stands in the form."""
        return FormText(*(self.field(name).value for name in FIELDS))

    def fill(self, typed: FormText) -> None:
        """Put text into every field."""
        for name in FIELDS:
            self.field(name).value = getattr(typed, name)

    def suggest(self, name: str, values: Iterable[str]) -> None:
        """Offer completions in a field."""
        self.field(name).suggester = SuggestFromList(values, case_sensitive=False)

    @property
    def focused_field(self) -> str:
        """Name of the field that has the focus; empty if none has."""
        return next((name for name in FIELDS if self.field(name).has_focus), "")

    def focus_first(self) -> None:
        """Focus the first field that is empty, or the first."""
        empty = (name for name in FIELDS[:2] if not self.field(name).value)
        self.field(next(empty, FIELDS[0])).focus(scroll_visible=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())


def _field(name: str) -> Iterable[Static | FormField]:
    small = "-small" if name in {"via", "when"} else ""
    yield Static(text.literal(_LABELS[name]), classes=small)
    suggester = SuggestFromList(KMS_ACTIONS, case_sensitive=False) if name == "action" else None
    yield FormField(
        placeholder=_HINTS[name], compact=True, id=f"field-{name}", suggester=suggester
    )
