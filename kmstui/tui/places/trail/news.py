"""Hearing that something was recorded, in the event loop's own thread."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmstui.engine.status import EngineEvent
    from kmstui.tui.app import KmsApp

READING = "ReadTrail"
"""The operation that reads the trail. It is recorded too: to read for that would never end."""

_LOOKS = ("Describe", "Get", "List", "Read")
_KINDS = frozenset({"call", "service", "restored"})


async def hear(console: KmsApp, listener: Callable[[], None]) -> Callable[[], None]:
    """Call a listener after each event but those of looking at something.

    Args:
        console: The application.
        listener: Called in the event loop.

    Returns:
        What ends it.
    """
    door = await console.door()
    # The engine's threads know nothing of the application that Textual looks up in its context.
    loop, context = asyncio.get_running_loop(), contextvars.copy_context()

    def heard(event: EngineEvent) -> None:
        name = event.name.rpartition(":")[2]
        looked = name.startswith(_LOOKS) and not event.error
        if event.kind in _KINDS and not looked and name != READING and not loop.is_closed():
            loop.call_soon_threadsafe(listener, context=context)

    return door.subscribe(heard)
