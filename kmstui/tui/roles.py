"""Roles as they are offered for switching. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from kmstui.authz.document import parse_policy
from kmstui.authz.evaluate import evaluate
from kmstui.authz.guardrail import full_access
from kmstui.authz.model import (
    AccessRequest,
    AttachedPolicy,
    Outcome,
    PolicyKind,
    PolicySet,
    Principal,
    PrincipalType,
)
from kmstui.core.arn import Arn
from kmstui.core.errors import KmsError

HOME: Final = "back"
"""What is chosen to leave a role."""


@dataclass(frozen=True, slots=True)
class KnownRole:
    """A role of the account.

    Attributes:
        name: Its name.
        arn: Its ARN, with its path.
        description: What it is for; untrusted text.
        trust: Text of its trust policy; empty if it was not told.
    """

    name: str
    arn: str
    description: str = ""
    trust: str = ""


def role_of(entry: Mapping[str, Any]) -> KnownRole:
    """Read an entry of ``iam:ListRoles``; the trust policy may be percent-encoded, as AWS does."""
    trust = str(entry.get("AssumeRolePolicyDocument", ""))
    return KnownRole(
        str(entry["RoleName"]),
        str(entry["Arn"]),
        str(entry.get("Description", "")),
        unquote(trust) if trust.startswith("%") else trust,
    )


def may_assume(role: KnownRole, person: str) -> bool:
    """Tell whether a role's trust policy leaves room for a person, whatever its own policies say.

    Conditions that cannot be met now, such as those on MFA, count as room: the call tells.

    Args:
        role: The role.
        person: ARN of a user or root user.
    """
    try:
        policy = parse_policy(role.trust, PolicyKind.TRUST)
        account = Arn.parse(person).account
        owner = Arn.parse(role.arn).account
    except (KmsError, ValueError):
        return True
    kind = PrincipalType.ROOT if person.endswith(":root") else PrincipalType.USER
    request = AccessRequest(
        Principal(kind, person, account), "sts:AssumeRole", role.arn, owner, _Fresh()
    )
    allowed = AttachedPolicy("own", parse_policy(full_access(), PolicyKind.IDENTITY))
    policies = PolicySet(AttachedPolicy("trust policy", policy), (allowed,))
    return evaluate(request, policies).outcome is Outcome.ALLOWED or _conditional(role.trust)


def _conditional(trust: str) -> bool:
    return '"Condition"' in trust


class _Fresh:
    """Condition keys of somebody who has just given a code."""

    def get(self, key: str, /) -> str | None:
        """Return the facts about MFA, which a person can still bring about."""
        return {"aws:multifactorauthpresent": "true", "aws:multifactorauthage": "0"}.get(key)
