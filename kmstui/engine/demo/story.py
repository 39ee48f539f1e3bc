"""The events of the demo's year that are not everyday use, as data.

Days count from the start of the year; day 365 is today.
"""

from __future__ import annotations

from typing import Final

from kmstui.core.arn import root_arn
from kmstui.engine.demo import policies
from kmstui.engine.demo.act import DemoAct
from kmstui.engine.demo.lifecycles import LIFECYCLES
from kmstui.engine.demo.setting import (
    ADMINISTRATOR,
    PARTNER,
    SECOND_REGION,
    role_arn,
    user_arn,
)

_EC2 = "ec2.amazonaws.com"
_EXAMPLE_APP = (("EncryptionContext", {"AppName": "ExampleApp", "Version": "1.0.24"}),)
_TELEMETRY = (("EncryptionContext", {"fleet": "field", "env": "prod"}),)
_WAREHOUSE = (("EncryptionContext", {"app": "warehouse", "env": "prod"}),)
_VOLUME = {"aws:ebs:id": "vol-049df61146c4d7901"}
_SPARE_VOLUME = {"aws:ebs:id": "vol-0f2b7d1c9a6e83540"}
_DATA_KEY = (("KeySpec", "AES_256"),)


_LIVES: Final = (
    DemoAct(
        95,
        "kms:UpdateKeyDescription",
        "prod-logs-platform",
        (("Description", "Log archive, seven years"),),
        by="KeyAdministrator",
    ),
    DemoAct(
        130,
        "kms:TagResource",
        "prod-cardvault-payments",
        (("Tags", [{"TagKey": "Compliance", "TagValue": "PCI-DSS"}]),),
        by="KeyAdministrator",
    ),
    DemoAct(
        130,
        "kms:TagResource",
        "prod-payouts-payments",
        (("Tags", [{"TagKey": "Compliance", "TagValue": "PCI-DSS"}]),),
        by="KeyAdministrator",
    ),
    DemoAct(
        131,
        "kms:TagResource",
        "prod-profiles-identity",
        (("Tags", [{"TagKey": "Compliance", "TagValue": "GDPR"}]),),
        by="KeyAdministrator",
    ),
    DemoAct(152, "kms:DisableKey", "stage-migration-analytics", by="KeyAdministrator"),
    DemoAct(153, "kms:Decrypt", "stage-migration-analytics", refused=True, by="AnalyticsApp"),
    DemoAct(
        160,
        "kms:ScheduleKeyDeletion",
        "stage-migration-analytics",
        (("PendingWindowInDays", 7),),
        by="KeyAdministrator",
    ),
    DemoAct(162, "kms:Encrypt", "stage-migration-analytics", refused=True, by="AnalyticsApp"),
    DemoAct(181, "kms:DisableKey", "dev-soaktest-payments", by="KeyAdministrator"),
    DemoAct(215, "kms:DisableKey", "legacy/fileserver", by="KeyAdministrator"),
    DemoAct(
        252,
        "kms:ScheduleKeyDeletion",
        "prod-exports-analytics",
        (("PendingWindowInDays", 14),),
        by="KeyAdministrator",
    ),
    DemoAct(
        255,
        "kms:GenerateDataKey",
        "prod-exports-analytics",
        _DATA_KEY,
        refused=True,
        by="AnalyticsApp",
    ),
    DemoAct(256, "kms:CancelKeyDeletion", "prod-exports-analytics", by="KeyAdministrator"),
    DemoAct(300, "kms:GetKeyPolicy", "prod-cardvault-payments", by="Auditor"),
    DemoAct(301, "kms:ListResourceTags", "prod-cardvault-payments", by="Auditor"),
    DemoAct(320, "kms:DisableKey", "prod-archive-platform", by="KeyAdministrator"),
    DemoAct(
        359,
        "kms:ScheduleKeyDeletion",
        "prod-archive-platform",
        (("PendingWindowInDays", 30),),
        by="KeyAdministrator",
    ),
    DemoAct(361, "kms:Decrypt", "prod-archive-platform", refused=True, by="PlatformApp"),
    DemoAct(363, "kms:Decrypt", "prod-archive-platform", refused=True, by="PlatformApp"),
)
"""What happened to keys in the course of their lives."""

