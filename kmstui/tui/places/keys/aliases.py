"""Every alias and the key it names, with a warning where a name strays from the pattern."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kmstui.core.errors import KmsError
from kmstui.core.naming import follows
from kmstui.tui import text, timefmt
from kmstui.tui.chrome.hints import hint
from kmstui.tui.filter_fields import Field, Kind
from kmstui.tui.keys_model import KeySummary, short_alias, short_id
from kmstui.tui.places.keys.key_commands import KeyCommands
from kmstui.tui.places.keys.wording import name
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.state_chip import KEY_STATES, state_chip

SETTING = "alias-pattern"


@dataclass(frozen=True, slots=True)
class AliasRow:
    """An alias and its key.

    Attributes:
        alias: With ``alias/``.
        key: The key it names.
        strays: Whether it does not follow the pattern.
    """

    alias: str
    key: KeySummary
    strays: bool


_FIELDS: tuple[Field[AliasRow], ...] = (
    Field("alias", Kind.TEXT, lambda row: short_alias(row.alias), "the alias", free=True),
    Field("id", Kind.TEXT, lambda row: row.key.key_id, "its key's id", free=True),
    Field("description", Kind.TEXT, lambda row: row.key.description, "its key's text", free=True),
    Field("tag", Kind.TAGS, lambda row: row.key.tags, "its key's tags", free=True),
    Field("state", Kind.CHOICE, lambda row: row.key.state, "its key's state", choices=KEY_STATES),
    Field(
        "name",
        Kind.CHOICE,
        lambda row: "deviates" if row.strays else "follows",
        "whether it follows the pattern",
        choices=("follows", "deviates"),
    ),
    Field("lastuse", Kind.AGE, lambda row: row.key.last_used, "when its key was last used"),
)


class AliasesView(KeyCommands[AliasRow]):
    """One row an alias; several may name one key."""

    FIRST_SORT = ("alias", False)

    _pattern = ""

    @property
    def crumb(self) -> Content:
        """Name the view."""
        return text.literal("Aliases")

    async def prepare(self) -> None:
        """Learn the pattern before the first rows are judged."""
        await self._read_pattern()

    async def refresh_data(self) -> None:
        """Read the pattern and the keys again."""
        await self._read_pattern()
        await super().refresh_data()

    async def _read_pattern(self) -> None:
        try:
            answer = await self.console.fetch("kmstui:GetSettings")
        except KmsError:
            # Without the setting no name is judged; the list itself does not need it.
            self._pattern = ""
        else:
            self._pattern = str(answer["Settings"].get(SETTING) or "")

    def columns(self) -> Sequence[Column[AliasRow]]:
        """Return the columns."""
        return (
            Column("alias", "ALIAS", self._alias, flex=2, min_width=20, max_width=64),
            Column("key", "KEY", self._key, width=9),
            Column("name", "NAME", self._judged, width=8, priority=1),
            Column("state", "STATE", lambda row: state_chip(row.key.state), width=18, priority=2),
            Column("used", "LAST USE", self._used, width=9, priority=3),
            Column("about", "DESCRIPTION", self._about, flex=2, min_width=24, priority=4),
        )

    def fields(self) -> Sequence[Field[AliasRow]]:
        """Return what the filter can ask of an alias."""
        return _FIELDS

    def sorts(self) -> Mapping[str, Callable[[AliasRow], Any]]:
        """Return what each column sorts by."""
        return {
            "alias": lambda row: row.alias.casefold(),
            "key": lambda row: row.key.key_id,
            "state": lambda row: row.key.state,
            "used": lambda row: row.key.last_used.timestamp() if row.key.last_used else 0.0,
            "name": lambda row: (not row.strays, row.alias.casefold()),
        }

    def derive(self, keys: Sequence[KeySummary]) -> Sequence[AliasRow]:
        """Return a row for each alias."""
        return [
            AliasRow(alias, key, not follows(self._pattern, alias))
            for key in keys
            for alias in key.aliases
        ]

    def row_key(self, row: AliasRow) -> str:
        """Return the alias: an account and Region have it once."""
        return row.alias

    def key_of(self, row: AliasRow) -> KeySummary:
        """Return the key it names."""
        return row.key

    def alias_meant(self) -> str:
        """Return the alias under the cursor."""
        row = self.table.cursor_row
        return "" if row is None else row.alias

    def empty(self) -> Content:
        """Say how to begin."""
        return text.lines(
            text.literal("No key has an alias yet.", "$foreground"),
            text.literal(""),
            hint("1", "shows the keys; A on one of them gives it a name"),
        )

    def count(self) -> Content:
        """Say how many aliases there are."""
        return text.plural(len(self._rows), "alias", "aliases")

    def lead(self) -> Content:
        """Say what names should look like, and how many do not."""
        if not self._pattern:
            return text.literal("")
        strays = sum(1 for row in self._rows if row.strays)
        said = text.template("[$muted]Names follow[/] $pattern", pattern=self._pattern)
        if not strays:
            return said
        verb = "deviates" if strays == 1 else "deviate"
        return said + text.literal(f"  {strays:,} {verb}", "$warn")

    def _alias(self, row: AliasRow) -> Content:
        return name(short_alias(row.alias), masked=self.masked)

    def _key(self, row: AliasRow) -> Content:
        return name(short_id(row.key.key_id), masked=self.masked).stylize_before("$muted")

    def _used(self, row: AliasRow) -> Content:
        return text.literal(timefmt.ago(row.key.last_used, self.now))

    def _judged(self, row: AliasRow) -> Content:
        if not row.strays:
            return text.literal("✓", "$muted")
        return text.literal("deviates", "$warn")

    def _about(self, row: AliasRow) -> Content:
        return name(" ".join(row.key.description.split()), masked=self.masked)
