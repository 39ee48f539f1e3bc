"""Short ways to write a request and what applies to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kmstui.authz.document import parse_policy
from kmstui.authz.model import (
    AccessRequest,
    AttachedPolicy,
    ContextValue,
    PolicyKind,
    Principal,
    PrincipalType,
)

ACCOUNT, PARTNER = "111122223333", "444455556666"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
PARTNER_ROOT_ARN = f"arn:aws:iam::{PARTNER}:root"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/teams/App"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/App/i-1"
PARTNER_USER_ARN = f"arn:aws:iam::{PARTNER}:user/bob"
SERVICE_NAME = "s3.amazonaws.com"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

ROOT = Principal(PrincipalType.ROOT, ROOT_ARN, ACCOUNT)
PARTNER_ROOT = Principal(PrincipalType.ROOT, PARTNER_ROOT_ARN, PARTNER)
USER = Principal(PrincipalType.USER, USER_ARN, ACCOUNT)
SESSION = Principal(PrincipalType.SESSION, SESSION_ARN, ACCOUNT, ROLE_ARN)
ROLE = Principal(PrincipalType.ROLE, ROLE_ARN, ACCOUNT)
PARTNER_USER = Principal(PrincipalType.USER, PARTNER_USER_ARN, PARTNER)
SERVICE = Principal(PrincipalType.SERVICE, SERVICE_NAME, "")


def request(
    principal: Principal = USER,
    action: str = "kms:Encrypt",
    context: Mapping[str, ContextValue] | None = None,
    **more: Any,
) -> AccessRequest:
    """Return a request on the key, with a grant operation of the action's name."""
    members: dict[str, Any] = {
        "resource": KEY,
        "resource_account": ACCOUNT,
        "grant_operation": action.partition(":")[2],
    }
    return AccessRequest(principal, action, context=context or {}, **(members | more))


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy of the current version."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """Return a statement on every action and resource, with some elements; None removes one."""
    whole = {"Effect": effect, "Action": "kms:*", "Resource": "*"} | elements
    return {name: value for name, value in whole.items() if value is not None}


def attached(kind: PolicyKind, *statements: Mapping[str, Any], name: str = "") -> AttachedPolicy:
    """Return a policy under a name, or under its kind's."""
    return AttachedPolicy(name or kind.value, parse_policy(document(*statements), kind))


def key_policy(*statements: Mapping[str, Any]) -> AttachedPolicy:
    """Return a key policy."""
    return attached(PolicyKind.KEY, *statements, name="key policy")


def allowing(*principals: str, **elements: Any) -> dict[str, Any]:
    """Return a statement that allows AWS principals everything."""
    return statement(Principal={"AWS": list(principals)}, **elements)


def denying(*principals: str, **elements: Any) -> dict[str, Any]:
    """Return a statement that denies AWS principals everything."""
    return statement("Deny", Principal={"AWS": list(principals)}, **elements)
