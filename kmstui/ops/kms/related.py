"""Related multi-Region keys: the same key in several Regions, and what they have in common.

Related keys share their material and its rotation, and which of them is the primary; AWS KMS
copies these from the primary, here they are written in the same commit. Everything else is each
key's own, which of imported material also holds for the bytes themselves, their description and
their expiry.

Source: AWS KMS Developer Guide, *Multi-Region keys in AWS KMS*, shared properties.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from kmstui.core.limits import PENDING_WINDOW_MAX_DAYS
from kmstui.keystore import UnitOfWork
from kmstui.keystore.reads import Reads
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord, KeyState

PENDING_ROTATION = "PENDING_ROTATION"
PENDING_EVERYWHERE = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
"""KeyMaterialState of new imported material that some related key does not have yet."""


def related(records: Reads, key: KeyRecord) -> tuple[KeyRecord, ...]:
    """Return the keys that are related to a key in other Regions, the primary before replicas.

    Args:
        records: The keystore, or a unit of work.
        key: Any key; one of a single Region has none.
    """
    regions = dict.fromkeys((key.primary_region, *key.replica_regions))
    found = (
        records.key(key.account, region, key.key_id)
        for region in regions
        if region not in {"", key.region}
    )
    return tuple(other for other in found if other is not None)


def put_shared(changes: UnitOfWork, key: KeyRecord) -> KeyRecord:
    """Write a key, and what related keys share of it into those that are related to it.

    New imported material waits for rotation once every related key has it; whether it does is
    settled here.

    Returns:
        The key as it was written.
    """
    others = related(changes, key)
    shared = tuple(_settled(material, others) for material in key.materials)
    written = replace(key, materials=shared)
    changes.put_key(written)
    for other in others:
        changes.put_key(_following(other, written))
    return written


def drop_related(changes: UnitOfWork, key: KeyRecord, now: datetime) -> None:
    """Take a key that was removed out of the others that were related to it.

    A primary key whose deletion waited for its last replica begins its own waiting period.

    Args:
        changes: In which the key was removed.
        key: The key as it was.
        now: Account time.
    """
    others = related(changes, key)
    if not others:
        return
    first = others[0]
    regions = tuple(region for region in first.replica_regions if region != key.region)
    left = replace(first, replica_regions=regions)
    if first.state is KeyState.PENDING_REPLICA_DELETION and not regions:
        period = timedelta(days=first.pending_window_days or PENDING_WINDOW_MAX_DAYS)
        left = replace(left, state=KeyState.PENDING_DELETION, deletion_date=now + period)
    put_shared(changes, left)


def _settled(material: KeyMaterialRecord, others: tuple[KeyRecord, ...]) -> KeyMaterialRecord:
    """Return material with the state that follows from which related keys have it."""
    if material.associated:
        return material
    everywhere = not material.missing and all(_has(each, material.material_id) for each in others)
    return replace(material, state=PENDING_ROTATION if everywhere else PENDING_EVERYWHERE)


def _has(key: KeyRecord, material_id: str) -> bool:
    return any(each.material_id == material_id and not each.missing for each in key.materials)


def _following(other: KeyRecord, key: KeyRecord) -> KeyRecord:
    """Return a key with what it shares with a related key that has changed."""
    return replace(
        other,
        materials=shared_materials(key, other.materials),
        rotation_period_days=key.rotation_period_days,
        next_rotation=key.next_rotation,
        primary_region=key.primary_region,
        replica_regions=key.replica_regions,
    )


def shared_materials(
    key: KeyRecord, own: Iterable[KeyMaterialRecord] = ()
) -> tuple[KeyMaterialRecord, ...]:
    """Return the materials that a related key has when a key has its own.

    Material that AWS KMS made is the same. What was imported into one Region is in no other, and
    is kept as missing there until it is imported.

    Args:
        key: The key that has the materials.
        own: The related key's as they are; none for one that is to be made.
    """
    if key.origin != "EXTERNAL":
        return key.materials
    known = {each.material_id: each for each in own}
    return tuple(_in_region(each, known.get(each.material_id)) for each in key.materials)


def _in_region(material: KeyMaterialRecord, own: KeyMaterialRecord | None) -> KeyMaterialRecord:
    if own is None:
        return replace(material, token=b"", expires=None)
    return replace(material, token=own.token, description=own.description, expires=own.expires)
