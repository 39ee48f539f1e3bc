"""What the tabs of a key's page have in common."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from textual.widget import Widget

from kmstui.tui.places.keys.detail.facts import KeyFacts
from kmstui.tui.widgets.page import Page

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


class Pane(Page):
    """One tab of a key's page.

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
        """Account time, as the status strip shows it."""
        return self.console.standing.account_time or self.facts.key.created

    @property
    def masked(self) -> bool:
        """Whether the privacy mask is on."""
        return self.console.masked

    @property
    def ready(self) -> bool:
        """Whether its widgets are there."""
        return bool(self.children)

    @property
    def revealed(self) -> bool:
        """Whether plaintext is on the screen."""
        return False

    def paint(self) -> None:
        """Bring what is shown up to date with the facts, the time and the mask."""

    async def load(self) -> None:
        """Read what only this tab shows.

        Raises:
            KmsError: The engine refused.
        """

    async def show(self, facts: KeyFacts) -> None:
        """Show another key, or the same one read again.

        Raises:
            KmsError: The engine refused.
        """
        self.facts = facts
        self.paint()
        await self.load()

    async def arrive(self) -> None:
        """Get ready to be shown again: the key may be another one than before."""

    def conceal(self) -> None:
        """Drop every secret."""

    def entry(self) -> Widget:
        """Return what to focus when the tab is shown."""
        return self

    def rest(self) -> Widget:
        """Return what to focus so that letters are commands."""
        return self

    def step_back(self) -> bool:
        """Undo one layer inside the tab, if there is one."""
        return False
