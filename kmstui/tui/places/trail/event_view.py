"""One event: what happened in plain words, its place in the chain, and the whole record."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from kmstui.core.errors import KmsError
from kmstui.tui import text, timefmt
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hint
from kmstui.tui.commands import Scope
from kmstui.tui.place import Route
from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.places.trail.base import EventCommands, pretty
from kmstui.tui.places.trail.events import TrailEvent, summary
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import GAP, Fact, FactList
from kmstui.tui.widgets.json_view import JsonView
from kmstui.tui.widgets.page import Page

_LABEL_CELLS = 10


class EventView(EventCommands):
    """Shows an event; ``route.argument`` is its sequence number."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.EVENT,)
    STYLES = Path(__file__).with_name("trail.tcss")

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._event: TrailEvent | None = None

    def compose(self) -> ComposeResult:
        """Lay out the summary, the facts and the record."""
        yield Static(text.literal(""), id="summary")
        with Container(id="body"):
            with Page(id="side"):
                yield FactList(label_cells=_LABEL_CELLS)
            yield JsonView(id="record", empty=text.literal("Reading…", "$muted"))

    @property
    def event(self) -> TrailEvent | None:
        """The event."""
        return self._event

    @property
    def crumb(self) -> Content:
        """Name the event by its number."""
        name = f"{self._event.name} " if self._event is not None else ""
        return text.literal(f"{name}#{self.route.argument}")

    def on_mount(self) -> None:
        """Take the event from the list, or read it."""
        known = [event for view in self.console.main.stage.views for event in _events_of(view)]
        self._event = next(
            (event for event in known if event.row_key == self.route.argument), None
        )
        if self._event is None:
            self.run_worker(self.refresh_data(), group="event")
        self._paint()

    def focus_first(self) -> None:
        """Focus the record, so that it scrolls."""
        self.query_one("#record").focus(scroll_visible=False)

    async def refresh_data(self) -> None:
        """Read the event, unless it is known: a record never changes."""
        if self._event is not None:
            return
        try:
            answer = await self.console.fetch(
                "kmstui:ReadTrail", Limit=1, Before=int(self.route.argument) + 1
            )
        except KmsError as error:
            self.console.tell(Outcome("ReadTrail", "", "", error))
            return
        found = [TrailEvent.read(each) for each in answer["Events"] if "eventName" in each]
        self._event = next(
            (event for event in found if event.row_key == self.route.argument), None
        )
        self._paint()
        self.console.main.sync()

    def mask_changed(self) -> None:
        """Hide or show what identifies."""
        self._paint()

    def _paint(self) -> None:
        event, view = self._event, self.query_one("#record", JsonView)
        if event is None:
            return
        label = self._named(event.label(self.naming))
        self.query_one("#summary", Static).update(summary(event, label))
        self.query_one(FactList).facts = tuple(self._facts(event))
        view.set_source("" if self.console.masked else pretty(event))

    def _facts(self, event: TrailEvent) -> list[Fact]:
        record = event.record
        outcome = text.literal("✓ done", "$ok")
        if event.error:
            outcome = text.literal("✗ ", "$danger") + text.literal(event.message or event.error)
        ago = timefmt.ago(event.when, account_time(self.console))
        when = text.template(
            "$stamp [$muted]· $ago[/]", stamp=timefmt.exact_stamp(event.when), ago=ago
        )
        address, agent = (str(record.get(name) or "") for name in ("sourceIPAddress", "userAgent"))
        source = address if address == agent else f"{address} · {agent}"
        who = self._named(event.who) + text.literal(f" from {source}", "$muted")
        effect = "read only" if event.read_only else "not read only"
        where = text.literal(event.region) + text.literal(f" · {effect}", "$muted")
        facts = [
            Fact("Outcome", outcome),
            Fact("When", when),
            Fact("Who", who),
            *self._keys(event),
            Fact("Region", where),
        ]
        if event.request_id:
            facts.append(Fact("Request", text.literal(event.request_id, "$muted")))
        facts += [
            Fact("Event", text.literal(str(record.get("eventID") or ""), "$muted")),
            *self._chain(event),
        ]
        keys = [hint("o", "its key")] if event.keys else []
        keys += [hint("w", "why")] if event.error else []
        keys += [hint("i", "full record"), hint("y", "copy")]
        return [*facts, GAP, Fact("", text.join(keys, "   "))]

    def _keys(self, event: TrailEvent) -> Iterable[Fact]:
        for number, arn in enumerate(event.keys):
            label = "" if number else "Key"
            alias = self.naming(arn)
            if alias:
                yield Fact(label, self._named(alias))
                label = ""
            yield Fact(label, self._named(arn.rpartition("/")[2]))

    def _chain(self, event: TrailEvent) -> Iterable[Fact]:
        yield Fact("Chain", text.literal(f"number {event.sequence:,} of the trail, after"))
        previous = str(event.record["kmstui"].get("previous") or "")
        if getattr(self.console, "opaque_placeholder", False):
            # It covers what the system drew at random for earlier records.
            previous = "·" * len(previous)
        half = len(previous) // 2
        yield Fact("", text.literal(previous[:half], "$muted"))
        yield Fact("", text.literal(previous[half:], "$muted"))

    def _named(self, value: str) -> Content:
        return text.mask(value) if self.console.masked else text.literal(value)


def _events_of(view: object) -> list[TrailEvent]:
    from kmstui.tui.places.trail.view import TrailView  # noqa: PLC0415 - it imports this package

    return view.records if isinstance(view, TrailView) and view.is_mounted else []
