"""The Access tab: three views of who may use the key, one key each."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from kmstui.tui.commands import Scope
from kmstui.tui.places.access.strip import Strip
from kmstui.tui.places.keys.detail.access.grants import GrantsPart
from kmstui.tui.places.keys.detail.access.matrix_part import MatrixPart
from kmstui.tui.places.keys.detail.access.part import Part
from kmstui.tui.places.keys.detail.access.policy import PolicyPart
from kmstui.tui.places.keys.detail.facts import KeyFacts
from kmstui.tui.places.keys.detail.pane import Pane

PARTS: tuple[tuple[str, str], ...] = (
    ("policy", "Policy"),
    ("matrix", "Matrix"),
    ("grants", "Grants"),
)
"""Name and title of each view of the tab, in order."""

_MADE: dict[str, type[Part]] = {
    "policy": PolicyPart,
    "matrix": MatrixPart,
    "grants": GrantsPart,
}


class AccessPane(Pane):
    """Shows who may use a key."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.KEY_ACCESS,)

    def __init__(self, facts: KeyFacts) -> None:
        super().__init__(facts)
        self.shown = PARTS[0][0]
        self._parts: dict[str, Part] = {}

    def compose(self) -> ComposeResult:
        """Lay out the titles and the place for what they stand for."""
        yield Strip(PARTS, self.shown)
        yield Container(id="parts")

    @property
    def part(self) -> Part | None:
        """What shows below the titles, once it is made."""
        return self._parts.get(self.shown)

    @property
    def policy(self) -> str:
        """The policy if it shows, to copy."""
        part = self.part
        return part.source if isinstance(part, PolicyPart) else ""

    async def load(self) -> None:
        """Read what shows.

        Raises:
            KmsError: The engine refused.
        """
        for name, part in list(self._parts.items()):
            if name != self.shown:
                await part.remove()
                del self._parts[name]
        part = await self._made()
        part.facts = self.facts
        await part.load()

    async def _made(self) -> Part:
        if self.shown not in self._parts:
            part = _MADE[self.shown](self.facts)
            self._parts[self.shown] = part
            await self.query_one("#parts").mount(part)
        return self._parts[self.shown]

    async def display_part(self, name: str) -> None:
        """Show one of the views.

        Raises:
            KmsError: The engine refused to tell what it shows.
        """
        self.shown = name
        self.query_one(Strip).shown = name
        fresh = name not in self._parts
        part = await self._made()
        for other, each in self._parts.items():
            each.display = other == name
        part.entry().focus(scroll_visible=False)
        if fresh:
            await part.load()
        self.console.main.sync()

    def paint(self) -> None:
        """Have the views write names anew, or hide them."""
        for part in self._parts.values():
            part.facts = self.facts
            if part.is_mounted:
                part.paint()

    def entry(self) -> Widget:
        """Focus what scrolls in the view that shows."""
        return self if self.part is None else self.part.entry()

    def rest(self) -> Widget:
        """Focus the same: letters are commands there."""
        return self.entry()

    def step_back(self) -> bool:
        """Undo one layer inside the view; then go back to the policy."""
        if self.part is not None and self.part.step_back():
            return True
        if self.shown == PARTS[0][0]:
            return False
        self.run_worker(self.display_part(PARTS[0][0]), group="access", exit_on_error=False)
        return True

    @on(Strip.Chosen)
    async def _title_clicked(self, event: Strip.Chosen) -> None:
        event.stop()
        await self.display_part(event.name)
