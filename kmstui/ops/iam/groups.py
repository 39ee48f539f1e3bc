"""Groups of IAM users, and who is in them."""

from __future__ import annotations

from dataclasses import replace

from kmstui.core.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    IamLimitExceededException,
)
from kmstui.core.limits import GROUPS_PER_ACCOUNT, GROUPS_PER_USER
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore import GroupRecord, UserRecord
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam import shapes
from kmstui.ops.iam.pages import listed
from kmstui.ops.iam.resolve import find_group, find_user, reads


def _needs(action: str) -> Needs:
    return Needs(
        f"iam:{action}", ResourceKind.GROUP, member="GroupName", role="group", stateful=False
    )


_GROUP = Member("Group", Kind.STRUCTURE)


def members_of(call: Call, group: GroupRecord) -> list[UserRecord]:
    """Return the users of a group, by name."""
    users = reads(call).users(group.account)
    return [user for user in users if group.name in user.groups]


@operation(
    "iam",
    "CreateGroup",
    doc="Create a group without users and permissions.",
    members=(m.path(), m.group_name()),
    answer=(_GROUP,),
    needs=(_needs("CreateGroup"),),
    mutates=True,
    logged=("Path", "GroupName"),
    logged_answer=("Group",),
    errors=(m.LIMIT, m.EXISTS, m.ABSENT, m.FAILURE),
)
def create_group(call: Call) -> Answer:
    """Store the group under a new unique id."""
    account, name, writer = call.caller.account, call.text("GroupName"), call.writer
    if writer.group(account, name) is not None:
        raise EntityAlreadyExistsException(f"Group with name {name} already exists.")
    if call.services.keystore.group_count(account) >= GROUPS_PER_ACCOUNT:
        raise IamLimitExceededException(
            f"Cannot exceed quota for GroupsPerAccount: {GROUPS_PER_ACCOUNT}"
        )
    unique_id = call.services.ids.iam_id("AGPA")
    group = GroupRecord(account, name, unique_id, call.now, path=call.text("Path", "/"))
    writer.put_group(group)
    return {"Group": shapes.group(group)}


@operation(
    "iam",
    "GetGroup",
    doc="Show a group and who is in it.",
    members=(m.group_name(), *m.PAGING),
    answer=(_GROUP, Member("Users", Kind.LIST), *m.PAGE_ANSWER),
    needs=(_needs("GetGroup"),),
    while_verifying=True,
    logged=("GroupName", "Marker", "MaxItems"),
    errors=(m.ABSENT, m.FAILURE),
)
def get_group(call: Call) -> Answer:
    """Return the group with a page of its users, by name."""
    group = find_group(call)
    page = listed(
        call,
        "Users",
        members_of(call, group),
        place=lambda user: user.name.lower(),
        show=shapes.listed_user,
        scope=group.arn,
    )
    return {"Group": shapes.group(group), **page}


@operation(
    "iam",
    "ListGroups",
    doc="List the account's groups.",
    members=(m.path_prefix(), *m.PAGING),
    answer=(Member("Groups", Kind.LIST), *m.PAGE_ANSWER),
    needs=(Needs("iam:ListGroups", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("PathPrefix", "Marker", "MaxItems"),
    errors=(m.FAILURE,),
)
def list_groups(call: Call) -> Answer:
    """Return a page of groups, by name."""
    prefix = call.text("PathPrefix", "/")
    groups = call.services.keystore.groups(call.caller.account)
    return listed(
        call,
        "Groups",
        [group for group in groups if group.path.startswith(prefix)],
        place=lambda group: group.name.lower(),
        show=shapes.group,
        scope=prefix,
    )


@operation(
    "iam",
    "DeleteGroup",
    doc="Delete a group without users and policies.",
    members=(m.group_name(),),
    needs=(_needs("DeleteGroup"),),
    mutates=True,
    logged=("GroupName",),
    errors=(m.ABSENT, m.CONFLICT, m.LIMIT, m.FAILURE),
)
def delete_group(call: Call) -> Answer:
    """Remove the group."""
    group = find_group(call)
    conflicts = (
        (members_of(call, group), "remove users from group"),
        (group.attached, "detach all policies"),
        (group.inline, "delete policies"),
    )
    for found, remedy in conflicts:
        if found:
            raise DeleteConflictException(f"Cannot delete entity, must {remedy} first.")
    call.writer.delete_group(group.account, group.name)
    return {}


@operation(
    "iam",
    "AddUserToGroup",
    doc="Put a user into a group.",
    members=(m.group_name(), m.user_name()),
    needs=(_needs("AddUserToGroup"),),
    mutates=True,
    logged=("GroupName", "UserName"),
    errors=(m.ABSENT, m.LIMIT, m.FAILURE),
)
def add_user_to_group(call: Call) -> Answer:
    """Write the group down with the user; again changes nothing."""
    group, user = find_group(call), find_user(call)
    if group.name not in user.groups:
        if len(user.groups) >= GROUPS_PER_USER:
            raise IamLimitExceededException(
                f"Cannot exceed quota for GroupsPerUser: {GROUPS_PER_USER}"
            )
        call.writer.put_user(replace(user, groups=(*user.groups, group.name)))
    return {}


@operation(
    "iam",
    "RemoveUserFromGroup",
    doc="Take a user out of a group.",
    members=(m.group_name(), m.user_name()),
    needs=(_needs("RemoveUserFromGroup"),),
    mutates=True,
    logged=("GroupName", "UserName"),
    errors=(m.ABSENT, m.LIMIT, m.FAILURE),
)
def remove_user_from_group(call: Call) -> Answer:
    """Strike the group out with the user; a user who is not in it stays so."""
    group, user = find_group(call), find_user(call)
    kept = tuple(name for name in user.groups if name != group.name)
    call.writer.put_user(replace(user, groups=kept))
    return {}


@operation(
    "iam",
    "ListGroupsForUser",
    doc="List the groups that a user is in.",
    members=(m.user_name(), *m.PAGING),
    answer=(Member("Groups", Kind.LIST), *m.PAGE_ANSWER),
    needs=(
        Needs(
            "iam:ListGroupsForUser",
            ResourceKind.USER,
            member="UserName",
            role="user",
            stateful=False,
        ),
    ),
    while_verifying=True,
    logged=("UserName", "Marker", "MaxItems"),
    errors=(m.ABSENT, m.FAILURE),
)
def list_groups_for_user(call: Call) -> Answer:
    """Return a page of the user's groups, by name."""
    user = find_user(call)
    groups = call.services.keystore.groups(user.account)
    return listed(
        call,
        "Groups",
        [group for group in groups if group.name in user.groups],
        place=lambda group: group.name.lower(),
        show=shapes.group,
        scope=user.arn,
    )
