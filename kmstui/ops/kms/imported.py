"""What imports, deletions and expiries do to a key's materials and its state.

Source: AWS KMS Developer Guide, *Importing key material for AWS KMS keys*.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from kmstui.keystore.reads import Reads
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord, KeyState
from kmstui.ops.kms.related import related

IMPORTED: Final = "EXTERNAL"
"""AWS's Origin of keys with imported material."""


def material_named(key: KeyRecord, material_id: str) -> KeyMaterialRecord | None:
    """Return a key's material of an id, if it has or had it."""
    return next((each for each in key.materials if each.material_id == material_id), None)


def current_of(key: KeyRecord) -> KeyMaterialRecord | None:
    """Return the material that encrypts, missing or not; ``None`` before the first import."""
    return next((each for each in key.materials if each.state == "CURRENT"), None)


def pending_of(key: KeyRecord) -> KeyMaterialRecord | None:
    """Return the material that waits for rotation, if there is one."""
    return next((each for each in key.materials if not each.associated), None)


def lacks_material(key: KeyRecord) -> bool:
    """Tell whether a key misses imported material that belongs to it for good, or has none yet."""
    belonging = [each for each in key.materials if each.associated]
    return key.origin == IMPORTED and (
        not belonging or any(material.missing for material in belonging)
    )


def with_material(key: KeyRecord, material: KeyMaterialRecord) -> KeyRecord:
    """Return a key after an import, enabled if that was the last that it waited for.

    A disabled key stays disabled: what disabled it was not a want of material.
    """
    known = material_named(key, material.material_id) is not None
    materials = (
        tuple(
            material if each.material_id == material.material_id else each
            for each in key.materials
        )
        if known
        else (*key.materials, material)
    )
    return _settled(replace(key, materials=materials))


def without_material(key: KeyRecord, material: KeyMaterialRecord) -> KeyRecord:
    """Return a key without the bytes of a material, and pending import if it needs them.

    What never encrypted does not belong to the key: it goes without a trace, but in a replica,
    which follows its primary.
    """
    gone = replace(material, token=b"", expires=None)
    dropped = not material.associated and not key.is_replica
    materials = tuple(
        gone if each.material_id == material.material_id else each
        for each in key.materials
        if not (dropped and each.material_id == material.material_id)
    )
    return _settled(replace(key, materials=materials))


def expired_materials(key: KeyRecord, now: datetime) -> tuple[KeyMaterialRecord, ...]:
    """Return the imported materials whose time is up and whose bytes are still there."""
    return tuple(
        each
        for each in key.materials
        if not each.missing and each.expires is not None and each.expires <= now
    )


def is_expired(key: KeyRecord, now: datetime) -> bool:
    """Tell whether a key is as good as pending import: maintenance has not come by yet."""
    return any(material.associated for material in expired_materials(key, now))


def removed_tokens(
    records: Reads, key: KeyRecord, material: KeyMaterialRecord
) -> tuple[bytes, ...]:
    """Return the tokens that go with a material's bytes.

    What a primary has pending goes from its replicas too.

    Args:
        records: The keystore, or a unit of work.
        key: The key.
        material: Its material.
    """
    everywhere = not material.associated and not key.is_replica
    others = related(records, key) if everywhere else ()
    found = (material_named(other, material.material_id) for other in others)
    return (material.token, *(each.token for each in found if each is not None))


def _settled(key: KeyRecord) -> KeyRecord:
    """Return a key in the state that its materials put it into."""
    lacking = lacks_material(key)
    if lacking and key.state in {KeyState.ENABLED, KeyState.DISABLED}:
        return replace(key, state=KeyState.PENDING_IMPORT)
    if not lacking and key.state is KeyState.PENDING_IMPORT:
        return replace(key, state=KeyState.ENABLED)
    return key
