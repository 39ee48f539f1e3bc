"""How quickly the console answers at 100,000 keys.

A frame counts once its bytes are made as for a terminal; the terminal's own time is not in it.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot

from kmstui.core.clock import FakeClock
from kmstui.core.secret import Secret
from kmstui.engine import Engine
from kmstui.tui.app import KmsApp
from kmstui.tui.launch import Door, Launch
from kmstui.tui.places.keys.listing import ListView
from kmstui.tui.widgets.virtual_table import VirtualTable
from tests._textual_private import paint_as_often, watch_frames
from tests.bench.conftest import MANY, Say
from tests.helpers.engines import PASSPHRASE, START, Bench

QUERIES = ("payments", "service4711", "prod identity", "state:enabled", "tag:owner=fleet", "zzz")
ROUNDS = 5
PATIENCE = 30.0
_NAMED = {" ": "space", ":": "colon", "=": "equals_sign"}
_TYPED = {name: character for character, name in _NAMED.items()}


@pytest.fixture(autouse=True)
def as_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint as often as the program does."""
    paint_as_often(monkeypatch)


class Frames:
    """Tells when a frame was painted that shows something awaited.

    It looks at each frame and never in between: a loop that asked without end would take the
    interpreter from the engine's threads and be measured instead of them.
    """

    def __init__(self, app: KmsApp) -> None:
        self._awaited: tuple[Callable[[], bool], asyncio.Future[float]] | None = None
        watch_frames(app, self._painted)

    def _painted(self) -> None:
        if self._awaited is not None:
            done, found = self._awaited
            if not found.done() and done():
                found.set_result(time.perf_counter())

    async def after(self, moment: float, done: Callable[[], bool]) -> float:
        """Return the seconds from a moment to the first frame at whose time something is so."""
        found = asyncio.get_running_loop().create_future()
        self._awaited = (done, found)
        async with asyncio.timeout(PATIENCE):
            painted: float = await found
        return painted - moment


@asynccontextmanager
async def opened(full: Bench) -> AsyncIterator[tuple[Pilot[None], KmsApp, Frames]]:
    """Run a console on the keystore of many keys, not signed in yet."""
    clock = FakeClock(START)

    def open_engine() -> Door:
        return Engine.open(full.directory, host=replace(full.host, clock=clock, background=True))

    app = KmsApp(
        Launch(
            open_engine=open_engine,
            location="~/keys",
            clock=clock,
            idle_lock=None,
            ticking=False,
            start="keys",
        )
    )
    app.animation_level = "none"
    async with app.run_test(size=(120, 40)) as pilot:
        frames = Frames(app)
        await app.door()
        # Signing in begins when a person has typed a passphrase; imports are long done by then.
        while app.caller.running or any(worker.is_running for worker in app.workers):
            await pilot.pause(0.05)
        try:
            yield pilot, app, frames
        finally:
            await app.close_engine()


def _list(app: KmsApp) -> ListView[Any] | None:
    """Return the list that shows, once it has its widgets."""
    if app.locked:
        return None
    return next((view for view in app.screen.query(ListView) if view.query(VirtualTable)), None)


async def _sign_in(app: KmsApp, frames: Frames) -> tuple[float, float]:
    """Sign in; return the seconds to the first screenful, in all and after the passphrase."""
    unlocked: list[float] = []
    door = await app.door()
    unlock = door.unlock

    def timed(passphrase: Secret) -> Any:
        session = unlock(passphrase)
        unlocked.append(time.perf_counter())
        return session

    door.unlock = timed  # type: ignore[method-assign]

    def has_rows() -> bool:
        view = _list(app)
        return view is not None and view.table.row_count >= view.table.size.height > 0

    began = time.perf_counter()
    signing = asyncio.ensure_future(app.unlock(Secret.from_text(PASSPHRASE)))
    found = await frames.after(began, has_rows)
    await signing
    return found, found - (unlocked[0] - began)


async def test_first_screenful(full: Bench, say: Say) -> None:
    """After unlock the first screenful of 100,000 keys is there within 100 ms."""
    found = []
    for _ in range(ROUNDS):
        async with opened(full) as (_, app, frames):
            found.append((await _sign_in(app, frames))[1])
            gc.unfreeze()
    found.sort()
    say(f"First screenful: median {found[ROUNDS // 2] * 1e3:.0f} ms, worst {found[-1] * 1e3:.0f}")
    assert found[ROUNDS // 2] <= 0.100


async def test_filter(full: Bench, say: Say) -> None:
    """Once all are read, 95 of 100 keystrokes in the filter are on the screen within 33 ms."""
    async with opened(full) as (pilot, app, frames):
        began = time.perf_counter()
        await _sign_in(app, frames)
        view = _list(app)
        assert view is not None
        await view.roster.settle()
        filled = time.perf_counter() - began
        await pilot.pause()
        assert view.table.row_count == MANY
        await pilot.press("slash")
        found: list[float] = []
        for query in QUERIES:
            keys = [_NAMED.get(character, character) for character in query]
            keys += ["backspace"] * len(keys)
            found += [await _keystroke(pilot, view, frames, key) for key in keys]
        found.sort()
    middle, high = found[len(found) // 2], found[len(found) * 95 // 100]
    say(
        f"Filled in {filled:.1f} s; keystroke to frame, {len(found)} of them: "
        f"median {middle * 1e3:.1f} ms, p95 {high * 1e3:.1f}, worst {found[-1] * 1e3:.1f}"
    )
    assert high <= 0.033
    assert filled <= 5


async def _keystroke(pilot: Pilot[None], view: ListView[Any], frames: Frames, key: str) -> float:
    """Press a key in the filter; return the seconds to the frame that shows what now passes."""
    applied: list[float] = []
    report = view.bar.report

    def reported(shown: int, total: int) -> None:
        report(shown, total)
        applied.append(time.perf_counter())

    view.bar.report = reported  # type: ignore[method-assign]
    # A pilot's own press asks every widget for a sign first, which a keyboard does not.
    pressed = Key(key, _TYPED.get(key, key if len(key) == 1 else None))
    try:
        began = time.perf_counter()
        pilot.app.post_message(pressed)
        found = await frames.after(began, lambda: bool(applied))
    finally:
        view.bar.report = report  # type: ignore[method-assign]
    await pilot.pause()
    return found
