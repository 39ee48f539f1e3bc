"""Driving the key list: waiting for the roster, and looking at rows."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from kmstui.tui.app import KmsApp
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.key_commands import KeyCommands
from kmstui.tui.places.keys.roster import Roster, roster_of
from tests.helpers.console import settle

_READING = frozenset({"bulk", "first-page", "go", "keys", "refill", "refresh"})
"""Groups of workers that end by themselves."""


def console_of(pilot: Pilot[None]) -> KmsApp:
    """Return the application by its own type."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    return app


def roster(pilot: Pilot[None]) -> Roster:
    """Return the roster."""
    return roster_of(console_of(pilot))


async def ready(pilot: Pilot[None]) -> None:
    """Wait until every key is read and every change that the engine told of is, too."""
    for _ in range(400):
        await settle(pilot)
        running = any(each.is_running and each.group in _READING for each in pilot.app.workers)
        if roster(pilot).idle and not running:
            break


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, waiting for what each of them starts."""
    for key in keys:
        await pilot.press(key)
        await ready(pilot)


async def spell(pilot: Pilot[None], typed: str) -> None:
    """Type text into the field that has the focus."""
    named = {
        " ": "space",
        "-": "minus",
        "/": "slash",
        ":": "colon",
        "=": "equals_sign",
        ">": "greater_than_sign",
        "*": "asterisk",
        "(": "left_parenthesis",
        ".": "full_stop",
    }
    await pilot.press(*(named.get(character, character) for character in typed))
    await ready(pilot)


def shown(pilot: Pilot[None]) -> KeyCommands[Any]:
    """Return the list that shows."""
    view = console_of(pilot).main.view
    assert isinstance(view, KeyCommands)
    return view


def labels(pilot: Pilot[None]) -> list[str]:
    """Return what the rows' keys are called, in the order shown."""
    view = shown(pilot)
    return [view.key_of(view.table.row(key)).label for key in view.table.visible_keys()]


def cursor(pilot: Pilot[None]) -> str:
    """Return what the key under the cursor is called."""
    view = shown(pilot)
    row = view.table.cursor_row
    return "" if row is None else view.key_of(row).label


def key(pilot: Pilot[None], label: str) -> KeySummary:
    """Return the key of a name."""
    return next(each for each in roster(pilot).keys if each.label == label)


async def put_cursor(pilot: Pilot[None], *names: str, mark: bool = False) -> None:
    """Put the cursor on rows by their keys' names, one after the other, and mark them if asked."""
    table = shown(pilot).table
    for label in names:
        assert table.move_to(key(pilot, label).arn)
        if mark:
            table.action_toggle_mark()
        await ready(pilot)
