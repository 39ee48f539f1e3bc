"""Managed policies and where they are used."""

from __future__ import annotations

from kmstui.core.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    IamLimitExceededException,
    InvalidInputException,
)
from kmstui.core.limits import MANAGED_POLICY_CHARACTERS, POLICIES_PER_ACCOUNT
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore import (
    GroupRecord,
    ManagedPolicyRecord,
    PolicyVersion,
    RoleRecord,
    UserRecord,
)
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam import shapes
from kmstui.ops.iam.attachments import uses_of
from kmstui.ops.iam.documents import check_identity, size_of
from kmstui.ops.iam.holders import Holder, boundary_of, holders
from kmstui.ops.iam.managed import AWS_ACCOUNT, AWS_MANAGED
from kmstui.ops.iam.pages import cut, listed
from kmstui.ops.iam.resolve import find_policy
from kmstui.ops.iam.tags import check_tags, given_tags

_POLICY = Member("Policy", Kind.STRUCTURE)


def policy_needs(action: str, *, member: str = "PolicyArn", when: str = "") -> Needs:
    """Return the pair of an action on a managed policy."""
    return Needs(
        f"iam:{action}",
        ResourceKind.MANAGED_POLICY,
        member=member,
        role="policy",
        when=when,
        stateful=False,
    )


def own_policy(call: Call) -> ManagedPolicyRecord:
    """Return the customer managed policy that a call is to change.

    Raises:
        InvalidInputException: AWS manages it.
        NoSuchEntityException: There is none.
    """
    policy = find_policy(call)
    if policy.account == AWS_ACCOUNT:
        raise InvalidInputException("Cannot modify AWS managed policies.")
    return policy


def check_size(text: str) -> None:
    """Refuse a document that is too long for a managed policy.

    Raises:
        IamLimitExceededException: It is.
    """
    if size_of((text,)) > MANAGED_POLICY_CHARACTERS:
        raise IamLimitExceededException(
            f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_CHARACTERS}"
        )


def _check_create(call: Call) -> None:
    check_tags(call)
    check_identity(call)


@operation(
    "iam",
    "CreatePolicy",
    doc="Create a managed policy.",
    members=(
        m.name("PolicyName"),
        m.path(pattern=m.POLICY_PATH_PATTERN),
        m.document(),
        Member("Description", Kind.TEXT, maximum=1000, doc="What it is for; stays as it is."),
        m.tags(),
    ),
    answer=(_POLICY,),
    needs=(
        policy_needs("CreatePolicy", member="PolicyName"),
        policy_needs("TagPolicy", member="PolicyName", when="Tags"),
    ),
    mutates=True,
    check=_check_create,
    logged=("PolicyName", "Path", "PolicyDocument", "Description", "Tags"),
    logged_answer=("Policy",),
    errors=(m.INVALID, m.LIMIT, m.EXISTS, m.MALFORMED, m.CONCURRENT, m.FAILURE),
)
def create_policy(call: Call) -> Answer:
    """Store the policy with its first version."""
    account, name, writer = call.caller.account, call.text("PolicyName"), call.writer
    if writer.managed_policy(account, name) is not None:
        raise EntityAlreadyExistsException(
            f"A policy called {name} already exists. Duplicate names are not allowed."
        )
    if call.services.keystore.policy_count(account) >= POLICIES_PER_ACCOUNT:
        raise IamLimitExceededException(
            f"Cannot exceed quota for PoliciesPerAccount: {POLICIES_PER_ACCOUNT}"
        )
    text = call.text("PolicyDocument")
    check_size(text)
    policy = ManagedPolicyRecord(
        account,
        name,
        call.services.ids.iam_id("ANPA"),
        call.now,
        call.now,
        (PolicyVersion("v1", text, call.now),),
        "v1",
        path=call.text("Path", "/"),
        description=call.text("Description"),
        tags=given_tags(call),
    )
    writer.put_managed_policy(policy)
    return {"Policy": shapes.policy(policy, 0, 0)}


@operation(
    "iam",
    "GetPolicy",
    doc="Show a managed policy; GetPolicyVersion shows its document.",
    members=(m.policy_arn(),),
    answer=(_POLICY,),
    needs=(policy_needs("GetPolicy"),),
    while_verifying=True,
    logged=("PolicyArn",),
    errors=(m.ABSENT, m.INVALID, m.FAILURE),
)
def get_policy(call: Call) -> Answer:
    """Return the policy and how much it is used."""
    policy = find_policy(call)
    return {"Policy": shapes.policy(policy, *uses_of(call).get(policy.arn, (0, 0)))}


_USAGE_FILTER = Member(
    "PolicyUsageFilter", Kind.TEXT, enum=m.USAGES, doc="Only what is used in that way."
)


