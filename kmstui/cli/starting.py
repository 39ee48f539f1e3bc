"""How each verb starts the console: what it opens, and who is signed in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kmstui.tui.launch import Door, Launch, Onboarding, Session, Wish

if TYPE_CHECKING:
    from kmstui.core.secret import Secret
    from kmstui.engine import Engine
    from kmstui.engine import Session as EngineSession

DEMO_GREETING = "A demo: move its clock with :warp 8d, undo it all with :reset, lock with ctrl+l."


def console_launch(directory: Path, quota_scale: float | None = None) -> Launch:
    """Return how to open the console on a keystore."""
    return Launch(
        open_engine=lambda: _engine(directory, "kmstui", quota_scale), location=str(directory)
    )


def onboarding_launch(directory: Path, quota_scale: float | None = None) -> Launch:
    """Return how to make a keystore and then open the console on it."""
    from kmstui.cli.keystores import DEFAULT_ADMINISTRATOR, DEFAULT_REGION, random_account

    def create(wish: Wish, passphrase: Secret) -> tuple[Engine, EngineSession, Secret]:
        from kmstui.engine import Engine, Host
        from kmstui.engine.opening import NewKeystore
        from kmstui.hsm import DEFAULT

        new = NewKeystore(wish.account, wish.region, DEFAULT, administrator=wish.user_name)
        host = Host.system("kmstui", quota_scale=quota_scale)
        return Engine.create(directory, host=host, new=new, passphrase=passphrase)

    return Launch(
        open_engine=lambda: _engine(directory, "kmstui", quota_scale),
        location=str(directory),
        greeting="Your keystore is ready. Press n to create its first key.",
        start="keys",
        onboarding=Onboarding(
            Wish(random_account(), DEFAULT_REGION, DEFAULT_ADMINISTRATOR), create, pick_groups
        ),
    )


def pick_groups(count: int) -> tuple[int, int]:
    """Pick two different groups of so many, in order, by the system's randomness."""
    from kmstui.core.ids import SystemIds

    drawn = int(SystemIds().material_id(), 16)
    first, second = drawn % count, (drawn >> 128) % (count - 1)
    other = second + (second >= first)
    return min(first, other), max(first, other)


def demo_launch(directory: Path, quota_scale: float | None = None) -> Launch:
    """Return how to open the console on a demo keystore, signed in."""
    return Launch(
        open_engine=lambda: _engine(directory, "kmstui demo", quota_scale),
        location=str(directory),
        training=True,
        sign_in=_sign_in_to_demo,
        idle_lock=None,
        greeting=DEMO_GREETING,
        start="keys",
    )


def _engine(directory: Path, what: str, quota_scale: float | None) -> Engine:
    # The first frame does not wait for the engine: this runs in a thread behind it.
    from kmstui.engine import Engine, Host

    return Engine.open(directory, host=Host.system(what, quota_scale=quota_scale))


def _sign_in_to_demo(door: Door) -> Session:
    from kmstui.engine.demo import demo_passphrase

    return door.unlock(demo_passphrase())
