"""What the steps of the wizard that creates a key have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from kmstui.tui.places.keys.create.creation import Draft
from kmstui.tui.places.keys.create.stores import KeyStore
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.tui.launch import Session


class Step(Vertical):
    """One step.

    Args:
        alias: The alias typed before the wizard.
    """

    DEFAULT_CSS = "Step { height: auto; }"

    class Done(Message):
        """Enter ended the step."""

    def __init__(self, alias: str) -> None:
        super().__init__(classes="step")
        self._start = alias

    @property
    def problem(self) -> Content | None:
        """What keeps the step from being left, or None."""
        return None

    def learn(self, *, pattern: str, taken: frozenset[str]) -> None:
        """Take in the naming rule and the names that exist."""

    def learn_stores(self, stores: tuple[KeyStore, ...]) -> None:
        """Take in the custom key stores that there are."""

    def enter(self, draft: Draft, session: Session | None) -> None:
        """Get ready to be shown."""

    def fill(self, draft: Draft) -> Draft:
        """Put what was chosen into the draft."""
        return draft

    def entry(self) -> Widget:
        """Return the field to start in."""
        return self
