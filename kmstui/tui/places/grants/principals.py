"""Naming a principal: a field that knows those of the account, and a list to pick from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.dialogs.base import Dialog
from kmstui.tui.text import Content
from kmstui.tui.verdicts import short_principal
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.safe_input import SafeInput
from kmstui.tui.widgets.table_messages import RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_SERVICE = ".amazonaws.com"


@dataclass(frozen=True, slots=True)
class Known:
    """A principal of the account.

    Attributes:
        arn: Its ARN.
        kind: ``Account``, ``User`` or ``Role``.
        label: What a person calls it, such as ``role/app``.
    """

    arn: str
    kind: str
    label: str


async def known_principals(console: KmsApp) -> list[Known]:
    """List the principals of the account; nothing for those who may not look."""
    try:
        answer = await console.fetch("kmstui:ListPrincipals")
    except KmsError:
        # A grant can name whoever's ARN is typed; the list is a help and nothing more.
        return []
    return [
        Known(
            str(each["Arn"]),
            str(each["Type"]),
            short_principal(str(each["Arn"]), str(each["Account"])),
        )
        for each in answer["Principals"]
    ]


def resolve(typed: str, known: Iterable[Known]) -> str:
    """Return the principal that a text means: an ARN, a service, or a name that only one has.

    Returns:
        An ARN or a service's name; empty if it means nobody.
    """
    wanted = typed.strip()
    if wanted.startswith("arn:") or wanted.endswith(_SERVICE):
        return wanted
    names = {wanted.lower()}
    found = [
        each.arn
        for each in known
        if names & {each.label.lower(), each.label.rpartition("/")[2].lower()}
    ]
    return found[0] if len(found) == 1 else ""


class PrincipalPicker(Dialog[str]):
    """Asks for a principal of the account; typing narrows, enter answers the ARN.

    Args:
        title: What it is for.
        known: The principals offered.
        masked: Whether names are hidden.
    """

    DEFAULT_CSS = """
    PrincipalPicker {
        #search { margin-bottom: 1; }
        VirtualTable { height: 8; background: $surface; }
    }
    """

    def __init__(self, title: Content, known: Sequence[Known], *, masked: bool = False) -> None:
        super().__init__(title, ())
        self._known = list(known)
        self._masked = masked

    def body(self) -> Iterable[Widget]:
        """Yield the search field and the list."""
        yield SafeInput(placeholder="type to narrow", compact=True, id="search")
        yield VirtualTable(
            [
                Column("label", "PRINCIPAL", self._label, flex=1, sortable=False),
                Column("kind", "KIND", lambda each: each.kind, width=8, sortable=False),
            ],
            empty=text.literal("Nobody of that name."),
        )
        yield Static(hints(("enter", "choose"), ("↑ ↓", "move"), ("esc", "back")), id="keys")

    def on_mount(self) -> None:
        """Fill the list."""
        self._table.set_rows(self._known, [each.arn for each in self._known])
        super().on_mount()

    @property
    def _table(self) -> VirtualTable[Known]:
        return self.query_one(VirtualTable)

    def _label(self, each: Known) -> Content:
        return text.mask(each.label) if self._masked else text.literal(each.label)

    def first_focus(self) -> None:
        """Focus the search field."""
        self.query_one("#search", SafeInput).focus()

    @on(Input.Changed, "#search")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        words = event.value.lower().split()
        self._table.set_visible(
            [
                index
                for index, each in enumerate(self._known)
                if all(word in f"{each.label} {each.arn}".lower() for word in words)
            ]
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


class PrincipalField(Vertical):
    """A field for a principal: a name, an ARN, a service; the arrow down lists who there is.

    Args:
        known: The principals of the account.
        title: What the list says it is for.
        optional: Whether it may stay empty.
        several: Whether it takes several, with spaces between.
        masked: Whether names are hidden.
        id: Id of the widget.
    """

    DEFAULT_CSS = """
    PrincipalField {
        height: auto;
        & > SafeInput { width: 1fr; }
        & > Static { height: auto; min-height: 1; color: $muted; }
    }
    """

    class Changed(Message):
        """Another principal, or none, is named."""

    def __init__(
        self,
        known: Sequence[Known],
        *,
        title: Content,
        optional: bool = False,
        several: bool = False,
        masked: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._known = tuple(known)
        self._title = title
        self._optional = optional
        self._several = several
        self._masked = masked

    def compose(self) -> ComposeResult:
        """Lay out the field and what it comes to."""
        what = "names or ARNs" if self._several else "name or ARN"
        yield SafeInput(placeholder=f"{what}; ↓ lists them", compact=True)
        yield Static(self._said())

    @property
    def field(self) -> SafeInput:
        """The field."""
        return self.query_one(SafeInput)

    @property
    def principal(self) -> str:
        """The ARN or service named; empty if nobody is."""
        found = self.principals
        return found[0] if found else ""

    @property
    def principals(self) -> list[str]:
        """The ARNs or services named; those that mean nobody are left out."""
        found = [resolve(each, self._known) for each in self._typed]
        return [each for each in found if each]

    @property
    def _typed(self) -> list[str]:
        if not self.is_mounted:
            return []
        typed = self.field.value.strip()
        return typed.split() if self._several else [typed] * bool(typed)

    @property
    def problem(self) -> str:
        """What keeps it from being used; empty if nothing."""
        if not self._typed:
            return "" if self._optional else "Name a principal."
        if len(self.principals) == len(self._typed):
            return ""
        return "Nobody, or several, of that name: ↓ lists them."

    def _said(self) -> Content:
        if not self._typed:
            return text.literal("nobody" if self._optional else "")
        if self.problem:
            return text.literal(self.problem, "$warn")
        shown = [
            text.mask(each) if self._masked else text.literal(each) for each in self.principals
        ]
        return text.literal("→ ") + text.join(shown, ", ")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(Static).update(self._said())
        self.post_message(self.Changed())

    @on(events.Key)
    def _list(self, event: events.Key) -> None:
        if event.key in {"down", "f2"} and self.field.has_focus:
            event.stop()
            picker = PrincipalPicker(self._title, self._known, masked=self._masked)
            self.app.push_screen(picker, self._picked)

    def _picked(self, arn: str | None) -> None:
        if arn and self._several:
            self.field.value = " ".join([*self._typed, arn])
        elif arn:
            self.field.value = arn
        self.field.focus()
