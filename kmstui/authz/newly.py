"""A statement that allows one call and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kmstui.authz.model import AccessRequest, Layer, PolicyKind, PrincipalType
from kmstui.authz.statement import (
    Comparison,
    Condition,
    ConditionOperator,
    Principals,
    Quantifier,
    Statement,
)

_EQUALS = ConditionOperator(Comparison.STRING_EQUALS)
_NAMING = frozenset({PolicyKind.KEY, PolicyKind.TRUST})


def new_statement(
    request: AccessRequest,
    kind: PolicyKind,
    taken: tuple[Statement, ...],
    layer: Layer,
    *,
    variables: bool,
) -> Statement:
    """Return the statement for a request.

    Args:
        request: The call.
        kind: The policy that the statement is for.
        taken: The policy's statements, whose names are used.
        layer: What bounds the call elsewhere needs no conditions; what gives it does.
        variables: Whether the policy's version has variables.
    """
    gives = layer in {Layer.RESOURCE, Layer.IDENTITY}
    return Statement(
        sid=_sid(request, taken),
        allow=True,
        principals=named_in(request) if kind in _NAMING else None,
        inverted_principal=False,
        actions=(request.action,),
        inverted_action=False,
        resources=_resources(request, kind),
        inverted_resource=False,
        conditions=tuple(_conditions(request, variables=variables)) if gives else (),
    )


def named_in(request: AccessRequest) -> Principals:
    """Return how a policy names the caller: a session by its role."""
    principal = request.principal
    if principal.kind is PrincipalType.SERVICE:
        return Principals(services=(principal.arn,))
    return Principals(aws=(principal.role_arn or principal.arn,))


def _resources(request: AccessRequest, kind: PolicyKind) -> tuple[str, ...]:
    if kind is PolicyKind.TRUST:
        return ()
    return ("*",) if kind is PolicyKind.KEY else (request.resource,)


def _sid(request: AccessRequest, taken: tuple[Statement, ...]) -> str:
    action = request.action.partition(":")[2]
    whom = (request.principal.role_arn or request.principal.arn).rpartition("/")[2]
    plain = re.sub(r"[^A-Za-z0-9]", "", f"Allow{action}{whom.partition('.')[0]}")[:60]
    used = {statement.sid for statement in taken}
    number, sid = 1, plain
    while sid in used:
        number += 1
        sid = f"{plain}{number}"
    return sid


def _conditions(request: AccessRequest, *, variables: bool) -> Iterator[Condition]:
    seen: set[str] = set()
    for name, value in request.encryption_context or ():
        key = f"kms:encryptioncontext:{name.lower()}"
        if key not in seen and request.context.get(key) == value:
            seen.add(key)
            yield _equal(key, f"kms:EncryptionContext:{name}", value, variables=variables)
    if request.action != "kms:CreateGrant":
        return
    operations = request.context.get("kms:grantoperations")
    if isinstance(operations, tuple) and operations:
        every = ConditionOperator(Comparison.STRING_EQUALS, Quantifier.ALL)
        name = "kms:GrantOperations"
        yield Condition(every, name.lower(), name, operations)
        yield Condition(ConditionOperator(Comparison.NULL), name.lower(), name, ("false",))
    grantee = request.context.get("kms:granteeprincipal")
    if isinstance(grantee, str) and grantee:
        name = "kms:GranteePrincipal"
        yield _equal(name.lower(), name, grantee, variables=variables)


def _equal(key: str, written: str, value: str, *, variables: bool) -> Condition:
    return Condition(_EQUALS, key, written, (literal(value, variables=variables),))


def literal(value: str, *, variables: bool) -> str:
    """Return a text as it stands for itself where ``${...}`` may be a variable."""
    return value.replace("$", "${$}") if variables and "${" in value else value
