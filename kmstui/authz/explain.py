"""Every step of an evaluation, for a person to follow.

The steps look at each statement whole, also after something in it did not match, so that what
nearly matched can be seen. The decision is made of the same parts as without a trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from kmstui.authz.decision import Layers, assemble, decide
from kmstui.authz.grants import UNCONSTRAINED, constraints_met, grantee_named
from kmstui.authz.model import (
    AccessRequest,
    AttachedPolicy,
    Context,
    ContextValue,
    Decision,
    Element,
    GrantFacts,
    Layer,
    Outcome,
    PolicySet,
    Step,
    StepOutcome,
    Trace,
)
from kmstui.authz.principals import Naming
from kmstui.authz.rules import (
    Rule,
    Subject,
    action_matches,
    condition_checks,
    principal_named,
    resource_check,
)
from kmstui.authz.statement import Condition, Principals, Statement

_Pair = tuple[AttachedPolicy, Rule]

GRANTS_TOLD: Final = 50
"""Grants that a trace looks at; a principal may have tens of thousands on one key."""


def explain(request: AccessRequest, policies: PolicySet) -> Trace:
    """Return every step of deciding a request, and the decision.

    The decision is the one that ``evaluate`` gives.
    """
    walk = _Walk(request, policies.boundary is not None)
    layers = Layers(
        tuple(walk.layer(Layer.SCP, level) for level in policies.scps),
        walk.layer(Layer.RESOURCE, () if policies.resource is None else (policies.resource,)),
        walk.layer(Layer.IDENTITY, policies.identity),
        walk.layer(Layer.BOUNDARY, () if policies.boundary is None else (policies.boundary,)),
        walk.layer(Layer.SESSION, policies.session or ()),
    )
    decision = decide(assemble(request, policies, layers), request)
    walk.grants(policies.grants, decision.grant_id)
    walk.result(decision)
    line = f"{request.principal.arn} {request.action} {request.resource}"
    return Trace(line, tuple(walk.steps), decision)


@dataclass(slots=True)
class _Walk:
    request: AccessRequest
    bounded: bool
    steps: list[Step] = field(default_factory=list)

    def layer(self, layer: Layer, attached: Iterable[AttachedPolicy]) -> tuple[_Pair, ...]:
        """Look at the policies of a layer; return the statements that hold."""
        policies = tuple(attached)
        if not policies:
            return ()
        found = tuple(pair for each in policies for pair in self._policy(layer, each))
        outcome = StepOutcome.NOTHING
        if any(rule.allow for _, rule in found):
            outcome = StepOutcome.ALLOW
        if any(not rule.allow for _, rule in found):
            outcome = StepOutcome.DENY
        names = ", ".join(each.name for each in policies)
        self.steps.append(Step(layer, "", 0, "", Element.RESULT, names, "", outcome))
        return found

    def _policy(self, layer: Layer, attached: AttachedPolicy) -> Iterator[_Pair]:
        for number, statement in enumerate(attached.policy.statements, start=1):
            place = _Place(layer, attached.name, number, statement.sid)
            rule = self._statement(place, attached, statement)
            if rule is not None:
                yield attached, rule

    def _statement(
        self, place: _Place, attached: AttachedPolicy, statement: Statement
    ) -> Rule | None:
        request, policy = self.request, attached.policy
        subject = Subject(request.principal, request.action, request.resource, self.bounded)
        strength = principal_named(statement, subject)
        holds = [strength is not Naming.NOT, action_matches(statement, request.action)]
        if statement.principals is not None:
            wanted = _listed(_names(statement.principals), inverted=statement.inverted_principal)
            self._add(place, Element.PRINCIPAL, wanted, request.principal.arn, holds[0])
        wanted = _listed(statement.actions, inverted=statement.inverted_action)
        self._add(place, Element.ACTION, wanted, request.action, holds[1])
        found = resource_check(policy, statement, request.resource)
        covered = found if isinstance(found, bool) else found(request.context)
        if statement.resources or statement.inverted_resource:
            wanted = _listed(statement.resources, inverted=statement.inverted_resource)
            self._add(place, Element.RESOURCE, wanted, request.resource, covered)
        holds.append(covered)
        checks = condition_checks(policy, place.statement)
        for condition, check in zip(statement.conditions, checks, strict=True):
            held = check(request.context)
            seen = _seen(request.context, condition.key)
            self._add(place, Element.CONDITION, _condition(condition), seen, held)
            holds.append(held)
        effect = StepOutcome.ALLOW if statement.allow else StepOutcome.DENY
        outcome = effect if all(holds) else StepOutcome.NOTHING
        effect_name = "Allow" if statement.allow else "Deny"
        self.steps.append(place.step(Element.STATEMENT, effect_name, "", outcome))
        if outcome is StepOutcome.NOTHING:
            return None
        return Rule(place.statement, statement.sid, statement.allow, strength, ())

    def _add(self, place: _Place, element: Element, wanted: str, seen: str, held: bool) -> None:
        outcome = StepOutcome.MATCH if held else StepOutcome.NO_MATCH
        self.steps.append(place.step(element, wanted, seen, outcome))

    def grants(self, grants: tuple[GrantFacts, ...], deciding: str) -> None:
        """Look at grants; of very many at the deciding one and those that list the operation."""
        told = grants
        if len(grants) > GRANTS_TOLD:
            wanted = self.request.grant_operation
            near = [each for each in grants if wanted in each.operations] or grants
            decided = [each for each in grants if each.grant_id == deciding]
            others = [each for each in near[:GRANTS_TOLD] if each.grant_id != deciding]
            told = (*decided, *others)[:GRANTS_TOLD]
        for grant in told:
            self._grant(grant)
        if len(told) < len(grants):
            more = f"{len(grants) - len(told)} further grants"
            place = _Place(Layer.GRANT, "", 0, "")
            self.steps.append(place.step(Element.RESULT, more, "", StepOutcome.NOTHING))

    def _grant(self, grant: GrantFacts) -> None:
        request = self.request
        place = _Place(Layer.GRANT, grant.grant_id, 0, "")
        named = grantee_named(grant, request.principal) is not Naming.NOT
        listed = request.grant_operation in grant.operations
        met = constraints_met(grant, request)
        self._add(place, Element.PRINCIPAL, grant.grantee, request.principal.arn, named)
        operations = ", ".join(sorted(grant.operations))
        self._add(place, Element.ACTION, operations, request.grant_operation, listed)
        for wanted, seen in _constraints(grant, request):
            self._add(place, Element.CONSTRAINT, wanted, seen, met)
        allowing = named and listed and met
        outcome = StepOutcome.ALLOW if allowing else StepOutcome.NOTHING
        self.steps.append(place.step(Element.STATEMENT, "Allow", "", outcome))

    def result(self, decision: Decision) -> None:
        """Close with what it came to."""
        outcome = {
            Outcome.ALLOWED: StepOutcome.ALLOW,
            Outcome.EXPLICITLY_DENIED: StepOutcome.DENY,
            Outcome.IMPLICITLY_DENIED: StepOutcome.NOTHING,
        }[decision.outcome]
        name = decision.grant_id or decision.policy or str(decision.layer)
        place = _Place(Layer.RESULT, name, decision.statement, decision.sid)
        self.steps.append(place.step(Element.RESULT, "", str(decision.outcome), outcome))


@dataclass(frozen=True, slots=True)
class _Place:
    layer: Layer
    policy: str
    statement: int
    sid: str

    def step(self, element: Element, wanted: str, seen: str, outcome: StepOutcome) -> Step:
        """Return a step at this place."""
        return Step(
            self.layer, self.policy, self.statement, self.sid, element, wanted, seen, outcome
        )


def _names(principals: Principals) -> tuple[str, ...]:
    return (*principals.aws, *principals.services, *principals.federated, *principals.canonical)


def _listed(items: Iterable[str], *, inverted: bool) -> str:
    text = ", ".join(items)
    return f"not {text}" if inverted else text


def _condition(condition: Condition) -> str:
    return f"{condition.operator} {condition.written} {', '.join(condition.values)}"


def _seen(context: Context, key: str) -> str:
    value: ContextValue | None = context.get(key)
    if value is None:
        return ""
    return value if isinstance(value, str) else ", ".join(value)


def _constraints(grant: GrantFacts, request: AccessRequest) -> Iterator[tuple[str, str]]:
    pairs = request.encryption_context
    if pairs is not None and request.grant_operation not in UNCONSTRAINED:
        seen = _pairs(pairs)
        if grant.equals is not None:
            yield f"EncryptionContextEquals {_pairs(grant.equals)}", seen
        if grant.subset is not None:
            yield f"EncryptionContextSubset {_pairs(grant.subset)}", seen
    if grant.source_arn:
        yield f"SourceArn {grant.source_arn}", _seen(request.context, "aws:sourcearn")


def _pairs(pairs: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(pairs))
