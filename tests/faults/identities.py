"""The part of the story about users, groups, roles, policies and access keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from kmstui.keystore import Keystore
from tests.helpers.engines import ACCOUNT, Bench
from tests.helpers.iam_requests import IDENTITY, TRUST

Step = Callable[[Bench, dict[str, str]], Any]

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/Use"
TAG = {"Tags": [{"Key": "team", "Value": "payments"}]}
UNTAG = {"TagKeys": ["team"]}
HOLDERS = {
    "User": {"UserName": "ada"},
    "Group": {"GroupName": "keepers"},
    "Role": {"RoleName": "deploy"},
}


def _create_key(bench: Bench, keys: dict[str, str]) -> None:
    made = bench.call("iam:CreateAccessKey", HOLDERS["User"])["AccessKey"]
    keys["access"] = made["AccessKeyId"]


def _with_key(operation: str, **members: str) -> tuple[str, Step]:
    def step(bench: Bench, keys: dict[str, str]) -> None:
        bench.call(f"iam:{operation}", HOLDERS["User"] | members, AccessKeyId=keys["access"])

    return operation, step


def _call(operation: str, *members: dict[str, Any], **more: Any) -> tuple[str, Step]:
    request = {name: value for part in members for name, value in part.items()} | more
    return operation, lambda bench, _keys: bench.call(f"iam:{operation}", request)


def _for_each(pattern: str, nouns: str = "User Group Role", **members: str) -> Iterator[Any]:
    for noun in nouns.split():
        yield _call(pattern.format(noun), HOLDERS[noun], **members)


USER, GROUP, ROLE = HOLDERS.values()
IDENTITY_STEPS: tuple[tuple[str, Step], ...] = (
    _call("CreateUser", UserName="Ada"),
    _call("UpdateUser", UserName="Ada", NewUserName="ada", NewPath="/team/"),
    _call("CreateGroup", GROUP),
    _call("AddUserToGroup", GROUP, USER),
    _call("CreateRole", ROLE, AssumeRolePolicyDocument=TRUST),
    _call("UpdateRole", ROLE, Description="deploys"),
    _call("UpdateAssumeRolePolicy", ROLE, PolicyDocument=TRUST.replace("Allow", "Deny")),
    _call("TagUser", USER, TAG),
    _call("TagRole", ROLE, TAG),
    _call("UntagUser", USER, UNTAG),
    _call("UntagRole", ROLE, UNTAG),
    _call("CreatePolicy", PolicyName="Use", PolicyDocument=IDENTITY),
    _call("CreatePolicyVersion", PolicyArn=POLICY, PolicyDocument=IDENTITY),
    _call("SetDefaultPolicyVersion", PolicyArn=POLICY, VersionId="v2"),
    _call("DeletePolicyVersion", PolicyArn=POLICY, VersionId="v1"),
    *_for_each("Put{}Policy", PolicyName="inline", PolicyDocument=IDENTITY),
    *_for_each("Attach{}Policy", PolicyArn=POLICY),
    *_for_each("Put{}PermissionsBoundary", "User Role", PermissionsBoundary=POLICY),
    ("CreateAccessKey", _create_key),
    _with_key("UpdateAccessKey", Status="Inactive"),
    _with_key("DeleteAccessKey"),
    *_for_each("Delete{}PermissionsBoundary", "User Role"),
    *_for_each("Detach{}Policy", PolicyArn=POLICY),
    *_for_each("Delete{}Policy", PolicyName="inline"),
    _call("DeletePolicy", PolicyArn=POLICY),
    _call("RemoveUserFromGroup", GROUP, USER),
    _call("DeleteGroup", GROUP),
    _call("DeleteUser", USER),
    _call("DeleteRole", ROLE),
)
"""Each with the name of its operation; at the end nobody is left."""


def identities(keystore: Keystore) -> list[Any]:
    """Return everything that the keystore holds of the account, but for sealed secrets."""
    users = keystore.users(ACCOUNT)
    return [
        users,
        keystore.groups(ACCOUNT),
        keystore.roles(ACCOUNT),
        keystore.managed_policies(ACCOUNT),
        [
            replace(key, token=b"")
            for user in users
            for key in keystore.access_keys(ACCOUNT, user.name)
        ],
        keystore.departed(f"arn:aws:iam::{ACCOUNT}:user/team/ada"),
    ]
