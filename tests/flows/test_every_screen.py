"""Every screen there is, over an account of hostile strings: nothing raises, nothing fires.

Screens are found in the registry of places and in the command table, so that a new one is covered
by being there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle

import pytest
from rich.segment import Segment
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from kmstui.core.clock import FakeClock
from kmstui.core.secret import Secret
from kmstui.engine import Engine
from kmstui.tui.app import KmsApp
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import Command, Scope
from kmstui.tui.launch import Door, Launch
from kmstui.tui.place import Route, places
from kmstui.tui.places.access.policies.model import KEY_POLICY, PolicyRef
from kmstui.tui.places.keys.detail.tab_strip import NAMES
from tests.flows.conftest import Planted
from tests.helpers.console import settle
from tests.helpers.demo_console import TODAY, running
from tests.helpers.engines import PASSPHRASE
from tests.helpers.hostile import FORBIDDEN
from tests.helpers.hostile_account import PAYLOADS, marked

SIZES = ((60, 16), (80, 24), (120, 40))
STORM = ((200, 50), (20, 5), (1, 1), (300, 10), (80, 24))
"""Sizes a window may be dragged through, some of them below what is supported."""

LEAVING = frozenset({"quit", "lock"})
"""Commands that end a session: they have tests of their own."""

MOST = 60
"""Marks that must have been seen where every string is shown; long ones are cut on the way."""

_MARK = re.compile(r"Mk\d\d(?==)")
_PLANTED_ACTIONS = ("app.quit", "app.boom")


class HostileApp(KmsApp):
    """A console that remembers whether something of a payload was carried out."""

    fired = False

    def action_boom(self, *_: object) -> None:
        """Be what a payload wants to run."""
        self.fired = True


def hostile_console(hostile: Planted) -> HostileApp:
    """Make a console, signed in; its very location is hostile."""
    clock = FakeClock(TODAY)

    def open_engine() -> Door:
        return Engine.open(hostile.store.keystore, host=hostile.store.host(clock))

    app = HostileApp(
        Launch(
            open_engine=open_engine,
            location="~/" + "".join(PAYLOADS[:40]),
            training=True,
            sign_in=lambda door: door.unlock(Secret.from_text(PASSPHRASE)),
            clock=clock,
            idle_lock=None,
            ticking=False,
            greeting=" ".join(PAYLOADS),
            start="keys",
        )
    )
    app.animation_level = "none"
    return app


def segments(app: KmsApp) -> Iterator[Segment]:
    """Yield what every widget of the screen paints."""
    for widget in (app.screen, *app.screen.query("*")):
        if widget.display and widget.region.area:
            for strip in widget.render_lines(widget.region.reset_offset):
                yield from strip


def assert_harmless(app: HostileApp, where: str) -> set[str]:
    """Assert that the screen paints no character a terminal obeys, no planted action, no link.

    Returns the marks of the hostile strings that are on it.

    Args:
        app: The console.
        where: What it shows, for the failure.
    """
    marks: set[str] = set()
    for text, style, _ in segments(app):
        marks.update(_MARK.findall(text))
        assert not FORBIDDEN.search(text), f"{where}: {text!r}"
        if style is not None:
            assert not style.link, f"{where}: {text!r} is a link"
            actions = str(style.meta.get("@click", ""))
            assert not any(each in actions for each in _PLANTED_ACTIONS), f"{where}: {text!r}"
    assert not app.fired
    assert app.is_running
    return marks


def routes(hostile: Planted, typed: int) -> Iterator[Route]:
    """Yield every view of every place, each with what it may be asked to show.

    Args:
        hostile: The account.
        typed: How many hostile arguments each view gets that takes one from a person.
    """
    texts = cycle(range(len(PAYLOADS)))
    known = {
        ("keys", "key"): [
            *(f"{hostile.account.full}#{tab}" for tab in NAMES),
            *(f"{arn}#try-it" for arn in hostile.account.kinds.values()),
            *(f"{hostile.account.imported}#{tab}" for tab in ("overview", "material")),
        ],
        ("keys", "import"): [hostile.account.imported],
        ("keys", "rewrap"): [hostile.account.full],
        ("keys", "public-key"): [hostile.account.kinds["SIGN_VERIFY"]],
        ("keys", "policy"): [hostile.account.full],
        ("trail", "event"): ["1", "400", "700"],
        ("access", "policy"): [_policy(hostile), hostile.account.inline],
        ("access", "edit"): [hostile.account.inline],
        ("access", "principal"): [hostile.account.user],
    }
    for spec in places():
        for view in spec.views:
            arguments = known.get((spec.id, view), [""])
            if view and (spec.id, view) != ("trail", "event"):
                arguments = [*arguments, *(marked(next(texts)) for _ in range(typed))]
            for argument in arguments:
                yield Route(spec.id, view, argument)


async def close_dialogs(pilot: Pilot[None]) -> None:
    """Leave every dialog by `esc`."""
    for _ in range(12):
        if len(pilot.app.screen_stack) <= 1:
            return
        await pilot.press("escape")
        await settle(pilot)
    raise AssertionError(f"{pilot.app.screen} does not close")


async def paste_everywhere(pilot: Pilot[None], app: HostileApp, texts: Iterator[int]) -> None:
    """Paste a hostile string into every field that shows."""
    for field in app.screen.query("Input, TextArea"):
        if isinstance(field, Input | TextArea) and field.region.area and not field.disabled:
            field.focus()
            field.post_message(events.Paste(marked(next(texts))))
    await settle(pilot)


def arguments_of(command: Command, texts: Iterator[int]) -> list[str]:
    """Return what a command is tried with: nothing, and a hostile argument if it takes one."""
    return ["", marked(next(texts))] if command.argument else [""]


class TestEveryView:
    """Each view of each place."""

    @pytest.mark.parametrize("size", SIZES)
    async def test_shows_hostile_strings_as_text(
        self, hostile: Planted, size: tuple[int, int]
    ) -> None:
        """At each size every view shows hostile data, arguments and pastes as what they are."""
        app = hostile_console(hostile)
        texts = cycle(range(len(PAYLOADS)))
        marks: set[str] = set()
        async with running(app, size) as pilot:
            for route in routes(hostile, typed=2):
                await app.go(route)
                await settle(pilot)
                marks |= assert_harmless(app, f"{route} at {size}")
                await paste_everywhere(pilot, app, texts)
                assert_harmless(app, f"{route} with pastes at {size}")
            await app.lock("Locked by [@click=app.boom]x[/] \x1b[31m")
            await pilot.pause()
            assert_harmless(app, f"the lock screen at {size}")
        assert len(marks) >= MOST

    @pytest.mark.parametrize("size", SIZES[1:])
    async def test_lists_scroll_over_hostile_rows(
        self, hostile: Planted, size: tuple[int, int]
    ) -> None:
        """Every row of every list, and the preview of each key, is painted as text."""
        app = hostile_console(hostile)
        marks: set[str] = set()
        async with running(app, size) as pilot:
            for view in ("", "deletions", "rotation", "aliases"):
                await app.go(Route("keys", view))
                await settle(pilot)
                for _ in range(len(PAYLOADS) + 1 if not view else 10):
                    await pilot.press("down" if not view else "pagedown")
                    marks |= assert_harmless(app, f"keys {view} at {size}")
        assert len(marks) >= MOST

    async def test_survives_a_storm_of_sizes(self, hostile: Planted) -> None:
        """Every view is dragged through sizes, supported and not, without raising."""
        app = hostile_console(hostile)
        async with running(app, (80, 24)) as pilot:
            for route in routes(hostile, typed=0):
                await app.go(route)
                for columns, rows in STORM:
                    await pilot.resize_terminal(columns, rows)
                await settle(pilot)
                assert_harmless(app, str(route))


class TestEveryCommand:
    """Each command of the table, and the dialog it opens."""

    @pytest.mark.parametrize(
        "scope",
        [scope for scope in Scope if scope is not Scope.DIALOG],
        ids=lambda each: each.name,
    )
    async def test_answers_hostile_strings(self, hostile: Planted, scope: Scope) -> None:
        """Wherever a command is offered it opens its dialog, or refuses, and nothing acts."""
        app = hostile_console(hostile)
        texts = cycle(range(len(PAYLOADS)))
        async with running(app, (80, 24)) as pilot:
            for route in ROUTES_OF.get(scope, (Route("keys"),)):
                where = _about(route, hostile)
                for command in COMMANDS:
                    if scope not in command.scopes or command.id in LEAVING:
                        continue
                    for argument in arguments_of(command, texts):
                        await app.go(where)
                        await settle(pilot)
                        app.perform(command, argument)
                        await settle(pilot)
                        assert_harmless(app, f"{command.id} {argument!r}")
                        await paste_everywhere(pilot, app, texts)
                        assert_harmless(app, f"{command.id} with pastes")
                        await close_dialogs(pilot)


ROUTES_OF = {
    Scope.GLOBAL: (Route("keys", "key"),),
    Scope.LIST: (Route("keys"), Route("keys", "aliases"), Route("trail")),
    Scope.KEYS: (Route("keys"),),
    Scope.KEY: (Route("keys", "key"),),
    Scope.KEY_LABELS: (Route("keys", "key"),),
    Scope.KEY_ACCESS: (Route("keys", "key", "access"),),
    Scope.KEY_MATERIAL: (Route("keys", "key", "imported"),),
    Scope.TRY_IT: (Route("keys", "key", "try-it"),),
    Scope.TRY_ENCRYPT: (Route("keys", "key", "try-it"),),
    Scope.TRY_DATA_KEY: (Route("keys", "key", "try-it"),),
    Scope.TRY_SIGN: (Route("keys", "key", "SIGN_VERIFY"),),
    Scope.TRY_MAC: (Route("keys", "key", "GENERATE_VERIFY_MAC"),),
    Scope.TRY_AGREE: (Route("keys", "key", "KEY_AGREEMENT"),),
    Scope.TRY_ENCAPSULATE: (Route("keys", "key", "ENCAPSULATE_DECAPSULATE"),),
    Scope.PUBLIC_KEY: (Route("keys", "public-key", "SIGN_VERIFY"),),
    Scope.GRANTS: (Route("grants"),),
    Scope.GRANT: (Route("grants"),),
    Scope.EDITOR: (Route("keys", "policy"),),
    Scope.POLICY_EDITOR: (Route("keys", "policy"),),
    Scope.ACCESS: (Route("access"), Route("access", "principals")),
    Scope.POLICY: (Route("access"), Route("access", "policy")),
    Scope.PRINCIPAL: (Route("access", "principals"), Route("access", "principal")),
    Scope.SIMULATOR: (Route("access", "simulator"),),
    Scope.TRAIL: (Route("trail"),),
    Scope.EVENT: (Route("trail", "event", "700"),),
    Scope.LINES: (Route("home"), Route("settings")),
    Scope.WIZARD: (
        Route("keys", "create-options"),
        Route("keys", "import"),
        Route("keys", "rewrap"),
    ),
}
"""Where the commands of a scope are tried."""


def _about(route: Route, hostile: Planted) -> Route:
    """Have a key's page, its policy and a user's page be those that have everything."""
    kinds, full = hostile.account.kinds, hostile.account.full
    arguments = {
        ("access", "policy"): _policy(hostile),
        ("access", "principal"): hostile.account.user,
        ("keys", "policy"): full,
        ("keys", "import"): hostile.account.imported,
        ("keys", "rewrap"): full,
        ("keys", "public-key"): kinds.get(route.argument, full),
    }
    known = arguments.get((route.place, route.view))
    if known is not None:
        return Route(route.place, route.view, known)
    if (route.place, route.view) != ("keys", "key"):
        return route
    if route.argument == "imported":
        return Route(route.place, route.view, f"{hostile.account.imported}#material")
    if route.argument in kinds:
        return Route(route.place, route.view, f"{kinds[route.argument]}#try-it")
    return Route(route.place, route.view, f"{full}#{route.argument}")


def _policy(hostile: Planted) -> str:
    """Return the argument of the page of the policy that has every string."""
    return PolicyRef(KEY_POLICY, hostile.account.full).argument(2)
