"""What stands below the rotation list: why the key under the cursor rotates as it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text, timefmt
from kmstui.tui.chrome.hints import hints
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.rotation.model import (
    Course,
    left,
    on_demand_possible,
    standing,
    unrotatable,
    unschedulable,
)
from kmstui.tui.text import Content


class RotationNote(Widget):
    """Three rows about one key."""

    DEFAULT_CSS = "RotationNote { width: 1fr; height: 4; }"

    key: reactive[KeySummary | None] = reactive(None)
    """The key; None shows nothing."""
    now: reactive[datetime | None] = reactive(None)
    """The account's time."""
    many: reactive[int] = reactive(0)
    """Rows that commands act on instead, if some are marked."""

    def render(self) -> Content:
        """Write them."""
        if self.key is None or self.now is None:
            return text.literal("")
        width = max(self.content_size.width, 1)
        lines = [line.truncate(width, ellipsis=True) for line in self._lines(self.key, self.now)]
        return text.lines(*lines)

    def _lines(self, key: KeySummary, now: datetime) -> Iterator[Content]:
        yield text.literal(standing(key, now).reason or _schedule(key, now))
        yield text.literal(_material(key), "$muted")
        yield hints(*self._next(key))

    def _next(self, key: KeySummary) -> list[tuple[str, str]]:
        of = f" {self.many:,} marked" if self.many else ""
        found = []
        if self.many or not unrotatable(key):
            found.append(("O", f"rotate{of} now"))
        if self.many or not unschedulable(key):
            found.append(("F", f"schedule{of}"))
        if key.origin == "EXTERNAL" and not self.many:
            found.append(("I", "import material"))
        return [*found, ("enter", "open"), ("a", "actions")]


def _schedule(key: KeySummary, now: datetime) -> str:
    if key.next_rotation is None or not key.rotation_days:
        return ""
    stamp = timefmt.stamp(key.next_rotation)
    if standing(key, now).course is Course.OVERDUE:
        return f"Due since {stamp}; it happens at the next round of maintenance."
    return f"It rotates by itself on {stamp}, then every {key.rotation_days:,} d."


def _material(key: KeySummary) -> str:
    if key.material_date is None:
        return "It has no key material."
    versions = "1 version" if key.materials == 1 else f"{key.materials:,} versions"
    said = f"{versions}, the present one since {timefmt.day(key.material_date)}"
    return f"{said}; {left(key)} rotations by hand left" if on_demand_possible(key) else said
