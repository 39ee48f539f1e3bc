"""Entries that make a statement which nearly matched cover a call, and little else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from kmstui.authz.edits import Edit, extending
from kmstui.authz.model import AccessRequest, AttachedPolicy, Element, Layer, PolicyKind
from kmstui.authz.near import NearMiss
from kmstui.authz.newly import literal, named_in
from kmstui.authz.statement import Comparison, Condition, Principals, Quantifier, Statement

_OF_AWS = "arn:aws:iam::aws:"
_EXTENDABLE = frozenset(
    {
        Comparison.STRING_EQUALS,
        Comparison.STRING_EQUALS_IGNORE_CASE,
        Comparison.STRING_LIKE,
        Comparison.ARN_EQUALS,
        Comparison.ARN_LIKE,
    }
)
_LIKE = frozenset({Comparison.STRING_LIKE, Comparison.ARN_EQUALS, Comparison.ARN_LIKE})


def extensions(
    request: AccessRequest,
    layer: Layer,
    attached: tuple[AttachedPolicy, ...],
    near: Iterable[NearMiss],
    level: int,
) -> Iterator[Edit]:
    """Yield the entries that may be enough and give nothing else."""
    for miss in near:
        # An edit is applied to the first policy of its name, so it must be meant for that.
        policy = next((each for each in attached if each.name == miss.policy), None)
        if policy is None or policy.name.startswith(_OF_AWS) or not _is_there(policy, miss):
            continue
        extended = _extended(request, policy, miss)
        if extended is None:
            continue
        statement, entry, element = extended
        edit = extending(
            layer, policy, miss.statement, statement, entry=entry, element=element, level=level
        )
        if edit is not None:
            yield edit


def _is_there(attached: AttachedPolicy, miss: NearMiss) -> bool:
    statements = attached.policy.statements
    if not 0 < miss.statement <= len(statements):
        return False
    statement = statements[miss.statement - 1]
    return statement.allow and statement.sid == miss.sid


def _extended(
    request: AccessRequest, attached: AttachedPolicy, miss: NearMiss
) -> tuple[Statement, str, str] | None:
    """Return the statement with an entry, the entry, and the list that it is in."""
    statement = attached.policy.statements[miss.statement - 1]
    what = _is_only_action(statement, request)
    whom = _is_only_principal(statement, request)
    where = _is_only_resource(statement, request, attached.policy.kind)
    if miss.element is Element.ACTION and whom and where and not statement.inverted_action:
        actions = (*statement.actions, request.action)
        return replace(statement, actions=actions), request.action, "Action"
    if miss.element is Element.PRINCIPAL and what and where and not statement.inverted_principal:
        return _with_principal(statement, request)
    if miss.element is Element.RESOURCE and what and whom and not statement.inverted_resource:
        resources = (*statement.resources, request.resource)
        return replace(statement, resources=resources), request.resource, "Resource"
    if miss.element is Element.CONDITION and what and whom and where:
        return _with_value(statement, miss, variables=attached.policy.has_variables)
    return None


def _with_principal(
    statement: Statement, request: AccessRequest
) -> tuple[Statement, str, str] | None:
    named, former = named_in(request), statement.principals or Principals()
    principals = replace(
        former, aws=(*former.aws, *named.aws), services=(*former.services, *named.services)
    )
    entry = (*named.aws, *named.services)[0]
    return replace(statement, principals=principals), entry, "Principal"


def _with_value(
    statement: Statement, miss: NearMiss, *, variables: bool
) -> tuple[Statement, str, str] | None:
    for index, condition in enumerate(statement.conditions):
        name = f"{condition.operator} {condition.written}"
        if not miss.wanted.startswith(f"{name} ") or not _is_extendable(condition, miss.seen):
            continue
        value = literal(miss.seen, variables=variables)
        conditions = list(statement.conditions)
        conditions[index] = replace(condition, values=(*condition.values, value))
        changed = replace(statement, conditions=tuple(conditions))
        return changed, value, f"Condition {name}"
    return None


def _is_extendable(condition: Condition, seen: str) -> bool:
    """Tell whether one more value of a condition is a small change.

    Not for who calls, nor for MFA: those are what the condition is there for.
    """
    operator = condition.operator
    return (
        bool(seen)
        and operator.comparison in _EXTENDABLE
        and operator.quantifier is Quantifier.NONE
        and not (operator.comparison in _LIKE and set(seen) & set("*?$"))
        and not condition.key.startswith(("aws:multifactorauth", "aws:principal", "aws:user"))
        and condition.key != "kms:calleraccount"
    )


def _is_only_action(statement: Statement, request: AccessRequest) -> bool:
    actions = {action.lower() for action in statement.actions}
    return not statement.inverted_action and actions == {request.action.lower()}


def _is_only_principal(statement: Statement, request: AccessRequest) -> bool:
    if statement.principals is None:
        return True
    return not statement.inverted_principal and statement.principals == named_in(request)


def _is_only_resource(statement: Statement, request: AccessRequest, kind: PolicyKind) -> bool:
    if kind is PolicyKind.TRUST:
        return True
    wanted = ("*",) if kind is PolicyKind.KEY else (request.resource,)
    return not statement.inverted_resource and statement.resources == wanted