@operation(
    "iam",
    "ListPolicies",
    doc="List managed policies: the account's own and AWS's.",
    members=(
        Member("Scope", Kind.TEXT, enum=("All", "AWS", "Local"), doc="Whose; All when absent."),
        Member("OnlyAttached", Kind.BOOLEAN, doc="Only those that are attached."),
        m.path_prefix(m.POLICY_PATH_PATTERN),
        _USAGE_FILTER,
        *m.PAGING,
    ),
    answer=(Member("Policies", Kind.LIST), *m.PAGE_ANSWER),
    needs=(Needs("iam:ListPolicies", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("Scope", "OnlyAttached", "PathPrefix", "PolicyUsageFilter", "Marker", "MaxItems"),
    errors=(m.FAILURE,),
)
def list_policies(call: Call) -> Answer:
    """Return a page of policies: the account's own by name, then AWS's."""
    scope, prefix = call.text("Scope", "All"), call.text("PathPrefix", "/")
    usage = call.text("PolicyUsageFilter")
    uses = uses_of(call)

    def wanted(policy: ManagedPolicyRecord) -> bool:
        attached, bounds = uses.get(policy.arn, (0, 0))
        if usage and not (attached if usage == "PermissionsPolicy" else bounds):
            return False
        return policy.path.startswith(prefix) and (bool(attached) or not call.flag("OnlyAttached"))

    found: list[ManagedPolicyRecord] = []
    if scope != "AWS":
        found += call.services.keystore.managed_policies(call.caller.account)
    if scope != "Local":
        found += AWS_MANAGED.values()
    return listed(
        call,
        "Policies",
        [policy for policy in found if wanted(policy)],
        place=lambda policy: f"{policy.account} {policy.name.lower()}",
        show=lambda policy: shapes.listed_policy(policy, *uses.get(policy.arn, (0, 0))),
        scope=f"{scope} {prefix} {usage} {call.flag('OnlyAttached')}",
    )


@operation(
    "iam",
    "DeletePolicy",
    doc="Delete a managed policy that is used nowhere and has one version.",
    members=(m.policy_arn(),),
    needs=(policy_needs("DeletePolicy"),),
    mutates=True,
    logged=("PolicyArn",),
    errors=(m.ABSENT, m.LIMIT, m.INVALID, m.CONFLICT, m.FAILURE),
)
def delete_policy(call: Call) -> Answer:
    """Remove the policy with its default version."""
    policy = own_policy(call)
    if any(uses_of(call).get(policy.arn, ())):
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise DeleteConflictException(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy."
        )
    call.writer.delete_managed_policy(policy.account, policy.name)
    return {}


@operation(
    "iam",
    "ListEntitiesForPolicy",
    doc="List the users, groups and roles that a managed policy is used for.",
    members=(
        m.policy_arn(),
        Member("EntityFilter", Kind.TEXT, enum=m.ENTITY_TYPES, doc="Only those of that type."),
        m.path_prefix(m.PATH_PATTERN),
        _USAGE_FILTER,
        *m.PAGING,
    ),
    answer=(
        Member("PolicyGroups", Kind.LIST),
        Member("PolicyUsers", Kind.LIST),
        Member("PolicyRoles", Kind.LIST),
        *m.PAGE_ANSWER,
    ),
    needs=(policy_needs("ListEntitiesForPolicy"),),
    while_verifying=True,
    logged=(
        "PolicyArn",
        "EntityFilter",
        "PathPrefix",
        "PolicyUsageFilter",
        "Marker",
        "MaxItems",
    ),
    errors=(m.ABSENT, m.INVALID, m.FAILURE),
)
def list_entities_for_policy(call: Call) -> Answer:
    """Return a page of holders, by ARN."""
    arn, prefix = find_policy(call).arn, call.text("PathPrefix", "/")
    wanted, usage = call.text("EntityFilter"), call.text("PolicyUsageFilter")

    def uses(holder: Holder) -> bool:
        attached = arn in holder.attached and usage != "PermissionsBoundary"
        return attached or (arn == boundary_of(holder) and usage != "PermissionsPolicy")

    found = [
        holder
        for holder in holders(call)
        if uses(holder)
        and holder.path.startswith(prefix)
        and wanted in {"", type(holder).__name__.removesuffix("Record")}
    ]
    rows, page = cut(
        call,
        sorted(found, key=_entity_place),
        place=_entity_place,
        scope=f"{arn} {prefix} {wanted} {usage}",
    )
    return {
        "PolicyGroups": [
            {"GroupName": row.name, "GroupId": row.unique_id}
            for row in rows
            if isinstance(row, GroupRecord)
        ],
        "PolicyUsers": [
            {"UserName": row.name, "UserId": row.unique_id}
            for row in rows
            if isinstance(row, UserRecord)
        ],
        "PolicyRoles": [
            {"RoleName": row.name, "RoleId": row.unique_id}
            for row in rows
            if isinstance(row, RoleRecord)
        ],
        **page,
    }


def _entity_place(holder: Holder) -> str:
    return f"{type(holder).__name__} {holder.name.lower()}"
