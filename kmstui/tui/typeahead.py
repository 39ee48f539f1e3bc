"""Keys typed between `:` and the moment its field is there to take them.

A screen takes a few frames to open; what a quick typist or a script sends meanwhile would be
commands of the view underneath.
"""

from __future__ import annotations

from textual import events


class Typeahead:
    """Holds keys back for a field that is about to open."""

    def __init__(self) -> None:
        self._held: list[events.Key] | None = None

    def begin(self) -> None:
        """Hold keys back from now on."""
        self._held = []

    def hold(self, event: events.Key) -> bool:
        """Keep a key if keys are held back; return whether it was."""
        if self._held is None:
            return False
        self._held.append(event)
        return True

    def take(self) -> list[events.Key]:
        """Return what was held, in order, and hold nothing back any more."""
        held, self._held = self._held or [], None
        return held
