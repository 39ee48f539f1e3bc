"""The whole account at once: who there is with which policies, and how many of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kmstui.core import limits
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore import (
    GroupRecord,
    ManagedPolicyRecord,
    PolicyText,
    RoleRecord,
    UserRecord,
)
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam import shapes
from kmstui.ops.iam.attachments import uses_of
from kmstui.ops.iam.managed import AWS_MANAGED
from kmstui.ops.iam.pages import cut
from kmstui.ops.iam.resolve import reads


def _texts(policies: tuple[PolicyText, ...]) -> list[shapes.Shown]:
    return [{"PolicyName": each.name, "PolicyDocument": each.text} for each in policies]


def _held(holder: UserRecord | GroupRecord | RoleRecord, member: str) -> shapes.Shown:
    shown: shapes.Shown = {
        "AttachedManagedPolicies": shapes.attached_policies(holder.attached),
    }
    if holder.inline:
        shown[member] = _texts(holder.inline)
    return shown


def _user(user: UserRecord) -> shapes.Shown:
    groups = {"GroupList": list(user.groups)}
    return shapes.user(user) | groups | _held(user, "UserPolicyList")


def _group(group: GroupRecord) -> shapes.Shown:
    return shapes.group(group) | _held(group, "GroupPolicyList")


def _role(role: RoleRecord) -> shapes.Shown:
    shown = shapes.role(role) | {"InstanceProfileList": []} | _held(role, "RolePolicyList")
    # AWS's details have neither of these.
    return {
        name: value
        for name, value in shown.items()
        if name not in {"Description", "MaxSessionDuration"}
    }


def _policy(policy: ManagedPolicyRecord, uses: dict[str, tuple[int, int]]) -> shapes.Shown:
    shown = shapes.policy(policy, *uses.get(policy.arn, (0, 0)))
    del shown["Tags"]
    newest_first = reversed(policy.versions)
    versions = [shapes.version(version, policy, text=True) for version in newest_first]
    return shown | {"PolicyVersionList": versions}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One thing of an account.

    Attributes:
        member: The member of the answer that it belongs to.
        place: Where it stands among all.
        record: What it is.
    """

    member: str
    place: str
    record: Any


_MEMBERS: Final = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}


def _entries(call: Call) -> list[_Entry]:
    source, account = reads(call), call.caller.account
    found: dict[str, tuple[Any, ...]] = {
        "User": source.users(account),
        "Group": source.groups(account),
        "Role": source.roles(account),
        "LocalManagedPolicy": source.managed_policies(account),
        "AWSManagedPolicy": tuple(AWS_MANAGED.values()),
    }
    wanted = call.items("Filter") or list(found)
    return sorted(
        (
            _Entry(_MEMBERS[kind], f"{kind} {record.name.lower()}", record)
            for kind in dict.fromkeys(wanted)
            for record in found[kind]
        ),
        key=lambda entry: entry.place,
    )


@operation(
    "iam",
    "GetAccountAuthorizationDetails",
    doc="Show every user, group, role and policy of the account with all that relates them.",
    members=(
        Member(
            "Filter",
            Kind.LIST,
            item=Member("EntityType", Kind.TEXT, enum=m.ENTITY_TYPES),
            doc="Only these; everything when absent.",
        ),
        m.MAX_ITEMS,
        m.MARKER,
    ),
    answer=(
        Member("UserDetailList", Kind.LIST),
        Member("GroupDetailList", Kind.LIST),
        Member("RoleDetailList", Kind.LIST),
        Member("Policies", Kind.LIST),
        *m.PAGE_ANSWER,
    ),
    needs=(Needs("iam:GetAccountAuthorizationDetails", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("Filter", "MaxItems", "Marker"),
    errors=(m.FAILURE,),
)
def get_account_authorization_details(call: Call) -> Answer:
    """Return a page over all lists together."""
    rows, page = cut(
        call,
        _entries(call),
        place=lambda entry: entry.place,
        scope=" ".join(sorted(call.items("Filter"))),
    )
    uses = uses_of(call)
    show: dict[str, Callable[[Any], shapes.Shown]] = {
        "UserDetailList": _user,
        "GroupDetailList": _group,
        "RoleDetailList": _role,
        "Policies": lambda policy: _policy(policy, uses),
    }
    answer: Answer = {member: [] for member in show}
    for entry in rows:
        answer[entry.member].append(show[entry.member](entry.record))
    return answer | page


@operation(
    "iam",
    "GetAccountSummary",
    doc="Show how many users, groups, roles and policies there are, and how many there can be.",
    answer=(Member("SummaryMap", Kind.TEXT_MAP),),
    needs=(Needs("iam:GetAccountSummary", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    errors=(m.FAILURE,),
)
def get_account_summary(call: Call) -> Answer:
    """Count the account's resources."""
    source, account = reads(call), call.caller.account
    devices = source.mfa_devices(account)
    policies = source.managed_policies(account)
    root_devices = [device for device in devices if device.owner.endswith(":root")]
    summary = {
        "Users": len(source.users(account)),
        "UsersQuota": limits.USERS_PER_ACCOUNT,
        "Groups": len(source.groups(account)),
        "GroupsQuota": limits.GROUPS_PER_ACCOUNT,
        "Roles": len(source.roles(account)),
        "RolesQuota": limits.ROLES_PER_ACCOUNT,
        "Policies": len(policies),
        "PoliciesQuota": limits.POLICIES_PER_ACCOUNT,
        "PolicySizeQuota": limits.MANAGED_POLICY_CHARACTERS,
        "PolicyVersionsInUse": sum(len(policy.versions) for policy in policies),
        "VersionsPerPolicyQuota": limits.VERSIONS_PER_POLICY,
        "UserPolicySizeQuota": limits.USER_POLICY_CHARACTERS,
        "GroupPolicySizeQuota": limits.GROUP_POLICY_CHARACTERS,
        "RolePolicySizeQuota": limits.ROLE_POLICY_CHARACTERS,
        "AssumeRolePolicySizeQuota": limits.TRUST_POLICY_CHARACTERS,
        "AttachedPoliciesPerUserQuota": limits.ATTACHED_POLICIES,
        "AttachedPoliciesPerGroupQuota": limits.ATTACHED_POLICIES,
        "AttachedPoliciesPerRoleQuota": limits.ATTACHED_POLICIES,
        "GroupsPerUserQuota": limits.GROUPS_PER_USER,
        "AccessKeysPerUserQuota": limits.ACCESS_KEYS_PER_USER,
        "MFADevices": len(devices),
        "MFADevicesInUse": sum(1 for device in devices if device.enabled),
        "AccountMFAEnabled": int(any(device.enabled for device in root_devices)),
        "AccountAccessKeysPresent": 0,
    }
    return {"SummaryMap": summary}
