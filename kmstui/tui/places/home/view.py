"""The first view of Home: what needs somebody, what time will bring, and what was done last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kmstui.core.errors import KeystoreLockedError, KmsError, SessionError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope
from kmstui.tui.place import Route, View
from kmstui.tui.places.home.model import Picture, columns
from kmstui.tui.places.keys.actions import account_time
from kmstui.tui.places.keys.roster import roster_of
from kmstui.tui.places.trail.events import TrailEvent
from kmstui.tui.places.trail.news import hear
from kmstui.tui.text import Content
from kmstui.tui.widgets.link_list import LinkList

if TYPE_CHECKING:
    from kmstui.engine.status import EngineStatus

_WIDE = 120
_CALLS_READ = 100
_REFUSALS_READ = 200
_PAUSE = 0.1
"""Seconds that events are collected before everything is read again."""

_PATTERN = "alias-pattern"


class HomeView(View):
    """Shows the account at a glance; every line leads somewhere."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LINES,)
    STYLES = Path(__file__).with_name("home.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "column(1)", show=False),
        Binding("left,h", "column(0)", show=False),
    ]

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self._pattern = ""
        self._refused: list[TrailEvent] = []
        self._calls: list[TrailEvent] = []
        self._status: EngineStatus | None = None
        self._stale = False
        self._waiting = False
        self._leave: list[Callable[[], object]] = []

    def compose(self) -> ComposeResult:
        """Lay out the two columns."""
        yield LinkList(id="left")
        yield LinkList(id="right")

    def on_mount(self) -> None:
        """Read, and hear of what happens from now on."""
        self._leave.append(roster_of(self.console).listen(lambda _change: self._paint()))
        self.run_worker(self._begin(), group="home")

    def on_unmount(self) -> None:
        """Hear no more."""
        for leave in self._leave:
            leave()

    async def _begin(self) -> None:
        self._leave.append(await hear(self.console, self._news))
        await self.refresh_data()

    @property
    def left(self) -> LinkList:
        """The first column."""
        return self.query_one("#left", LinkList)

    @property
    def right(self) -> LinkList:
        """The second column; empty where there is no room for it."""
        return self.query_one("#right", LinkList)

    @property
    def note(self) -> Content:
        """Say whose account it is."""
        session = self.console.session
        if session is None:
            return text.literal("")
        account = session.account
        return text.mask(account) if self.console.masked else text.literal(account, "$muted")

    def focus_first(self) -> None:
        """Focus the first column; read what happened while another view was shown."""
        self.left.focus(scroll_visible=False)
        if self._stale:
            self._read_soon()

    async def refresh_data(self) -> None:
        """Read keys, settings, the trail's newest part and the engine's condition."""
        self._stale = False
        console = self.console
        try:
            await roster_of(console).load()
            settings = await console.fetch("kmstui:GetSettings")
            self._pattern = str(settings.get("Settings", {}).get(_PATTERN, ""))
            newest = await console.fetch("kmstui:ReadTrail", Limit=_CALLS_READ)
            refused = await console.fetch(
                "kmstui:ReadTrail", Limit=_REFUSALS_READ, OnlyErrors=True
            )
            self._status = await console.caller.run((await console.door()).status)
        except KmsError as error:
            if not isinstance(error, KeystoreLockedError | SessionError):
                console.tell(Outcome("Home", "", "", error))
            return
        self._calls = [event for event in _events(newest) if not event.lookup]
        self._refused = _events(refused)
        self._paint()

    def _news(self) -> None:
        self._stale = True
        if self.is_mounted and self.display:
            self._read_soon()

    def _read_soon(self) -> None:
        """Read again once what happens in a row has happened."""
        if not self._waiting:
            self._waiting = True
            self.set_timer(_PAUSE, self._read_now)

    def _read_now(self) -> None:
        self._waiting = False
        if not self.console.locked:
            self.run_worker(self.refresh_data(), group="home")

    def on_resize(self, event: events.Resize) -> None:
        """Use one column or two."""
        del event
        self.set_class(self._two, "-two")
        self._paint()

    @property
    def _two(self) -> bool:
        return self.console.size.width >= _WIDE

    def tick(self) -> None:
        """Write the countdowns anew."""
        self._paint()

    def mask_changed(self) -> None:
        """Hide or show names."""
        self._paint()
        self.console.main.sync()

    def _paint(self) -> None:
        if not self.is_mounted or self._status is None:
            return
        left, right = columns(self._picture(), wide=self._two, rows=self.size.height)
        self.left.set_lines(left)
        self.right.set_lines(right)

    def _picture(self) -> Picture:
        roster = roster_of(self.console)
        return Picture(
            keys=roster.keys,
            complete=roster.complete,
            pattern=self._pattern,
            refused=self._refused,
            calls=self._calls,
            status=self._status,
            now=account_time(self.console),
            masked=self.console.masked,
            naming=self._naming,
        )

    def _naming(self, arn: str) -> str:
        key = roster_of(self.console).get(arn)
        return key.alias if key is not None else ""

    def action_column(self, column: int) -> None:
        """Go to a column, if there is something in it."""
        links = self.right if column else self.left
        if links.target:
            links.focus(scroll_visible=False)

    @on(LinkList.Opened)
    async def _opened(self, event: LinkList.Opened) -> None:
        event.stop()
        kind, _, argument = event.target.partition(" ")
        routes = {
            "key": Route("keys", "key", argument),
            "event": Route("trail", "event", argument),
            "deletions": Route("keys", "deletions"),
            "rotation": Route("keys", "rotation"),
            "create": Route("keys", "create"),
            "strays": Route("keys", "aliases"),
            "keys": Route("keys"),
            "trail": Route("trail"),
            "refusals": Route("trail"),
            "settings": Route("settings"),
        }
        if kind == "backup":
            await self.console.shell.do_backup("")
            return
        view = await self.console.go(routes[kind])
        await _ask(view, kind, argument)


async def _ask(view: View, kind: str, argument: str) -> None:
    """Have the view that was opened show just what the line spoke of."""
    from kmstui.tui.places.keys.key_commands import KeyCommands  # noqa: PLC0415 - loaded by then
    from kmstui.tui.places.settings.view import SettingsView  # noqa: PLC0415 - loaded by then
    from kmstui.tui.places.trail.view import TrailView  # noqa: PLC0415 - loaded by then

    if isinstance(view, KeyCommands) and kind in {"keys", "strays"}:
        view.do_filter("name:deviates" if kind == "strays" else argument)
    elif isinstance(view, TrailView) and kind == "refusals":
        await view.show_refusals()
    elif isinstance(view, SettingsView):
        view.show_section(argument)


def _events(answer: dict[str, object]) -> list[TrailEvent]:
    records = answer.get("Events")
    listed = records if isinstance(records, list) else []
    return [TrailEvent.read(each) for each in listed if "eventName" in each]
