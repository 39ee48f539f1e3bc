"""How old the material of each key is.

Keys of this version have one material each; rotation comes later, and the view says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kmstui.tui import text, timefmt
from kmstui.tui.chrome.hints import hint
from kmstui.tui.filter_fields import Field, Kind
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.key_commands import KeyCommands
from kmstui.tui.places.keys.key_fields import KEY_FIELDS, KEY_SORTS
from kmstui.tui.places.keys.wording import name, short_spec
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.state_chip import state_chip

YEAR = 365
"""Days after which AWS rotates material by default; the bar is full then."""

BAR_CELLS = 16

_HONEST = "Rotation comes later: every key still has the material it began with."


def age_bar(days: int, cells: int = BAR_CELLS) -> Content:
    """Draw the age of material against a year."""
    full = min(cells * days // YEAR, cells)
    style = "$warn" if days > YEAR else "$info"
    return text.literal("━" * full, style) + text.literal("━" * (cells - full), "$faint")


class RotationView(KeyCommands[KeySummary]):
    """Keys by the age of their material, the oldest on top."""

    FIRST_SORT = ("material", True)

    @property
    def crumb(self) -> Content:
        """Name the view."""
        return text.literal("Rotation")

    def lead(self) -> Content:
        """Say what this version does not do."""
        return text.literal(_HONEST, "$muted")

    def columns(self) -> Sequence[Column[KeySummary]]:
        """Return the columns."""
        return (
            Column("alias", "KEY", self._called, flex=1, min_width=16, max_width=48),
            Column("material", "AGE", self._age, width=8, align="right"),
            Column("bar", "OF A YEAR", self._bar, width=BAR_CELLS, priority=1, sortable=False),
            Column("versions", "MATERIALS", lambda _key: "1", width=9, align="right", priority=3),
            Column("made", "MADE", self._made, width=10, priority=2),
            Column("state", "STATE", lambda key: state_chip(key.state), width=18, priority=4),
            Column("spec", "SPEC", lambda key: short_spec(key.spec), width=9, priority=5),
        )

    def fields(self) -> Sequence[Field[KeySummary]]:
        """Return what the filter can ask of a key, the age of its material too."""
        rot: Field[KeySummary] = Field(
            "rot", Kind.AGE, lambda key: key.material_date, "when the material was made"
        )
        return (*KEY_FIELDS, rot)

    def sorts(self) -> Mapping[str, Callable[[KeySummary], Any]]:
        """Return what each column sorts by."""
        return {
            "material": lambda key: -key.material_date.timestamp(),
            "alias": KEY_SORTS["alias"],
            "made": lambda key: key.material_date,
            "state": KEY_SORTS["state"],
            "spec": KEY_SORTS["spec"],
        }

    def derive(self, keys: Sequence[KeySummary]) -> Sequence[KeySummary]:
        """Return the keys whose material could be rotated."""
        return list(_living(keys))

    def row_key(self, row: KeySummary) -> str:
        """Return the ARN."""
        return row.arn

    def key_of(self, row: KeySummary) -> KeySummary:
        """Return the row."""
        return row

    def empty(self) -> Content:
        """Say how to begin."""
        return text.lines(
            text.literal("No key has material that could grow old.", "$foreground"),
            text.literal(""),
            hint("n", "creates a key"),
        )

    def _called(self, key: KeySummary) -> Content:
        return name(key.label, masked=self.masked)

    def _age(self, key: KeySummary) -> str:
        return f"{_days(key, self.now):,} d"

    def _bar(self, key: KeySummary) -> Content:
        return age_bar(_days(key, self.now))

    def _made(self, key: KeySummary) -> str:
        return timefmt.day(key.material_date)


def _days(key: KeySummary, now: datetime) -> int:
    return max((now - key.material_date).days, 0)


def _living(keys: Sequence[KeySummary]) -> Iterable[KeySummary]:
    return (key for key in keys if not key.pending)