_POLICIES: Final = (
    DemoAct(
        25,
        "kms:PutKeyPolicy",
        "prod-cardvault-payments",
        (("Policy", policies.cardvault()),),
        by="KeyAdministrator",
    ),
    DemoAct(
        50, "kms:PutKeyPolicy", "prod-secrets-platform", (("Policy", policies.example_app()),)
    ),
    DemoAct(
        64,
        "kms:PutKeyPolicy",
        "prod-backups-platform",
        (("Policy", policies.ebs()),),
        by="KeyAdministrator",
    ),
    DemoAct(
        80, "kms:PutKeyPolicy", "prod-payouts-payments", (("Policy", policies.only_payouts()),)
    ),
    DemoAct(
        110,
        "kms:PutKeyPolicy",
        "prod-warehouse-analytics",
        (("Policy", policies.partner_account()),),
        by="KeyAdministrator",
    ),
    DemoAct(
        140,
        "kms:PutKeyPolicy",
        "prod-firmware-fleet",
        (("Policy", policies.partner_role()),),
        by="KeyAdministrator",
    ),
)
"""Key policies that say more than the default one."""

_USES: Final = (
    DemoAct(
        55,
        "kms:Encrypt",
        "prod-secrets-platform",
        _EXAMPLE_APP,
        by="RoleForExampleApp",
        keeps="example",
    ),
    DemoAct(
        57,
        "kms:Decrypt",
        "prod-secrets-platform",
        _EXAMPLE_APP,
        by="RoleForExampleApp",
        needs="example",
    ),
    DemoAct(
        341,
        "kms:Decrypt",
        "prod-secrets-platform",
        _EXAMPLE_APP,
        by="RoleForExampleApp",
        needs="example",
    ),
    DemoAct(
        74,
        "kms:GenerateDataKeyWithoutPlaintext",
        "prod-backups-platform",
        (*_DATA_KEY, ("EncryptionContext", _VOLUME)),
        by="EBSVolumeRole",
        via=_EC2,
        keeps="volume",
    ),
    DemoAct(
        207,
        "kms:Decrypt",
        "prod-backups-platform",
        (("EncryptionContext", _VOLUME),),
        by=_EC2,
        needs="volume",
    ),
    DemoAct(
        92,
        "kms:GenerateDataKeyWithoutPlaintext",
        "aws/ebs",
        (*_DATA_KEY, ("EncryptionContext", {"aws:ebs:id": "vol-0c3e5a7b9d1f20468"})),
        by="EBSVolumeRole",
        via=_EC2,
        region=SECOND_REGION,
    ),
    DemoAct(210, "kms:Decrypt", "prod-warehouse-analytics", _WAREHOUSE, by="PartnerAnalyticsRole"),
    DemoAct(305, "kms:Decrypt", "prod-warehouse-analytics", _WAREHOUSE, by="PartnerAnalyticsRole"),
    DemoAct(233, "kms:Decrypt", "prod-firmware-fleet", by="PartnerBuildRole"),
    DemoAct(302, "kms:ListGrants", "prod-backups-platform", by="Auditor"),
)
"""Calls that those policies are for."""


def _grant(
    day: int,
    alias: str,
    name: str,
    grantee: str,
    operations: tuple[str, ...],
    *,
    retiring: str = "",
    equals: dict[str, str] | None = None,
    subset: dict[str, str] | None = None,
    by: str = ADMINISTRATOR,
    via: str = "",
) -> DemoAct:
    members: list[tuple[str, object]] = [
        ("Name", name),
        ("GranteePrincipal", grantee),
        ("Operations", list(operations)),
    ]
    if retiring:
        members.append(("RetiringPrincipal", retiring))
    if equals is not None:
        members.append(("Constraints", {"EncryptionContextEquals": equals}))
    if subset is not None:
        members.append(("Constraints", {"EncryptionContextSubset": subset}))
    return DemoAct(day, "kms:CreateGrant", alias, tuple(members), by=by, via=via, keeps=name)


