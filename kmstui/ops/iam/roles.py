"""IAM roles and their trust policies."""

from __future__ import annotations

from dataclasses import replace

from kmstui.authz.model import PolicyKind
from kmstui.core.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    IamLimitExceededException,
)
from kmstui.core.limits import ROLES_PER_ACCOUNT, TRUST_POLICY_CHARACTERS
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore import DepartedRecord, RoleRecord
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam import shapes
from kmstui.ops.iam.departed import settle, shown_policy
from kmstui.ops.iam.documents import check_trust, read_document, size_of
from kmstui.ops.iam.pages import listed, tag_page
from kmstui.ops.iam.resolve import find_policy, find_role
from kmstui.ops.iam.tags import check_tags, given_tags, merged, without

DEFAULT_SESSION_SECONDS = 3600


def _needs(action: str, *, when: str = "") -> Needs:
    return Needs(
        f"iam:{action}",
        ResourceKind.ROLE,
        member="RoleName",
        role="role",
        when=when,
        stateful=False,
    )


_ROLE = Member("Role", Kind.STRUCTURE)


def _check_create(call: Call) -> None:
    check_tags(call)
    read_document(call.text("AssumeRolePolicyDocument"), PolicyKind.TRUST)


def _trust(call: Call, member: str) -> str:
    text = call.text(member)
    check_trust(call, text)
    if size_of((text,)) > TRUST_POLICY_CHARACTERS:
        raise IamLimitExceededException(
            f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_CHARACTERS}"
        )
    return text


@operation(
    "iam",
    "CreateRole",
    doc="Create a role that those whom its trust policy names can assume.",
    members=(
        m.path(),
        m.role_name(),
        m.document("AssumeRolePolicyDocument"),
        m.DESCRIPTION,
        m.SESSION_DURATION,
        m.policy_arn("PermissionsBoundary", required=False),
        m.tags(),
    ),
    answer=(_ROLE,),
    needs=(_needs("CreateRole"), _needs("TagRole", when="Tags")),
    mutates=True,
    check=_check_create,
    logged=(
        "Path",
        "RoleName",
        "AssumeRolePolicyDocument",
        "Description",
        "MaxSessionDuration",
        "PermissionsBoundary",
        "Tags",
    ),
    logged_answer=("Role",),
    errors=(m.LIMIT, m.INVALID, m.EXISTS, m.MALFORMED, m.CONCURRENT, m.FAILURE),
)
def create_role(call: Call) -> Answer:
    """Store the role under a new unique id."""
    account, name, writer = call.caller.account, call.text("RoleName"), call.writer
    if writer.role(account, name) is not None:
        raise EntityAlreadyExistsException(f"Role with name {name} already exists.")
    if call.services.keystore.role_count(account) >= ROLES_PER_ACCOUNT:
        raise IamLimitExceededException(
            f"Cannot exceed quota for RolesPerAccount: {ROLES_PER_ACCOUNT}"
        )
    boundary = call.text("PermissionsBoundary")
    if boundary:
        find_policy(call, "PermissionsBoundary")
    role = RoleRecord(
        account,
        name,
        call.services.ids.iam_id("AROA"),
        call.now,
        _trust(call, "AssumeRolePolicyDocument"),
        path=call.text("Path", "/"),
        boundary=boundary,
        tags=given_tags(call),
        description=call.text("Description"),
        max_session_seconds=call.number("MaxSessionDuration", DEFAULT_SESSION_SECONDS),
    )
    settle(call, role.arn)
    writer.put_role(role)
    return {"Role": shapes.role(role)}


@operation(
    "iam",
    "GetRole",
    doc="Show a role with its trust policy.",
    members=(m.role_name(),),
    answer=(_ROLE,),
    needs=(_needs("GetRole"),),
    while_verifying=True,
    logged=("RoleName",),
    errors=(m.ABSENT, m.FAILURE),
)
def get_role(call: Call) -> Answer:
    """Return the role."""
    role = find_role(call)
    trust = shown_policy(call.services.keystore, role.trust, PolicyKind.TRUST)
    return {"Role": shapes.role(replace(role, trust=trust))}


