"""Policies and grants that name a principal, when it is deleted, created anew or renamed.

AWS keeps a principal's unique id in place of its ARN, so that a policy that names a deleted user
does not name the next one of that name; it shows the ARN as long as there is one. Here the ARN is
kept. What names a deleted principal is shown with the unique id, and is rewritten with it at the
moment that the ARN comes to belong to somebody else. Source: IAM User Guide, *AWS JSON policy
elements: Principal*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kmstui.authz.document import Policy, parse_policy, print_policy
from kmstui.authz.model import PolicyKind
from kmstui.core.arn import Arn
from kmstui.keystore import GrantRecord, KeyRecord, Keystore, UnitOfWork
from kmstui.ops.call import Call

_PAGE = 1000


def shown_policy(source: Keystore | UnitOfWork, text: str, kind: PolicyKind) -> str:
    """Return a key or trust policy with unique ids in the place of those who were deleted.

    Args:
        source: Where principals are looked up.
        text: The policy; returned as it is if everybody whom it names is there.
        kind: What it is attached to.
    """
    policy = parse_policy(text, kind)
    gone = {arn: source.departed(arn) for arn in _named(policy) if _is_gone(source, arn)}
    return _rewritten(policy, {arn: found[-1].unique_id for arn, found in gone.items() if found})


def settle(call: Call, arn: str) -> None:
    """Let nothing that named a deleted principal name the one that has its ARN from now on."""
    found = call.writer.departed(arn)
    if found:
        rename_everywhere(call, arn, found[-1].unique_id)


def rename_everywhere(call: Call, old: str, new: str) -> None:
    """Name a principal otherwise in every key policy, trust policy and grant of the keystore.

    It looks at every key and grant, which is why it is done only when an ARN changes hands.
    """
    writer, keystore = call.writer, call.services.keystore
    for scope, _ in keystore.head.key_counts:
        account, region = scope.split("/")
        for key in _keys(keystore, account, region):
            text = _renamed(key.policy, PolicyKind.KEY, old, new)
            if text != key.policy:
                writer.put_key(replace(key, policy=text))
        for grant in _grants(keystore, account, region):
            grantee = new if _stands_for(grant.grantee, old) else grant.grantee
            retiring = new if _stands_for(grant.retiring, old) else grant.retiring
            if (grantee, retiring) != (grant.grantee, grant.retiring):
                writer.put_grant(replace(grant, grantee=grantee, retiring=retiring))
    accounts = {call.caller.account, *(record.account for record in writer.accounts())}
    for account in sorted(accounts):
        for role in writer.roles(account):
            trust = _renamed(role.trust, PolicyKind.TRUST, old, new)
            if trust != role.trust:
                writer.put_role(replace(role, trust=trust))


def _renamed(text: str, kind: PolicyKind, old: str, new: str) -> str:
    """Return a policy with a principal named otherwise; of a role, its sessions too."""
    # A text with escapes may name it without showing it.
    name = old.rpartition("/")[2]
    if name not in text and "\\" not in text:
        return text
    policy = parse_policy(text, kind)
    return _rewritten(policy, {each: new for each in _named(policy) if _stands_for(each, old)})


def _stands_for(principal: str, arn: str) -> bool:
    """Tell whether a principal is a user or role, or one session of the role."""
    if principal == arn:
        return True
    parts = Arn.parse(arn)
    kind, _, name = parts.resource.partition("/")
    sessions = (
        f"arn:{parts.partition}:sts::{parts.account}:assumed-role/{name.rpartition('/')[2]}/"
    )
    return kind == "role" and principal.startswith(sessions)


def _named(policy: Policy) -> set[str]:
    return {
        principal
        for statement in policy.statements
        if statement.principals is not None
        for principal in statement.principals.aws
    }


def _is_gone(source: Keystore | UnitOfWork, principal: str) -> bool:
    try:
        arn = Arn.parse(principal)
    except ValueError:
        return False
    kind, _, rest = arn.resource.partition("/")
    name = rest.rpartition("/")[2]
    if kind == "user":
        user = source.user(arn.account, name)
        return user is None or user.arn != principal
    if kind == "role":
        role = source.role(arn.account, name)
        return role is None or role.arn != principal
    return False


def _rewritten(policy: Policy, names: Mapping[str, str]) -> str:
    """Return a policy's text with principals named otherwise; as it was if none is."""
    if not names.keys() & _named(policy):
        return policy.text
    statements = tuple(
        statement
        if statement.principals is None
        else replace(
            statement,
            principals=replace(
                statement.principals,
                aws=tuple(names.get(each, each) for each in statement.principals.aws),
            ),
        )
        for statement in policy.statements
    )
    return print_policy(replace(policy, statements=statements))


def _keys(keystore: Keystore, account: str, region: str) -> Iterator[KeyRecord]:
    after: str | None = None
    while found := keystore.keys(account, region, after=after, limit=_PAGE):
        yield from found
        after = found[-1].key_id


def _grants(keystore: Keystore, account: str, region: str) -> Iterator[GrantRecord]:
    after: str | None = None
    while found := keystore.grants_in(account, region, after=after, limit=_PAGE):
        yield from found
        after = f"{found[-1].key_id}/{found[-1].grant_id}"
