"""The demo's policy documents: key policies, identity policies and trust policies.

Their patterns are those of *AWS Key Management Service Best Practices*: administration apart from
use, encrypting apart from decrypting, EBS by way of EC2, encryption context, fresh MFA codes for
critical calls, and a Deny for everybody but those who need the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from kmstui.core.arn import root_arn
from kmstui.core.strictjson import JsonValue
from kmstui.engine.demo.setting import (
    ACCOUNT,
    ADMINISTRATOR,
    PARTNER,
    REGION,
    role_arn,
    session_arn,
    user_arn,
)

Statement = dict[str, JsonValue]

_MANAGE: Final[Sequence[JsonValue]] = (
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
)
_MANAGE_MATERIAL: Final[Sequence[JsonValue]] = (
    "kms:ImportKeyMaterial",
    "kms:ReplicateKey",
    "kms:RotateKeyOnDemand",
)
_USE: Final[Sequence[JsonValue]] = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:DescribeKey",
)
_USE_OF_PAIRS: Final[Sequence[JsonValue]] = (
    "kms:GetPublicKey",
    "kms:Sign",
    "kms:Verify",
    "kms:GenerateMac",
    "kms:VerifyMac",
    "kms:DeriveSharedSecret",
)
_CRITICAL: Final[Sequence[JsonValue]] = (
    "kms:DeleteAlias",
    "kms:DeleteImportedKeyMaterial",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
)


def _document(*statements: Statement) -> str:
    """Return a document as a person would have written it: in AWS's order, indented."""
    document = {"Version": "2012-10-17", "Statement": statements}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def _one_or_more(texts: Sequence[JsonValue]) -> JsonValue:
    return texts[0] if len(texts) == 1 else [*texts]


def _named(sid: str, principals: Sequence[str], actions: Sequence[JsonValue]) -> Statement:
    """Return a statement of a key policy that allows principals something."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": _one_or_more(principals)},
        "Action": _one_or_more(actions),
        "Resource": "*",
    }


def _key_policy(*statements: Statement) -> str:
    """Return a key policy that delegates to the account, and says more."""
    delegation = _named("EnableIAMPolicies", [root_arn(ACCOUNT)], ["kms:*"])
    return _document(delegation, *statements)


def telemetry() -> str:
    """One role encrypts and cannot decrypt; another decrypts and cannot encrypt."""
    return _key_policy(
        _named("IngestEncrypts", [role_arn("IngestApp")], ["kms:Encrypt", "kms:GenerateDataKey"]),
        _named("ReportDecrypts", [role_arn("ReportApp")], ["kms:Decrypt"]),
    )


def cardvault() -> str:
    """Administration apart from use; critical calls need a code of the last five minutes."""
    manage = [action for action in _MANAGE if action not in {"kms:Put*", "kms:Delete*"}]
    manage.remove("kms:ScheduleKeyDeletion")
    critical = _named(
        "MFACriticalKMSEvents",
        [role_arn("KeyAdministrator"), user_arn("ExampleUser")],
        _CRITICAL,
    )
    critical["Condition"] = {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}
    return _key_policy(
        _named("KeyAdministration", [role_arn("KeyAdministrator")], manage),
        _named("KeyUse", [role_arn("PaymentsApp")], _USE),
        critical,
    )


def example_app() -> str:
    """A role may use the key only with the encryption context of its application."""
    use = _named("ExampleAppContext", [role_arn("RoleForExampleApp")], _USE[:2])
    use["Condition"] = {
        "StringEquals": {
            "kms:EncryptionContext:AppName": "ExampleApp",
            "kms:EncryptionContext:Version": "1.0.24",
        }
    }
    return _key_policy(use)


def ebs() -> str:
    """A role attaches encrypted volumes; only EC2 makes and ends grants on its behalf."""
    role = [role_arn("EBSVolumeRole")]
    grants = _named(
        "GrantsThroughEC2", role, ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    )
    grants["Condition"] = {
        "StringEquals": {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"},
        "Bool": {"kms:GrantIsForAWSResource": "true"},
    }
    return _key_policy(
        _named(
            "VolumeUse",
            role,
            ["kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt", "kms:DescribeKey"],
        ),
        grants,
    )


def only_payouts() -> str:
    """Nobody but the account, its administrator and one role, whatever other policies allow."""
    spared: list[JsonValue] = [
        root_arn(ACCOUNT),
        user_arn(ADMINISTRATOR),
        role_arn("PaymentsApp"),
        session_arn("PaymentsApp"),
    ]
    return _key_policy(
        {
            "Sid": "DenyAllOthers",
            "Effect": "Deny",
            "NotPrincipal": {"AWS": spared},
            "Action": [*_USE[:-1], "kms:CreateGrant", "kms:PutKeyPolicy"],
            "Resource": "*",
        }
    )


def partner_account() -> str:
    """The partner's account decides who of it may decrypt."""
    return _key_policy(
        _named("PartnerAccount", [root_arn(PARTNER)], ["kms:Decrypt", "kms:DescribeKey"])
    )


def partner_role() -> str:
    """One role of the partner may decrypt."""
    return _key_policy(
        _named(
            "PartnerBuildRole",
            [role_arn("PartnerBuildRole", PARTNER)],
            ["kms:Decrypt", "kms:DescribeKey"],
        )
    )


def _identity(sid: str, actions: Sequence[JsonValue], resource: str = "*") -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": _one_or_more(actions),
        "Resource": resource,
    }


def administration() -> str:
    """Whoever looks after keys manages all and uses none."""
    return _document(
        _identity("ManageKeys", [*_MANAGE, *_MANAGE_MATERIAL]),
        _identity("FindPrincipals", ["iam:Get*", "iam:List*"]),
        {"Sid": "NoUseOfKeys", "Effect": "Deny", "Action": [*_USE[:-1]], "Resource": "*"},
    )


def team_use() -> str:
    """A team's role uses the keys that carry the team's name as their owner."""
    use = _identity("UseOfOwnKeys", [*_USE, *_USE_OF_PAIRS])
    use["Condition"] = {"StringEquals": {"aws:ResourceTag/Owner": "${aws:PrincipalTag/Team}"}}
    return _document(use)


def everything() -> str:
    """What no policy should say: every action of KMS on every key."""
    return _document(_identity("AllKeys", ["kms:*"]))


def shared_keys() -> str:
    """What a partner's account lets a role of its own do with keys of the demo's account."""
    keys = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*"
    return _document(_identity("KeysSharedWithUs", ["kms:Decrypt", "kms:DescribeKey"], keys))


def trust(*services: str) -> str:
    """Whom a role trusts: the demo's administrator, and the services that run its programs."""
    principal: dict[str, JsonValue] = {"AWS": user_arn(ADMINISTRATOR)}
    if services:
        principal["Service"] = _one_or_more(services)
    return _document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
