"""The first view of Trail: every recorded event, newest first, growing as things happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult

from kmstui.core.errors import FilterError, KeystoreLockedError, KmsError, SessionError
from kmstui.tui import text, timefmt
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope
from kmstui.tui.dialogs.choice import Prompt
from kmstui.tui.filter_index import FilterIndex
from kmstui.tui.filtering import Filter, compile_filter
from kmstui.tui.keys_model import short_id
from kmstui.tui.place import Route
from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.places.keys.filter_bar import FilterBar
from kmstui.tui.places.keys.roster import roster_of
from kmstui.tui.places.trail.base import EventCommands
from kmstui.tui.places.trail.events import TrailEvent, fields, outcome_cell
from kmstui.tui.places.trail.export import problem, write
from kmstui.tui.places.trail.feed import FAR_PAGE, PAGE, TrailFeed
from kmstui.tui.places.trail.news import READING, hear
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.table_messages import MarksChanged, RowHighlighted, RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable

_EXAMPLE = "words   event:Decrypt   who:root   key:prod-*   outcome:refused   since<1h   -not"
_NEAR_END = 40
"""Rows from the end at which the next page is read."""

_FAR_PAGES = 10
"""Pages read for a filter before a key asks for more."""

_PAUSE = 0.25
"""Seconds that new events are collected before they are read."""

_WIDE = 120
"""Columns from which error codes are written out."""

_YEAR_LEFT_OUT = timedelta(days=300)
"""Age up to which an event's date needs no year."""

_WORKERS = "trail"