@operation(
    "iam",
    "ListRoles",
    doc="List the account's roles.",
    members=(m.path_prefix(), *m.PAGING),
    answer=(Member("Roles", Kind.LIST), *m.PAGE_ANSWER),
    needs=(Needs("iam:ListRoles", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("PathPrefix", "Marker", "MaxItems"),
    errors=(m.FAILURE,),
)
def list_roles(call: Call) -> Answer:
    """Return a page of roles, by name."""
    prefix = call.text("PathPrefix", "/")
    roles = call.services.keystore.roles(call.caller.account)
    return listed(
        call,
        "Roles",
        [role for role in roles if role.path.startswith(prefix)],
        place=lambda role: role.name.lower(),
        show=shapes.listed_role,
        scope=prefix,
    )


@operation(
    "iam",
    "UpdateRole",
    doc="Change a role's description and how long its sessions may last.",
    members=(m.role_name(), m.DESCRIPTION, m.SESSION_DURATION),
    needs=(_needs("UpdateRole"),),
    mutates=True,
    logged=("RoleName", "Description", "MaxSessionDuration"),
    errors=(m.UNMODIFIABLE, m.ABSENT, m.FAILURE),
)
def update_role(call: Call) -> Answer:
    """Store what is given; as with AWS, a description that is not given is removed."""
    role = replace(
        find_role(call),
        description=call.text("Description"),
        max_session_seconds=call.number("MaxSessionDuration", DEFAULT_SESSION_SECONDS),
    )
    call.writer.put_role(role)
    return {}


def _check_trust_form(call: Call) -> None:
    read_document(call.text("PolicyDocument"), PolicyKind.TRUST)


@operation(
    "iam",
    "UpdateAssumeRolePolicy",
    doc="Replace a role's trust policy.",
    members=(m.role_name(), m.document()),
    needs=(_needs("UpdateAssumeRolePolicy"),),
    mutates=True,
    check=_check_trust_form,
    logged=("RoleName", "PolicyDocument"),
    errors=(m.ABSENT, m.MALFORMED, m.LIMIT, m.UNMODIFIABLE, m.FAILURE),
)
def update_assume_role_policy(call: Call) -> Answer:
    """Store the text."""
    role = find_role(call)
    call.writer.put_role(replace(role, trust=_trust(call, "PolicyDocument")))
    return {}


@operation(
    "iam",
    "DeleteRole",
    doc="Delete a role without policies; its sessions end.",
    members=(m.role_name(),),
    needs=(_needs("DeleteRole"),),
    mutates=True,
    logged=("RoleName",),
    errors=(m.ABSENT, m.CONFLICT, m.LIMIT, m.UNMODIFIABLE, m.CONCURRENT, m.FAILURE),
)
def delete_role(call: Call) -> Answer:
    """Remove the role, and remember its unique id for policies that name it."""
    role, writer = find_role(call), call.writer
    conflicts = ((role.attached, "detach all policies"), (role.inline, "delete policies"))
    for found, remedy in conflicts:
        if found:
            raise DeleteConflictException(f"Cannot delete entity, must {remedy} first.")
    writer.delete_role(role.account, role.name)
    writer.put_departed(DepartedRecord(role.account, role.arn, role.unique_id, call.now))
    return {}


@operation(
    "iam",
    "TagRole",
    doc="Add tags to a role, or overwrite their values.",
    members=(m.role_name(), m.tags(required=True)),
    needs=(_needs("TagRole"),),
    mutates=True,
    check=check_tags,
    logged=("RoleName", "Tags"),
    errors=(m.ABSENT, m.LIMIT, m.INVALID, m.CONCURRENT, m.FAILURE),
)
def tag_role(call: Call) -> Answer:
    """Merge the given tags into the role's."""
    role = find_role(call)
    call.writer.put_role(replace(role, tags=merged(role.tags, given_tags(call))))
    return {}


@operation(
    "iam",
    "UntagRole",
    doc="Remove tags from a role; absent ones are ignored.",
    members=(m.role_name(), m.TAG_KEYS),
    needs=(_needs("UntagRole"),),
    mutates=True,
    logged=("RoleName", "TagKeys"),
    errors=(m.ABSENT, m.CONCURRENT, m.FAILURE),
)
def untag_role(call: Call) -> Answer:
    """Drop the given tag keys."""
    role = find_role(call)
    call.writer.put_role(replace(role, tags=without(call, role.tags)))
    return {}


@operation(
    "iam",
    "ListRoleTags",
    doc="List a role's tags.",
    members=(m.role_name(), *m.PAGING),
    answer=(Member("Tags", Kind.LIST), *m.PAGE_ANSWER),
    needs=(_needs("ListRoleTags"),),
    while_verifying=True,
    logged=("RoleName", "Marker", "MaxItems"),
    errors=(m.ABSENT, m.FAILURE),
)
def list_role_tags(call: Call) -> Answer:
    """Return a page of tags, in the order in which they were added."""
    role = find_role(call)
    return tag_page(call, role.tags, role.arn)
