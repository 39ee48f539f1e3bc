"""An account with grants of every kind, for tests of Grants and of a key's Access tab."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from tests.helpers.access_account import APP, AccessAccount
from tests.helpers.engines import ACCOUNT

BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
NIGHT = f"arn:aws:iam::{ACCOUNT}:role/night-job"
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    f'"Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"sts:AssumeRole"}}]}}'
)


def grant_account(base: Path) -> AccessAccount:
    """Make the account: five grants on three keys, one of them an orphan, one on a leaving key."""
    made = AccessAccount.make(base)
    call = made.bench.call
    call("iam:CreateRole", RoleName="night-job", AssumeRolePolicyDocument=TRUST)
    leaving = made.bench.key("alias/old-archive")
    logs: str = call("DescribeKey", KeyId="alias/logs")["KeyMetadata"]["KeyId"]

    def grant(key: str, grantee: str, *operations: str, **more: object) -> None:
        made.bench.clock.advance(timedelta(days=2))
        members = {"KeyId": key, "GranteePrincipal": grantee, "Operations": [*operations]}
        call("CreateGrant", {**members, **more})

    bound: Mapping[str, object] = {"EncryptionContextSubset": {"app": "payments"}}
    grant(made.key, APP, "Decrypt", "GenerateDataKey", "DescribeKey", Constraints=bound)
    grant(logs, APP, "Encrypt", Name="log-writer", RetiringPrincipal=BOB)
    exactly = {"EncryptionContextEquals": {"env": "prod", "job": "night"}}
    grant(logs, NIGHT, "Decrypt", Name="night", Constraints=exactly)
    grant(leaving, BOB, "Decrypt", "Encrypt")
    grant(made.key, NIGHT, "DescribeKey", "RetireGrant")
    call("iam:DeleteRole", RoleName="night-job")
    call("ScheduleKeyDeletion", KeyId=leaving, PendingWindowInDays=7)
    return made
