"""People, roles and policies for operations of IAM, and a valid request to each operation."""

from __future__ import annotations

from typing import Any, Final

from kmstui.keystore import (
    AccessKeyRecord,
    GroupRecord,
    ManagedPolicyRecord,
    PolicyText,
    PolicyVersion,
    RoleRecord,
    UserRecord,
)
from tests.helpers.engines import ACCOUNT, START, Bench

IDENTITY: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Decrypt",'
    '"Resource":"*"}]}'
)
TRUST: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    f'"Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}}}}]}}'
)
KEY_ID: Final = "AKIAIOSFODNN7EXAMPLE"
POLICY: Final = f"arn:aws:iam::{ACCOUNT}:policy/Use"
IDLE: Final = f"arn:aws:iam::{ACCOUNT}:policy/Idle"
VERSIONED: Final = f"arn:aws:iam::{ACCOUNT}:policy/Versioned"
INLINE: Final = (PolicyText("inline", IDENTITY),)
TAGS: Final = (("team", "payments"),)

Request = dict[str, Any]


def _policy(name: str, *versions: str) -> ManagedPolicyRecord:
    made = tuple(PolicyVersion(version, IDENTITY, START) for version in versions)
    return ManagedPolicyRecord(
        ACCOUNT, name, f"ANPA{name.upper():Q<17}", START, START, made, versions[-1]
    )


def make_identities(bench: Bench) -> None:
    """Store people, roles and policies, some in use and some not, past the operations."""
    held: dict[str, Any] = {"inline": INLINE, "attached": (POLICY,)}
    bound: dict[str, Any] = {"boundary": POLICY, "tags": TAGS}
    keystore = bench.core.keystore
    with keystore.begin() as unit:
        unit.put_user(
            UserRecord(
                ACCOUNT,
                "ada",
                "AIDAADAQQQQQQQQQQQQQQ",
                START,
                groups=("keepers",),
                **held,
                **bound,
            )
        )
        unit.put_user(UserRecord(ACCOUNT, "bob", "AIDABOBQQQQQQQQQQQQQQ", START, path="/team/"))
        unit.put_group(GroupRecord(ACCOUNT, "keepers", "AGPAKEEPERSQQQQQQQQQQ", START, **held))
        unit.put_group(
            GroupRecord(ACCOUNT, "nobody", "AGPANOBODYQQQQQQQQQQQ", START, path="/team/")
        )
        unit.put_role(
            RoleRecord(ACCOUNT, "deploy", "AROADEPLOYQQQQQQQQQQQ", START, TRUST, **held, **bound)
        )
        unit.put_role(
            RoleRecord(ACCOUNT, "idle", "AROAIDLEQQQQQQQQQQQQQ", START, TRUST, path="/team/")
        )
        unit.put_managed_policy(_policy("Use", "v1"))
        unit.put_managed_policy(_policy("Idle", "v1"))
        unit.put_managed_policy(_policy("Versioned", "v1", "v2"))
        unit.put_access_key(
            AccessKeyRecord(ACCOUNT, KEY_ID, "ada", b"sealed", active=True, created=START)
        )
        unit.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)


_ADA: Final[Request] = {"UserName": "ada"}
_KEEPERS: Final[Request] = {"GroupName": "keepers"}
_DEPLOY: Final[Request] = {"RoleName": "deploy"}
_HOLDERS: Final = {"User": _ADA, "Group": _KEEPERS, "Role": _DEPLOY}
_TAG: Final = {"Tags": [{"Key": "a", "Value": "b"}]}

IAM_VALID: Final[dict[str, Request]] = {
    "CreateUser": {"UserName": "new"},
    "GetUser": _ADA,
    "ListUsers": {},
    "UpdateUser": {"UserName": "bob", "NewUserName": "rob"},
    "DeleteUser": {"UserName": "bob"},
    "TagUser": _ADA | _TAG,
    "UntagUser": _ADA | {"TagKeys": ["team"]},
    "ListUserTags": _ADA,
    "CreateGroup": {"GroupName": "new"},
    "GetGroup": _KEEPERS,
    "ListGroups": {},
    "DeleteGroup": {"GroupName": "nobody"},
    "AddUserToGroup": {"GroupName": "nobody", "UserName": "ada"},
    "RemoveUserFromGroup": _KEEPERS | _ADA,
    "ListGroupsForUser": _ADA,
    "CreateRole": {"RoleName": "new", "AssumeRolePolicyDocument": TRUST},
    "GetRole": _DEPLOY,
    "ListRoles": {},
    "UpdateRole": _DEPLOY | {"Description": "words"},
    "UpdateAssumeRolePolicy": _DEPLOY | {"PolicyDocument": TRUST},
    "DeleteRole": {"RoleName": "idle"},
    "TagRole": _DEPLOY | _TAG,
    "UntagRole": _DEPLOY | {"TagKeys": ["team"]},
    "ListRoleTags": _DEPLOY,
    "CreatePolicy": {"PolicyName": "New", "PolicyDocument": IDENTITY},
    "GetPolicy": {"PolicyArn": POLICY},
    "ListPolicies": {},
    "DeletePolicy": {"PolicyArn": IDLE},
    "CreatePolicyVersion": {"PolicyArn": IDLE, "PolicyDocument": IDENTITY},
    "GetPolicyVersion": {"PolicyArn": POLICY, "VersionId": "v1"},
    "ListPolicyVersions": {"PolicyArn": VERSIONED},
    "DeletePolicyVersion": {"PolicyArn": VERSIONED, "VersionId": "v1"},
    "SetDefaultPolicyVersion": {"PolicyArn": VERSIONED, "VersionId": "v1"},
    "ListEntitiesForPolicy": {"PolicyArn": POLICY},
    "PutUserPermissionsBoundary": _ADA | {"PermissionsBoundary": POLICY},
    "PutRolePermissionsBoundary": _DEPLOY | {"PermissionsBoundary": POLICY},
    "DeleteUserPermissionsBoundary": _ADA,
    "DeleteRolePermissionsBoundary": _DEPLOY,
    "CreateAccessKey": _ADA,
    "UpdateAccessKey": _ADA | {"AccessKeyId": KEY_ID, "Status": "Inactive"},
    "DeleteAccessKey": _ADA | {"AccessKeyId": KEY_ID},
    "ListAccessKeys": _ADA,
    "GetAccessKeyLastUsed": {"AccessKeyId": KEY_ID},
    "GetAccountAuthorizationDetails": {},
    "GetAccountSummary": {},
}
for _noun, _holder in _HOLDERS.items():
    IAM_VALID.update(
        {
            f"Put{_noun}Policy": _holder | {"PolicyName": "new", "PolicyDocument": IDENTITY},
            f"Get{_noun}Policy": _holder | {"PolicyName": "inline"},
            f"List{_noun}Policies": _holder,
            f"Delete{_noun}Policy": _holder | {"PolicyName": "inline"},
            f"Attach{_noun}Policy": _holder | {"PolicyArn": IDLE},
            f"Detach{_noun}Policy": _holder | {"PolicyArn": POLICY},
            f"ListAttached{_noun}Policies": _holder,
        }
    )
