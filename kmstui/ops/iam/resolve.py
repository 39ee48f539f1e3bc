"""What a request to IAM names: the ARN that policies see, and the stored record.

The ARN of what exists has its path; of what does not, the path that the request would give it. A
user who is not named is the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kmstui.core.arn import Arn, iam_arn
from kmstui.core.errors import InvalidInputException, NoSuchEntityException, ValidationException
from kmstui.core.spec import Needs, ResourceKind
from kmstui.keystore import (
    GroupRecord,
    Keystore,
    ManagedPolicyRecord,
    RoleRecord,
    UnitOfWork,
    UserRecord,
)
from kmstui.ops.call import Call
from kmstui.ops.iam.managed import AWS_ACCOUNT, AWS_MANAGED

USER_KIND: Final = "IAMUser"
"""CloudTrail's ``userIdentity.type`` of a user."""


def reads(call: Call) -> Keystore | UnitOfWork:
    """Return where a call reads: its unit of work, or the keystore if it changes nothing."""
    return call.services.keystore if call.changes is None else call.changes


def user_name(call: Call, member: str = "UserName") -> str:
    """Return the name of the user a call is about: the caller's if none is named.

    Raises:
        ValidationException: None is named and the caller is not a user.
    """
    if call.has(member):
        return call.text(member)
    if call.caller.kind != USER_KIND:
        raise ValidationException("Must specify userName when calling with non-User credentials")
    return call.caller.name


def find_user(call: Call, member: str = "UserName") -> UserRecord:
    """Return the user a call is about.

    Raises:
        NoSuchEntityException: There is none.
    """
    name = user_name(call, member)
    user = reads(call).user(call.caller.account, name)
    if user is None:
        raise NoSuchEntityException(f"The user with name {name} cannot be found.")
    return user


def find_group(call: Call) -> GroupRecord:
    """Return the group a call is about.

    Raises:
        NoSuchEntityException: There is none.
    """
    name = call.text("GroupName")
    group = reads(call).group(call.caller.account, name)
    if group is None:
        raise NoSuchEntityException(f"The group with name {name} cannot be found.")
    return group


def find_role(call: Call) -> RoleRecord:
    """Return the role a call is about.

    Raises:
        NoSuchEntityException: There is none.
    """
    name = call.text("RoleName")
    role = reads(call).role(call.caller.account, name)
    if role is None:
        raise NoSuchEntityException(f"The role with name {name} cannot be found.")
    return role


def find_policy(call: Call, member: str = "PolicyArn") -> ManagedPolicyRecord:
    """Return the managed policy a call is about, of the account or of AWS.

    Raises:
        InvalidInputException: It is not named by an ARN of a policy.
        NoSuchEntityException: There is none.
    """
    arn = call.text(member)
    known = AWS_MANAGED.get(arn)
    if known is not None:
        return known
    account, name = _policy_place(arn)
    found = reads(call).managed_policy(account, name)
    if account != call.caller.account or found is None or found.arn != arn:
        raise NoSuchEntityException(f"Policy {arn} does not exist or is not attachable.")
    return found


def _policy_place(arn: str) -> tuple[str, str]:
    try:
        parts = Arn.parse(arn)
    except ValueError:
        raise InvalidInputException(f"ARN {arn} is not valid.") from None
    if parts.service != "iam" or parts.region or not parts.resource.startswith("policy/"):
        raise InvalidInputException(f"ARN {arn} is not valid.")
    if parts.account == AWS_ACCOUNT:
        raise NoSuchEntityException(f"Policy {arn} does not exist or is not attachable.")
    return parts.account, parts.resource.rpartition("/")[2]


def _user_arn(call: Call, needs: Needs) -> str:
    if needs.member == "NewUserName":
        return _renamed_arn(call)
    if call.caller.is_root and not call.has(needs.member):
        return call.caller.arn
    account, name = call.caller.account, user_name(call, needs.member)
    found = call.services.keystore.user(account, name)
    return iam_arn(account, "user", _path(call), name) if found is None else found.arn


def _renamed_arn(call: Call) -> str:
    """Return the ARN that UpdateUser gives a user: what is not given stays as it is."""
    account, name = call.caller.account, call.text("UserName")
    old = call.services.keystore.user(account, name)
    path = "/" if old is None else old.path
    new = call.text("NewUserName", name if old is None else old.name)
    return iam_arn(account, "user", call.text("NewPath", path), new)


def _group_arn(call: Call, needs: Needs) -> str:
    account, name = call.caller.account, call.text(needs.member)
    found = call.services.keystore.group(account, name)
    return iam_arn(account, "group", _path(call), name) if found is None else found.arn


def _role_arn(call: Call, needs: Needs) -> str:
    if needs.member == "RoleArn":
        return call.text(needs.member)
    account, name = call.caller.account, call.text(needs.member)
    found = call.services.keystore.role(account, name)
    return iam_arn(account, "role", _path(call), name) if found is None else found.arn


def _policy_arn(call: Call, needs: Needs) -> str:
    given = call.text(needs.member)
    if needs.member == "PolicyName":
        return iam_arn(call.caller.account, "policy", _path(call), given)
    if given not in AWS_MANAGED:
        _policy_place(given)
    return given


def _device_arn(call: Call, needs: Needs) -> str:
    if needs.member == "VirtualMFADeviceName":
        return iam_arn(call.caller.account, "mfa", _path(call), call.text(needs.member))
    return call.text(needs.member)


def _path(call: Call) -> str:
    return call.text("Path", "/")


RESOLVERS: Final[Mapping[ResourceKind, Callable[[Call, Needs], str]]] = {
    ResourceKind.USER: _user_arn,
    ResourceKind.GROUP: _group_arn,
    ResourceKind.ROLE: _role_arn,
    ResourceKind.MANAGED_POLICY: _policy_arn,
    ResourceKind.MFA_DEVICE: _device_arn,
}
"""Each returns the ARN of what a member names, to be judged by policies."""
