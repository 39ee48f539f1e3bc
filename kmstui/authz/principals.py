"""Whom the principals of a statement name.

Source: AWS KMS Developer Guide, *Key policies in AWS KMS*; IAM User Guide, *AWS JSON policy
elements: Principal* and *NotPrincipal*.
"""

from __future__ import annotations

from enum import IntEnum

from kmstui.authz.model import Principal, PrincipalType
from kmstui.authz.statement import Principals, Statement
from kmstui.core.arn import root_arn


class Naming(IntEnum):
    """How a principal is named, from not at all to by itself; more is stronger."""

    NOT = 0
    ACCOUNT = 1
    ROLE = 2
    DIRECT = 3


def named(principals: Principals, principal: Principal) -> Naming:
    """Return the strongest way in which a list of principals names a principal."""
    if "*" in principals.aws:
        return Naming.DIRECT
    if principal.kind is PrincipalType.SERVICE:
        return Naming.DIRECT if principal.arn in principals.services else Naming.NOT
    if principal.kind is not PrincipalType.ROOT and principal.arn in principals.aws:
        return Naming.ROLE if principal.kind is PrincipalType.ROLE else Naming.DIRECT
    if principal.role_arn and principal.role_arn in principals.aws:
        return Naming.ROLE
    return Naming.ACCOUNT if _names_account(principals, principal) else Naming.NOT


def naming(statement: Statement, principal: Principal, *, bounded: bool) -> Naming:
    """Return whether a statement's Principal or NotPrincipal covers a principal, and how.

    A NotPrincipal with Allow covers nobody: AWS does not support it, and it would let in
    everyone else. With Deny it spares only those who are listed together with their account and,
    for a session, their role; and nobody who has a permissions boundary.

    Args:
        statement: Of a key policy or a trust policy.
        principal: The caller.
        bounded: Whether the caller has a permissions boundary.
    """
    principals = statement.principals or Principals()
    if not statement.inverted_principal:
        return named(principals, principal)
    if statement.allow:
        return Naming.NOT
    spared = _spared(principals, principal) and not bounded
    return Naming.NOT if spared else Naming.DIRECT


def _names_account(principals: Principals, principal: Principal) -> bool:
    account = principal.account
    return bool(account) and (account in principals.aws or root_arn(account) in principals.aws)


def _spared(principals: Principals, principal: Principal) -> bool:
    if "*" in principals.aws:
        return True
    if principal.kind is PrincipalType.SERVICE:
        return principal.arn in principals.services
    if not _names_account(principals, principal):
        return False
    if principal.kind is PrincipalType.ROOT:
        return True
    if principal.role_arn and principal.role_arn not in principals.aws:
        return False
    return principal.arn in principals.aws
