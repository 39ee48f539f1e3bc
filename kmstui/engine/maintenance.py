"""What the engine does by itself: destroying keys whose waiting period is over.

Runs at unlock and every minute while unlocked. In a production keystore a key is destroyed only
when its date has passed *and* it was seen to be due at least an hour of boot time ago, so that a
clock set forward by mistake shortens nobody's waiting period.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kmstui.core.clock import BACKWARDS_ALARM
from kmstui.core.limits import DESTRUCTION_SECOND_LOOK_SECONDS
from kmstui.engine.core import OWN_SOURCE, Core
from kmstui.engine.status import EngineEvent
from kmstui.keystore import Verification
from kmstui.keystore.records import KeyRecord, KeyState
from kmstui.trail.event import service_event

KEEP_UP_LINES: Final = 10_000
"""Durable trail lines after which the keystore is told where the trail is.

What comes after the stored position is read again at the next opening, and is what could be cut
off the trail unseen; calls that change nothing do not move it.
"""


def maintain(core: Core) -> list[str]:
    """Destroy what is due, keep up with the trail, and return the ARNs of the destroyed keys.

    Does nothing while locked, and nothing before every row has been verified.

    Raises:
        KmsError: The keystore or the trail cannot be written; what was done is recorded.
    """
    destroyed: list[str] = []
    events: list[EngineEvent] = []
    try:
        with core.lock:
            if core.keystore.verification is not Verification.VERIFIED or not core.hsm.unlocked:
                return []
            if core.unscrubbed:
                core.scrub()
            for due in core.keystore.due_keys():
                if due.when > core.now():
                    break
                key = core.keystore.key(due.account, due.region, due.key_id)
                if key is not None and _is_due(core, key) and _may_destroy(core, key):
                    events.append(EngineEvent("service", "DeleteKey", resources=(key.arn,)))
                    _destroy(core, key)
                    destroyed.append(key.arn)
            _keep_up(core)
    finally:
        for event in events:
            core.publish(event)
    return destroyed


def _is_due(core: Core, key: KeyRecord) -> bool:
    """Ask the key itself: the index only says where to look."""
    date = key.deletion_date
    return key.state is KeyState.PENDING_DELETION and date is not None and date <= core.now()


def _keep_up(core: Core) -> None:
    """Store the trail's position, account time and last uses after many calls without a change."""
    behind = core.require_trail().synced.sequence - core.keystore.head.trail.sequence
    if behind >= KEEP_UP_LINES:
        core.store_position()


def _may_destroy(core: Core, key: KeyRecord) -> bool:
    """Take the second look, or note the first."""
    if core.keystore.head.training:
        return True
    boot = core.host.clock.boot()
    seen = key.deletion_due_seen
    if seen is not None and seen <= boot:
        return boot - seen >= DESTRUCTION_SECOND_LOOK_SECONDS
    _record_first_look(core, replace(key, deletion_due_seen=boot))
    return False


def _record_first_look(core: Core, key: KeyRecord) -> None:
    event_id = core.host.ids.uuid()
    event = service_event(
        event_id=event_id,
        when=core.now(),
        name="KeyDeletionDue",
        region=key.region,
        account=key.account,
        details={"KeyId": key.arn},
        resources=(key.arn,),
        source=OWN_SOURCE,
    )
    with core.keystore.begin() as changes:
        changes.put_key(key)
        core.commit(changes, event_id, event)


def _destroy(core: Core, key: KeyRecord) -> None:
    """Remove the key, its material and its aliases, and scrub the write-ahead log."""
    event_id = core.host.ids.uuid()
    event = service_event(
        event_id=event_id,
        when=core.now(),
        name="DeleteKey",
        region=key.region,
        account=key.account,
        details={"KeyId": key.arn},
        resources=(key.arn,),
    )
    core.usage.pop(key.arn, None)
    with core.keystore.begin() as changes:
        changes.delete_key(key.account, key.region, key.key_id)
        core.commit(changes, event_id, event)
    core.scrub()


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
