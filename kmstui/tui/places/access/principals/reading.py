"""Reading principals and what each of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmstui.core.errors import KmsError
from kmstui.tui.places.access.principals.model import GROUP, ROLE, ROOT, USER, PrincipalRow

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

MANY = 1_000
"""Entries asked for at a time: the most that IAM gives."""

EVENTS = 500
"""Newest events of the trail that are looked through for those of one principal."""


async def read_all(console: KmsApp, operation: str, answer: str, **members: object) -> list[Any]:
    """Read every page of a listing of IAM.

    Raises:
        KmsError: The engine refused.
    """
    found: list[Any] = []
    page = await console.fetch(operation, MaxItems=MANY, **members)
    found += page[answer]
    while page.get("IsTruncated"):
        page = await console.fetch(operation, MaxItems=MANY, Marker=page["Marker"], **members)
        found += page[answer]
    return found


async def read_principals(console: KmsApp) -> list[PrincipalRow]:
    """Read root, users, roles, and groups as far as they may be listed.

    Raises:
        KmsError: The engine refused.
    """
    answer = await console.fetch("kmstui:ListPrincipals")
    rows = [PrincipalRow.read(entry) for entry in answer["Principals"]]
    try:
        groups = await read_all(
            console, "iam:GetAccountAuthorizationDetails", "GroupDetailList", Filter=["Group"]
        )
    except KmsError:
        # Who may list users need not be allowed to read all authorization details.
        groups = []
    return rows + [PrincipalRow.read_group(entry) for entry in groups]


async def attached_to(console: KmsApp, row: PrincipalRow) -> list[str]:
    """Read the ARNs of a principal's managed policies.

    Raises:
        KmsError: The engine refused.
    """
    if row.kind == ROOT:
        return []
    operation = f"iam:ListAttached{row.noun}Policies"
    found = await read_all(console, operation, "AttachedPolicies", **row.named)
    return [str(each["PolicyArn"]) for each in found]


async def inline_of(console: KmsApp, row: PrincipalRow) -> list[str]:
    """Read the names of a principal's inline policies.

    Raises:
        KmsError: The engine refused.
    """
    if row.kind == ROOT:
        return []
    found = await read_all(console, f"iam:List{row.noun}Policies", "PolicyNames", **row.named)
    return list(map(str, found))


async def access_keys_of(console: KmsApp, row: PrincipalRow) -> list[dict[str, Any]]:
    """Read a user's access keys, each with when it was last used.

    Raises:
        KmsError: The engine refused.
    """
    if row.kind != USER:
        return []
    found = await read_all(console, "iam:ListAccessKeys", "AccessKeyMetadata", **row.named)
    keys = []
    for key in found:
        used = await console.fetch("iam:GetAccessKeyLastUsed", AccessKeyId=key["AccessKeyId"])
        keys.append({**key, "LastUsed": used["AccessKeyLastUsed"].get("LastUsedDate")})
    return keys


async def devices_of(console: KmsApp, row: PrincipalRow) -> list[dict[str, Any]]:
    """Read a principal's MFA devices.

    Raises:
        KmsError: The engine refused.
    """
    if row.kind == USER:
        return await read_all(console, "iam:ListMFADevices", "MFADevices", **row.named)
    if row.kind != ROOT:
        return []
    every = await read_all(console, "iam:ListVirtualMFADevices", "VirtualMFADevices")
    return [each for each in every if str((each.get("User") or {}).get("Arn")) == row.arn]


async def sessions_of(console: KmsApp, row: PrincipalRow) -> list[dict[str, Any]]:
    """Read a principal's open sessions.

    Raises:
        KmsError: The engine refused.
    """
    answer = await console.fetch("kmstui:ListSessions")
    return [each for each in answer["Sessions"] if each["Origin"] == row.arn]


async def members_of(console: KmsApp, row: PrincipalRow) -> list[str]:
    """Read the names of a group's users.

    Raises:
        KmsError: The engine refused.
    """
    if row.kind != GROUP:
        return []
    found = await read_all(console, "iam:GetGroup", "Users", **row.named)
    return [str(each["UserName"]) for each in found]


async def events_of(console: KmsApp, row: PrincipalRow) -> list[dict[str, Any]]:
    """Read the newest events of the trail that a principal is in.

    Raises:
        KmsError: The engine refused.
    """
    answer = await console.fetch("kmstui:ReadTrail", Limit=EVENTS)
    return [event for event in answer["Events"] if _caller(event) == row.arn]


def _caller(event: dict[str, Any]) -> str:
    identity = event.get("userIdentity") or {}
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    return str(issuer.get("arn") or identity.get("arn") or "")


async def in_the_way(console: KmsApp, row: PrincipalRow) -> list[tuple[str, dict[str, object]]]:
    """Return the calls that have to be made before a principal can be deleted, in order.

    Raises:
        KmsError: The engine refused to say what it has.
    """
    named = row.named
    calls: list[tuple[str, dict[str, object]]] = [
        (f"iam:Detach{row.noun}Policy", {**named, "PolicyArn": arn})
        for arn in await attached_to(console, row)
    ]
    calls += [
        (f"iam:Delete{row.noun}Policy", {**named, "PolicyName": policy})
        for policy in await inline_of(console, row)
    ]
    calls += [("iam:RemoveUserFromGroup", {"GroupName": group, **named}) for group in row.groups]
    calls += [
        ("iam:RemoveUserFromGroup", {**named, "UserName": user})
        for user in await members_of(console, row)
    ]
    for key in await access_keys_of(console, row):
        calls.append(("iam:DeleteAccessKey", {**named, "AccessKeyId": key["AccessKeyId"]}))
    for device in await devices_of(console, row):
        serial = device["SerialNumber"]
        calls.append(("iam:DeactivateMFADevice", {**named, "SerialNumber": serial}))
        calls.append(("iam:DeleteVirtualMFADevice", {"SerialNumber": serial}))
    if row.boundary and row.kind in {USER, ROLE}:
        calls.append((f"iam:Delete{row.noun}PermissionsBoundary", named))
    if row.operator:
        calls.append(("kmstui:DeleteOperator", {"UserName": row.name}))
    return calls
