"""What a decision needs of grants that are stored."""

from __future__ import annotations

from kmstui.authz.model import GrantFacts
from kmstui.keystore import GrantRecord

RETIRE = "RetireGrant"
"""The grant operation that lets the grantee retire its own grant."""


def grant_facts(grant: GrantRecord) -> GrantFacts:
    """Return what a decision needs of a grant."""
    return GrantFacts(
        grant.grant_id,
        grant.grantee,
        frozenset(grant.operations),
        grant.equals,
        grant.subset,
        grant.source_arn,
    )


def retirement_facts(grant: GrantRecord) -> tuple[GrantFacts, ...]:
    """Return who may retire a grant, in the form of grants that allow just that.

    The retiring principal, the grantee if RetireGrant is among the operations, and the account
    that created the grant; each of them that is an account stands for whomever its identity
    policies delegate kms:RetireGrant to. No constraint applies to retiring.
    """
    principals = [grant.retiring] if grant.retiring else []
    if RETIRE in grant.operations:
        principals.append(grant.grantee)
    principals.append(grant.issuing_account)
    return tuple(
        GrantFacts(grant.grant_id, principal, frozenset({RETIRE}))
        for principal in dict.fromkeys(principals)
    )
