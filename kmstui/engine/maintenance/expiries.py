"""Deleting imported key material whose time is up.

The bytes go as those of a destroyed key do. The key stays, pending import, until the same material
is imported again; material that waited for rotation goes without that.
"""

from __future__ import annotations

from kmstui.engine.maintenance.run import Run
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord
from kmstui.ops.kms.imported import expired_materials, removed_tokens, without_material
from kmstui.ops.kms.related import put_shared


def delete_expired(run: Run, key: KeyRecord) -> None:
    """Delete each material of a key that has expired, and scrub the write-ahead log."""
    expired = expired_materials(key, run.core.now())
    for material in expired:
        run.announce("DeleteExpiredKeyMaterial", key)
        key = _delete(run, key, material)
    if expired:
        run.core.scrub()


def _delete(run: Run, key: KeyRecord, material: KeyMaterialRecord) -> KeyRecord:
    core = run.core
    removed = removed_tokens(core.keystore, key, material)
    event = run.event("DeleteExpiredKeyMaterial", key, {"KeyId": key.arn})
    with core.keystore.begin() as changes:
        left = put_shared(changes, without_material(key, material))
        core.commit(changes, event.event_id, event.event)
    core.hsm.forget(removed)
    return left
