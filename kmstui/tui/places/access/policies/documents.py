"""Reading a policy's document, and putting another in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kmstui.authz.model import PolicyKind
from kmstui.core.errors import NotFoundException
from kmstui.tui.places.access.policies.model import PolicyRef, short_name

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

AWS_POLICY = "arn:aws:iam::aws:policy/"
"""How the ARNs of policies begin that AWS manages."""

_HOLDERS = {"user": "User", "group": "Group", "role": "Role"}


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A policy as it is.

    Attributes:
        ref: Which one.
        source: Its text, as it was put.
        version: Its version, of a managed policy.
        updated: When that was made, of a managed policy.
        attached: To how many users, groups and roles a managed policy is attached.
        fixed: Why it cannot be changed; empty if it can.
    """

    ref: PolicyRef
    source: str
    version: str = ""
    updated: datetime | None = None
    attached: int | None = None
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Saving:
    """The call that puts a document in its place.

    Attributes:
        operation: Its name.
        members: Its request.
    """

    operation: str
    members: dict[str, Any]


def holder_of(arn: str) -> tuple[str, str]:
    """Return how operations call a principal's kind, and its name: ``User`` and ``ada``.

    Raises:
        NotFoundException: It is no user, group or role.
    """
    kind = arn.rpartition(":")[2].partition("/")[0]
    if kind not in _HOLDERS:
        raise NotFoundException(f"{arn} is no user, group or role.")
    return _HOLDERS[kind], short_name(arn)


async def read_document(console: KmsApp, ref: PolicyRef) -> PolicyDocument:
    """Read a policy.

    Raises:
        KmsError: The engine refused, or there is no such policy.
    """
    if ref.kind is PolicyKind.KEY:
        answer = await console.fetch("GetKeyPolicy", KeyId=ref.name)
        return PolicyDocument(ref, str(answer["Policy"]))
    if ref.kind is PolicyKind.SCP:
        answer = await console.fetch("kmstui:ListServiceControlPolicies")
        for each in answer["Policies"]:
            if each["PolicyName"] == ref.name:
                return PolicyDocument(ref, str(each["Policy"]))
        raise NotFoundException(f"There is no service control policy {ref.name}.")
    if ref.kind is PolicyKind.TRUST:
        answer = await console.fetch("iam:GetRole", RoleName=short_name(ref.name))
        return PolicyDocument(ref, str(answer["Role"]["AssumeRolePolicyDocument"]))
    if ref.inline:
        noun, name = holder_of(ref.owner)
        members = {f"{noun}Name": name, "PolicyName": ref.inline}
        answer = await console.fetch(f"iam:Get{noun}Policy", **members)
        return PolicyDocument(ref, str(answer["PolicyDocument"]))
    return await _managed(console, ref)


async def _managed(console: KmsApp, ref: PolicyRef) -> PolicyDocument:
    policy = (await console.fetch("iam:GetPolicy", PolicyArn=ref.name))["Policy"]
    answer = await console.fetch(
        "iam:GetPolicyVersion", PolicyArn=ref.name, VersionId=policy["DefaultVersionId"]
    )
    version = answer["PolicyVersion"]
    return PolicyDocument(
        ref,
        str(version["Document"]),
        version=str(version["VersionId"]),
        updated=version["CreateDate"],
        attached=int(policy["AttachmentCount"]) + int(policy["PermissionsBoundaryUsageCount"]),
        fixed="AWS manages this policy" if ref.name.startswith(AWS_POLICY) else "",
    )


def saving(ref: PolicyRef, source: str) -> Saving:
    """Return the call that saves a document.

    Raises:
        NotFoundException: The policy belongs to no user, group or role.
    """
    if ref.kind is PolicyKind.KEY:
        return Saving("PutKeyPolicy", {"KeyId": ref.name, "Policy": source})
    if ref.kind is PolicyKind.SCP:
        members = {"PolicyName": ref.name, "Policy": source}
        return Saving("kmstui:PutServiceControlPolicy", members)
    if ref.kind is PolicyKind.TRUST:
        members = {"RoleName": short_name(ref.name), "PolicyDocument": source}
        return Saving("iam:UpdateAssumeRolePolicy", members)
    if ref.inline:
        noun, name = holder_of(ref.owner)
        members = {f"{noun}Name": name, "PolicyName": ref.inline, "PolicyDocument": source}
        return Saving(f"iam:Put{noun}Policy", members)
    version: dict[str, Any] = {
        "PolicyArn": ref.name,
        "PolicyDocument": source,
        "SetAsDefault": True,
    }
    return Saving("iam:CreatePolicyVersion", version)
