"""An account with a few users, groups, roles, policies and keys, for tests of Access."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from kmstui.tui.app import KmsApp
from kmstui.tui.launch import Launch
from tests.helpers.engines import ACCOUNT, ROOT, Bench

ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
APP = f"arn:aws:iam::{ACCOUNT}:role/payments-app"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
USE = f"arn:aws:iam::{ACCOUNT}:policy/UsePayments"


def document(*statements: Mapping[str, object]) -> str:
    """Write a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(sid: str, actions: str | Sequence[str], **more: object) -> dict[str, object]:
    """Write an Allow statement on every resource."""
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*", **more}


def key_policy() -> str:
    """Write the policy of the key ``payments``: the account, the application, and a refusal."""
    return document(
        allow("Account", "kms:*", Principal={"AWS": ROOT}),
        allow(
            "AppEncrypts",
            ["kms:Encrypt", "kms:GenerateDataKey"],
            Principal={"AWS": APP},
            Condition={"StringEquals": {"kms:EncryptionContext:app": "payments"}},
        ),
        {
            "Sid": "AdministratorsDoNotDecrypt",
            "Effect": "Deny",
            "Principal": {"AWS": ADA},
            "Action": "kms:Decrypt",
            "Resource": "*",
        },
    )


@dataclass(slots=True)
class AccessAccount:
    """The account.

    Attributes:
        bench: Its engine and root session.
        key: ARN of the key ``payments``.
    """

    bench: Bench
    key: str

    @classmethod
    def make(cls, base: Path, *, training: bool = True) -> AccessAccount:
        """Create it in a directory."""
        bench = Bench.make(base, training=training)
        for user in ("ada", "bob", "carol"):
            bench.call("iam:CreateUser", UserName=user)
        bench.call(
            "iam:CreateGroup",
            GroupName="auditors",
        )
        bench.call(
            "iam:PutGroupPolicy",
            GroupName="auditors",
            PolicyName="Look",
            PolicyDocument=document(allow("Look", ["kms:Describe*", "kms:List*", "kms:Get*"])),
        )
        bench.call("iam:AddUserToGroup", GroupName="auditors", UserName="carol")
        bench.call("iam:AttachUserPolicy", UserName="ada", PolicyArn=ADMINISTRATOR)
        bench.call(
            "iam:CreatePolicy",
            PolicyName="UsePayments",
            PolicyDocument=document(allow("Use", ["kms:Encrypt", "kms:Decrypt"])),
        )
        bench.call(
            "iam:CreateRole",
            RoleName="payments-app",
            AssumeRolePolicyDocument=document(
                {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
            ),
            Description="The payment service",
        )
        bench.call("iam:TagUser", UserName="ada", Tags=[{"Key": "team", "Value": "keys"}])
        bench.call(
            "iam:PutUserPolicy",
            UserName="bob",
            PolicyName="Everything",
            PolicyDocument=document(allow("TooMuch", "kms:*")),
        )
        key_id = bench.key("alias/payments")
        bench.key("alias/logs")
        key: str = bench.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["Arn"]
        bench.call("PutKeyPolicy", KeyId=key_id, Policy=key_policy())
        bench.clock.advance(timedelta(days=3))
        return cls(bench, key)

    def console(self, **options: Any) -> KmsApp:
        """Make a console, signed in as root; time moves only when the test says so."""
        app = _Console(
            Launch(
                open_engine=lambda: self.bench.engine,
                location="~/keys/prod",
                training=True,
                sign_in=lambda _door: self.bench.session,
                clock=self.bench.clock,
                idle_lock=None,
                ticking=False,
                start="access",
                **options,
            )
        )
        app.animation_level = "none"
        return app


class _Console(KmsApp):
    """A console whose random values show as placeholders."""

    opaque_placeholder = True
