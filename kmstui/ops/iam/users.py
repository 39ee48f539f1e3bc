"""IAM users."""

from __future__ import annotations

from dataclasses import replace

from kmstui.core.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    EntityTemporarilyUnmodifiableException,
    IamLimitExceededException,
)
from kmstui.core.limits import USERS_PER_ACCOUNT
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore import DepartedRecord, UserRecord
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam import shapes
from kmstui.ops.iam.departed import rename_everywhere, settle
from kmstui.ops.iam.pages import listed, tag_page
from kmstui.ops.iam.resolve import find_policy, find_user
from kmstui.ops.iam.tags import check_tags, given_tags, merged, without


def _needs(action: str, *, member: str = "UserName", when: str = "") -> Needs:
    return Needs(
        f"iam:{action}", ResourceKind.USER, member=member, role="user", when=when, stateful=False
    )


_USER = Member("User", Kind.STRUCTURE)


@operation(
    "iam",
    "CreateUser",
    doc="Create a user without any permission.",
    members=(
        m.path(),
        m.name("UserName", maximum=64),
        m.policy_arn("PermissionsBoundary", required=False),
        m.tags(),
    ),
    answer=(_USER,),
    needs=(_needs("CreateUser"), _needs("TagUser", when="Tags")),
    mutates=True,
    check=check_tags,
    logged=("Path", "UserName", "PermissionsBoundary", "Tags"),
    logged_answer=("User",),
    errors=(m.LIMIT, m.EXISTS, m.ABSENT, m.INVALID, m.CONCURRENT, m.FAILURE),
)
def create_user(call: Call) -> Answer:
    """Store the user under a new unique id."""
    account, name, writer = call.caller.account, call.text("UserName"), call.writer
    if writer.user(account, name) is not None:
        raise EntityAlreadyExistsException(f"User with name {name} already exists.")
    if call.services.keystore.user_count(account) >= USERS_PER_ACCOUNT:
        raise IamLimitExceededException(
            f"Cannot exceed quota for UsersPerAccount: {USERS_PER_ACCOUNT}"
        )
    boundary = call.text("PermissionsBoundary")
    if boundary:
        find_policy(call, "PermissionsBoundary")
    user = UserRecord(
        account,
        name,
        call.services.ids.iam_id("AIDA"),
        call.now,
        path=call.text("Path", "/"),
        boundary=boundary,
        tags=given_tags(call),
    )
    settle(call, user.arn)
    writer.put_user(user)
    return {"User": shapes.user(user)}


@operation(
    "iam",
    "GetUser",
    doc="Show a user; without a name, yourself.",
    members=(m.user_name(required=False),),
    answer=(_USER,),
    needs=(_needs("GetUser"),),
    while_verifying=True,
    logged=("UserName",),
    errors=(m.ABSENT, m.FAILURE),
)
def get_user(call: Call) -> Answer:
    """Return the user; for the root user, the account."""
    caller = call.caller
    if caller.is_root and not call.has("UserName"):
        account = call.services.keystore.account(caller.account)
        created = call.services.keystore.header.created if account is None else account.created
        return {"User": {"UserId": caller.account, "Arn": caller.arn, "CreateDate": created}}
    return {"User": shapes.user(find_user(call))}