_GRANTS: Final = (
    _grant(
        36,
        "prod-cardvault-payments",
        "settlement-report",
        role_arn("ReportApp"),
        ("Decrypt", "DescribeKey"),
        retiring=role_arn("KeyAdministrator"),
        equals={"app": "cardvault", "env": "prod"},
    ),
    _grant(
        72,
        "prod-backups-platform",
        "volume-attachment",
        _EC2,
        ("Decrypt", "GenerateDataKeyWithoutPlaintext", "CreateGrant"),
        retiring=_EC2,
        subset=_VOLUME,
        by="EBSVolumeRole",
        via=_EC2,
    ),
    _grant(
        118,
        "prod-warehouse-analytics",
        "partner-extract",
        role_arn("PartnerAnalyticsRole", PARTNER),
        ("Decrypt",),
        retiring=root_arn(PARTNER),
        subset={"env": "prod"},
    ),
    _grant(
        121,
        "prod-warehouse-analytics",
        "migration",
        role_arn("MigrationRole"),
        ("Encrypt", "Decrypt", "GenerateDataKey"),
    ),
    _grant(
        151,
        "prod-backups-platform",
        "spare-volume",
        _EC2,
        ("Decrypt", "GenerateDataKeyWithoutPlaintext"),
        retiring=_EC2,
        subset=_SPARE_VOLUME,
        by="EBSVolumeRole",
        via=_EC2,
    ),
    DemoAct(
        281,
        "kms:RevokeGrant",
        "prod-backups-platform",
        by="EBSVolumeRole",
        via=_EC2,
        needs="spare-volume",
    ),
    _grant(
        226,
        "prod-logs-platform",
        "log-export",
        role_arn("RoleForExampleApp"),
        ("Encrypt", "GenerateDataKey", "ReEncryptTo"),
        retiring=user_arn(ADMINISTRATOR),
    ),
    _grant(
        330,
        "prod-telemetry-fleet",
        "replay",
        role_arn("IngestApp"),
        ("Decrypt", "RetireGrant"),
        retiring=role_arn("FleetApp"),
        subset={"fleet": "field"},
    ),
    DemoAct(331, "kms:Decrypt", "prod-telemetry-fleet", _TELEMETRY, by="IngestApp"),
    DemoAct(346, "kms:RetireGrant", "prod-telemetry-fleet", by="IngestApp", needs="replay"),
    _grant(
        364,
        "prod-profiles-identity",
        "incident-1042",
        user_arn("ExampleUser"),
        ("Decrypt", "DescribeKey"),
        retiring=user_arn("ExampleUser"),
        equals={"app": "profiles", "env": "prod"},
    ),
)
"""Grants of several kinds and ages, and what ended some of them."""

_DENIED: Final = (
    DemoAct(
        58,
        "kms:Encrypt",
        "prod-secrets-platform",
        (("EncryptionContext", {"AppName": "ExampleApp", "Version": "1.0.23"}),),
        refused=True,
        by="RoleForExampleApp",
    ),
    DemoAct(
        71,
        "kms:CreateGrant",
        "prod-backups-platform",
        (("GranteePrincipal", role_arn("EBSVolumeRole")), ("Operations", ["Decrypt"])),
        refused=True,
        by="EBSVolumeRole",
    ),
    DemoAct(
        234,
        "kms:Encrypt",
        "prod-firmware-fleet",
        refused=True,
        by="PartnerBuildRole",
    ),
    DemoAct(303, "kms:Encrypt", "prod-cardvault-payments", refused=True, by="Auditor"),
    DemoAct(
        356,
        "kms:ScheduleKeyDeletion",
        "prod-archive-platform",
        (("PendingWindowInDays", 30),),
        refused=True,
        by="KeyAdministrator",
        proven=False,
    ),
    DemoAct(
        360,
        "kms:PutKeyPolicy",
        "prod-payouts-payments",
        (("Policy", policies.partner_account()),),
        refused=True,
        by="DeployUser",
    ),
    DemoAct(362, "kms:Decrypt", "prod-telemetry-fleet", _TELEMETRY, refused=True, by="IngestApp"),
    DemoAct(
        364,
        "kms:Decrypt",
        "prod-cardvault-payments",
        (("EncryptionContext", {"app": "cardvault", "env": "prod"}),),
        refused=True,
        by="KeyAdministrator",
    ),
)
"""Calls that policies refuse."""

ACTS: Final = (*_LIVES, *_POLICIES, *_USES, *_GRANTS, *_DENIED, *LIFECYCLES)
"""Everything; the order gives each act its hour, so new acts come last."""
