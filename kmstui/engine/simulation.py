"""Deciding calls that are not made: the same facts, policies and grants as for real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from kmstui.authz.advice import smallest_change
from kmstui.authz.evaluate import denial_text, evaluate, explain
from kmstui.authz.freshness import WithFreshMfa
from kmstui.authz.model import (
    AccessRequest,
    Context,
    ContextValue,
    PolicyKind,
    PolicySet,
)
from kmstui.core.arn import Arn, KeyIdentifier
from kmstui.core.caller import Caller, root_caller, service_caller, session_caller, user_caller
from kmstui.core.errors import NotFoundException, ValidationException
from kmstui.core.spec import Needs, OperationSpec, registry
from kmstui.engine.context import CallContext
from kmstui.engine.directory import attached
from kmstui.keystore import Keystore
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.management import require_managed
from kmstui.ops.simulation import SimulatedCall, SimulatedDecision
from kmstui.ops.standing import Acting, Freshness, Standing
from kmstui.trail.event import Actor

SESSION_NAME: Final = "simulated"

Policies = Callable[[Standing, KeyRecord | None], PolicySet]
"""Finds what applies to a session on a key, or on no key."""


class Overridden:
    """The condition keys of a call, some of them given instead of computed.

    Args:
        context: The computed ones.
        given: By name in lower case.
    """

    __slots__ = ("_context", "_given")

    def __init__(self, context: Context, given: Mapping[str, ContextValue]) -> None:
        self._context = context
        self._given = given

    def get(self, key: str, /) -> ContextValue | None:
        """Return a condition key's value, by its name in lower case."""
        found = self._given.get(key)
        return self._context.get(key) if found is None else found


def principal_caller(keystore: Keystore, arn: str, region: str) -> Caller:
    """Return the caller that an ARN or a service's name stands for, whether it exists or not.

    Raises:
        ValidationException: It is neither.
    """
    if arn.endswith(".amazonaws.com"):
        return service_caller(arn, keystore.head.account, region)
    try:
        parts = Arn.parse(arn)
    except ValueError:
        raise ValidationException(
            f"{arn} is no principal.", hint="Give an ARN or a service's name."
        ) from None
    kind, _, rest = parts.resource.partition("/")
    if parts.resource == "root":
        return root_caller(parts.account, region)
    if kind == "user":
        user = keystore.user(parts.account, rest.rpartition("/")[2])
        return user_caller(arn, "" if user is None else user.unique_id, region)
    name, session = rest.rpartition("/")[2], SESSION_NAME
    if kind == "assumed-role":
        name, _, session = rest.partition("/")
    elif kind != "role":
        raise ValidationException(f"{arn} is no user, role, session or root user.")
    role = keystore.role(parts.account, name)
    if role is not None:
        return session_caller(role.arn, role.unique_id, session, region)
    return session_caller(f"arn:aws:iam::{parts.account}:role/{name}", "", session, region)


def simulate(
    keystore: Keystore, policies: Policies, call: Call, wanted: SimulatedCall
) -> SimulatedDecision:
    """Decide a call that is not made.

    Args:
        keystore: Where keys are.
        policies: Finds what applies to a session on a key.
        call: The call that asks.
        wanted: The call to decide.

    Raises:
        AccessDeniedException: Principal or key belong to an account that is none of the caller's.
        NotFoundException: The key does not exist.
        ValidationException: The principal is none.
    """
    standing = _standing(keystore, call, wanted)
    key = _key(keystore, call, wanted)
    made, needs = _made_call(call, standing, wanted, key)
    context = CallContext(made, needs, key)
    facts: Context = Overridden(context, wanted.context) if wanted.context else context
    pairs = context.pairs() if key is not None else None
    request = AccessRequest(
        standing.principal,
        wanted.action,
        "*" if key is None else key.arn,
        call.caller.account if key is None else key.account,
        facts,
        needs.grant or made.spec.grant,
        made.spec.cross_account,
        None if pairs is None else tuple(pairs.items()),
    )
    applying = policies(standing, key)
    if wanted.policy and key is not None:
        proposed = attached("proposed key policy", wanted.policy, PolicyKind.KEY)
        applying = replace(applying, resource=proposed)
    return _decided(request, applying, wanted)


def _decided(
    request: AccessRequest, policies: PolicySet, wanted: SimulatedCall
) -> SimulatedDecision:
    decision = evaluate(request, policies)
    fresh = replace(request, context=WithFreshMfa(request.context))
    helps = not decision.allowed and evaluate(fresh, policies).allowed
    reason = "" if decision.allowed else denial_text(request, decision)
    if not wanted.traced:
        return SimulatedDecision(request.resource, decision, reason, helps)
    trace = explain(request, policies)
    advice = smallest_change(request, policies, trace)
    return SimulatedDecision(request.resource, decision, reason, helps, trace, advice)


def _standing(keystore: Keystore, call: Call, wanted: SimulatedCall) -> Standing:
    caller = principal_caller(keystore, wanted.principal, call.caller.region)
    if caller.kind != "AWSService":
        require_managed(call, caller.account)
    proven = None if wanted.mfa_age is None else wanted.when - timedelta(seconds=wanted.mfa_age)
    acting = Acting(wanted.via_service, on_behalf=True) if wanted.via_service else None
    mine = call.standing.actor
    return Standing(
        caller,
        Actor(caller, mine.source_ip, mine.user_agent),
        origin=caller.arn,
        issued=wanted.when,
        freshness=Freshness(mfa_at=proven),
        acting=acting,
    )


def _key(keystore: Keystore, call: Call, wanted: SimulatedCall) -> KeyRecord | None:
    if not wanted.key_id:
        return None
    named = KeyIdentifier.parse(wanted.key_id, call.caller.account, call.caller.region)
    require_managed(call, named.account)
    key_id: str | None = named.name
    if named.is_alias:
        alias = keystore.alias(named.account, named.region, named.name)
        key_id = None if alias is None else alias.key_id
    key = None if key_id is None else keystore.key(named.account, named.region, key_id)
    if key is None:
        raise NotFoundException(f"{named.arn} does not exist.")
    return key


def _made_call(
    call: Call, standing: Standing, wanted: SimulatedCall, key: KeyRecord | None
) -> tuple[Call, Needs]:
    """Return the call as the operation behind an action would see it, and the pair decided on."""
    spec, needs = _operation(wanted.action, keyed=key is not None)
    members: dict[str, Any] = dict(wanted.members)
    context = members.pop("EncryptionContext", None)
    if spec.name == "CreateGrant":
        members["Constraints"] = {"EncryptionContextSubset": context} if context else {}
    elif context:
        members[needs.context] = context
    if wanted.key_id:
        members[needs.member] = wanted.key_id
    made = Call(
        spec,
        members,
        standing.caller,
        standing,
        call.services,
        wanted.when,
        call.request_id,
        call.event_id,
    )
    if key is not None:
        made.keys[needs.role] = key
    return made, needs


@lru_cache(maxsize=1024)
def _operation(action: str, *, keyed: bool) -> tuple[OperationSpec, Needs]:
    """Return the operation and pair that need an action, or the nearest there is."""
    wanted = action.lower()
    for spec in registry().values():
        for needs in spec.needs:
            if needs.action.lower() == wanted:
                return spec, needs
    plain = registry()["kms:DescribeKey" if keyed else "sts:GetCallerIdentity"]
    return replace(plain, grant=""), Needs(action)