@operation(
    "iam",
    "ListUsers",
    doc="List the account's users.",
    members=(m.path_prefix(), *m.PAGING),
    answer=(Member("Users", Kind.LIST), *m.PAGE_ANSWER),
    needs=(Needs("iam:ListUsers", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("PathPrefix", "Marker", "MaxItems"),
    errors=(m.FAILURE,),
)
def list_users(call: Call) -> Answer:
    """Return a page of users, by name."""
    prefix = call.text("PathPrefix", "/")
    users = call.services.keystore.users(call.caller.account)
    return listed(
        call,
        "Users",
        [user for user in users if user.path.startswith(prefix)],
        place=lambda user: user.name.lower(),
        show=shapes.listed_user,
        scope=prefix,
    )


@operation(
    "iam",
    "UpdateUser",
    doc="Rename a user or move it to another path.",
    members=(
        m.user_name(),
        m.path("NewPath"),
        m.name("NewUserName", maximum=64, required=False, doc="Its new name."),
    ),
    needs=(
        _needs("UpdateUser"),
        Needs(
            "iam:UpdateUser",
            ResourceKind.USER,
            member="NewUserName",
            role="new",
            stateful=False,
        ),
    ),
    mutates=True,
    logged=("UserName", "NewPath", "NewUserName"),
    errors=(
        m.ABSENT,
        m.LIMIT,
        m.EXISTS,
        "EntityTemporarilyUnmodifiableException",
        m.CONCURRENT,
        m.FAILURE,
    ),
)
def update_user(call: Call) -> Answer:
    """Store the user under its new name, with everything that goes by the name."""
    old, writer = find_user(call), call.writer
    name, path = call.text("NewUserName", old.name), call.text("NewPath", old.path)
    if name.lower() != old.name.lower() and writer.user(old.account, name) is not None:
        raise EntityAlreadyExistsException(f"User with name {name} already exists.")
    new = replace(old, name=name, path=path)
    if new.arn != old.arn and _signs_in(call, old):
        raise EntityTemporarilyUnmodifiableException(
            f"The user with name {old.name} cannot be renamed while it can sign in.",
            hint="A way to sign in is sealed to the user's ARN; remove it, rename, add it anew.",
        )
    writer.delete_user(old.account, old.name)
    writer.put_user(new)
    _take_along(call, old, new)
    return {}


def _take_along(call: Call, old: UserRecord, new: UserRecord) -> None:
    writer = call.writer
    for key in writer.access_keys(old.account, old.name):
        writer.put_access_key(replace(key, user_name=new.name))
    if new.arn == old.arn:
        return
    settle(call, new.arn)
    rename_everywhere(call, old.arn, new.arn)
    for device in writer.mfa_devices(old.account, old.arn):
        writer.put_mfa_device(replace(device, owner=new.arn))
    codes = writer.recovery_codes(old.arn)
    if codes is not None:
        writer.delete_recovery_codes(old.arn)
        writer.put_recovery_codes(replace(codes, principal=new.arn))


def _signs_in(call: Call, user: UserRecord) -> bool:
    slots = call.services.keystore.header.slots
    return any(slot.principal == user.arn for slot in slots)


@operation(
    "iam",
    "DeleteUser",
    doc="Delete a user that nothing belongs to any more.",
    members=(m.user_name(),),
    needs=(_needs("DeleteUser"),),
    mutates=True,
    logged=("UserName",),
    errors=(m.LIMIT, m.ABSENT, m.CONFLICT, m.CONCURRENT, m.FAILURE),
)
def delete_user(call: Call) -> Answer:
    """Remove the user, and remember its unique id for policies that name it."""
    user, writer = find_user(call), call.writer
    conflicts = (
        (_signs_in(call, user), "delete login profile"),
        (writer.access_keys(user.account, user.name), "delete access keys"),
        (writer.mfa_devices(user.account, user.arn), "delete MFA device"),
        (user.groups, "remove users from group"),
        (user.attached, "detach all policies"),
        (user.inline, "delete policies"),
    )
    for found, remedy in conflicts:
        if found:
            raise DeleteConflictException(f"Cannot delete entity, must {remedy} first.")
    writer.delete_user(user.account, user.name)
    writer.delete_recovery_codes(user.arn)
    writer.put_departed(DepartedRecord(user.account, user.arn, user.unique_id, call.now))
    return {}


@operation(
    "iam",
    "TagUser",
    doc="Add tags to a user, or overwrite their values.",
    members=(m.user_name(), m.tags(required=True)),
    needs=(_needs("TagUser"),),
    mutates=True,
    check=check_tags,
    logged=("UserName", "Tags"),
    errors=(m.ABSENT, m.LIMIT, m.INVALID, m.CONCURRENT, m.FAILURE),
)
def tag_user(call: Call) -> Answer:
    """Merge the given tags into the user's."""
    user = find_user(call)
    call.writer.put_user(replace(user, tags=merged(user.tags, given_tags(call))))
    return {}


@operation(
    "iam",
    "UntagUser",
    doc="Remove tags from a user; absent ones are ignored.",
    members=(m.user_name(), m.TAG_KEYS),
    needs=(_needs("UntagUser"),),
    mutates=True,
    logged=("UserName", "TagKeys"),
    errors=(m.ABSENT, m.CONCURRENT, m.FAILURE),
)
def untag_user(call: Call) -> Answer:
    """Drop the given tag keys."""
    user = find_user(call)
    call.writer.put_user(replace(user, tags=without(call, user.tags)))
    return {}


@operation(
    "iam",
    "ListUserTags",
    doc="List a user's tags.",
    members=(m.user_name(), *m.PAGING),
    answer=(Member("Tags", Kind.LIST), *m.PAGE_ANSWER),
    needs=(_needs("ListUserTags"),),
    while_verifying=True,
    logged=("UserName", "Marker", "MaxItems"),
    errors=(m.ABSENT, m.FAILURE),
)
def list_user_tags(call: Call) -> Answer:
    """Return a page of tags, in the order in which they were added."""
    user = find_user(call)
    return tag_page(call, user.tags, user.arn)
