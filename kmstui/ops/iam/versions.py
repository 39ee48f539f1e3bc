"""Versions of managed policies."""

from __future__ import annotations

from dataclasses import replace

from kmstui.core.errors import (
    DeleteConflictException,
    IamLimitExceededException,
    NoSuchEntityException,
)
from kmstui.core.limits import VERSIONS_PER_POLICY
from kmstui.core.spec import Answer, Kind, Member, operation
from kmstui.keystore import ManagedPolicyRecord, PolicyVersion
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam import shapes
from kmstui.ops.iam.documents import check_identity
from kmstui.ops.iam.pages import listed
from kmstui.ops.iam.policies import check_size, own_policy, policy_needs
from kmstui.ops.iam.resolve import find_policy

_VERSION = Member("PolicyVersion", Kind.STRUCTURE)


def _version(call: Call, policy: ManagedPolicyRecord) -> PolicyVersion:
    wanted = call.text("VersionId")
    for version in policy.versions:
        if version.version_id == wanted:
            return version
    raise NoSuchEntityException(
        f"Policy {policy.arn} version {wanted} does not exist or is not attachable."
    )


def _number(version: PolicyVersion) -> int:
    return int(version.version_id[1:])


@operation(
    "iam",
    "CreatePolicyVersion",
    doc="Add a version to a managed policy.",
    members=(
        m.policy_arn(),
        m.document(),
        Member("SetAsDefault", Kind.BOOLEAN, doc="Put it in force at once."),
    ),
    answer=(_VERSION,),
    needs=(policy_needs("CreatePolicyVersion"),),
    mutates=True,
    check=check_identity,
    logged=("PolicyArn", "PolicyDocument", "SetAsDefault"),
    logged_answer=("PolicyVersion",),
    errors=(m.ABSENT, m.MALFORMED, m.INVALID, m.LIMIT, m.FAILURE),
)
def create_policy_version(call: Call) -> Answer:
    """Store the text under the next number, which no version ever had."""
    policy, text = own_policy(call), call.text("PolicyDocument")
    check_size(text)
    if len(policy.versions) >= VERSIONS_PER_POLICY:
        raise IamLimitExceededException(
            f"A managed policy can have up to {VERSIONS_PER_POLICY} versions. Before you create a "
            "new version, you must delete an existing version."
        )
    version = PolicyVersion(f"v{policy.next_version}", text, call.now)
    default = version.version_id if call.flag("SetAsDefault") else policy.default_version
    changed = replace(
        policy,
        versions=(*policy.versions, version),
        default_version=default,
        next_version=policy.next_version + 1,
        updated=call.now,
    )
    call.writer.put_managed_policy(changed)
    return {"PolicyVersion": shapes.version(version, changed)}


@operation(
    "iam",
    "GetPolicyVersion",
    doc="Show the document of a managed policy's version.",
    members=(m.policy_arn(), m.VERSION_ID),
    answer=(_VERSION,),
    needs=(policy_needs("GetPolicyVersion"),),
    while_verifying=True,
    logged=("PolicyArn", "VersionId"),
    errors=(m.ABSENT, m.INVALID, m.FAILURE),
)
def get_policy_version(call: Call) -> Answer:
    """Return the version with its text as it was put."""
    policy = find_policy(call)
    return {"PolicyVersion": shapes.version(_version(call, policy), policy, text=True)}


@operation(
    "iam",
    "ListPolicyVersions",
    doc="List the versions of a managed policy.",
    members=(m.policy_arn(), *m.PAGING),
    answer=(Member("Versions", Kind.LIST), *m.PAGE_ANSWER),
    needs=(policy_needs("ListPolicyVersions"),),
    while_verifying=True,
    logged=("PolicyArn", "Marker", "MaxItems"),
    errors=(m.ABSENT, m.INVALID, m.FAILURE),
)
def list_policy_versions(call: Call) -> Answer:
    """Return a page of versions, the newest in front."""
    policy = find_policy(call)
    return listed(
        call,
        "Versions",
        sorted(policy.versions, key=_number, reverse=True),
        place=lambda version: f"{10**9 - _number(version):010d}",
        show=lambda version: shapes.version(version, policy),
        scope=policy.arn,
    )


@operation(
    "iam",
    "DeletePolicyVersion",
    doc="Delete a version of a managed policy that is not in force.",
    members=(m.policy_arn(), m.VERSION_ID),
    needs=(policy_needs("DeletePolicyVersion"),),
    mutates=True,
    logged=("PolicyArn", "VersionId"),
    errors=(m.ABSENT, m.LIMIT, m.INVALID, m.CONFLICT, m.FAILURE),
)
def delete_policy_version(call: Call) -> Answer:
    """Drop the version; its number is not used again."""
    policy = own_policy(call)
    gone = _version(call, policy)
    if gone.version_id == policy.default_version:
        raise DeleteConflictException("Cannot delete the default version of a policy.")
    kept = tuple(version for version in policy.versions if version != gone)
    call.writer.put_managed_policy(replace(policy, versions=kept, updated=call.now))
    return {}


@operation(
    "iam",
    "SetDefaultPolicyVersion",
    doc="Put a version of a managed policy in force.",
    members=(m.policy_arn(), m.VERSION_ID),
    needs=(policy_needs("SetDefaultPolicyVersion"),),
    mutates=True,
    logged=("PolicyArn", "VersionId"),
    errors=(m.ABSENT, m.INVALID, m.LIMIT, m.FAILURE),
)
def set_default_policy_version(call: Call) -> Answer:
    """Name the version as the one in force."""
    policy = own_policy(call)
    version = _version(call, policy)
    changed = replace(policy, default_version=version.version_id, updated=call.now)
    call.writer.put_managed_policy(changed)
    return {}
