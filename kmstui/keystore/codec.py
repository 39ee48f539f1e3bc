"""Records as the JSON documents that are sealed, and back; and the ids of their rows.

A document always has every field of its record, so that writing one never has to merge with what
was there. Bytes are base64 and times ISO 8601 in UTC. Every decoder takes the document and its row
id, whether it needs the id or not, so that callers can treat them alike.
"""

from __future__ import annotations

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kmstui.keystore.records import (
    AliasRecord,
    DueRecord,
    KeyMaterialRecord,
    KeyRecord,
    KeyState,
    OutboxRecord,
    SettingRecord,
    UsageRecord,
)

KEYS = "key"
ALIASES = "alias"
USAGE = "usage"
DUE = "due"
OUTBOX = "outbox"
SETTINGS = "setting"
ACCOUNTS = "account"
USERS = "user"
GROUPS = "group"
ROLES = "role"
MANAGED_POLICIES = "managed-policy"
ACCESS_KEYS = "access-key"
MFA_DEVICES = "mfa-device"
RECOVERY_CODES = "recovery-codes"
DEPARTED = "departed"
GRANTS = "grant"
LINKS = "link"
KEY_STORES = "custom-key-store"
TABLES = (
    ALIASES,
    DUE,
    KEYS,
    OUTBOX,
    SETTINGS,
    USAGE,
    ACCOUNTS,
    USERS,
    GROUPS,
    ROLES,
    MANAGED_POLICIES,
    ACCESS_KEYS,
    MFA_DEVICES,
    RECOVERY_CODES,
    DEPARTED,
    GRANTS,
    LINKS,
    KEY_STORES,
)
"""Every table that a keystore has; format version 1 knew the first six, 2 all but the last."""

Fields = dict[str, Any]
"""The members of one document: JSON values only."""


def scoped_id(account: str, region: str, name: str) -> str:
    """Return the row id of what belongs to one account and Region."""
    return f"{account}/{region}/{name}"


def key_fields(key: KeyRecord) -> Fields:
    """Return the document of a key."""
    return {
        "account": key.account,
        "region": key.region,
        "key_id": key.key_id,
        "key_spec": key.key_spec,
        "key_usage": key.key_usage,
        "origin": key.origin,
        "key_manager": key.key_manager,
        "multi_region": key.multi_region,
        "description": key.description,
        "state": key.state.value,
        "created": key.created.isoformat(),
        "deletion_date": _text(key.deletion_date),
        "pending_window_days": key.pending_window_days,
        "deletion_due_seen": key.deletion_due_seen,
        "deletion_due_boot": key.deletion_due_boot,
        "materials": [_material_fields(material) for material in key.materials],
        "aliases": list(key.aliases),
        "tags": [list(tag) for tag in key.tags],
        "policy": key.policy,
        "rotation_period_days": key.rotation_period_days,
        "next_rotation": _text(key.next_rotation),
        "primary_region": key.primary_region,
        "replica_regions": list(key.replica_regions),
        "custom_key_store_id": key.custom_key_store_id,
        "xks_key_id": key.xks_key_id,
    }


def key_record(fields: Mapping[str, Any], _row_id: str) -> KeyRecord:
    """Return the key of a document."""
    return KeyRecord(
        account=fields["account"],
        region=fields["region"],
        key_id=fields["key_id"],
        key_spec=fields["key_spec"],
        key_usage=fields["key_usage"],
        origin=fields["origin"],
        key_manager=fields["key_manager"],
        multi_region=fields["multi_region"],
        description=fields["description"],
        state=KeyState(fields["state"]),
        created=datetime.fromisoformat(fields["created"]),
        deletion_date=_moment(fields["deletion_date"]),
        pending_window_days=fields["pending_window_days"],
        deletion_due_seen=fields["deletion_due_seen"],
        deletion_due_boot=fields["deletion_due_boot"],
        materials=tuple(_material_record(material) for material in fields["materials"]),
        aliases=tuple(fields["aliases"]),
        tags=tuple((key, value) for key, value in fields["tags"]),
        policy=fields["policy"],
        rotation_period_days=fields["rotation_period_days"],
        next_rotation=_moment(fields["next_rotation"]),
        primary_region=fields["primary_region"],
        replica_regions=tuple(fields["replica_regions"]),
        custom_key_store_id=fields["custom_key_store_id"],
        xks_key_id=fields["xks_key_id"],
    )


