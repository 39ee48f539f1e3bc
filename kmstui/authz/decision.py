"""How the layers of an evaluation combine into one decision.

Source: IAM User Guide, *Policy evaluation logic*; AWS KMS Developer Guide, *Determining access to
AWS KMS keys* and *Allowing users in other accounts to use a KMS key*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kmstui.authz.conditions import Check
from kmstui.authz.grants import constraints_met, grantees
from kmstui.authz.model import (
    AccessRequest,
    AttachedPolicy,
    Context,
    Decision,
    GrantFacts,
    Layer,
    Outcome,
    PolicySet,
    PrincipalType,
)
from kmstui.authz.principals import Naming
from kmstui.authz.rules import Rule, Subject, rules


@dataclass(frozen=True, slots=True)
class Answer:
    """A statement that decides if its checks hold, and the decision it then gives."""

    naming: Naming
    checks: tuple[Check, ...]
    decision: Decision


Answers = tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class GrantAnswer:
    """A grant that names the caller and lists the operation."""

    naming: Naming
    grant: GrantFacts


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to ask for one (principal, action, resource) and set of policies.

    Attributes:
        policies: The set it was made of.
        denies: Every Deny, in the order SCP, key policy, identity, boundary, session.
        scps: The Allows of each level.
        keyed: Whether there is a key policy or trust policy.
        resource: Its Allows, the strongest naming first.
        identity: The identity policies' Allows.
        boundary: The boundary's Allows; ``None`` without one.
        session: The session policies' Allows; ``None`` without any.
        grants: What grants can allow.
        root: Whether the caller is a root user, who needs no identity policy.
        foreign: Whether the resource belongs to another account than the caller.
        service: Whether the caller is a service.
        unsupported: Whether the operation does not work across accounts, and this would be.
    """

    policies: PolicySet
    denies: Answers
    scps: tuple[Answers, ...]
    keyed: bool
    resource: Answers
    identity: Answers
    boundary: Answers | None
    session: Answers | None
    grants: tuple[GrantAnswer, ...]
    root: bool
    foreign: bool
    service: bool
    unsupported: bool


def plan(request: AccessRequest, policies: PolicySet) -> Plan:
    """Return what is left to ask of a request; it reads no condition key."""
    bounded = policies.boundary is not None
    subject = Subject(request.principal, request.action, request.resource, bounded)
    layers = _layers(policies, subject)
    return assemble(request, policies, layers)


@dataclass(frozen=True, slots=True)
class Layers:
    """The rules that cover a subject, by layer, each with the policy that it stands in."""

    scps: tuple[tuple[tuple[AttachedPolicy, Rule], ...], ...]
    resource: tuple[tuple[AttachedPolicy, Rule], ...]
    identity: tuple[tuple[AttachedPolicy, Rule], ...]
    boundary: tuple[tuple[AttachedPolicy, Rule], ...]
    session: tuple[tuple[AttachedPolicy, Rule], ...]


def _layers(policies: PolicySet, subject: Subject) -> Layers:
    def covering(attached: Iterable[AttachedPolicy]) -> tuple[tuple[AttachedPolicy, Rule], ...]:
        return tuple((each, rule) for each in attached for rule in rules(each.policy, subject))

    return Layers(
        tuple(covering(level) for level in policies.scps),
        covering(() if policies.resource is None else (policies.resource,)),
        covering(policies.identity),
        covering(() if policies.boundary is None else (policies.boundary,)),
        covering(policies.session or ()),
    )


def assemble(request: AccessRequest, policies: PolicySet, layers: Layers) -> Plan:
    """Return the plan that rules and grants make for a request."""
    everything = (
        *((Layer.SCP, level) for level in layers.scps),
        (Layer.RESOURCE, layers.resource),
        (Layer.IDENTITY, layers.identity),
        (Layer.BOUNDARY, layers.boundary),
        (Layer.SESSION, layers.session),
    )
    denies = tuple(
        answer for layer, found in everything for answer in _answers(layer, found, allow=False)
    )
    principal = request.principal
    service = principal.kind is PrincipalType.SERVICE
    foreign = not service and principal.account != request.resource_account
    resource = _answers(Layer.RESOURCE, layers.resource, allow=True)
    return Plan(
        policies=policies,
        denies=denies,
        scps=tuple(_answers(Layer.SCP, level, allow=True) for level in layers.scps),
        keyed=policies.resource is not None,
        resource=tuple(sorted(resource, key=lambda answer: -answer.naming)),
        identity=_answers(Layer.IDENTITY, layers.identity, allow=True),
        boundary=None
        if policies.boundary is None
        else _answers(Layer.BOUNDARY, layers.boundary, allow=True),
        session=None
        if policies.session is None
        else _answers(Layer.SESSION, layers.session, allow=True),
        grants=_grants(request, policies.grants),
        root=principal.kind is PrincipalType.ROOT,
        foreign=foreign,
        service=service,
        unsupported=foreign and not request.cross_account,
    )


