"""Driving lists of lines that lead somewhere."""

from __future__ import annotations

from textual.pilot import Pilot

from kmstui.tui.app import KmsApp
from kmstui.tui.widgets.link_list import LinkList
from tests.helpers.console import settle


def app_of(pilot: Pilot[None]) -> KmsApp:
    """Return the application by its own type."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    return app


def links(pilot: Pilot[None], selector: str) -> LinkList:
    """Return a list of the view shown."""
    view = app_of(pilot).main.view
    assert view is not None
    return view.query_one(selector, LinkList)


def targets(pilot: Pilot[None], selector: str) -> list[str]:
    """Return where the lines of a list lead."""
    return [line.target for line in links(pilot, selector).lines if line.target]


async def open_line(pilot: Pilot[None], selector: str, target: str) -> None:
    """Put the cursor on a line and press enter."""
    shown = links(pilot, selector)
    shown.highlighted = [line.target for line in shown.lines].index(target)
    shown.focus()
    await pilot.press("enter")
    await settle(pilot)


async def until_ready(pilot: Pilot[None], *groups: str) -> None:
    """Wait until the workers of some groups have ended."""
    app = app_of(pilot)
    for _ in range(400):
        await settle(pilot)
        busy = [worker for worker in app.workers if worker.group in groups and worker.is_running]
        if not busy:
            return
        await pilot.pause(0.01)
