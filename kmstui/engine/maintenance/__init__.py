"""What the engine does by itself at unlock and every minute while unlocked.

Each of its jobs is a module: destroying keys whose waiting period is over, rotating keys whose
period is.
"""

from __future__ import annotations

from typing import Final

from kmstui.core.clock import BACKWARDS_ALARM
from kmstui.engine.core import OWN_SOURCE, Core
from kmstui.engine.maintenance.deletions import destroy_due
from kmstui.engine.maintenance.expiries import delete_expired
from kmstui.engine.maintenance.rotations import rotate_due
from kmstui.engine.maintenance.run import Job, Run
from kmstui.keystore import Verification
from kmstui.trail.event import service_event

KEEP_UP_LINES: Final = 10_000
"""Durable trail lines after which the keystore is told where the trail is.

What comes after the stored position is read again at the next opening, and is what could be cut
off the trail unseen; calls that change nothing do not move it.
"""

JOBS: Final[tuple[Job, ...]] = (destroy_due, delete_expired, rotate_due)
"""What a due key is given to, in this order; each job looks at the key as the last one left it."""


def maintain(core: Core) -> list[str]:
    """Do what is due, keep up with the trail, and return the ARNs of the destroyed keys.

    Does nothing while locked, and nothing before every row has been verified.

    Raises:
        KmsError: The keystore or the trail cannot be written; what was done is recorded.
    """
    run = Run(core)
    try:
        with core.lock:
            if core.keystore.verification is not Verification.VERIFIED or not core.hsm.unlocked:
                return []
            if core.unscrubbed:
                core.scrub()
            _do_due(run)
            _keep_up(core)
    finally:
        for event in run.announced:
            core.publish(event)
    return run.destroyed


def _do_due(run: Run) -> None:
    core = run.core
    for due in core.keystore.due_keys():
        if due.when > core.now():
            break
        for job in JOBS:
            key = core.keystore.key(due.account, due.region, due.key_id)
            if key is not None:
                job(run, key)


def _keep_up(core: Core) -> None:
    """Store the trail's position, account time and last uses after many calls without a change."""
    behind = core.require_trail().synced.sequence - core.keystore.head.trail.sequence
    if behind >= KEEP_UP_LINES:
        core.store_position()


def note_clock(core: Core) -> None:
    """Record that the wall clock is behind account time, if it is by more than a minute."""
    with core.lock:
        behind = core.behind()
        if behind <= BACKWARDS_ALARM:
            return
        head = core.keystore.head
        core.require_trail().append(
            service_event(
                event_id=core.host.ids.uuid(),
                when=core.now(),
                name="ClockWentBack",
                region=head.region,
                account=head.account,
                details={"Seconds": int(behind.total_seconds())},
                source=OWN_SOURCE,
            )
        )
