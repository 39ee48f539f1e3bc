"""Records of IAM in the form that answers have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kmstui.keystore import GroupRecord, ManagedPolicyRecord, PolicyVersion, RoleRecord, UserRecord
from kmstui.keystore.principals import Tags

Shown = dict[str, Any]


def tag_list(tags: Tags) -> list[Shown]:
    """Return tags."""
    return [{"Key": key, "Value": value} for key, value in tags]


def _bounded(boundary: str, tags: Tags) -> Shown:
    shown: Shown = {}
    if boundary:
        shown["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": boundary,
        }
    if tags:
        shown["Tags"] = tag_list(tags)
    return shown


def listed_user(user: UserRecord) -> Shown:
    """Return a user as listings have it."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.unique_id,
        "Arn": user.arn,
        "CreateDate": user.created,
    }


def user(record: UserRecord) -> Shown:
    """Return a user in full."""
    return listed_user(record) | _bounded(record.boundary, record.tags)


def group(record: GroupRecord) -> Shown:
    """Return a group."""
    return {
        "Path": record.path,
        "GroupName": record.name,
        "GroupId": record.unique_id,
        "Arn": record.arn,
        "CreateDate": record.created,
    }


def listed_role(role: RoleRecord) -> Shown:
    """Return a role as listings have it."""
    shown: Shown = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.unique_id,
        "Arn": role.arn,
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": role.trust,
        "MaxSessionDuration": role.max_session_seconds,
    }
    if role.description:
        shown["Description"] = role.description
    return shown


def role(record: RoleRecord) -> Shown:
    """Return a role in full."""
    return listed_role(record) | _bounded(record.boundary, record.tags)


def version(record: PolicyVersion, policy: ManagedPolicyRecord, *, text: bool = False) -> Shown:
    """Return a version of a managed policy, with or without its document."""
    shown: Shown = {
        "VersionId": record.version_id,
        "IsDefaultVersion": record.version_id == policy.default_version,
        "CreateDate": record.created,
    }
    return {"Document": record.text, **shown} if text else shown


def listed_policy(policy: ManagedPolicyRecord, attachments: int, boundaries: int) -> Shown:
    """Return a managed policy as listings have it.

    Args:
        policy: The policy.
        attachments: To how many users, groups and roles it is attached.
        boundaries: How many users and roles it bounds.
    """
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.unique_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version,
        "AttachmentCount": attachments,
        "PermissionsBoundaryUsageCount": boundaries,
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    }


def policy(record: ManagedPolicyRecord, attachments: int, boundaries: int) -> Shown:
    """Return a managed policy in full; arguments are those of :func:`listed_policy`."""
    shown = listed_policy(record, attachments, boundaries)
    if record.description:
        shown["Description"] = record.description
    return shown | {"Tags": tag_list(record.tags)}


def attached_policies(arns: Iterable[str]) -> list[Shown]:
    """Return attached managed policies by name and ARN."""
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]
