"""Roles, made for tests of the console."""

from __future__ import annotations

import json

from tests.helpers.engines import ACCOUNT, Bench

ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def trust(principal: str, *, effect: str = "Allow") -> str:
    """Write a role's trust policy."""
    statement = {"Effect": effect, "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_role(bench: Bench, name: str, principal: str = ROOT, description: str = "") -> str:
    """Make a role that may look at keys, and return its ARN."""
    arn: str = bench.call(
        "iam:CreateRole",
        RoleName=name,
        AssumeRolePolicyDocument=trust(principal),
        Description=description,
    )["Role"]["Arn"]
    statement = {
        "Effect": "Allow",
        "Action": ["kms:Describe*", "kms:List*", "kms:Get*", "kmstui:*"],
        "Resource": "*",
    }
    bench.call(
        "iam:PutRolePolicy",
        RoleName=name,
        PolicyName="look",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    return arn
