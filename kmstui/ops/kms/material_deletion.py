"""Deleting imported key material.

Source: AWS KMS API Reference, *DeleteImportedKeyMaterial*.
"""

from __future__ import annotations

from dataclasses import replace

from kmstui.core.errors import NotFoundException
from kmstui.core.spec import DELETE_MATERIAL_STATES, Answer, Kind, Member, Needs, operation
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.crypto import hsm_of
from kmstui.ops.kms.import_checks import (
    IMPORT_ERRORS,
    MATERIAL_ID,
    check_origin,
    check_symmetric_members,
    import_answer,
)
from kmstui.ops.kms.imported import current_of, material_named, removed_tokens, without_material
from kmstui.ops.kms.related import put_shared


def _fits_deletion(call: Call) -> None:
    check_origin(call)
    check_symmetric_members(call)


@operation(
    "kms",
    "DeleteImportedKeyMaterial",
    doc="Delete imported key material; until it is imported again the key is unusable.",
    members=(
        m.key_id(),
        replace(MATERIAL_ID, doc="Which key material; the current one if absent."),
    ),
    answer=(m.KEY_ID_ANSWER, Member("KeyMaterialId", Kind.TEXT)),
    needs=(Needs("kms:DeleteImportedKeyMaterial"),),
    states=DELETE_MATERIAL_STATES,
    mutates=True,
    critical=True,
    fits=_fits_deletion,
    logged=("KeyId", "KeyMaterialId"),
    logged_answer=("KeyId", "KeyMaterialId"),
    errors=IMPORT_ERRORS,
)
def delete_imported_key_material(call: Call) -> Answer:
    """Remove the bytes of a material, and answer once they are in no file."""
    key = call.key
    if call.has("KeyMaterialId"):
        material = material_named(key, call.text("KeyMaterialId"))
        if material is None:
            raise NotFoundException(
                f"Key material {call.text('KeyMaterialId')} does not exist in {key.arn}."
            )
    else:
        material = current_of(key)
    if material is None or material.missing:
        return import_answer(key, "" if material is None else material.material_id)
    removed = removed_tokens(call.services.keystore, key, material)
    put_shared(call.writer, without_material(key, material))
    call.afterwards.append(lambda: hsm_of(call, key).forget(removed))
    call.afterwards.append(call.services.control.scrub)
    return import_answer(key, material.material_id)
