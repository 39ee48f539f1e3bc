"""The page of one key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.widgets import Static

from kmstui.core.errors import KeystoreLockedError, KmsError, UsageError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.commands import Scope, Subject
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.place import Route
from kmstui.tui.places.keys import actions, copying, labels
from kmstui.tui.places.keys.barred import subject_of
from kmstui.tui.places.keys.detail.access.pane import AccessPane
from kmstui.tui.places.keys.detail.activity import ActivityPane
from kmstui.tui.places.keys.detail.facts import KeyFacts, read_facts, with_last_use
from kmstui.tui.places.keys.detail.material.pane import MaterialPane
from kmstui.tui.places.keys.detail.opening import explain, read_across_regions
from kmstui.tui.places.keys.detail.overview import OverviewPane, summary_chip
from kmstui.tui.places.keys.detail.pane import Pane
from kmstui.tui.places.keys.detail.tab_strip import NAMES, TabStrip
from kmstui.tui.places.keys.detail.try_it.pane import TryItPane
from kmstui.tui.places.keys.material_handlers import MaterialHandlers
from kmstui.tui.places.keys.neighbours import listed, neighbour, order, standing
from kmstui.tui.places.keys.wording import LeftOut, name
from kmstui.tui.text import Content

_PANES: dict[str, type[Pane]] = {
    "overview": OverviewPane,
    "access": AccessPane,
    "material": MaterialPane,
    "activity": ActivityPane,
    "try-it": TryItPane,
}
ACCESS, MATERIAL, TRY_IT = "access", "material", "try-it"


def key_route(arn: str, tab: str = "") -> Route:
    """Return the route of a key's page.

    Args:
        arn: The key's ARN.
        tab: The tab to show, such as ``try-it``; the one shown last if empty.
    """
    return Route("keys", "key", f"{arn}#{tab}" if tab else arn)


class KeyView(MaterialHandlers):
    """Five tabs about one key.

    The route's argument is the key's ARN, with the tab to show after a ``#``.

    Args:
        route: Where the view is.
    """

    SCOPES = (Scope.KEY,)
    STYLES = Path(__file__).with_name("key.tcss")

    def __init__(self, route: Route) -> None:
        arn, _, tab = route.argument.partition("#")
        super().__init__(Route(route.place, route.view, arn))
        self.tab = tab if tab in NAMES else NAMES[0]
        self.facts: KeyFacts | None = None
        self._panes: dict[str, Pane] = {}
        self._order: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        """Lay out the tabs, their contents, and the place for an explanation."""
        yield TabStrip()
        yield Container(id="panes")
        with VerticalScroll(id="unavailable"):
            yield Static(id="explanation")

    async def on_mount(self) -> None:
        """Read the key before the view is shown, so that every command finds it."""
        await self.refresh_data()

    @property
    def key(self) -> KeySummary | None:
        """The key, once it has been read."""
        return self.facts.key if self.facts is not None else None

    @property
    def pane(self) -> Pane | None:
        """The tab shown, once the key has been read."""
        return self._panes.get(self.tab)

    @property
    def crumb(self) -> Content:
        """The key's name, or the end of its ARN."""
        label = self.key.label if self.key is not None else self.route.argument.rpartition("/")[2]
        return name(label, masked=self.console.masked)

    @property
    def note(self) -> Content:
        """Where the key stands in the list."""
        return text.literal(standing(self._order, self.route.argument), "$muted")

    @property
    def subject(self) -> Subject | None:
        """The key."""
        return subject_of(self.key) if self.key is not None else None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes of the page; which letters are free depends on the tab."""
        if self.tab == ACCESS:
            return (*self.SCOPES, Scope.KEY_ACCESS)
        own = (Scope.KEY_MATERIAL,) if self.tab == MATERIAL else ()
        return (*self.SCOPES, Scope.KEY_LABELS, *own)

    @property
    def revealed(self) -> bool:
        """Whether plaintext is on one of the tabs."""
        return any(pane.revealed for pane in self._panes.values())

    @property
    def _now(self) -> datetime:
        return actions.account_time(self.console)

    async def take(self, route: Route) -> bool:
        """Show another key, or another tab of this one, in this view."""
        if (route.place, route.view) != (self.route.place, self.route.view):
            return False
        arn, _, tab = route.argument.partition("#")
        self.tab = tab if tab in NAMES else self.tab
        if arn == self.route.argument and self.facts is not None:
            await self._show_tab()
            return True
        self.route = Route(route.place, route.view, arn)
        self.facts = None
        for pane in self._panes.values():
            pane.conceal()
        await self.refresh_data()
        return True

    async def refresh_data(self) -> None:
        """Read the key again, in its own Region; explain it if that is not possible."""
        try:
            await self._read()
        except KeystoreLockedError:
            return
        except KmsError as error:
            await self._refuse(error)
        self.console.main.sync()

    async def _read(self) -> None:
        arn = self.route.argument
        if self.facts is None:
            self.facts = await read_across_regions(self.console, arn)
        else:
            self.facts = await read_facts(self.console, self.facts.key.arn)
        self.route = Route(self.route.place, self.route.view, self.facts.key.arn)
        if self.route.argument not in self._order:
            self._order = listed(self.console)
        self.remove_class("-unavailable")
        shown = self.tab
        for tab, pane in self._panes.items():
            if tab == shown:
                await pane.show(self.facts)
            else:
                pane.facts = self.facts
        await self._show_tab(enter=not self._holds_focus())

    async def _refuse(self, error: KmsError) -> None:
        self.facts = None
        session = self.console.session
        if session is None:
            return
        said = explain(self.route.argument, error, session.account, session.region)
        self.query_one("#explanation", Static).update(said)
        self.add_class("-unavailable")
        self.query_one("#unavailable").focus()
        self.console.tell(Outcome("DescribeKey", self.route.argument, "", error))

    def _holds_focus(self) -> bool:
        focused = self.screen.focused
        return focused is not None and self.pane in focused.ancestors_with_self

    async def _show_tab(self, *, enter: bool = True) -> None:
        """Show the tab of :attr:`tab`, making it the first time.

        Args:
            enter: Whether to move the focus to where its work starts.
        """
        if self.facts is None:
            return
        if self.tab not in self._panes:
            pane = _PANES[self.tab](self.facts)
            pane.display = False
            self._panes[self.tab] = pane
            await self.query_one("#panes").mount(pane)
            await pane.load()
        for tab, pane in self._panes.items():
            pane.display = tab == self.tab
            if tab != self.tab:
                pane.conceal()
        self._paint()
        if enter and self.display and self.screen.is_current:
            self.focus_first()
        self.console.main.sync()

    async def _switch(self, tab: str) -> None:
        self.tab = tab
        if self.facts is not None and tab in self._panes:
            self._panes[tab].facts = self.facts
            await self._panes[tab].arrive()
            self._panes[tab].paint()
        await self._show_tab()

    def _paint(self) -> None:
        strip = self.query_one(TabStrip)
        strip.tab = self.tab
        if self.key is not None:
            strip.state = summary_chip(self.key.state, self.key.deletion_date, self._now)

    def tick(self) -> None:
        """Count down, once there is something to show."""
        if not self.query(TabStrip):
            return
        self._paint()
        if self.tab == NAMES[0] and self.pane is not None:
            self.pane.paint()

    def mask_changed(self) -> None:
        """Hide or show what identifies the key."""
        for pane in self._panes.values():
            pane.paint()

    async def undone(self) -> None:
        """Read what the change that was taken back had changed."""
        await self.refresh_data()

    def conceal(self) -> None:
        """Drop plaintext and what was typed."""
        for pane in self._panes.values():
            pane.conceal()

    def focus_first(self) -> None:
        """Put the focus where the tab's work starts."""
        if self.pane is not None and self.pane.is_mounted:
            self.pane.entry().focus(scroll_visible=False)
        elif self.facts is None and self.has_class("-unavailable"):
            self.query_one("#unavailable").focus()

    def focus_rest(self) -> None:
        """Put the focus where letters are commands."""
        if self.pane is not None:
            self.pane.rest().focus(scroll_visible=False)

    def step_back(self) -> bool:
        """Undo one layer inside the tab."""
        return self.pane is not None and self.pane.step_back()

    @on(TabStrip.Chosen)
    async def _tab_clicked(self, event: TabStrip.Chosen) -> None:
        event.stop()
        await self._switch(event.tab)

    async def do_tab(self, argument: str) -> None:
        """Show a tab by its name, or the beginning of it."""
        typed = argument.strip().lower()
        found = [tab for tab in NAMES if typed and tab.startswith(typed)]
        if not found:
            raise UsageError("There is no such tab.", hint=f"There are {', '.join(NAMES)}.")
        await self._switch(found[0])

    async def do_next_tab(self, _argument: str) -> None:
        """Show the next tab."""
        await self._switch(NAMES[(NAMES.index(self.tab) + 1) % len(NAMES)])

    async def do_previous_tab(self, _argument: str) -> None:
        """Show the previous tab."""
        await self._switch(NAMES[NAMES.index(self.tab) - 1])

    async def do_try_it(self, _argument: str) -> None:
        """Show Try-it, ready to type."""
        await self._switch(TRY_IT)

    async def do_access_policy(self, _argument: str) -> None:
        """Show the key policy."""
        await self._access("policy")

    async def do_access_matrix(self, _argument: str) -> None:
        """Show who may do what."""
        await self._access("matrix")

    async def do_access_grants(self, _argument: str) -> None:
        """Show the grants on the key."""
        await self._access("grants")

    async def _access(self, part: str) -> None:
        if isinstance(self.pane, AccessPane):
            await self.pane.display_part(part)

    async def do_edit_key_policy(self, _argument: str) -> None:
        """Open the editor on the key policy."""
        await self.console.go(Route("keys", "policy", self.route.argument))

    async def do_lookups(self, _argument: str) -> None:
        """Show or hide, on the Activity tab, the calls that only looked at the key."""
        if not isinstance(self.pane, ActivityPane):
            await self._switch("activity")
        if isinstance(self.pane, ActivityPane):
            self.pane.toggle_lookups()

    async def do_next_key(self, _argument: str) -> None:
        """Show the next key of the list."""
        await self._step(1)

    async def do_previous_key(self, _argument: str) -> None:
        """Show the previous key of the list."""
        await self._step(-1)

    async def _step(self, by: int) -> None:
        if self.route.argument not in self._order:
            self._order = await order(self.console, self.route.argument)
        arn = neighbour(self._order, self.route.argument, by)
        if arn is None:
            end = "last" if by > 0 else "first"
            raise UsageError(f"This is the {end} key of the list.")
        await self.console.go(key_route(arn))

    def meant(self) -> tuple[list[KeySummary], list[LeftOut]]:
        """Return the key."""
        return ([self.key] if self.key is not None else []), []

    async def after_deed(self, changed: Sequence[KeySummary]) -> None:
        """Read the key again."""
        del changed
        await self.refresh_data()

    async def do_create_key(self, _argument: str) -> None:
        """Go to creating a key."""
        await self.console.go(Route("keys", "create"))

    async def do_toggle_key(self, _argument: str) -> None:
        """Disable or enable the key, once confirmed."""
        await self._act(actions.toggle)

    async def do_schedule_deletion(self, _argument: str) -> None:
        """Schedule the key's deletion, once confirmed."""
        await self._act(actions.schedule_deletion)

    async def do_keep_key(self, _argument: str) -> None:
        """Cancel the key's deletion, once confirmed."""
        await self._act(actions.keep)

    async def _act(self, act: Callable[..., Awaitable[list[KeySummary]]]) -> None:
        if self.key is None:
            return
        # The question says when the key was last used: that may be since it was read.
        if await act(self.console, [await with_last_use(self.console, self.key)]):
            await self.refresh_data()

    async def do_edit_description(self, argument: str) -> None:
        """Change the description."""
        await self._label(labels.edit_description, argument)

    async def do_edit_tags(self, argument: str) -> None:
        """Change the tags."""
        await self._label(labels.edit_tags, argument)

    async def do_alias_add(self, argument: str) -> None:
        """Give the key one more name."""
        await self._label(labels.add_alias, argument)

    async def do_alias_move(self, argument: str) -> None:
        """Point one of the key's names at another key."""
        await self._label(labels.move_alias, argument)

    async def do_alias_remove(self, argument: str) -> None:
        """Take one of the key's names away."""
        await self._label(labels.remove_alias, argument)

    async def _label(self, change: Callable[..., Awaitable[bool]], argument: str) -> None:
        if self.key is not None and await change(self.console, self.key, argument):
            await self.refresh_data()

    async def do_raw(self, _argument: str) -> None:
        """Show the key as DescribeKey answers it."""
        if self.key is not None:
            await copying.show_json(self.console, self.key)

    async def do_copy(self, _argument: str) -> None:
        """Copy the policy on the Access tab; else ask what of the key to copy."""
        if isinstance(self.pane, AccessPane) and self.pane.policy:
            copying.copy(self.console, self.pane.policy, "the key policy")
        elif self.key is not None:
            await copying.copy_keys(self.console, [self.key])
