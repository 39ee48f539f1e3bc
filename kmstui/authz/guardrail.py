"""The account guardrail: critical actions need a code of the last five minutes.

It is one service control policy, on by default, and plain policy text: there is no stage for MFA
beside the evaluation of policies. Source: AWS Key Management Service Best Practices,
*Multi-factor authentication*.
"""

from __future__ import annotations

from typing import Final

from kmstui.core import strictjson
from kmstui.core.strictjson import JsonValue

GUARDRAIL: Final = "MFAGuardrail"
"""Name of the service control policy."""

FULL_ACCESS: Final = "FullAWSAccess"
"""Name of the service control policy that every account begins with."""

MFA_SECONDS: Final = 300
"""Age from which a code is no longer fresh, seconds."""

GUARDED_ACTIONS: Final = (
    "kms:DeleteAlias",
    "kms:DeleteImportedKeyMaterial",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "iam:DeactivateMFADevice",
    "iam:DeleteVirtualMFADevice",
    "iam:ResyncMFADevice",
    "kmstui:CreateMfaRecoveryCodes",
    "kmstui:CreateOperator",
    "kmstui:PutServiceControlPolicy",
    "kmstui:DeleteServiceControlPolicy",
)
"""What the guardrail covers without further conditions."""


def full_access() -> str:
    """Return the service control policy that takes nothing away."""
    document: JsonValue = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": FULL_ACCESS, "Effect": "Allow", "Action": "*", "Resource": "*"},
        ],
    }
    return strictjson.dumps(document).decode()


def guardrail() -> str:
    """Return the guardrail's policy.

    A missing age counts as stale: ``IfExists`` lets the Deny apply when there is none. A second
    MFA device needs the first one's code; the first needs the passphrase instead, which the
    engine asks for.
    """
    stale: dict[str, JsonValue] = {
        "NumericGreaterThanEqualsIfExists": {"aws:MultiFactorAuthAge": str(MFA_SECONDS)}
    }
    document: JsonValue = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "MFACriticalEvents",
                "Effect": "Deny",
                "Action": list(GUARDED_ACTIONS),
                "Resource": "*",
                "Condition": stale,
            },
            {
                "Sid": "MFAFurtherDevices",
                "Effect": "Deny",
                "Action": "iam:EnableMFADevice",
                "Resource": "*",
                "Condition": {**stale, "Bool": {"kmstui:MFAEnrolled": "true"}},
            },
        ],
    }
    return strictjson.dumps(document).decode()
