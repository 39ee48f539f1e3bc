"""Rotation, replication and imports in the demo's year, as data.

Days count from the start of the year; day 365 is today.
"""

from __future__ import annotations

from typing import Final

from kmstui.engine.demo.act import DemoAct
from kmstui.engine.demo.setting import SECOND_REGION


def _rotates(day: int, alias: str, days: int) -> DemoAct:
    return DemoAct(
        day,
        "kms:EnableKeyRotation",
        alias,
        (("RotationPeriodInDays", days),),
        by="KeyAdministrator",
    )


LIFECYCLES: Final = (
    _rotates(32, "prod-cardvault-payments", 90),
    _rotates(10, "prod-tokens-identity", 365),
    _rotates(11, "prod-profiles-identity", 180),
    _rotates(66, "prod-provisioning-fleet", 120),
    _rotates(202, "prod-backups-platform", 365),
    _rotates(204, "legacy/fileserver", 140),
    DemoAct(343, "kms:RotateKeyOnDemand", "prod-secrets-platform", by="KeyAdministrator"),
    DemoAct(
        208,
        "kms:ReplicateKey",
        "prod-provisioning-fleet",
        (
            ("ReplicaRegion", SECOND_REGION),
            ("Description", "Device secrets during provisioning, for the plant in Europe"),
            ("Tags", [{"TagKey": "Owner", "TagValue": "fleet"}]),
        ),
        by="KeyAdministrator",
    ),
    DemoAct(
        292,
        "kms:ImportKeyMaterial",
        "prod-settlement-payments",
        (("ImportDays", 365 - 292 + 24), ("KeyMaterialDescription", "ceremony 2")),
        by="KeyAdministrator",
    ),
    DemoAct(333, "kms:CreateCustomKeyStore", "vault-cluster"),
    DemoAct(334, "kms:CreateCustomKeyStore", "customer-manager", (("XksKeyId", "customer-2026"),)),
    DemoAct(364, "kms:DisconnectCustomKeyStore", "customer-manager"),
)
"""What became of the material of keys.

``ImportDays`` is how long imported material is kept, ``XksKeyId`` an external key that the key
manager of an external key store begins with.
"""