def alias_fields(alias: AliasRecord) -> Fields:
    """Return the document of an alias."""
    return {
        "account": alias.account,
        "region": alias.region,
        "name": alias.name,
        "key_id": alias.key_id,
        "created": alias.created.isoformat(),
        "updated": alias.updated.isoformat(),
    }


def alias_record(fields: Mapping[str, Any], row_id: str) -> AliasRecord:
    """Return the alias of a document, with its place in listings."""
    return AliasRecord(
        account=fields["account"],
        region=fields["region"],
        name=fields["name"],
        key_id=fields["key_id"],
        created=datetime.fromisoformat(fields["created"]),
        updated=datetime.fromisoformat(fields["updated"]),
        row_id=row_id,
    )


def usage_fields(usage: UsageRecord) -> Fields:
    """Return the document of a key's last use."""
    return {
        "account": usage.account,
        "region": usage.region,
        "key_id": usage.key_id,
        "operation": usage.operation,
        "timestamp": usage.timestamp.isoformat(),
        "event_id": usage.event_id,
        "request_id": usage.request_id,
    }


def usage_record(fields: Mapping[str, Any], _row_id: str) -> UsageRecord:
    """Return the last use of a document."""
    return UsageRecord(
        account=fields["account"],
        region=fields["region"],
        key_id=fields["key_id"],
        operation=fields["operation"],
        timestamp=datetime.fromisoformat(fields["timestamp"]),
        event_id=fields["event_id"],
        request_id=fields["request_id"],
    )


def due_fields(key: KeyRecord) -> Fields | None:
    """Return the entry of a key in the index of what time will change, if it is in there."""
    when = key.next_due
    if when is None:
        return None
    return {
        "account": key.account,
        "region": key.region,
        "key_id": key.key_id,
        "when": when.isoformat(),
    }


def due_record(fields: Mapping[str, Any], _row_id: str) -> DueRecord:
    """Return an entry of the index of what time will change."""
    return DueRecord(
        account=fields["account"],
        region=fields["region"],
        key_id=fields["key_id"],
        when=datetime.fromisoformat(fields["when"]),
    )


def outbox_fields(record: OutboxRecord, order: int) -> Fields:
    """Return the document of a pending event; ``order`` is its place in its commit."""
    return {"order": order, "event": b64encode(record.event).decode()}


def outbox_record(fields: Mapping[str, Any], event_id: str) -> OutboxRecord:
    """Return the pending event of a document."""
    return OutboxRecord(event_id, a2b_base64(fields["event"]))


def setting_fields(setting: SettingRecord) -> Fields:
    """Return the document of a setting."""
    return {"name": setting.name, "value": setting.value}


def setting_record(fields: Mapping[str, Any], _row_id: str) -> SettingRecord:
    """Return the setting of a document."""
    return SettingRecord(fields["name"], fields["value"])


def _material_fields(material: KeyMaterialRecord) -> Fields:
    return {
        "material_id": material.material_id,
        "version": material.version,
        "token": b64encode(material.token).decode(),
        "check": b64encode(material.check).decode(),
        "created": material.created.isoformat(),
        "state": material.state,
        "rotated": _text(material.rotated),
        "rotation_type": material.rotation_type,
        "description": material.description,
        "expires": _text(material.expires),
    }


def _material_record(fields: Mapping[str, Any]) -> KeyMaterialRecord:
    return KeyMaterialRecord(
        material_id=fields["material_id"],
        version=fields["version"],
        token=a2b_base64(fields["token"]),
        check=a2b_base64(fields["check"]),
        created=datetime.fromisoformat(fields["created"]),
        state=fields["state"],
        rotated=_moment(fields["rotated"]),
        rotation_type=fields["rotation_type"],
        description=fields["description"],
        expires=_moment(fields["expires"]),
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
