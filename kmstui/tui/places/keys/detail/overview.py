"""The Overview tab: what a key is, and what its state allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Container

from kmstui.core.naming import deviation
from kmstui.tui import text, timefmt
from kmstui.tui.chrome.hints import hint
from kmstui.tui.places.keys.barred import has_public_key
from kmstui.tui.places.keys.detail.pane import Pane
from kmstui.tui.places.keys.detail.reading import state_words
from kmstui.tui.places.keys.regions.model import RegionalKey, read_regions
from kmstui.tui.places.keys.wording import algorithm_families, name
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import GAP, Fact, FactList
from kmstui.tui.widgets.state_chip import countdown_chip, look, state_chip

_FIXED = " [$muted]· immutable[/]"

_TAG_CELLS = 28
"""Cells of a tag's key at most."""


class OverviewPane(Pane):
    """Shows what a key is."""

    _copies: tuple[RegionalKey, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out two columns, which stand under each other where there is no room."""
        with Container(classes="columns"):
            yield FactList(id="what", classes="column")
            yield FactList(id="about", classes="column")

    def on_mount(self) -> None:
        """Show the key."""
        self.paint()

    async def load(self) -> None:
        """Read a multi-Region key in each of its Regions."""
        key = self.facts.key
        self._copies = await read_regions(self.console, key) if key.multi_region else ()
        self.paint()

    def paint(self) -> None:
        """Write the facts anew."""
        if self.ready:
            self.query_one("#what", FactList).facts = tuple(self._what())
            self.query_one("#about", FactList).facts = tuple(self._about())

    def _what(self) -> Iterator[Fact]:
        key = self.facts.key
        yield from self._state()
        yield GAP
        yield from self._aliases()
        description = (
            name(key.description, masked=self.masked)
            if key.description
            else text.literal("none", "$muted")
        )
        yield Fact("Description", description)
        yield GAP
        yield Fact("Key id", name(key.key_id, masked=self.masked))
        yield Fact("ARN", name(key.arn, masked=self.masked))
        yield GAP

    def _state(self) -> Iterator[Fact]:
        key = self.facts.key
        allows, way_out = state_words(key)
        yield Fact("State", state_chip(key.state))
        if key.deletion_date is not None:
            yield Fact("Destroyed in", countdown_chip(key.deletion_date, self.now))
        yield Fact("", text.literal(allows))
        yield Fact("", hint(*way_out) if way_out[0] else text.literal(way_out[1], "$muted"))

    def _aliases(self) -> Iterator[Fact]:
        aliases = self.facts.key.aliases
        if not aliases:
            yield Fact(
                "Alias", text.literal("none: programs must use its id. A adds one.", "$warn")
            )
        for index, alias in enumerate(aliases):
            label = ("Alias" if len(aliases) == 1 else "Aliases") if index == 0 else ""
            yield Fact(label, name(alias, masked=self.masked))
            if not self.masked and deviation(self.facts.pattern, alias):
                warning = text.template(
                    "[$warn]▲ does not follow[/] [$muted]$pattern[/]", pattern=self.facts.pattern
                )
                yield Fact("", warning)

    def _about(self) -> Iterator[Fact]:
        key = self.facts.key
        yield Fact("Spec", _fixed(key.spec))
        yield Fact("Usage", _fixed(key.usage))
        yield from self._algorithms()
        yield Fact("Origin", _fixed(key.origin))
        yield from self._key_store()
        yield from self._regions()
        yield GAP
        created = text.template(
            "$when [$muted]· $ago[/]",
            when=timefmt.stamp(key.created),
            ago=timefmt.ago(key.created, self.now),
        )
        yield Fact("Created", created)
        yield Fact("Last use", self._last_use())
        yield GAP
        yield from self._tags()

    def _key_store(self) -> Iterator[Fact]:
        """Name the custom key store that it is in, and what is behind that."""
        metadata = self.facts.metadata
        if "CustomKeyStoreId" not in metadata:
            return
        yield Fact("Key store", _fixed(str(metadata["CustomKeyStoreId"])))
        if "CloudHsmClusterId" in metadata:
            yield Fact("", text.literal(str(metadata["CloudHsmClusterId"]), "$muted"))
        if "XksKeyConfiguration" in metadata:
            external = str(metadata["XksKeyConfiguration"]["Id"])
            yield Fact("", text.template("[$muted]external key[/] $id", id=external))

    def _algorithms(self) -> Iterator[Fact]:
        """Name what the key is used with, where its spec does not say it."""
        names = [
            name
            for member, listed in self.facts.metadata.items()
            if member.endswith("Algorithms")
            for name in listed
        ]
        if self.facts.key.spec != "SYMMETRIC_DEFAULT":
            for index, each in enumerate(algorithm_families(names)):
                yield Fact("" if index else "Algorithms", text.literal(each))
        if has_public_key(self.facts.key):
            yield Fact("Public key", hint("B", "shows it, to copy or to save"))

    def _regions(self) -> Iterator[Fact]:
        key = self.facts.key
        if not key.multi_region:
            yield Fact("Region", _fixed(f"{key.region} only"))
            return
        kind = "the primary" if not key.is_replica else f"a replica of {key.primary_region}"
        yield Fact("Region", _fixed(key.region))
        yield Fact("Among them", text.literal(kind))
        copies = [each for each in self._copies if each.arn != key.arn]
        for index, copy in enumerate(copies):
            said = text.template(
                "$region [$muted]$role[/] $state",
                region=copy.region,
                role=copy.role,
                state=copy.standing(self.now),
            )
            yield Fact("" if index else "Also in", said)
        yield Fact("", text.literal("aliases, policy, tags, state: each Region's own", "$muted"))
        if copies:
            yield Fact("", hint(":regions", "goes to another one"))
        if not key.is_replica:
            yield Fact("", hint(":replicate", "adds one"))

    def _last_use(self) -> Content:
        key = self.facts.key
        if key.last_used is None:
            since = timefmt.day(self.facts.tracked_since)
            return text.template("never [$muted]· tracked since $day[/]", day=since)
        return text.template(
            "$operation [$muted]· $ago[/]\n[$muted]$when[/]",
            operation=key.last_operation,
            ago=timefmt.ago(key.last_used, self.now),
            when=timefmt.stamp(key.last_used),
        )

    def _tags(self) -> Iterator[Fact]:
        tags = self.facts.key.tags
        if not tags:
            yield Fact("Tags", text.literal("none; T adds some", "$muted"))
        widest = min(max((text.cell_width(tag) for tag in tags), default=0), _TAG_CELLS)
        for index, (tag, value) in enumerate(sorted(tags.items())):
            label = "" if index else "Tags"
            if self.masked:
                yield Fact(label, text.mask(tag))
                continue
            key = text.content_fit(text.literal(tag), widest)
            yield Fact(label, text.template("$key  [$muted]$value[/]", key=key, value=value))


def _fixed(value: str) -> Content:
    return text.template("$value" + _FIXED, value=value)


def summary_chip(state: str, deletion: datetime | None, now: datetime) -> Content:
    """Make the state for the tab row: glyph and word, or what is left of a waiting period."""
    shown = look(state)
    word = shown.word
    if deletion is not None:
        word = f"deletes in {timefmt.countdown((deletion - now).total_seconds())}"
    return text.styled(f"{shown.glyph} {word}", f"bold {shown.style}")
