"""Grants: whether one allows a request, and whether a child is no wider than its parent.

Source: AWS KMS Developer Guide, *Grants in AWS KMS*.
"""

from __future__ import annotations

from collections.abc import Mapping

from kmstui.authz.model import AccessRequest, GrantFacts, Principal, PrincipalType
from kmstui.authz.principals import Naming
from kmstui.core.arn import root_arn

GRANT_OPERATIONS: frozenset[str] = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
        "Sign",
        "Verify",
        "GetPublicKey",
        "CreateGrant",
        "RetireGrant",
        "DescribeKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateMac",
        "VerifyMac",
        "DeriveSharedSecret",
        "Encapsulate",
        "Decapsulate",
    }
)
"""Every operation that a grant can allow."""

UNCONSTRAINED: frozenset[str] = frozenset({"DescribeKey", "RetireGrant"})
"""Grant operations for which the encryption context constraints are ignored."""

Pairs = tuple[tuple[str, str], ...]


def grantees(principal: Principal) -> Mapping[str, Naming]:
    """Return the grantees that stand for a principal, and how each names it.

    A user, a session or a service is named directly; a role stands for its sessions; an account
    leaves it to its identity policies.
    """
    if principal.kind is PrincipalType.SERVICE:
        return {principal.arn: Naming.DIRECT}
    direct = Naming.ROLE if principal.kind is PrincipalType.ROLE else Naming.DIRECT
    names = {principal.arn: direct}
    if principal.role_arn:
        names[principal.role_arn] = Naming.ROLE
    if principal.account:
        names |= dict.fromkeys((principal.account, root_arn(principal.account)), Naming.ACCOUNT)
    return names


def grantee_named(grant: GrantFacts, principal: Principal) -> Naming:
    """Return how a grant's grantee names a principal."""
    return grantees(principal).get(grant.grantee, Naming.NOT)


def constraints_met(grant: GrantFacts, request: AccessRequest) -> bool:
    """Tell whether a request's encryption context and source fit a grant's constraints.

    Keys and values are compared exactly. Operations without an encryption context are not
    constrained by one.
    """
    if grant.source_arn and request.context.get("aws:sourcearn") != grant.source_arn:
        return False
    pairs = request.encryption_context
    if pairs is None or request.grant_operation in UNCONSTRAINED:
        return True
    if grant.equals is not None and (
        len(grant.equals) != len(pairs) or set(grant.equals) != set(pairs)
    ):
        return False
    return grant.subset is None or set(grant.subset) <= set(pairs)


def grant_allows(grant: GrantFacts, request: AccessRequest) -> bool:
    """Tell whether a grant allows a request, where the grantee's account need not agree.

    For a grantee that is an account its identity policies must allow the request too.
    """
    return (
        request.grant_operation in grant.operations
        and grantee_named(grant, request.principal) is not Naming.NOT
        and constraints_met(grant, request)
    )


def no_wider(child: GrantFacts, parent: GrantFacts) -> bool:
    """Tell whether a grant allows nothing that another does not, whoever the grantees are.

    This is what CreateGrant asks for when it is itself allowed by a grant: the operations are
    among the parent's, and the constraints at least as strict.
    """
    if not child.operations <= parent.operations:
        return False
    if parent.source_arn and child.source_arn != parent.source_arn:
        return False
    return _as_strict(child, parent)


def _as_strict(child: GrantFacts, parent: GrantFacts) -> bool:
    if parent.equals is not None and not (
        child.equals is not None and set(child.equals) == set(parent.equals)
    ):
        return False
    if parent.subset is None:
        return True
    bound: Pairs = (child.equals or ()) + (child.subset or ())
    return set(parent.subset) <= set(bound)
