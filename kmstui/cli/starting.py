"""How each verb starts the console: what it opens, and who is signed in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kmstui.tui.launch import Door, Launch, Session

if TYPE_CHECKING:
    from kmstui.engine import Engine

DEMO_GREETING = "A demo: move its clock with :warp 8d, undo it all with :reset, lock with ctrl+l."


def console_launch(directory: Path) -> Launch:
    """Return how to open the console on a keystore."""
    return Launch(open_engine=lambda: _engine(directory, "kmstui"), location=str(directory))


def demo_launch(directory: Path) -> Launch:
    """Return how to open the console on a demo keystore, signed in."""
    return Launch(
        open_engine=lambda: _engine(directory, "kmstui demo"),
        location=str(directory),
        training=True,
        sign_in=_sign_in_to_demo,
        idle_lock=None,
        greeting=DEMO_GREETING,
        start="keys",
    )


def _engine(directory: Path, what: str) -> Engine:
    # The first frame does not wait for the engine: this runs in a thread behind it.
    from kmstui.engine import Engine, Host

    return Engine.open(directory, host=Host.system(what))


def _sign_in_to_demo(door: Door) -> Session:
    from kmstui.engine.demo import demo_passphrase

    return door.unlock(demo_passphrase())
