"""Confirming what cannot be undone by typing what it is done to."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Button, Static

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

LONGEST_ALIAS = 32
"""Characters of an alias that a person is asked to type."""

ID_TAIL = 8
"""Characters of the key id asked for instead."""


def confirmation_token(alias: str, key_id: str) -> str:
    """Return what to type to confirm something about one key.

    Args:
        alias: Its alias, with or without ``alias/``; empty if it has none.
        key_id: Its id.

    Returns:
        The alias without its prefix, or the last eight characters of the id if there is no alias
        or it is too long or not printable ASCII: it could not be typed.
    """
    name = alias.removeprefix("alias/")
    typeable = text.printable_ascii(name) and name == name.strip()
    return name if name and len(name) <= LONGEST_ALIAS and typeable else key_id[-ID_TAIL:]


def bulk_token(count: int, verb: str = "delete") -> str:
    """Return what to type to confirm something about many keys: ``delete 40 keys``."""
    return f"{verb} {count} key" if count == 1 else f"{verb} {count} keys"


def matched(token: str, typed: str) -> int:
    """Count the characters that are right from the start."""
    count = 0
    for one, other in zip(token, typed, strict=False):
        if one != other:
            break
        count += 1
    return count


def progress(token: str, typed: str) -> Content:
    """Draw how much of the token has been typed, and where it first went wrong."""
    right = matched(token, typed)
    cells = text.literal("━" * right, "$ok") + text.literal("━" * (len(token) - right), "$faint")
    if typed == token:
        return text.join([cells, text.literal("✓ matches", "$ok")], "  ")
    if len(typed) > right:
        wrong = text.literal(f"✗ differs at character {right + 1}", "$danger")
        return text.join([cells, wrong], "  ")
    return text.join([cells, text.literal(f"{right} of {len(token)}", "$muted")], "  ")


class ConfirmTyped(Dialog[bool]):
    """Asks for a typed token; answers True once it matches and is confirmed.

    The dangerous answer stays disabled until the token matches exactly.

    Args:
        title: What is about to happen.
        message: What it breaks; a subclass may yield more from :meth:`impact`.
        token: What to type; see :func:`confirmation_token`.
        verb: The dangerous button's words.
        back: The safe button's words.
    """

    def __init__(
        self,
        title: Content,
        message: Content,
        token: str,
        verb: Content,
        back: Content | None = None,
    ) -> None:
        safe = Answer(value=False, label=back or text.literal("Back"))
        deed = Answer(value=True, label=verb, tone=Tone.DANGER)
        super().__init__(title, (safe, deed), danger=True)
        self.token = token
        self._message = message

    def body(self) -> Iterable[Widget]:
        """Yield the message, what it breaks, and the field."""
        yield Static(self._message, classes="paragraph")
        yield from self.impact()
        yield Static(text.template("Type [b]$token[/] to confirm.", token=self.token), id="ask")
        yield SafeInput(compact=True, id="token")
        yield Static(progress(self.token, ""), id="progress")

    def impact(self) -> Iterable[Widget]:
        """Yield what shows the consequences."""
        return ()

    def on_mount(self) -> None:
        """Hold the dangerous answer back until the token matches."""
        self.button(1).disabled = True
        super().on_mount()

    def first_focus(self) -> None:
        """Focus the field: what is typed there is the confirmation."""
        self.query_one("#token", SafeInput).focus()

    @on(SafeInput.Changed, "#token")
    def _typed(self, event: SafeInput.Changed) -> None:
        self.query_one("#progress", Static).update(progress(self.token, event.value))
        self.button(1).disabled = event.value != self.token

    @on(SafeInput.Submitted, "#token")
    def _submitted(self, event: SafeInput.Submitted) -> None:
        event.stop()
        if event.value == self.token:
            self.query_one("#answer-1", Button).focus()

    def chosen(self, value: bool) -> None:
        """Answer, unless the token was changed meanwhile."""
        if not value or self.query_one("#token", SafeInput).value == self.token:
            self.dismiss(value)
