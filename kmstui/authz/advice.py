"""The smallest change that would allow a call which nothing allows.

A list in a statement that nearly matched gets an entry where that gives no more than the call;
else a statement for this principal, this action, this resource and this encryption context is
added where one is missing, and in as many places as the evaluation asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kmstui.authz.danger import danger
from kmstui.authz.edits import Edit, adding, applied, granting
from kmstui.authz.explain import explain
from kmstui.authz.extension import extensions
from kmstui.authz.freshness import WithFreshMfa
from kmstui.authz.grants import GRANT_OPERATIONS, constraints_met, grantee_named
from kmstui.authz.model import (
    AccessRequest,
    AttachedPolicy,
    Decision,
    Layer,
    Outcome,
    PolicyKind,
    PolicySet,
    PrincipalType,
    Trace,
)
from kmstui.authz.near import NearMiss, nearly
from kmstui.authz.newly import new_statement
from kmstui.authz.principals import Naming

__all__ = ["Edit", "NearMiss", "Suggestion", "apply", "nearly", "smallest_change"]

_MOST_EDITS = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What would allow a call.

    Attributes:
        edits: The changes, all of which are needed; empty where a fresh MFA code is enough.
        text: The same in one sentence.
        dangerous: Why it gives away more than this call; empty when it does not.
    """

    edits: tuple[Edit, ...]
    text: str
    dangerous: str


def smallest_change(
    request: AccessRequest, policies: PolicySet, trace: Trace
) -> Suggestion | None:
    """Return the smallest change that would allow a request.

    ``None`` when the request is allowed, when a Deny refuses it, which is meant, or when no change
    of a policy helps, as with operations that do not work across accounts.

    Args:
        request: What was asked.
        policies: What applied.
        trace: How it was decided.
    """
    if trace.decision.outcome is not Outcome.IMPLICITLY_DENIED:
        return None
    fresh = replace(request, context=WithFreshMfa(request.context))
    if explain(fresh, policies).decision.allowed:
        return Suggestion((), "Give a fresh MFA code; the same call is then allowed.", "")
    edits: list[Edit] = []
    current, decided = policies, trace
    while not decided.decision.allowed:
        found = next(_steps(request, current, decided), None)
        if found is None or len(edits) == _MOST_EDITS:
            return None
        edits.append(found)
        current = applied(current, found)
        decided = explain(request, current)
    made = tuple(edits)
    text = "; and ".join(_sentence(edit, request) for edit in made)
    return Suggestion(made, f"{text[0].upper()}{text[1:]}.", danger(request, made))


def apply(policies: PolicySet, suggestion: Suggestion) -> PolicySet:
    """Return the policies of a decision with a suggestion followed, to try it."""
    for edit in suggestion.edits:
        policies = applied(policies, edit)
    return policies


def _steps(request: AccessRequest, policies: PolicySet, trace: Trace) -> Iterator[Edit]:
    """Yield the changes that get the request past where it is refused, smallest first."""
    layer = trace.decision.layer
    if trace.decision.outcome is Outcome.EXPLICITLY_DENIED:
        return
    for candidate in _candidates(request, policies, trace, layer):
        after = explain(request, applied(policies, candidate)).decision
        if after.allowed or _is_further(after, trace.decision, candidate):
            yield candidate


def _is_further(after: Decision, before: Decision, edit: Edit) -> bool:
    if after.outcome is Outcome.EXPLICITLY_DENIED:
        return False
    return after.layer is not before.layer or (edit.layer is Layer.SCP and edit.number == 0)


def _candidates(
    request: AccessRequest, policies: PolicySet, trace: Trace, layer: Layer
) -> Iterator[Edit]:
    if layer is Layer.SERVICE:
        return
    level, attached = _attached(request, policies, layer)
    near = [miss for miss in nearly(trace) if miss.layer is layer and miss.allow]
    yield from extensions(request, layer, attached, near, level)
    if layer in {Layer.RESOURCE, Layer.IDENTITY}:
        yield from _grants(request, policies)
    target = _target(layer, attached)
    if layer is Layer.RESOURCE and target is None:
        return
    kind = PolicyKind.IDENTITY if target is None else target.policy.kind
    taken = () if target is None else target.policy.statements
    plain = target is not None and not target.policy.has_variables
    statement = new_statement(request, kind, taken, layer, variables=not plain)
    edit = adding(layer, target, statement, level=level)
    if edit is not None:
        yield edit


def _attached(
    request: AccessRequest, policies: PolicySet, layer: Layer
) -> tuple[int, tuple[AttachedPolicy, ...]]:
    """Return the policies of a layer; of service control policies the level that is lacking."""
    if layer is Layer.SCP:
        for number, level in enumerate(policies.scps):
            if explain(request, PolicySet(scps=(level,))).decision.layer is Layer.SCP:
                return number, level
        return 0, ()
    if layer is Layer.IDENTITY:
        return 0, policies.identity
    if layer is Layer.SESSION:
        return 0, policies.session or ()
    only = policies.boundary if layer is Layer.BOUNDARY else policies.resource
    return 0, () if only is None else (only,)


def _target(layer: Layer, attached: tuple[AttachedPolicy, ...]) -> AttachedPolicy | None:
    """Return the policy that gets a new statement; ``None`` for a new policy."""
    if layer is Layer.IDENTITY or not attached:
        return None
    return attached[0]


def _grants(request: AccessRequest, policies: PolicySet) -> Iterator[Edit]:
    """Yield a further grant for a grantee whose grants lack only the operation."""
    operation = request.grant_operation
    if operation not in GRANT_OPERATIONS:
        return
    for grant in policies.grants:
        named = grantee_named(grant, request.principal)
        if named <= Naming.ACCOUNT or operation in grant.operations:
            continue
        if constraints_met(grant, request):
            equals = request.encryption_context or grant.equals
            subset = None if request.encryption_context else grant.subset
            wanted = frozenset({operation})
            yield granting(replace(grant, operations=wanted, equals=equals, subset=subset))
            return


def _sentence(edit: Edit, request: AccessRequest) -> str:
    principal = request.principal
    who = principal.role_arn or principal.arn
    if principal.kind is PrincipalType.ROOT:
        who = f"account {principal.account}"
    if edit.layer is Layer.GRANT:
        return f"create a grant of {request.grant_operation} for {who}"
    where = edit.policy or f"a new {edit.layer}"
    if edit.number:
        return f'add "{edit.entry}" to {edit.element} of statement {edit.number} of {where}'
    if edit.layer is Layer.RESOURCE:
        return f"add a statement to {where} that allows {request.action} to {who}"
    if edit.layer is Layer.IDENTITY:
        return f"allow {request.action} on {request.resource} to {who} in {where}"
    return f"allow {request.action} on {request.resource} in {where}"
