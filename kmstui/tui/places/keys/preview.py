"""What stands beside the key list: the key under the cursor, and what can be done next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text, timefmt
from kmstui.tui.chrome.hints import hint, hints
from kmstui.tui.keys_model import KeySummary, short_alias
from kmstui.tui.places.keys.wording import last_use, name, names
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import Fact, fact_lines
from kmstui.tui.widgets.state_chip import countdown_chip, state_chip

_LABEL = 10
_FLAT_LABEL = 12
_DESCRIPTION_LINES = 3
_TAGS_SHOWN = 6
_ALIASES_SHOWN = 5


class KeyPreview(Widget):
    """A key in short: below the list in six rows, or beside it in a column."""

    DEFAULT_CSS = "KeyPreview { width: 1fr; height: 1fr; }"

    key: reactive[KeySummary | None] = reactive(None)
    """The key; None shows nothing."""
    now: reactive[datetime | None] = reactive(None)
    """The account's time."""
    masked: reactive[bool] = reactive(False)
    """Whether names are hidden."""
    many: reactive[int] = reactive(0)
    """Rows that commands act on instead, if some are marked."""

    def render(self) -> Content:
        """Write what there is room for."""
        key, now, width = self.key, self.now, self.content_size.width
        if key is None or now is None or width < 1:
            return text.literal("")
        tall = self.content_size.height > 8
        lines = self._tall(key, now, width) if tall else self._flat(key, now, width)
        return text.lines(*(line.truncate(width, ellipsis=True) for line in lines))

    def _heading(self, key: KeySummary, now: datetime, width: int) -> Content:
        state = (
            countdown_chip(key.deletion_date, now)
            if key.pending and key.deletion_date is not None
            else state_chip(key.state)
        )
        room = max(width - state.cell_length - 2, 8)
        title = name(key.label, masked=self.masked).stylize("bold")
        return text.content_fit(title, room) + text.literal("  ") + state

    def _next(self, key: KeySummary) -> list[tuple[str, str]]:
        if self.many:
            what = f"{self.many:,} marked"
            return [("t", f"on/off {what}"), ("X", f"delete {what}"), ("esc", "unmark")]
        if key.pending:
            return [("K", "keep this key"), ("enter", "open"), ("y", "copy")]
        if key.state == "Disabled":
            return [("t", "enable"), ("enter", "open"), ("X", "delete"), ("y", "copy")]
        return [("enter", "open"), ("E", "try it"), ("t", "disable"), ("y", "copy")]

    def _flat(self, key: KeySummary, now: datetime, width: int) -> Iterable[Content]:
        half = (width - 2) // 2
        aliases = [short_alias(alias) for alias in key.aliases[1:]]
        tags = [f"{tag}={value}" for tag, value in key.tags.items()]
        yield self._heading(key, now, width)
        yield name(key.arn, masked=self.masked).stylize_before("$muted")
        yield self._about(key) or _none("no description")
        left = _said("last use", last_use(key, now))
        right = _said("created", text.literal(timefmt.day(key.created)))
        yield text.content_fit(left, half) + text.literal("  ") + right
        left = _said(
            "also", names(aliases, masked=self.masked, shown=2) or _none("no other alias")
        )
        right = _said("tags", names(tags, masked=self.masked, shown=2) or _none("none"))
        yield text.content_fit(left, half) + text.literal("  ") + right
        yield hints(*self._next(key))

    def _tall(self, key: KeySummary, now: datetime, width: int) -> Iterable[Content]:
        yield name(key.label, masked=self.masked).stylize("bold")
        yield (
            countdown_chip(key.deletion_date, now)
            if key.pending and key.deletion_date is not None
            else state_chip(key.state)
        )
        yield text.literal("")
        if key.description:
            yield from self._about(key).wrap(width)[:_DESCRIPTION_LINES]
            yield text.literal("")
        yield from name(key.key_id, masked=self.masked).wrap(width)
        yield from _folded(name(key.arn, masked=self.masked).stylize("$muted"), width)
        yield text.literal("")
        yield from fact_lines(self._facts(key, now), width, _LABEL)
        yield text.literal("")
        yield from self._tags(key, width)
        for one, word in self._next(key):
            yield text.content_fit(hint(one, ""), _LABEL) + text.literal(word, "$muted")

    def _about(self, key: KeySummary) -> Content:
        return name(" ".join(key.description.split()), masked=self.masked)

    def _facts(self, key: KeySummary, now: datetime) -> Iterable[Fact]:
        aliases = [short_alias(alias) for alias in key.aliases]
        yield from self._several("Aliases", aliases, _ALIASES_SHOWN)
        yield Fact("Last use", last_use(key, now))
        ago = timefmt.ago(key.created, now)
        yield Fact("Created", text.literal(f"{timefmt.day(key.created)}, {ago}"))
        yield Fact("Spec", text.literal(key.spec))
        yield Fact("Usage", text.literal(key.usage))
        yield Fact("Origin", text.literal(key.origin))
        if key.multi_region:
            yield Fact("Regions", text.literal(_related(key)))

    def _tags(self, key: KeySummary, width: int) -> Iterable[Content]:
        """Write tags under their heading, one a line: beside it long ones would break."""
        if not key.tags:
            return
        yield text.literal("Tags", "$muted")
        for tag, value in list(key.tags.items())[:_TAGS_SHOWN]:
            shown = name(f"{tag}={value}", masked=self.masked)
            yield text.literal("  ") + shown.truncate(max(width - 2, 0), ellipsis=True)
        if len(key.tags) > _TAGS_SHOWN:
            yield text.literal(f"  +{len(key.tags) - _TAGS_SHOWN:,} more", "$muted")
        yield text.literal("")

    def _several(self, label: str, values: list[str], shown: int) -> Iterable[Fact]:
        if not values:
            yield Fact(label, _none("none"))
        for place, value in enumerate(values[:shown]):
            yield Fact("" if place else label, name(value, masked=self.masked))
        if len(values) > shown:
            yield Fact("", text.literal(f"+{len(values) - shown:,} more", "$muted"))


def _related(key: KeySummary) -> str:
    if key.is_replica:
        return f"replica of {key.primary_region}"
    return (
        f"primary of {', '.join(key.replica_regions)}" if key.replica_regions else "multi-Region"
    )


def _said(label: str, what: Content) -> Content:
    return text.content_fit(text.literal(label, "$muted"), _FLAT_LABEL) + what


def _none(said: str) -> Content:
    return text.literal(said, "$muted")


def _folded(content: Content, width: int) -> list[Content]:
    """Cut content into lines of a width, wherever that falls: an ARN has no spaces."""
    length = len(content.plain)
    return [content[start : start + width] for start in range(0, length, max(width, 1))]
