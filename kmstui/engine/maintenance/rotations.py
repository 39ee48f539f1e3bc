"""Rotating keys whose period is over."""

from __future__ import annotations

from kmstui.engine.maintenance.run import Run
from kmstui.keystore.records import KeyRecord
from kmstui.ops.kms.rotating import rotate_automatically, rotation_due


def rotate_due(run: Run, key: KeyRecord) -> None:
    """Rotate a key that is due: once, also after a time in which it would have been more often."""
    core = run.core
    due, now = rotation_due(key), core.now()
    if due is None or due > now:
        return
    with core.keystore.begin() as changes:
        event = rotate_automatically(changes, core.hsm, core.host.ids, key, now)
        core.commit(changes, event.event_id, event.event)
    run.announce("RotateKey", key)
