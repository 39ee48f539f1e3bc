"""What the console needs and AWS has no API for, as operations of the service ``kmstui``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from kmstui.core.arn import is_region
from kmstui.core.errors import TrailTamperedError, ValidationException
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore.records import KeyRecord, KeyState, SettingRecord, UsageRecord
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.stores.lookup import state_of
from kmstui.ops.management import manages, own_action, require_owner
from kmstui.ops.paging import paged, read_marker
from kmstui.ops.settings import check_setting

SUMMARIES_MAX: Final = 2_000
"""Rows of one page of summaries; a page holds the engine for some tens of milliseconds."""

EVENTS_MAX: Final = 1_000
"""Events of one page of the trail."""

_SCAN_BATCH: Final = 2_000
_SCAN_MAX: Final = 20_000
"""Trail lines that one filtered page looks through; it says where it stopped."""


@operation(
    "kmstui",
    "ListKeySummaries",
    doc="List keys with what a list shows: aliases, state, tags, last use.",
    members=(
        Member("Limit", Kind.INTEGER, minimum=1, maximum=SUMMARIES_MAX),
        m.MARKER,
        Member(
            "KeyIds",
            Kind.LIST,
            minimum=1,
            maximum=SUMMARIES_MAX,
            item=Member("KeyId", Kind.TEXT, minimum=1, maximum=2048),
            doc="Only these; those that do not exist are left out.",
        ),
    ),
    answer=(
        Member("Keys", Kind.LIST),
        Member("Total", Kind.INTEGER),
        m.NEXT_MARKER,
        m.TRUNCATED,
    ),
    needs=(
        Needs("kms:ListKeys", ResourceKind.ACCOUNT, member="", role="keys"),
        Needs("kms:ListAliases", ResourceKind.ACCOUNT, member="", role="aliases"),
    ),
    while_verifying=True,
    logged=("Limit", "Marker", "KeyIds"),
    errors=("InvalidMarkerException",),
)
def list_key_summaries(call: Call) -> Answer:
    """Return a page of keys in key id order, or the keys that were named."""
    limit = call.number("Limit", 100)
    caller, keystore = call.caller, call.services.keystore
    if call.has("KeyIds"):
        named = [
            keystore.key(caller.account, caller.region, each) for each in call.items("KeyIds")
        ]
        return {
            "Keys": [
                key_summary(call, key, call.services.last_usage(key))
                for key in named
                if key is not None
            ],
            "Total": keystore.key_count(caller.account, caller.region),
            "Truncated": False,
        }
    after = read_marker(call)
    found = keystore.keys(caller.account, caller.region, after=after, limit=limit + 1)
    usages = call.services.last_usages(found, after)
    answer = paged(
        call,
        "Keys",
        found,
        limit,
        place=lambda key: key.key_id,
        show=lambda key: key_summary(call, key, usages.get(key.key_id)),
    )
    return answer | {"Total": keystore.key_count(caller.account, caller.region)}


def key_summary(call: Call, key: KeyRecord, usage: UsageRecord | None) -> dict[str, Any]:
    """Return the facts about a key that a list shows."""
    summary: dict[str, Any] = {
        "KeyId": key.key_id,
        "Arn": key.arn,
        "Aliases": list(key.aliases),
        "KeyState": str(state_of(call.services.keystore, key)),
        "KeySpec": key.key_spec,
        "KeyUsage": key.key_usage,
        "Origin": key.origin,
        "KeyManager": key.key_manager,
        "Description": key.description,
        "CreationDate": key.created,
        "Tags": dict(key.tags),
        "MultiRegion": key.multi_region,
    }
    if key.state is KeyState.PENDING_DELETION:
        summary["DeletionDate"] = key.deletion_date
        summary["PendingWindowInDays"] = key.pending_window_days
    elif key.state is KeyState.PENDING_REPLICA_DELETION:
        summary["PendingWindowInDays"] = key.pending_window_days
    if key.rotation_period_days is not None:
        summary["RotationPeriodInDays"] = key.rotation_period_days
        summary["NextRotationDate"] = key.next_rotation
    if key.multi_region:
        summary["PrimaryRegion"] = key.primary_region
        summary["ReplicaRegions"] = list(key.replica_regions)
    if key.custom_key_store_id:
        summary["CustomKeyStoreId"] = key.custom_key_store_id
    if key.xks_key_id:
        summary["XksKeyId"] = key.xks_key_id
    _say_materials(summary, key)
    if usage is not None:
        summary["LastUsed"] = usage.timestamp
        summary["LastUsedOperation"] = usage.operation
    return summary


def _say_materials(summary: dict[str, Any], key: KeyRecord) -> None:
    """Add what the versions of the material say; most keys have one, and nearly nothing to say."""
    materials = key.materials
    if len(materials) == 1 and key.origin == "AWS_KMS":
        summary["MaterialDate"] = materials[0].created
        return
    summary["Materials"] = len(materials)
    on_demand, expires = 0, None
    for material in materials:
        if material.state == "CURRENT":
            summary["MaterialDate"] = material.rotated or material.created
            if material.rotated is not None:
                summary["LastRotationDate"] = material.rotated
        elif material.state == "PENDING_ROTATION":
            summary["PendingRotation"] = True
        on_demand += material.rotation_type == "ON_DEMAND"
        if material.expires is not None and not material.missing:
            expires = min(expires or material.expires, material.expires)
    if on_demand:
        summary["OnDemandRotations"] = on_demand
    if expires is not None:
        summary["ValidTo"] = expires


@operation(
    "kmstui",
    "ReadTrail",
    doc="Read recorded events, newest first.",
    members=(
        Member("Limit", Kind.INTEGER, minimum=1, maximum=EVENTS_MAX),
        Member("Before", Kind.INTEGER, minimum=1, doc="Only events with a lower sequence."),
        Member("KeyArn", Kind.TEXT, minimum=1, maximum=2048, doc="Only events of this key."),
        Member("OnlyErrors", Kind.BOOLEAN, doc="Only calls that were refused or failed."),
    ),
    answer=(
        Member("Events", Kind.LIST),
        Member("NextBefore", Kind.INTEGER),
        m.TRUNCATED,
    ),
    needs=(Needs("cloudtrail:LookupEvents", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("Limit", "Before", "KeyArn", "OnlyErrors"),
    errors=("TrailTamperedError",),
)
def read_trail(call: Call) -> Answer:
    """Return a page of CloudTrail records, each with its place in the chain."""
    limit = call.number("Limit", 100)
    events: list[dict[str, Any]] = []
    for seen, event in enumerate(_backwards(call), start=1):
        last = event["kmstui"]["sequence"]
        if _wanted(call, event):
            events.append(event)
        if len(events) == limit or seen == _SCAN_MAX:
            return {"Events": events, "NextBefore": last, "Truncated": last > 1}
    return {"Events": events, "Truncated": False}


def _backwards(call: Call) -> Iterator[dict[str, Any]]:
    before = call.number("Before", 0) or None
    filtered = call.has("KeyArn") or call.flag("OnlyErrors") or not manages(call, "")
    batch = _SCAN_BATCH if filtered else call.number("Limit", 100)
    while lines := call.services.trail.latest(batch, before_sequence=before):
        for line in lines:
            event = _parse(line)
            before = event["kmstui"]["sequence"]
            yield event


def _parse(line: bytes) -> dict[str, Any]:
    try:
        event: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise TrailTamperedError("A line of the trail is not JSON.") from None
    return event


def _wanted(call: Call, event: dict[str, Any]) -> bool:
    if call.flag("OnlyErrors") and "errorCode" not in event:
        return False
    if not _visible(call, event):
        return False
    arn = call.text("KeyArn")
    return not arn or any(resource["ARN"] == arn for resource in event.get("resources") or ())


def _visible(call: Call, event: dict[str, Any]) -> bool:
    """Tell whether a record is the caller's account's: of its own calls, or about its keys."""
    return manages(call, event["recipientAccountId"]) or (
        "errorCode" not in event
        and any(
            resource.get("accountId") == call.caller.account
            for resource in event.get("resources") or ()
        )
    )


@operation(
    "kmstui",
    "GetStatus",
    doc="Show the engine's condition.",
    answer=(Member("Status", Kind.STRUCTURE),),
    needs=(),
    while_verifying=True,
)
def get_status(call: Call) -> Answer:
    """Return what ``doctor`` and the Settings place show."""
    return {"Status": dict(call.services.control.status())}


@operation(
    "kmstui",
    "GetSettings",
    doc="Show the keystore's settings.",
    answer=(Member("Settings", Kind.STRUCTURE),),
    needs=(),
    while_verifying=True,
)
def get_settings(call: Call) -> Answer:
    """Return every setting with its value."""
    return {"Settings": dict(call.services.control.settings())}


def _check_setting(call: Call) -> None:
    training = call.services.keystore.head.training
    check_setting(call.text("Name"), call.text("Value"), training=training)


@operation(
    "kmstui",
    "PutSetting",
    doc="Change a setting of the keystore.",
    members=(
        Member("Name", Kind.TEXT, required=True, minimum=1, maximum=64),
        Member("Value", Kind.TEXT, required=True, minimum=0, maximum=1024),
    ),
    needs=own_action("PutSetting"),
    fits=require_owner,
    mutates=True,
    check=_check_setting,
    logged=("Name", "Value"),
    errors=("ValidationException",),
)
def put_setting(call: Call) -> Answer:
    """Store the setting."""
    call.writer.put_setting(SettingRecord(call.text("Name"), call.text("Value")))
    call.afterwards.append(call.services.control.settings_changed)
    return {}


def _check_region(call: Call) -> None:
    if not is_region(call.text("Region")):
        raise ValidationException(
            f"{call.text('Region')} is not the name of a Region.",
            hint="Regions are named like us-east-1 or eu-central-1.",
        )


@operation(
    "kmstui",
    "SwitchRegion",
    doc="Send this session's further calls to another Region.",
    members=(Member("Region", Kind.TEXT, required=True, minimum=1, maximum=32),),
    needs=(),
    while_verifying=True,
    check=_check_region,
    logged=("Region",),
)
def switch_region(_call: Call) -> Answer:
    """Record the switch; the engine then answers with a session for that Region."""
    return {}


@operation(
    "kmstui",
    "AdvanceClock",
    doc="Move account time forward.",
    members=(
        Member(
            "Seconds", Kind.INTEGER, required=True, minimum=1, maximum=3650 * 86400, doc="Seconds."
        ),
    ),
    answer=(Member("AccountTime", Kind.TIMESTAMP),),
    needs=own_action("AdvanceClock"),
    fits=require_owner,
    read_only=False,
    training=True,
    logged=("Seconds",),
    logged_answer=("AccountTime",),
)
def advance_clock(call: Call) -> Answer:
    """Move account time and let maintenance do what has become due."""
    step = timedelta(seconds=call.number("Seconds", 0))
    return {"AccountTime": call.services.control.advance_clock(step)}


_CHECKPOINT_NAME = Member(
    "Name",
    Kind.TEXT,
    required=True,
    minimum=1,
    maximum=64,
    pattern="^[a-z0-9][a-z0-9_-]{0,63}$",
    doc="Lower-case letters, digits, hyphens.",
)


@operation(
    "kmstui",
    "CreateCheckpoint",
    doc="Keep the keystore's present state under a name.",
    members=(_CHECKPOINT_NAME,),
    needs=own_action("CreateCheckpoint"),
    fits=require_owner,
    read_only=False,
    training=True,
    logged=("Name",),
)
def create_checkpoint(call: Call) -> Answer:
    """Keep the state."""
    call.services.control.make_checkpoint(call.text("Name"))
    return {}


@operation(
    "kmstui",
    "ListCheckpoints",
    doc="List the states that were kept.",
    answer=(Member("Checkpoints", Kind.LIST),),
    needs=own_action("ListCheckpoints"),
    fits=require_owner,
    training=True,
    while_verifying=True,
)
def list_checkpoints(call: Call) -> Answer:
    """Return names and times."""
    return {"Checkpoints": [dict(entry) for entry in call.services.control.checkpoints()]}


@operation(
    "kmstui",
    "RestoreCheckpoint",
    doc="Put a kept state back; the trail goes on in a marked segment.",
    members=(_CHECKPOINT_NAME,),
    needs=own_action("RestoreCheckpoint"),
    fits=require_owner,
    read_only=False,
    training=True,
    logged=("Name",),
)
def restore_checkpoint(call: Call) -> Answer:
    """Put the state back."""
    call.services.control.restore_checkpoint(call.text("Name"))
    return {}


@operation(
    "kmstui",
    "ExportBackup",
    doc="Write a sealed backup and prove that it opens.",
    members=(
        Member("Destination", Kind.TEXT, required=True, minimum=1, maximum=4096, doc="A file."),
    ),
    answer=(Member("Keys", Kind.INTEGER), Member("Bytes", Kind.INTEGER)),
    needs=own_action("ExportBackup"),
    fits=require_owner,
    read_only=False,
    logged=("Destination",),
    logged_answer=("Keys", "Bytes"),
)
def export_backup(call: Call) -> Answer:
    """Write the backup."""
    return dict(call.services.control.export_backup(Path(call.text("Destination"))))
