"""The AWS managed policies that matter to keys and to those who look after them.

Their names and ids are AWS's. Documents of policies for every service are cut down to the services
that exist here. Source: *AWS Managed Policy Reference*.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from kmstui.core import strictjson
from kmstui.core.strictjson import JsonValue
from kmstui.keystore.principals import ManagedPolicyRecord, PolicyVersion

AWS_ACCOUNT: Final = "aws"
"""What stands in the place of an account in the ARN of an AWS managed policy."""


def _policy(
    name: str, unique_id: str, created: datetime, description: str, *actions: str
) -> ManagedPolicyRecord:
    document: JsonValue = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": actions[0] if len(actions) == 1 else list(actions),
                "Resource": "*",
            }
        ],
    }
    version = PolicyVersion("v1", strictjson.dumps(document).decode(), created)
    return ManagedPolicyRecord(
        AWS_ACCOUNT,
        name,
        unique_id,
        created,
        created,
        (version,),
        "v1",
        description=description,
    )


_POLICIES: Final = (
    _policy(
        "AdministratorAccess",
        "ANPAIWMBCKSKIEE64ZLYK",
        datetime(2015, 2, 6, 18, 39, 46, tzinfo=UTC),
        "Provides full access to AWS services and resources.",
        "*",
    ),
    _policy(
        "AWSKeyManagementServicePowerUser",
        "ANPAJNPP7PPPPMJRV2SA4",
        datetime(2015, 2, 6, 18, 40, 40, tzinfo=UTC),
        "Provides access to AWS Key Management Service (KMS).",
        "kms:CreateAlias",
        "kms:CreateKey",
        "kms:DeleteAlias",
        "kms:Describe*",
        "kms:GenerateRandom",
        "kms:Get*",
        "kms:List*",
        "kms:TagResource",
        "kms:UntagResource",
        "iam:ListGroups",
        "iam:ListRoles",
        "iam:ListUsers",
    ),
    _policy(
        "IAMFullAccess",
        "ANPAI7XKCFMBPM3QQRRVQ",
        datetime(2015, 2, 6, 18, 40, 38, tzinfo=UTC),
        "Provides full access to IAM.",
        "iam:*",
    ),
    _policy(
        "IAMReadOnlyAccess",
        "ANPAJKSO7NDY4T57MWDSQ",
        datetime(2015, 2, 6, 18, 40, 39, tzinfo=UTC),
        "Provides read only access to IAM.",
        "iam:GenerateCredentialReport",
        "iam:GenerateServiceLastAccessedDetails",
        "iam:Get*",
        "iam:List*",
        "iam:SimulateCustomPolicy",
        "iam:SimulatePrincipalPolicy",
    ),
    _policy(
        "ReadOnlyAccess",
        "ANPAILL3HVNFSB6DCOWYQ",
        datetime(2015, 2, 6, 18, 39, 48, tzinfo=UTC),
        "Provides read-only access to AWS services and resources.",
        "iam:Get*",
        "iam:List*",
        "kms:Describe*",
        "kms:Get*",
        "kms:List*",
        "sts:Get*",
    ),
    _policy(
        "SecurityAudit",
        "ANPAIX2T3QCXHR2OGGCTO",
        datetime(2015, 2, 6, 18, 41, 1, tzinfo=UTC),
        "Provides access to read security configuration metadata.",
        "iam:GenerateCredentialReport",
        "iam:Get*",
        "iam:List*",
        "iam:SimulateCustomPolicy",
        "iam:SimulatePrincipalPolicy",
        "kms:Describe*",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:List*",
    ),
)

AWS_MANAGED: Final[Mapping[str, ManagedPolicyRecord]] = {
    policy.arn: policy for policy in sorted(_POLICIES, key=lambda each: each.name.lower())
}
"""By ARN, in the order of names."""

_TEXTS: Final = {arn: policy.text for arn, policy in AWS_MANAGED.items()}


def managed_policy_text(arn: str) -> str | None:
    """Return the document of an AWS managed policy, if there is one of that ARN."""
    return _TEXTS.get(arn)
