"""The part of the trail that has been read: newest first, growing at both ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kmstui.tui.places.trail.events import TrailEvent

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

PAGE = 200
"""Events of one page while a person scrolls."""

FAR_PAGE = 1_000
"""Events of one page while a filter looks for more."""

_CATCH_UP_PAGES = 5
"""Pages of new events read at most before everything is read again."""


class TrailFeed:
    """Reads events, page by page.

    Args:
        console: The application.
    """

    def __init__(self, console: KmsApp) -> None:
        self._console = console
        self._before: int | None = None
        self._lock = asyncio.Lock()
        self.events: list[TrailEvent] = []
        self.only_errors = False
        self.begun = False

    @property
    def complete(self) -> bool:
        """Whether the trail's first event has been read."""
        return self.begun and self._before is None

    async def start(self, *, only_errors: bool = False) -> None:
        """Read the newest page and forget the rest.

        Raises:
            KmsError: The engine refused, or the trail was tampered with.
        """
        async with self._lock:
            answer = await self._read(PAGE, None, only_errors=only_errors)
            self.only_errors, self.begun = only_errors, True
            self.events = answer[0]
            self._before = answer[1]

    async def older(self, limit: int = PAGE) -> list[TrailEvent]:
        """Read one page further back and return it.

        Raises:
            KmsError: The engine refused, or the trail was tampered with.
        """
        async with self._lock:
            if self._before is None:
                return []
            found, self._before = await self._read(
                limit, self._before, only_errors=self.only_errors
            )
            self.events.extend(found)
            return found

    async def newer(self) -> int:
        """Read what has been recorded since and return how many events that are.

        Raises:
            KmsError: The engine refused, or the trail was tampered with.
        """
        async with self._lock:
            newest = self.events[0].sequence if self.events else 0
            fresh: list[TrailEvent] = []
            before: int | None = None
            for _ in range(_CATCH_UP_PAGES):
                found, before = await self._read(PAGE, before, only_errors=self.only_errors)
                fresh.extend(event for event in found if event.sequence > newest)
                if before is None or before <= newest + 1:
                    break
                if found and found[-1].sequence <= newest:
                    break
            else:
                # Too many to catch up with: what was read before would leave a gap.
                self.events, self._before = fresh, before
                return len(fresh)
            self.events[:0] = fresh
            return len(fresh)

    async def _read(
        self, limit: int, before: int | None, *, only_errors: bool
    ) -> tuple[list[TrailEvent], int | None]:
        members: dict[str, Any] = {"Limit": limit}
        if before is not None:
            members["Before"] = before
        if only_errors:
            members["OnlyErrors"] = True
        answer = await self._console.fetch("kmstui:ReadTrail", **members)
        events = [TrailEvent.read(each) for each in answer["Events"] if "eventName" in each]
        return events, answer.get("NextBefore") if answer["Truncated"] else None
