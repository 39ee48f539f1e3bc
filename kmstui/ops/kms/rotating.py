"""What a rotation does: a key goes on with new material, and keeps what it had for decrypting.

Source: AWS KMS Developer Guide, *Rotate AWS KMS keys*.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from kmstui.core.ids import IdSource
from kmstui.core.limits import ROTATION_PERIOD_DAYS
from kmstui.hsm.base import Hsm, MaterialBinding
from kmstui.keystore import UnitOfWork
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord, KeyState, OutboxRecord
from kmstui.ops.kms.related import PENDING_ROTATION, put_shared, related
from kmstui.trail.event import service_event

AUTOMATIC = "AUTOMATIC"
ON_DEMAND = "ON_DEMAND"
"""AWS's RotationType."""


def rotation_due(key: KeyRecord) -> datetime | None:
    """Return when a key rotates by itself; ``None`` if it does not as it is now.

    A key that is disabled or pending deletion keeps its schedule and does not rotate; of related
    keys the primary does.
    """
    if key.state is not KeyState.ENABLED or key.is_replica:
        return None
    return key.next_rotation


def pending_material(key: KeyRecord) -> KeyMaterialRecord | None:
    """Return the imported material that a rotation would make current, if there is any."""
    return next((each for each in key.materials if each.state == PENDING_ROTATION), None)


def rotate_automatically(
    changes: UnitOfWork, hsm: Hsm, ids: IdSource, key: KeyRecord, now: datetime
) -> OutboxRecord:
    """Rotate a key whose automatic rotation is due, once however many it has missed.

    The next one is a period later: counted from now, as AWS KMS counts after a rotation that was
    late.

    Returns:
        The event of the rotation, to be committed along.
    """
    fresh = _fresh_material(hsm, ids, key, now)
    period = timedelta(days=key.rotation_period_days or ROTATION_PERIOD_DAYS)
    rotated = replace(_rotated(key, fresh, now, AUTOMATIC), next_rotation=now + period)
    return _put(changes, ids, key, rotated, now)


def rotate_on_demand(
    changes: UnitOfWork, hsm: Hsm, ids: IdSource, key: KeyRecord, now: datetime
) -> OutboxRecord:
    """Rotate a key at once: to its pending material, or else to fresh material.

    Returns:
        The event of the rotation, to be committed along.
    """
    material = pending_material(key) or _fresh_material(hsm, ids, key, now)
    return _put(changes, ids, key, _rotated(key, material, now, ON_DEMAND), now)


def _fresh_material(hsm: Hsm, ids: IdSource, key: KeyRecord, now: datetime) -> KeyMaterialRecord:
    binding = MaterialBinding(
        account=key.account,
        key_id=key.key_id,
        material_id=ids.material_id(),
        version=max(material.version for material in key.materials) + 1,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        origin=key.origin,
        multi_region=key.multi_region,
    )
    wrapped = hsm.generate(binding)
    return KeyMaterialRecord(
        binding.material_id, binding.version, wrapped.token, wrapped.check, now, "CURRENT"
    )


def _rotated(
    key: KeyRecord, material: KeyMaterialRecord, now: datetime, rotation_type: str
) -> KeyRecord:
    """Return a key that encrypts with new material."""
    kept = tuple(
        replace(each, state="NON_CURRENT") if each.state == "CURRENT" else each
        for each in key.materials
        if each.material_id != material.material_id
    )
    new = replace(material, state="CURRENT", rotated=now, rotation_type=rotation_type)
    return replace(key, materials=(*kept, new))


def _put(
    changes: UnitOfWork, ids: IdSource, before: KeyRecord, after: KeyRecord, now: datetime
) -> OutboxRecord:
    put_shared(changes, after)
    event_id = ids.uuid()
    event = service_event(
        event_id=event_id,
        when=now,
        name="RotateKey",
        region=after.region,
        account=after.account,
        details={
            "KeyId": after.key_id,
            "RotationType": after.current.rotation_type,
            "KeyOrigin": after.origin,
            "PreviousKeyMaterialId": before.current.material_id,
            "CurrentKeyMaterialId": after.current.material_id,
        },
        resources=(after.arn, *(other.arn for other in related(changes, after))),
    )
    return OutboxRecord(event_id, event)
