"""What the views of the Access tab have in common."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from textual.containers import Vertical
from textual.widget import Widget

from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.places.keys.detail.facts import KeyFacts

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


class Part(Vertical):
    """One view of the tab.

    Args:
        facts: The key.
    """

    def __init__(self, facts: KeyFacts) -> None:
        super().__init__()
        self.facts = facts

    @property
    def console(self) -> KmsApp:
        """The application, by its own type."""
        return cast("KmsApp", self.app)

    @property
    def now(self) -> datetime:
        """The account's time."""
        return account_time(self.console)

    @property
    def masked(self) -> bool:
        """Whether names are hidden."""
        return self.console.masked

    async def load(self) -> None:
        """Read what it shows.

        Raises:
            KmsError: The engine refused.
        """
        raise NotImplementedError

    def paint(self) -> None:
        """Write names anew, or hide them."""
        raise NotImplementedError

    def entry(self) -> Widget:
        """Return what to focus."""
        raise NotImplementedError

    def step_back(self) -> bool:
        """Undo one layer inside it, if there is one."""
        return False