def _answers(
    layer: Layer, found: Iterable[tuple[AttachedPolicy, Rule]], *, allow: bool
) -> Answers:
    outcome = Outcome.ALLOWED if allow else Outcome.EXPLICITLY_DENIED
    return tuple(
        Answer(
            rule.naming,
            rule.checks,
            Decision(outcome, layer, attached.name, rule.number, rule.sid),
        )
        for attached, rule in found
        if rule.allow is allow
    )


def _grants(request: AccessRequest, grants: tuple[GrantFacts, ...]) -> tuple[GrantAnswer, ...]:
    if not grants:
        return ()
    names = grantees(request.principal)
    return tuple(
        GrantAnswer(names[grant.grantee], grant)
        for grant in grants
        if grant.grantee in names and request.grant_operation in grant.operations
    )


def _implicit(layer: Layer) -> Decision:
    return Decision(Outcome.IMPLICITLY_DENIED, layer)


_NO_SERVICE: Final = _implicit(Layer.SERVICE)
_NO_SCP: Final = _implicit(Layer.SCP)
_NO_RESOURCE: Final = _implicit(Layer.RESOURCE)
_NO_IDENTITY: Final = _implicit(Layer.IDENTITY)
_NO_BOUNDARY: Final = _implicit(Layer.BOUNDARY)
_NO_SESSION: Final = _implicit(Layer.SESSION)


def decide(plan: Plan, request: AccessRequest) -> Decision:
    """Return the decision on a request, by its plan."""
    context = request.context
    denied = first(plan.denies, context)
    if denied is not None:
        return denied.decision
    if plan.unsupported:
        return _NO_SERVICE
    for level in plan.scps:
        if first(level, context) is None:
            return _NO_SCP
    decision = _by_policies(plan, context)
    if decision.allowed or not plan.grants:
        return decision
    return _by_grants(plan, request) or decision


def first(answers: Answers, context: Context) -> Answer | None:
    """Return the first answer whose checks hold."""
    for answer in answers:
        for check in answer.checks:
            if not check(context):
                break
        else:
            return answer
    return None


def _by_policies(plan: Plan, context: Context) -> Decision:
    if not plan.keyed:
        return _NO_RESOURCE if plan.foreign else _by_identity(plan, context, None)
    found = first(plan.resource, context)
    if found is None:
        return _NO_RESOURCE
    if plan.service or (found.naming is Naming.DIRECT and not plan.foreign):
        return found.decision
    if found.naming is Naming.ROLE and not plan.foreign:
        return _limited(plan, context) or found.decision
    return _by_identity(plan, context, found.decision if plan.foreign or plan.root else None)


def _by_identity(plan: Plan, context: Context, decision: Decision | None) -> Decision:
    """Ask the caller's side; what allowed it is ``decision``, or else the identity policy."""
    allowing = _identity_allows(plan, context)
    if allowing is None:
        return _NO_IDENTITY
    return _limited(plan, context) or decision or allowing


_ROOT_USER: Final = Decision(Outcome.ALLOWED, Layer.IDENTITY, "root user of the account")


def _identity_allows(plan: Plan, context: Context) -> Decision | None:
    if plan.root:
        return _ROOT_USER
    found = first(plan.identity, context)
    return None if found is None else found.decision


def _limited(plan: Plan, context: Context) -> Decision | None:
    """Return what stops a call that boundary and session policies must allow, if they do not."""
    if plan.boundary is not None and first(plan.boundary, context) is None:
        return _NO_BOUNDARY
    if plan.session is not None and first(plan.session, context) is None:
        return _NO_SESSION
    return None


def _by_grants(plan: Plan, request: AccessRequest) -> Decision | None:
    context = request.context
    for answer in plan.grants:
        if not constraints_met(answer.grant, request):
            continue
        if answer.naming is not Naming.DIRECT and _limited(plan, context) is not None:
            continue
        if answer.naming is Naming.ACCOUNT and _identity_allows(plan, context) is None:
            continue
        return Decision(Outcome.ALLOWED, Layer.GRANT, grant_id=answer.grant.grant_id)
    return None
