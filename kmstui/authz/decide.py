"""The decision on one (action, key) pair.

What is known here: the account's root user, direct principals, Allow and Deny, actions with
wildcards. A statement with a Condition is read on the safe side: its Deny applies, its Allow
does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kmstui.authz.document import Principals, Statement, parse_policy
from kmstui.authz.model import PolicyKind
from kmstui.core.arn import root_arn
from kmstui.core.caller import Caller


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a pair is allowed, and by what.

    Attributes:
        allowed: The outcome.
        explicit: Whether a Deny statement decided.
        statement: What decided, such as ``key policy, statement 1 "Enable IAM ..."``; for a
            default deny it says that nothing allowed it.
    """

    allowed: bool
    explicit: bool
    statement: str


@lru_cache(maxsize=4096)
def decide(caller: Caller, action: str, key_policy: str, resource: str) -> Decision:
    """Return the decision on an action on a key.

    Args:
        caller: Who calls.
        action: Such as ``kms:Encrypt``.
        key_policy: The key's policy document; it has been validated when it was stored.
        resource: The key's ARN.
    """
    allowed: Decision | None = None
    for number, statement in enumerate(_statements(key_policy), start=1):
        if not _applies(statement, caller, action, resource):
            continue
        name = f'key policy, statement {number} "{statement.sid}"'
        if not statement.allow:
            return Decision(allowed=False, explicit=True, statement=name)
        if allowed is None and not statement.conditions:
            allowed = Decision(allowed=True, explicit=False, statement=name)
    return allowed or Decision(
        allowed=False, explicit=False, statement="no statement of the key policy allows it"
    )


def decide_account(caller: Caller, account: str) -> Decision:
    """Return the decision on an action without a key, in an account.

    The root user may do everything in its own account.
    """
    if caller.is_root and caller.account == account:
        return Decision(allowed=True, explicit=False, statement="root user of the account")
    return Decision(allowed=False, explicit=False, statement="no identity-based policy allows it")


def _statements(text: str) -> tuple[Statement, ...]:
    return parse_policy(text, PolicyKind.KEY).statements


def _applies(statement: Statement, caller: Caller, action: str, resource: str) -> bool:
    return (
        _names(statement, caller) != statement.inverted_principal
        and any(matches(pattern.lower(), action.lower()) for pattern in statement.actions)
        != statement.inverted_action
        and bool(statement.resources)
        and any(matches(pattern, resource) for pattern in statement.resources)
        != statement.inverted_resource
    )


def _names(statement: Statement, caller: Caller) -> bool:
    mine = {"*", caller.arn}
    if caller.is_root or not statement.allow:
        mine |= {caller.account, root_arn(caller.account)}
    return not mine.isdisjoint((statement.principals or Principals()).aws)


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text matches a pattern with ``*`` and ``?``, in linear time per star."""
    position = mark = 0
    star = -1
    index = 0
    while index < len(text):
        here = pattern[position] if position < len(pattern) else ""
        if here == "*":
            star, mark = position, index
            position += 1
        elif here in {"?", text[index]}:
            position += 1
            index += 1
        elif star >= 0:
            mark += 1
            position, index = star + 1, mark
        else:
            return False
    return all(character == "*" for character in pattern[position:])
