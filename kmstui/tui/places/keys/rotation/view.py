"""What rotates when: every key's material on one axis of time, the most pressing on top."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.widget import Widget

from kmstui.core.limits import ROTATIONS_ON_DEMAND
from kmstui.tui import text, timefmt
from kmstui.tui.chrome.hints import hint
from kmstui.tui.filter_fields import Field, Kind
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.key_commands import KeyCommands
from kmstui.tui.places.keys.key_fields import KEY_FIELDS, KEY_SORTS
from kmstui.tui.places.keys.rotation.model import (
    Course,
    left,
    on_demand_possible,
    order,
    standing,
    summary,
    timeline,
)
from kmstui.tui.places.keys.rotation.note import RotationNote
from kmstui.tui.places.keys.wording import name, short_spec
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.state_chip import state_chip

HALF = 12
"""Cells of a year on the timeline."""

_STYLES = {
    Course.OVERDUE: "bold $danger",
    Course.SCHEDULED: "$foreground",
    Course.ON_DEMAND: "$info",
}
_GLYPHS = {Course.OVERDUE: "▲", Course.SCHEDULED: "◇", Course.OFF: "○", Course.RESTING: "◌"}


class RotationView(KeyCommands[KeySummary]):
    """Keys by when their material rotates, what is overdue on top."""

    FIRST_SORT = ("next", False)

    @property
    def crumb(self) -> Content:
        """Name the view."""
        return text.literal("Rotation")

    def lead(self) -> Content:
        """Count what is overdue, what comes soon and what never rotates."""
        return summary(self.derive(self.roster.keys), self.now) if self.roster.complete else _NONE

    def columns(self) -> Sequence[Column[KeySummary]]:
        """Return the columns."""
        axis = f"{'-1 y':<{HALF - 1}}now{'+1 y':>{HALF - 1}}"
        return (
            Column("alias", "KEY", self._called, flex=1, min_width=16, max_width=48),
            Column("next", "NEXT", self._next, width=24),
            Column("period", "PERIOD", self._period, width=8, align="right", priority=2),
            Column("last", "LAST", self._last, width=10, priority=1),
            Column("left", "BY HAND", self._by_hand, width=9, align="right", priority=3),
            Column("axis", axis, self._axis, width=2 * HALF + 1, priority=4, sortable=False),
            Column("state", "STATE", lambda key: state_chip(key.state), width=18, priority=6),
            Column("spec", "SPEC", lambda key: short_spec(key.spec), width=9, priority=5),
        )

    def fields(self) -> Sequence[Field[KeySummary]]:
        """Return what the filter can ask of a key, its rotation too."""
        return (
            *KEY_FIELDS,
            Field("rot", Kind.AGE, lambda key: key.material_date, "since when its material is"),
            Field("next", Kind.LEFT, lambda key: key.next_rotation, "when it rotates next"),
            Field("period", Kind.NUMBER, lambda key: key.rotation_days or 0, "days of its period"),
        )

    def sorts(self) -> Mapping[str, Callable[[KeySummary], Any]]:
        """Return what each column sorts by."""
        return {
            "next": lambda key: order(key, self.now),
            "alias": KEY_SORTS["alias"],
            "period": lambda key: key.rotation_days or 0,
            "last": lambda key: (key.last_rotation is not None, key.last_rotation or key.created),
            "left": left,
            "state": KEY_SORTS["state"],
            "spec": KEY_SORTS["spec"],
        }

    def derive(self, keys: Sequence[KeySummary]) -> Sequence[KeySummary]:
        """Return the keys that go on living."""
        return [key for key in keys if not key.pending]

    def row_key(self, row: KeySummary) -> str:
        """Return the ARN."""
        return row.arn

    def key_of(self, row: KeySummary) -> KeySummary:
        """Return the row."""
        return row

    def beside(self) -> Widget | None:
        """Return what says more about the key under the cursor."""
        return RotationNote(id="rotation-note")

    def after_change(self) -> None:
        """Say more about the key under the cursor."""
        note = self.query_one(RotationNote)
        note.key, note.now = self.table.cursor_row, self.now
        note.many = self._subject_of_many().count if self.table.marked else 0

    def tick(self) -> None:
        """Let the dates come nearer."""
        super().tick()
        self.after_change()

    def empty(self) -> Content:
        """Say how to begin."""
        return text.lines(
            text.literal("No key has material that could rotate.", "$foreground"),
            text.literal(""),
            hint("n", "creates a key"),
        )

    def _called(self, key: KeySummary) -> Content:
        return name(key.label, masked=self.masked)

    def _next(self, key: KeySummary) -> Content:
        stands = standing(key, self.now)
        glyph = _GLYPHS.get(stands.course, "·")
        return text.literal(f"{glyph} {stands.said}", _STYLES.get(stands.course, "$muted"))

    def _period(self, key: KeySummary) -> str:
        return f"{key.rotation_days:,} d" if key.rotation_days else ""

    def _last(self, key: KeySummary) -> Content:
        if key.last_rotation is None:
            return text.literal("never", "$muted")
        return text.literal(timefmt.day(key.last_rotation))

    def _by_hand(self, key: KeySummary) -> Content:
        if not on_demand_possible(key):
            return _NONE
        style = "$muted" if left(key) == ROTATIONS_ON_DEMAND else "$warn" if left(key) < 5 else ""
        return text.literal(f"{left(key)} left", style)

    def _axis(self, key: KeySummary) -> Content:
        return timeline(key, self.now, HALF)


_NONE = text.literal("")
