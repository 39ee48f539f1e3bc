"""The keystore: TinyDB tables over sealed rows in SQLite, changed by units of work.

``docs/format.md`` specifies every byte that it writes.
"""

from __future__ import annotations

from kmstui.keystore.head import Head
from kmstui.keystore.header import FORMAT_VERSION, KeystoreHeader
from kmstui.keystore.key_stores import ConnectionState, CustomKeyStoreRecord, StoreKind
from kmstui.keystore.ledger import RollbackProtection, Verification
from kmstui.keystore.principals import (
    AccessKeyRecord,
    AccountRecord,
    DepartedRecord,
    GrantRecord,
    GroupRecord,
    ManagedPolicyRecord,
    MfaDeviceRecord,
    PolicyText,
    PolicyVersion,
    RecoveryCodesRecord,
    RoleRecord,
    UserRecord,
)
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
from kmstui.keystore.store import Keystore
from kmstui.keystore.unit import UnitOfWork

__all__ = [
    "FORMAT_VERSION",
    "AccessKeyRecord",
    "AccountRecord",
    "AliasRecord",
    "ConnectionState",
    "CustomKeyStoreRecord",
    "DepartedRecord",
    "DueRecord",
    "GrantRecord",
    "GroupRecord",
    "Head",
    "KeyMaterialRecord",
    "KeyRecord",
    "KeyState",
    "Keystore",
    "KeystoreHeader",
    "ManagedPolicyRecord",
    "MfaDeviceRecord",
    "OutboxRecord",
    "PolicyText",
    "PolicyVersion",
    "RecoveryCodesRecord",
    "RoleRecord",
    "RollbackProtection",
    "SettingRecord",
    "StoreKind",
    "UnitOfWork",
    "UsageRecord",
    "UserRecord",
    "Verification",
]
