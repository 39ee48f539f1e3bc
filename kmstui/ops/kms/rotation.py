"""Rotating key material: on a schedule, on demand, and what has been rotated."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from kmstui.core.errors import (
    ConflictException,
    KMSInvalidStateException,
    LimitExceededException,
    UnsupportedOperationException,
)
from kmstui.core.limits import (
    LIST_ROTATIONS_DEFAULT,
    LIST_ROTATIONS_MAX,
    ROTATION_CONFLICT_MINUTES,
    ROTATION_PERIOD_DAYS,
    ROTATION_PERIOD_MAX_DAYS,
    ROTATION_PERIOD_MIN_DAYS,
    ROTATIONS_ON_DEMAND,
)
from kmstui.core.spec import (
    Answer,
    Kind,
    Member,
    Needs,
    StateOutcome,
    StateRule,
    operation,
)
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord, KeyState
from kmstui.ops.call import Call
from kmstui.ops.kms import answers
from kmstui.ops.kms import members as m
from kmstui.ops.kms.crypto import hsm_of
from kmstui.ops.kms.guard import origin_refusal
from kmstui.ops.kms.imported import expired_materials
from kmstui.ops.kms.related import put_shared, related
from kmstui.ops.kms.rotating import ON_DEMAND, pending_material, rotate_on_demand, rotation_due
from kmstui.ops.paging import page_limit, paged, read_marker

_OWN: Final = "AWS_KMS"
_IMPORTED: Final = "EXTERNAL"

_REFUSED: Final = {
    "Disabled": StateOutcome.DISABLED,
    "PendingDeletion": StateOutcome.PENDING_DELETION,
    "PendingReplicaDeletion": StateOutcome.PENDING_REPLICA_DELETION,
    "Unavailable": StateOutcome.UNSUPPORTED,
    "Creating": StateOutcome.CREATING,
}
_SCHEDULE_STATES: Final = StateRule(
    "EnableKeyRotation, DisableKeyRotation",
    {**_REFUSED, "PendingImport": StateOutcome.UNSUPPORTED},
)
_STATUS_STATES: Final = StateRule(
    "GetKeyRotationStatus", {"Unavailable": StateOutcome.UNSUPPORTED}
)
_LIST_STATES: Final = StateRule(
    "ListKeyRotations",
    {"Unavailable": StateOutcome.UNSUPPORTED, "Creating": StateOutcome.CREATING},
)
_ON_DEMAND_STATES: Final = StateRule(
    "RotateKeyOnDemand",
    {
        **_REFUSED,
        "PendingImport": StateOutcome.PENDING_IMPORT,
        "Updating": StateOutcome.UPDATING,
    },
)

_ERRORS = (*m.STATE_ERRORS, "DisabledException", "UnsupportedOperationException")


def _require_rotatable(key: KeyRecord) -> None:
    if key.key_spec != "SYMMETRIC_DEFAULT" or key.origin not in {_OWN, _IMPORTED}:
        raise UnsupportedOperationException(
            hint="Symmetric encryption keys rotate; of the others a successor can be made."
        )


def _require_primary(key: KeyRecord) -> None:
    if key.is_replica:
        raise UnsupportedOperationException(
            f"{key.arn} is not a multi-region primary key.",
            hint=f"Rotation is shared by related keys. Change it in {key.primary_region}.",
        )


def _fits_schedule(call: Call) -> None:
    """Refuse a key that does not rotate by itself."""
    if call.key.origin == _IMPORTED:
        raise origin_refusal(call.key)
    _require_rotatable(call.key)
    _require_primary(call.key)


@operation(
    "kms",
    "EnableKeyRotation",
    doc="Rotate a key's material by itself every so many days, or change the days.",
    members=(
        m.key_id(),
        Member(
            "RotationPeriodInDays",
            Kind.INTEGER,
            minimum=ROTATION_PERIOD_MIN_DAYS,
            maximum=ROTATION_PERIOD_MAX_DAYS,
            default=ROTATION_PERIOD_DAYS,
            doc="Days from now to the first rotation, and between rotations.",
        ),
    ),
    needs=(Needs("kms:EnableKeyRotation"),),
    states=_SCHEDULE_STATES,
    mutates=True,
    fits=_fits_schedule,
    logged=("KeyId", "RotationPeriodInDays"),
    errors=_ERRORS,
)
def enable_key_rotation(call: Call) -> Answer:
    """Set the period, which begins now."""
    days = call.number("RotationPeriodInDays", ROTATION_PERIOD_DAYS)
    date = call.now + timedelta(days=days)
    put_shared(call.writer, replace(call.key, rotation_period_days=days, next_rotation=date))
    return {}


@operation(
    "kms",
    "DisableKeyRotation",
    doc="Stop rotating a key's material by itself; what it has it keeps.",
    members=(m.key_id(),),
    needs=(Needs("kms:DisableKeyRotation"),),
    states=_SCHEDULE_STATES,
    mutates=True,
    fits=_fits_schedule,
    logged=("KeyId",),
    errors=_ERRORS,
)
def disable_key_rotation(call: Call) -> Answer:
    """Forget the period."""
    put_shared(call.writer, replace(call.key, rotation_period_days=None, next_rotation=None))
    return {}


def _fits_status(call: Call) -> None:
    if call.key.custom_key_store_id:
        raise origin_refusal(call.key)


@operation(
    "kms",
    "GetKeyRotationStatus",
    doc="Tell whether a key rotates by itself, how often, and when next.",
    members=(m.key_id(),),
    answer=(
        Member("KeyRotationEnabled", Kind.BOOLEAN),
        m.KEY_ID_ANSWER,
        Member("RotationPeriodInDays", Kind.INTEGER),
        Member("NextRotationDate", Kind.TIMESTAMP),
        Member("OnDemandRotationStartDate", Kind.TIMESTAMP),
    ),
    needs=(Needs("kms:GetKeyRotationStatus"),),
    states=_STATUS_STATES,
    cross_account=True,
    while_verifying=True,
    fits=_fits_status,
    logged=("KeyId",),
    errors=(*m.STATE_ERRORS, "UnsupportedOperationException"),
)
def get_key_rotation_status(call: Call) -> Answer:
    """Return the schedule; a key pending deletion has none until the deletion is cancelled."""
    key = call.key
    pending = key.state in {KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION}
    if key.rotation_period_days is None or pending:
        return {"KeyId": key.arn, "KeyRotationEnabled": False}
    return {
        "KeyId": key.arn,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": key.rotation_period_days,
        "NextRotationDate": key.next_rotation,
    }


def _fits_list(call: Call) -> None:
    _require_rotatable(call.key)


@operation(
    "kms",
    "ListKeyRotations",
    doc="List a key's rotations, or all the material it has.",
    members=(
        m.key_id(),
        Member(
            "IncludeKeyMaterial",
            Kind.TEXT,
            enum=("ALL_KEY_MATERIAL", "ROTATIONS_ONLY"),
            default="ROTATIONS_ONLY",
            doc="ALL_KEY_MATERIAL also lists the first material, and what waits for rotation.",
        ),
        m.LIMIT,
        m.MARKER,
    ),
    answer=(answers.ROTATIONS, m.NEXT_MARKER, m.TRUNCATED),
    needs=(Needs("kms:ListKeyRotations"),),
    states=_LIST_STATES,
    while_verifying=True,
    fits=_fits_list,
    logged=("KeyId", "IncludeKeyMaterial", "Limit", "Marker"),
    errors=(
        "NotFoundException",
        "InvalidArnException",
        "InvalidMarkerException",
        "KMSInternalException",
        "KMSInvalidStateException",
        "UnsupportedOperationException",
    ),
)
def list_key_rotations(call: Call) -> Answer:
    """Return a page of materials, the oldest first."""
    key = call.key
    limit = page_limit(call, LIST_ROTATIONS_DEFAULT, LIST_ROTATIONS_MAX)
    shown = call.text("IncludeKeyMaterial", "ROTATIONS_ONLY")
    # A marker leads on in the list it was made for.
    scope = f"{key.arn} {shown}"
    after = int(read_marker(call, scope) or 0)
    found = [
        material
        for material in key.materials
        if material.version > after and (shown == "ALL_KEY_MATERIAL" or material.rotated)
    ]
    return paged(
        call,
        "Rotations",
        found[: limit + 1],
        limit,
        place=lambda material: str(material.version),
        show=lambda material: _entry(key, material),
        scope=scope,
    )


def _entry(key: KeyRecord, material: KeyMaterialRecord) -> dict[str, Any]:
    """Return AWS's RotationsListEntry."""
    entry: dict[str, Any] = {
        "KeyId": key.key_id,
        "KeyMaterialId": material.material_id,
        "KeyMaterialState": material.state,
    }
    if material.rotated is not None:
        entry |= {"RotationDate": material.rotated, "RotationType": material.rotation_type}
    if key.origin != _IMPORTED:
        return entry
    if material.description:
        entry["KeyMaterialDescription"] = material.description
    if material.missing:
        return entry | {"ImportState": "PENDING_IMPORT"}
    entry["ImportState"] = "IMPORTED"
    if material.expires is None:
        return entry | {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    return entry | {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": material.expires}


def _waits(call: Call) -> bool:
    """Tell whether imported material waits for rotation, and has expired in no Region.

    What has expired is still there until maintenance comes by.
    """
    key = call.key
    pending = pending_material(key)
    if pending is None:
        return False
    everywhere = (key, *related(call.services.keystore, key))
    return not any(
        material.material_id == pending.material_id
        for each in everywhere
        for material in expired_materials(each, call.now)
    )


def _fits_on_demand(call: Call) -> None:
    key = call.key
    _require_rotatable(key)
    _require_primary(key)
    if sum(each.rotation_type == ON_DEMAND for each in key.materials) >= ROTATIONS_ON_DEMAND:
        raise LimitExceededException(
            "The on-demand rotations limit has been reached for the given keyId. No more "
            f"on-demand rotations can be performed for this key: {key.arn}"
        )
    if key.origin == _IMPORTED and not _waits(call):
        raise KMSInvalidStateException(
            f"No available key material pending rotation for the key: {key.arn}.",
            hint="Import new key material first; a multi-Region key needs it in every Region.",
        )
    due = rotation_due(key)
    if due is not None and due - call.now <= timedelta(minutes=ROTATION_CONFLICT_MINUTES):
        raise ConflictException(
            f"An automatic rotation of {key.arn} is in progress or due within "
            f"{ROTATION_CONFLICT_MINUTES} minutes.",
            hint="It makes new key material current just the same.",
        )


@operation(
    "kms",
    "RotateKeyOnDemand",
    doc="Rotate a key's material now; 25 times in a key's life.",
    members=(m.key_id(),),
    answer=(m.KEY_ID_ANSWER,),
    needs=(Needs("kms:RotateKeyOnDemand"),),
    states=_ON_DEMAND_STATES,
    mutates=True,
    fits=_fits_on_demand,
    logged=("KeyId",),
    logged_answer=("KeyId",),
    errors=(*_ERRORS, "LimitExceededException", "ConflictException"),
)
def rotate_key_on_demand(call: Call) -> Answer:
    """Make new material current; the key's own schedule stays as it is."""
    key, services = call.key, call.services
    call.events.append(
        rotate_on_demand(call.writer, hsm_of(call, key), services.ids, key, call.now)
    )
    return {"KeyId": key.arn}