class TrailView(EventCommands):
    """Lists events."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.TRAIL)
    STYLES = Path(__file__).with_name("trail.tcss")

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._index: FilterIndex[TrailEvent] = FilterIndex(fields(self.naming))
        self._filter: Filter[TrailEvent] = Filter((), {})
        self._following = True
        self._stale = False
        self._far = 0
        self._wide = False
        self._only_errors = False
        self._error: KmsError | None = None
        self._leave: list[Callable[[], object]] = []

    def compose(self) -> ComposeResult:
        """Lay out the filter and the table."""
        yield FilterBar(_EXAMPLE)
        yield VirtualTable[TrailEvent](self._columns(), empty=text.literal(""), id="table")

    def _columns(self, *, wide: bool = False) -> list[Column[TrailEvent]]:
        def outcome(event: TrailEvent) -> Content:
            return outcome_cell(event, short=not wide)

        return [
            Column("time", "TIME", self._time, width=16, sortable=False),
            Column("event", "EVENT", self._cell_name, flex=5, min_width=12, sortable=False),
            Column("key", "KEY", self._key, flex=6, min_width=12, sortable=False),
            Column("outcome", "OUTCOME", outcome, width=26 if wide else 17, sortable=False),
            Column("who", "WHO", self._who, flex=3, min_width=12, priority=1, sortable=False),
            Column("region", "REGION", self._region, width=14, priority=2, sortable=False),
            Column("request", "REQUEST", self._request, width=9, priority=3, sortable=False),
        ]

    async def on_mount(self) -> None:
        """Read the first page, and hear of what happens from now on."""
        self.feed = TrailFeed(self.console)
        roster = roster_of(self.console)
        self._leave.append(roster.listen(lambda _change: self.table.repaint()))
        self.run_worker(self._begin(), group=_WORKERS)

    def on_resize(self, event: events.Resize) -> None:
        """Write more where there is more room."""
        wide = event.size.width >= _WIDE
        if wide != self._wide:
            self._wide = wide
            self.table.set_columns(self._columns(wide=wide))

    def on_unmount(self) -> None:
        """Hear no more."""
        for leave in self._leave:
            leave()

    async def _begin(self) -> None:
        self._leave.append(await hear(self.console, self._news))
        await roster_of(self.console).load()
        await self._start()

    @property
    def table(self) -> VirtualTable[TrailEvent]:
        """The table."""
        return self.query_one("#table", VirtualTable)

    @property
    def bar(self) -> FilterBar:
        """The filter's field."""
        return self.query_one(FilterBar)

    @property
    def now(self) -> datetime:
        """The account's time."""
        return account_time(self.console)

    @property
    def event(self) -> TrailEvent | None:
        """The event under the cursor."""
        return self.table.cursor_row

    @property
    def records(self) -> list[TrailEvent]:
        """Every event read so far, newest first."""
        return self.feed.events

    @property
    def note(self) -> Content:
        """Say how much has been read, and whether new events are shown."""
        if not self.is_mounted or not self.feed.begun:
            return text.literal("")
        what = "refusal" if self.feed.only_errors else "event"
        count = text.plural(len(self.records), what)
        more = "" if self.feed.complete else "+"
        live = (
            text.literal("● live", "$ok") if self._following else text.literal("○ paused", "$warn")
        )
        return text.join([text.styled(f"{count.plain}{more}", "$muted"), live], "   ")

    def focus_first(self) -> None:
        """Focus the rows; read what happened while another view was shown."""
        self.table.focus(scroll_visible=False)
        if self._stale and self._following:
            self._read_newer()

    def focus_rest(self) -> None:
        """Focus the rows after `esc` in the filter's field."""
        self.bar.rest()
        self.table.focus(scroll_visible=False)

    def step_back(self) -> bool:
        """Undo the filter, the marks, then the choice of refusals only."""
        if self.bar.query_text:
            self.bar.set("")
            return True
        if self.table.step_back():
            return True
        if self.feed.only_errors:
            self.console.run_worker(self.do_errors_only(""), group=_WORKERS)
            return True
        return False

    async def refresh_data(self) -> None:
        """Read the newest events again."""
        await self._start()

    def mask_changed(self) -> None:
        """Repaint every row."""
        self.table.repaint()

    async def _start(self, *, only_errors: bool | None = None) -> None:
        if only_errors is not None:
            self._only_errors = only_errors
        self._stale, self._error = False, None
        try:
            await self.feed.start(only_errors=self._only_errors)
        except KmsError as error:
            self._failed(error)
            return
        self._rebuild()
        self.table.action_first()

    def _failed(self, error: KmsError) -> None:
        if isinstance(error, KeystoreLockedError | SessionError):
            return
        self._error = error
        self.table.set_empty(self._nothing())
        self.console.tell(Outcome(READING, "", "", error))

    def _rebuild(self) -> None:
        """Take all events over; the cursor stays on its own."""
        if not self.is_mounted:
            return
        self._index.set_rows(self.records)
        self.table.set_rows(self.records, [event.row_key for event in self.records])
        self._show()

    def _show(self) -> None:
        self.table.set_visible(self._index.apply(self._filter))
        self.table.set_empty(self._nothing())
        if self._filter:
            self.bar.report(self.table.visible_count, self.table.row_count)
        self.console.main.sync()
        self.call_after_refresh(self._want_more)

    def _nothing(self) -> Content:
        if self._error is not None:
            said = text.literal(self._error.message or self._error.code, "$danger")
            hint = text.literal(self._error.hint or "f5 reads again", "$muted")
            return text.lines(said, text.literal(""), hint)
        if not self.feed.begun:
            return text.literal("Reading the trail…", "$muted")
        if self._filter:
            rest = "" if self.feed.complete else "; G looks further back"
            return text.lines(
                text.literal("No event read so far matches the filter."),
                text.literal(""),
                text.literal(f"esc clears it{rest}", "$muted"),
            )
        if self.feed.only_errors:
            return text.lines(
                text.literal("✓ No call was refused.", "$ok"),
                text.literal(""),
                text.literal("r shows every call", "$muted"),
            )
        return text.literal("The trail is empty.", "$muted")

    def _want_more(self) -> None:
        """Read older events once the rows in view come near the end of those read."""
        if not self.is_mounted or self.feed.complete or not self.feed.begun:
            return
        left = self.table.visible_count - self.table.cursor_index
        if left > _NEAR_END or self._far >= _FAR_PAGES:
            return
        self.run_worker(self._older(), group=f"{_WORKERS}-older", exclusive=False)

    async def _older(self) -> None:
        if self._filter:
            self._far += 1
        try:
            found = await self.feed.older(FAR_PAGE if self._filter else PAGE)
        except KmsError as error:
            self._failed(error)
            return
        if found and self.is_mounted:
            self._index.extend(found)
            self.table.extend_rows(found, [event.row_key for event in found])
            self._show()

    def _news(self) -> None:
        if not self.is_mounted:
            return
        self._stale = True
        if self._following and self.display and not self.console.locked:
            self.set_timer(_PAUSE, self._read_newer)

    def _read_newer(self) -> None:
        if self._stale and not self.console.locked:
            self._stale = False
            self.run_worker(self._newer(), group=f"{_WORKERS}-newer")

    async def _newer(self) -> None:
        if not self.feed.begun:
            return
        at_top = self.table.cursor_index == 0
        try:
            fresh = await self.feed.newer()
        except KmsError as error:
            self._failed(error)
            return
        if fresh and self.is_mounted:
            self._rebuild()
            if at_top:
                self.table.action_first()

    @on(FilterBar.Asked)
    def _asked(self, event: FilterBar.Asked) -> None:
        event.stop()
        self._far = 0
        try:
            self._filter = compile_filter(event.query_text, fields(self.naming), now=self.now)
        except FilterError as error:
            self.bar.complain(error)
            return
        self._show()
        self.bar.report(self.table.visible_count, self.table.row_count)

    @on(FilterBar.Left)
    def _left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.focus_rest()

    @on(RowHighlighted)
    def _cursor_moved(self, event: RowHighlighted) -> None:
        event.stop()
        self._far = 0
        self._want_more()
        self.console.main.sync()

    @on(MarksChanged)
    def _marks_changed(self, event: MarksChanged) -> None:
        event.stop()
        self.console.main.sync()

    @on(RowSelected)
    async def _opened(self, event: RowSelected) -> None:
        event.stop()
        await self.console.go(Route("trail", "event", event.key))

    def do_filter(self, argument: str) -> None:
        """Ask for a filter, or set the one given."""
        if argument:
            self.bar.set(argument)
        else:
            self.bar.start()

    def do_follow(self, _argument: str) -> None:
        """Show new events as they come, or stop doing so."""
        self._following = not self._following
        if self._following:
            self._stale = True
            self._read_newer()
        said = "New events show as they come." if self._following else "Paused: f goes on."
        self.console.main.say(text.literal(said, "$muted"))

    async def do_errors_only(self, _argument: str) -> None:
        """Show only what was refused, or all again."""
        await self._start(only_errors=not self.feed.only_errors)

    async def show_refusals(self) -> None:
        """Show only what was refused."""
        await self._start(only_errors=True)

    async def do_export_list(self, argument: str) -> None:
        """Write the marked events, or all that the filter lets through, to a file."""
        marked = self.table.marked_visible
        keys = marked or self.table.visible_keys()
        chosen = [self.table.row(key) for key in keys]
        typed: str | None = argument
        if not typed:
            scope = "marked" if marked else "shown"
            count = text.plural(len(chosen), "event")
            typed = await self.console.ask(
                Prompt(
                    text.template("Export $count", count=count),
                    text.literal("File"),
                    text.literal("Write"),
                    value=f"trail-{timefmt.day(self.now)}.jsonl",
                    check=problem,
                    message=text.literal(
                        f"Those {scope}, oldest first, one CloudTrail record a line. The file "
                        "opens for you alone."
                    ),
                )
            )
        if typed:
            path = await self.console.caller.run(write, typed, chosen)
            self.console.main.say(
                text.template(
                    "[$ok]✓[/] Wrote $count to [b]$path[/]",
                    count=text.plural(len(chosen), "event"),
                    path=str(path),
                )
            )

    def _time(self, event: TrailEvent) -> Content:
        recent = self.now - event.when < _YEAR_LEFT_OUT
        shown = f"{event.when:%-d %b %H:%M:%S}" if recent else f"{event.when:%Y-%m-%d %H:%M}"
        return text.literal(shown.rjust(15) if recent else shown, "$muted")

    def _cell_name(self, event: TrailEvent) -> Content:
        return text.literal(event.name, "$muted" if event.lookup else "")

    def _key(self, event: TrailEvent) -> Content:
        label = event.label(self.naming)
        return text.mask(label) if self.console.masked else text.literal(label)

    def _who(self, event: TrailEvent) -> Content:
        style = "italic $muted" if event.service else "$muted"
        return text.mask(event.who) if self.console.masked else text.literal(event.who, style)

    def _region(self, event: TrailEvent) -> Content:
        return text.literal(event.region, "$muted")

    def _request(self, event: TrailEvent) -> Content:
        return text.literal(short_id(event.request_id), "$muted")
