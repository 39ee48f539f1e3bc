"""Users, groups and roles alike: whoever can hold embedded and attached policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from kmstui.core.limits import (
    GROUP_POLICY_CHARACTERS,
    ROLE_POLICY_CHARACTERS,
    USER_POLICY_CHARACTERS,
)
from kmstui.core.spec import Member, Needs, ResourceKind
from kmstui.keystore import GroupRecord, RoleRecord, UnitOfWork, UserRecord
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam.resolve import find_group, find_role, find_user, reads

Holder = UserRecord | GroupRecord | RoleRecord


@dataclass(frozen=True, slots=True)
class HolderKind:
    """What tells users, groups and roles apart where policies are concerned.

    Attributes:
        noun: As it is in the names of operations, such as ``User``.
        resource: What policies see.
        find: Returns the one that a call names.
        put: Writes one.
        characters: What its embedded policies may come to.
        longest_name: Length of its name in operations on attached policies.
        unmodifiable: Errors that only roles have.
    """

    noun: str
    resource: ResourceKind
    find: Callable[[Call], Holder]
    put: Callable[[UnitOfWork, Any], None]
    characters: int
    longest_name: int
    unmodifiable: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """As it is in texts, such as ``user``."""
        return self.noun.lower()

    @property
    def name_member(self) -> str:
        """The member that names it, such as ``UserName``."""
        return f"{self.noun}Name"

    def name(self, *, short: bool = False) -> Member:
        """Return that member; short in operations on attached policies."""
        maximum = self.longest_name if short or self.noun == "Role" else 128
        return m.name(self.name_member, maximum=maximum, doc=f"The {self.word}.")

    def needs(self, action: str) -> Needs:
        """Return the pair of an action on it."""
        return Needs(
            f"iam:{action}",
            self.resource,
            member=self.name_member,
            role=self.word,
            stateful=False,
        )


USER: Final = HolderKind(
    "User", ResourceKind.USER, find_user, UnitOfWork.put_user, USER_POLICY_CHARACTERS, 64
)
GROUP: Final = HolderKind(
    "Group", ResourceKind.GROUP, find_group, UnitOfWork.put_group, GROUP_POLICY_CHARACTERS, 128
)
ROLE: Final = HolderKind(
    "Role",
    ResourceKind.ROLE,
    find_role,
    UnitOfWork.put_role,
    ROLE_POLICY_CHARACTERS,
    64,
    (m.UNMODIFIABLE,),
)
KINDS: Final = (USER, GROUP, ROLE)


def holders(call: Call) -> Iterator[Holder]:
    """Yield every user, group and role of the caller's account."""
    source, account = reads(call), call.caller.account
    yield from source.users(account)
    yield from source.groups(account)
    yield from source.roles(account)


def boundary_of(holder: Holder) -> str:
    """Return the ARN of the policy that bounds a user or role; empty without one."""
    return "" if isinstance(holder, GroupRecord) else holder.boundary


def with_boundary(holder: Holder, arn: str) -> Holder:
    """Return a user or role with another bound; a group has none."""
    return holder if isinstance(holder, GroupRecord) else replace(holder, boundary=arn)
