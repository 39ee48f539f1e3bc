"""The Activity tab: what was done with a key, from the trail, newest first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text, timefmt
from kmstui.tui.callers import caller_name
from kmstui.tui.dialogs.json import JsonDialog
from kmstui.tui.places.keys.detail.pane import Pane
from kmstui.tui.places.keys.wording import last_use
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.table_messages import RowHighlighted, RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable

PAGE = 200
"""Events of one page."""

_NEAR_END = 20
_LOOKUPS = ("Describe", "Get", "List")
_USES_NAMED = 4


@dataclass(frozen=True, slots=True)
class Deed:
    """One event of a key.

    Attributes:
        sequence: Its place in the trail.
        when: Account time.
        name: The operation, or the service's event.
        who: The principal's short name, or the service; untrusted text.
        error: The error code; empty if it was not refused.
        record: The whole record.
    """

    sequence: int
    when: datetime
    name: str
    who: str
    error: str
    record: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> Deed:
        """Read a CloudTrail record."""
        identity = event.get("userIdentity") or {}
        return cls(
            sequence=event["kmstui"]["sequence"],
            when=datetime.fromisoformat(event["eventTime"]).astimezone(UTC),
            name=event["eventName"],
            who=caller_name(identity),
            error=str(event.get("errorCode") or ""),
            record=event,
        )

    @property
    def lookup(self) -> bool:
        """Whether it only looked at the key's metadata."""
        return self.name.startswith(_LOOKUPS) and not self.error


def usage_summary(deeds: list[Deed]) -> Content:
    """Count what was done: ``Decrypt 41 · Encrypt 12 · 2 refused``."""
    done = Counter(deed.name for deed in deeds if not deed.error and not deed.lookup)
    refused = sum(1 for deed in deeds if deed.error)
    parts = [
        text.template("$name [b]$count[/]", name=name, count=f"{count:,}")
        for name, count in done.most_common(_USES_NAMED)
    ]
    if refused:
        parts.append(text.template("[$danger]✗ $count refused[/]", count=f"{refused:,}"))
    separator = text.literal(" · ", "$muted")
    return separator.join(parts) if parts else text.literal("nothing but looking", "$muted")


def _outcome(deed: Deed) -> Content:
    return text.literal(f"✗ {deed.error}", "$danger") if deed.error else text.literal("✓", "$ok")


def _name(deed: Deed) -> Content:
    return text.literal(deed.name, "$muted" if deed.lookup else "")


class ActivityPane(Pane):
    """Shows the events of a key."""

    def compose(self) -> ComposeResult:
        """Lay out the summary and the table."""
        yield Static(id="summary")
        yield VirtualTable(self._columns(), empty=text.literal("Reading the trail…"))

    def _columns(self) -> list[Column[Deed]]:
        return [
            Column("time", "TIME", self._time, width=20, sortable=False),
            Column("name", "CALL", _name, flex=2, min_width=12, sortable=False),
            Column("who", "WHO", self._who, flex=1, priority=2, sortable=False),
            Column("outcome", "OUTCOME", _outcome, flex=2, min_width=9, sortable=False),
            Column("ago", "AGO", self._ago, width=6, priority=3, align="right", sortable=False),
        ]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._deeds: list[Deed] = []
        self._before: int | None = None
        self._loading = False
        self._lookups = False
        self._hidden = 0

    @property
    def table(self) -> VirtualTable[Deed]:
        """The table."""
        return self.query_one(VirtualTable)

    async def load(self) -> None:
        """Read the newest events."""
        self._deeds, self._before = [], None
        await self._page()

    async def _page(self) -> None:
        """Read one page more.

        Raises:
            KmsError: The engine refused.
        """
        self._loading = True
        try:
            members: dict[str, Any] = {"KeyArn": self.facts.key.arn, "Limit": PAGE}
            if self._before is not None:
                members["Before"] = self._before
            answer = await self.console.fetch("kmstui:ReadTrail", **members)
        finally:
            self._loading = False
        self._deeds += [Deed.read(event) for event in answer["Events"]]
        self._before = answer.get("NextBefore") if answer["Truncated"] else None
        self.table.set_empty(text.literal("Nothing was done with this key yet."))
        self.table.set_rows(self._deeds, [str(deed.sequence) for deed in self._deeds])
        self._arrange()
        self.paint()

    def paint(self) -> None:
        """Write the summary and the ages anew."""
        if not self.ready:
            return
        self.table.repaint()
        shown = len(self._deeds) - self._hidden
        more = "newest " if self._before is not None else ""
        first = text.template(
            "[$muted]$more$count:[/] $use",
            more=more,
            count=text.plural(shown, "event"),
            use=usage_summary(self._deeds),
        )
        last = text.template("[$muted]last use:[/] $use", use=last_use(self.facts.key, self.now))
        if self._hidden:
            hidden = text.template(
                "[$muted]$count hidden, [/][b $key-accent]L[/] [$muted]shows them[/]",
                count=text.plural(self._hidden, "lookup"),
            )
            last = text.join([last, hidden], "   ")
        self.query_one("#summary", Static).update(text.lines(first, last))

    def toggle_lookups(self) -> None:
        """Show the calls that only looked at the key, or hide them again."""
        self._lookups = not self._lookups
        self._arrange()
        self.paint()

    def _arrange(self) -> None:
        hidden = [] if self._lookups else [deed for deed in self._deeds if deed.lookup]
        self._hidden = len(hidden)
        shown = [
            index for index, deed in enumerate(self._deeds) if self._lookups or not deed.lookup
        ]
        self.table.set_visible(shown)

    @on(RowHighlighted)
    def _near_the_end(self, event: RowHighlighted) -> None:
        event.stop()
        if self._before is None or self._loading or event.key is None:
            return
        last = self._deeds[-_NEAR_END:]
        if any(str(deed.sequence) == event.key for deed in last):
            self.run_worker(self._page(), group="trail", exit_on_error=False)

    @on(RowSelected)
    def _open(self, event: RowSelected) -> None:
        event.stop()
        deed: Deed = self.table.row(event.key)
        title = text.template("$name [$muted]#$number[/]", name=deed.name, number=deed.sequence)
        source = json.dumps(deed.record, indent=2, ensure_ascii=False)
        if not self.masked:
            self.console.push_screen(JsonDialog(title, source))

    def entry(self) -> Widget:
        """Focus the table."""
        return self.table

    def rest(self) -> Widget:
        """Focus the table: letters are commands there."""
        return self.table

    def step_back(self) -> bool:
        """Take back marks."""
        return self.table.step_back()

    def _time(self, deed: Deed) -> Content:
        return text.literal(f"{timefmt.day(deed.when)} {timefmt.clock(deed.when)}", "$muted")

    def _who(self, deed: Deed) -> Content:
        return text.mask(deed.who) if self.masked else text.literal(deed.who)

    def _ago(self, deed: Deed) -> Content:
        return text.literal(timefmt.ago(deed.when, self.now).removesuffix(" ago"), "$muted")
