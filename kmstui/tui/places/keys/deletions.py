"""The keys in their waiting period, the one that ends first on top."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from kmstui.tui import text, timefmt
from kmstui.tui.chrome.hints import hint
from kmstui.tui.filter_fields import Field
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.key_commands import KeyCommands
from kmstui.tui.places.keys.key_fields import KEY_FIELDS, KEY_SORTS, owner
from kmstui.tui.places.keys.wording import last_use, name
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.state_chip import look

BAR_CELLS = 12


def passed(key: KeySummary, now: datetime) -> float:
    """Return how much of a key's waiting period is over, from 0 to 1."""
    if key.deletion_date is None or not key.pending_days:
        return 0.0
    period = timedelta(days=key.pending_days)
    left = (key.deletion_date - now) / period
    return min(max(1.0 - left, 0.0), 1.0)


def period_bar(part: float, cells: int = BAR_CELLS) -> Content:
    """Draw how much of a waiting period is over: filled cells, and the share in words."""
    full = int(part * cells)
    return (
        text.literal("━" * full, "$state-pending")
        + text.literal("━" * (cells - full), "$faint")
        + text.literal(f" {int(part * 100):>3} %", "$muted")
    )


class DeletionsView(KeyCommands[KeySummary]):
    """Keys that are waiting to be deleted, sorted by what ends first."""

    FIRST_SORT = ("left", False)

    @property
    def crumb(self) -> Content:
        """Name the view."""
        return text.literal("Deletions")

    def columns(self) -> Sequence[Column[KeySummary]]:
        """Return the columns."""
        return (
            Column("alias", "KEY", self._called, flex=2, min_width=16, max_width=48),
            Column("left", "DELETED IN", self._time_left, width=17),
            Column("passed", "WAITING PERIOD", self._passed, width=BAR_CELLS + 6, priority=1),
            Column("ends", "ENDS", self._ends, width=20, priority=2),
            Column("used", "LAST USE", self._used, flex=1, min_width=20, priority=3),
            Column("owner", "OWNER", self._owner, width=11, priority=4),
        )

    def fields(self) -> Sequence[Field[KeySummary]]:
        """Return what the filter can ask of a key."""
        return KEY_FIELDS

    def sorts(self) -> Mapping[str, Callable[[KeySummary], Any]]:
        """Return what each column sorts by."""
        return {
            "left": lambda key: key.deletion_date,
            "alias": KEY_SORTS["alias"],
            "passed": lambda key: passed(key, self.now),
            "ends": lambda key: key.deletion_date,
            "used": KEY_SORTS["used"],
            "owner": KEY_SORTS["owner"],
        }

    def derive(self, keys: Sequence[KeySummary]) -> Sequence[KeySummary]:
        """Return the keys that are waiting."""
        return [key for key in keys if key.pending and key.deletion_date is not None]

    def row_key(self, row: KeySummary) -> str:
        """Return the ARN."""
        return row.arn

    def key_of(self, row: KeySummary) -> KeySummary:
        """Return the row."""
        return row

    def empty(self) -> Content:
        """Say that nothing is about to be lost."""
        return text.lines(
            text.literal("No key is waiting to be deleted.", "$foreground"),
            text.literal(""),
            hint("X", "on a key starts its waiting period, K takes it back"),
        )

    def _called(self, key: KeySummary) -> Content:
        return name(key.label, masked=self.masked)

    def _time_left(self, key: KeySummary) -> Content:
        if key.deletion_date is None:
            return text.literal("")
        shown = look(key.state)
        seconds = (key.deletion_date - self.now).total_seconds()
        left = timefmt.countdown(seconds) if seconds > 0 else "due"
        return text.styled(f"{shown.glyph} {left}", shown.style)

    def _passed(self, key: KeySummary) -> Content:
        return period_bar(passed(key, self.now))

    def _ends(self, key: KeySummary) -> str:
        return "" if key.deletion_date is None else timefmt.stamp(key.deletion_date)

    def _used(self, key: KeySummary) -> Content:
        return last_use(key, self.now)

    def _owner(self, key: KeySummary) -> Content:
        return name(owner(key), masked=self.masked)
