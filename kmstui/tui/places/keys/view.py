"""The first view of Keys: every key of the account and Region."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.widget import Widget

from kmstui.tui import text, timefmt
from kmstui.tui.chrome.hints import hint
from kmstui.tui.filter_fields import Field
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.key_commands import KeyCommands
from kmstui.tui.places.keys.key_fields import KEY_FIELDS, KEY_SORTS, owner
from kmstui.tui.places.keys.preview import KeyPreview
from kmstui.tui.places.keys.wording import name, names, short_spec
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.state_chip import look, state_chip

STATE_CELLS = 16
"""Cells of the state column: a countdown of two-digit days, and its glyph."""


class KeysView(KeyCommands[KeySummary]):
    """Every key: find one, act on one or many."""

    FIRST_SORT = ("alias", False)

    def columns(self) -> Sequence[Column[KeySummary]]:
        """Return the columns, those that matter most dropped last."""
        return (
            Column("alias", "ALIAS", self._alias, flex=3, min_width=18, max_width=48),
            Column("state", "STATE", self._state, width=STATE_CELLS),
            Column("used", "LAST USE", self._used, width=9, priority=1),
            Column("spec", "SPEC", self._spec, width=9, priority=2),
            Column("owner", "OWNER", self._owner, width=10, priority=3),
            Column("created", "CREATED", self._created, width=10, priority=4),
            Column("about", "DESCRIPTION", self._about, flex=2, min_width=24, priority=5),
            Column("id", "KEY ID", self._key_id, width=36, priority=6),
            Column("usage", "USAGE", lambda key: key.usage, width=15, priority=7),
            Column("tags", "TAGS", self._tags, flex=1, min_width=24, priority=8),
        )

    def fields(self) -> Sequence[Field[KeySummary]]:
        """Return what the filter can ask of a key."""
        return KEY_FIELDS

    def sorts(self) -> Mapping[str, Callable[[KeySummary], Any]]:
        """Return what each column sorts by."""
        return KEY_SORTS

    def derive(self, keys: Sequence[KeySummary]) -> Sequence[KeySummary]:
        """Return the keys: each is a row."""
        return keys

    def row_key(self, row: KeySummary) -> str:
        """Return the ARN."""
        return row.arn

    def key_of(self, row: KeySummary) -> KeySummary:
        """Return the row."""
        return row

    def beside(self) -> Widget | None:
        """Return the preview."""
        return KeyPreview(id="preview")

    def empty(self) -> Content:
        """Say how to begin."""
        return text.lines(
            text.literal("No keys in this account and Region yet.", "$foreground"),
            text.literal(""),
            hint("n", "creates one: an alias and enter are enough"),
        )

    def tick(self) -> None:
        """Let countdowns and ages run."""
        super().tick()
        self.after_change()

    def mask_changed(self) -> None:
        """Repaint rows and preview."""
        super().mask_changed()
        self.after_change()

    def after_change(self) -> None:
        """Show the key under the cursor."""
        preview = self.query_one(KeyPreview)
        preview.key = self.table.cursor_row
        preview.now = self.now
        preview.masked = self.masked
        preview.set_class(not self.table.row_count, "-none")
        preview.many = self._subject_of_many().count if self.table.marked else 0

    def do_preview(self, _argument: str) -> None:
        """Show or hide what stands beside the rows."""
        self.query_one(KeyPreview).toggle_class("-off")

    def _update(self, keys: Sequence[KeySummary]) -> None:
        """Put the changed keys in place; order and filter may change with them."""
        self._take_in()
        for key in keys:
            place = self.roster.index(key.arn)
            self._rows[place] = key
            self._index.update(place, key)
            self.table.update_row(key.arn, key)
        self._arrange()

    def _alias(self, key: KeySummary) -> Content:
        if not key.aliases:
            return name(key.label, masked=self.masked).stylize_before("$muted")
        first = name(key.alias, masked=self.masked)
        more = len(key.aliases) - 1
        return first + text.literal(f" +{more}", "$muted") if more else first

    def _state(self, key: KeySummary) -> Content:
        if key.pending and key.deletion_date is not None:
            shown = look(key.state)
            left = timefmt.countdown((key.deletion_date - self.now).total_seconds())
            return text.styled(f"{shown.glyph} {left}", shown.style)
        return state_chip(key.state)

    def _used(self, key: KeySummary) -> Content:
        said = timefmt.ago(key.last_used, self.now)
        return text.literal(said, "" if key.last_used is not None else "$muted")

    def _spec(self, key: KeySummary) -> str:
        return short_spec(key.spec)

    def _owner(self, key: KeySummary) -> Content:
        return name(owner(key), masked=self.masked)

    def _created(self, key: KeySummary) -> str:
        return timefmt.day(key.created)

    def _about(self, key: KeySummary) -> Content:
        return name(" ".join(key.description.split()), masked=self.masked)

    def _key_id(self, key: KeySummary) -> Content:
        return name(key.key_id, masked=self.masked).stylize_before("$muted")

    def _tags(self, key: KeySummary) -> Content:
        tags = [f"{tag}={value}" for tag, value in key.tags.items()]
        return names(tags, masked=self.masked, shown=3)
