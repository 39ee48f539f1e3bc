"""Deciding the pairs of a call: facts, policies and grants brought before the evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kmstui.authz.advice import smallest_change
from kmstui.authz.document import CURRENT_VERSION, Policy
from kmstui.authz.evaluate import denial_text, evaluate, explain
from kmstui.authz.freshness import WithFreshMfa
from kmstui.authz.model import (
    AccessRequest,
    AttachedPolicy,
    Decision,
    Layer,
    PolicyKind,
    PolicySet,
)
from kmstui.authz.refusal import Refusal
from kmstui.core.arn import Arn
from kmstui.core.errors import AccessDeniedException
from kmstui.core.spec import Needs, ResourceKind
from kmstui.core.strictjson import JsonValue
from kmstui.engine.context import CallContext
from kmstui.engine.directory import CallerPolicies, Directory, attached, default_scps
from kmstui.engine.foreign import foreign_refusal, is_foreign
from kmstui.engine.simulation import simulate
from kmstui.engine.targets import owner_of
from kmstui.keystore import Keystore
from kmstui.keystore.principals import AccountRecord, GrantRecord, PolicyText
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.kms.grant_facts import grant_facts, retirement_facts
from kmstui.ops.simulation import SimulatedCall, SimulatedDecision
from kmstui.ops.standing import Standing

KEY_POLICY = "key policy"
NOBODY = Policy("", PolicyKind.TRUST, CURRENT_VERSION, "", ())
"""The trust policy of a role that does not exist; whether it does is nobody's business."""

NO_KEY_POLICY = AttachedPolicy("grant", Policy("", PolicyKind.KEY, CURRENT_VERSION, "", ()))
"""Stands for the key policy where it has no say: a grant's own rules decide who retires it."""

_SETS_KEPT = 4096


_Source = tuple[CallerPolicies, str, tuple[GrantRecord, ...]]


@dataclass(slots=True)
class _Kept:
    """What applies to a caller on a key, and what it was made of.

    Attributes:
        policies: The same object as long as it holds, as the evaluation works things out about it.
        source: The caller's policies, the key policy and the grants.
        generation: The keystore's generation at which the source was last looked at.
        settled: Decisions that no fact about a call had a part in, by the pair's identity.
    """

    policies: PolicySet
    source: _Source = (CallerPolicies(), "", ())
    generation: int = -1
    settled: dict[int, Decision] = field(default_factory=dict)


class Access:
    """Decides for calls; implements ``ops.call.Access``.

    Args:
        keystore: Where keys, principals and grants are stored.
    """

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore
        self.directory = Directory(keystore)
        self._kept: dict[tuple[str, str, str], _Kept] = {}

    def forget(self) -> None:
        """Look everything up anew; called after each change of principals or policies."""
        self.directory.forget()
        self._kept.clear()

    def require_caller(self, standing: Standing) -> None:
        """Refuse whoever was deleted since the session began; see ``ops.call.Access``."""
        self.directory.caller(standing)

    def principal_tags(self, standing: Standing) -> tuple[tuple[str, str], ...]:
        """Return the tags of a caller."""
        return self.directory.caller(standing).tags

    def has_mfa_device(self, standing: Standing) -> bool:
        """Tell whether the user behind a session has an enabled MFA device."""
        return self.directory.has_mfa_device(standing.origin)

    def exists(self, principal: str) -> bool:
        """Tell whether a principal exists; those of accounts held elsewhere always do."""
        return self.directory.exists(principal)

    def account(self, account: str) -> AccountRecord | None:
        """Return an account, if it is in this keystore."""
        return self.directory.account(account)

    def default_scps(self) -> tuple[PolicyText, ...]:
        """Return the service control policies that an account begins with."""
        return default_scps()

    def holds(self, account: str) -> bool:
        """Tell whether an account is in this keystore."""
        return self.directory.holds(account)

    def session_policies(self, texts: Iterable[str]) -> tuple[AttachedPolicy, ...] | None:
        """Return session policies by their texts; ``None`` for none."""
        made = tuple(attached("session policy", text, PolicyKind.SESSION) for text in texts)
        return made or None

    def authorise(self, call: Call, needs: Needs) -> None:
        """Decide one pair of a call, whose resource has been resolved.

        Raises:
            AccessDeniedException: It is denied; the refusal is attached as data.
        """
        # A pair whose key was not found would not be judged: that is a fault, never a pass.
        key = call.keys[needs.role] if needs.resource in KEYED else None
        if needs.resource is ResourceKind.KEY:
            kept = self._applying(call.standing, key)
        elif needs.action == "sts:AssumeRole":
            kept = _Kept(self._trusting(call.standing, call.arns[needs.role]))
        elif needs.resource is ResourceKind.GRANT:
            kept = _Kept(self._retiring(call.standing, call.grants[needs.role]))
        else:
            kept = self._applying(call.standing, key)
        # A pair is part of its operation's spec and lives as long: its identity stands for it.
        decision = kept.settled.get(id(needs))
        if decision is None:
            decision = self._decide(call, needs, key, kept)
        call.decisions[needs.role] = decision

    def _decide(self, call: Call, needs: Needs, key: KeyRecord | None, kept: _Kept) -> Decision:
        policies = kept.policies
        request, context = self._request(call, needs, key, grants=bool(policies.grants))
        decision = evaluate(request, policies)
        if not decision.allowed:
            if key is not None and _tells_of_it(call, key, decision):
                raise self._foreign(call, needs, request, policies, decision)
            raise self._denied(call, request, policies, decision)
        one_resource = key is not None or needs.resource is ResourceKind.ACCOUNT
        if one_resource and not context.asked and not policies.grants:
            # No fact about the call had a part in it: it holds for every such call.
            kept.settled[id(needs)] = decision
        return decision

    def simulate(self, call: Call, wanted: SimulatedCall) -> SimulatedDecision:
        """Decide a call that is not made; see ``ops.call.Access``."""
        return simulate(self._keystore, self.policies, call, wanted)

    def keeps_control(self, call: Call, *, policy: str, key: KeyRecord | None, arn: str) -> bool:
        """Tell whether the caller could still replace a key's policy; see ``ops.call.Access``."""
        request = AccessRequest(
            call.standing.principal,
            "kms:PutKeyPolicy",
            arn,
            call.caller.account if key is None else key.account,
            # Who lacks a fresh code now can give one then.
            WithFreshMfa(CallContext(call, _PUT_POLICY, key)),
        )
        caller = self.directory.caller(call.standing)
        # Service control policies are no part of the check: they are the account's, not the key's.
        policies = PolicySet(
            attached(KEY_POLICY, policy, PolicyKind.KEY),
            caller.identity,
            caller.boundary,
            call.standing.policies,
        )
        return evaluate(request, policies).allowed

    def policies(self, standing: Standing, key: KeyRecord | None) -> PolicySet:
        """Return everything that is consulted for a session on a key, or on no key."""
        return self._applying(standing, key).policies

    def _applying(self, standing: Standing, key: KeyRecord | None) -> _Kept:
        arn = "" if key is None else key.arn
        place = (standing.caller.arn, standing.caller.principal_id, arn)
        kept = self._kept.get(place)
        generation = self._keystore.head.generation
        if kept is not None and kept.generation == generation and standing.policies is None:
            # Nothing at all was stored since.
            return kept
        caller = self.directory.caller(standing)
        policy = "" if key is None else key.policy
        grants = () if key is None else self._grants(standing, key)
        if standing.policies is not None:
            return _Kept(_policy_set(caller, standing, policy, grants))
        source = (caller, policy, grants)
        if kept is None or kept.source[0] is not caller or kept.source != source:
            if len(self._kept) >= _SETS_KEPT:
                self._kept.clear()
            kept = _Kept(_policy_set(caller, standing, policy, grants), source)
            self._kept[place] = kept
        kept.generation = generation
        return kept

    def _trusting(self, standing: Standing, role_arn: str) -> PolicySet:
        """Return what is consulted for assuming a role; its trust policy is the resource's."""
        parts = Arn.parse(role_arn)
        role = self._keystore.role(parts.account, parts.resource.rpartition("/")[2])
        caller = self.directory.caller(standing)
        name = f"trust policy of {role_arn}"
        known = role is not None and role.arn == role_arn
        return PolicySet(
            attached(name, role.trust, PolicyKind.TRUST)
            if role is not None and known
            else AttachedPolicy(name, NOBODY),
            caller.identity,
            caller.boundary,
            standing.policies,
            caller.scps,
        )

    def _retiring(self, standing: Standing, grant: GrantRecord) -> PolicySet:
        """Return what is consulted for retiring a grant: no key policy, but the grant itself."""
        caller = self.directory.caller(standing)
        return PolicySet(
            NO_KEY_POLICY,
            caller.identity,
            caller.boundary,
            standing.policies,
            caller.scps,
            retirement_facts(grant),
        )

    def _grants(self, standing: Standing, key: KeyRecord) -> tuple[GrantRecord, ...]:
        """Return the grants on a key for the caller, its role, or its account."""
        find, principal = self._keystore.grants_for, standing.principal
        place = (key.account, key.region, key.key_id)
        grants = find(*place, principal.arn)
        if principal.role_arn:
            grants += find(*place, principal.role_arn)
        if principal.account:
            grants += find(*place, f"arn:aws:iam::{principal.account}:root")
        return grants

    def _request(
        self, call: Call, needs: Needs, key: KeyRecord | None, *, grants: bool
    ) -> tuple[AccessRequest, CallContext]:
        context = CallContext(call, needs, key)
        if key is None:
            request = AccessRequest(
                call.standing.principal,
                needs.action,
                _resource(call, needs),
                owner_of(call, needs),
                context,
            )
            return request, context
        # Only a grant's constraint is compared with them.
        pairs = context.pairs() if grants and key.key_spec == "SYMMETRIC_DEFAULT" else None
        request = AccessRequest(
            call.standing.principal,
            needs.action,
            key.arn,
            key.account,
            context,
            needs.grant or call.spec.grant,
            call.spec.cross_account,
            None if pairs is None else tuple(pairs.items()),
        )
        return request, context

    def _foreign(
        self,
        call: Call,
        needs: Needs,
        request: AccessRequest,
        policies: PolicySet,
        decision: Decision,
    ) -> AccessDeniedException:
        """Return the refusal of a call on another account's key that does not let it in.

        It is that for a key which does not exist. Only a training keystore explains it.
        """
        error = foreign_refusal(call, needs)
        if call.services.keystore.head.training:
            error.refusal = self._denied(call, request, policies, decision).refusal
        else:
            del call.keys[needs.role]
        return error

    def _denied(
        self, call: Call, request: AccessRequest, policies: PolicySet, decision: Decision
    ) -> AccessDeniedException:
        trace = explain(request, policies)
        refusal = Refusal(
            call.caller.arn,
            request.action,
            request.resource,
            decision,
            trace,
            _mfa_would_help(call, request, policies),
            smallest_change(request, policies, trace),
        )
        call.extra["decision"] = compact(refusal)
        where = "" if request.resource == "*" else f" on resource: {request.resource}"
        return AccessDeniedException(
            f"User: {call.caller.arn} is not authorized to perform: {request.action}{where} "
            f"{denial_text(request, decision)}",
            hint=_hint(refusal),
            refusal=refusal,
        )


def _tells_of_it(call: Call, key: KeyRecord, decision: Decision) -> bool:
    """Tell whether a denial says something about a key that is not the caller's account's."""
    return is_foreign(call, key.account) and decision.layer in {Layer.RESOURCE, Layer.SERVICE}


_PUT_POLICY = Needs("kms:PutKeyPolicy", region="ReplicaRegion")
KEYED = (
    ResourceKind.KEY,
    ResourceKind.ALIAS_TARGET,
    ResourceKind.RELATED,
    ResourceKind.GRANT,
)
"""Resources that are a key, or come with one. A tuple: an enum's hash costs more than looking."""


def _resource(call: Call, needs: Needs) -> str:
    if needs.resource is ResourceKind.ACCOUNT:
        return "*"
    if needs.resource is ResourceKind.ALIAS:
        return call.alias_arns[needs.role]
    return call.arns[needs.role]


def _policy_set(
    caller: CallerPolicies, standing: Standing, policy: str, grants: tuple[GrantRecord, ...]
) -> PolicySet:
    return PolicySet(
        attached(KEY_POLICY, policy, PolicyKind.KEY) if policy else None,
        caller.identity,
        caller.boundary,
        standing.policies,
        caller.scps,
        tuple(grant_facts(grant) for grant in grants),
    )


def _mfa_would_help(call: Call, request: AccessRequest, policies: PolicySet) -> bool:
    """Tell whether the call is refused only for want of a fresh code."""
    if not call.standing.temporary:
        return False
    fresh = AccessRequest(
        request.principal,
        request.action,
        request.resource,
        request.resource_account,
        WithFreshMfa(request.context),
        request.grant_operation,
        request.cross_account,
        request.encryption_context,
    )
    return evaluate(fresh, policies).allowed


def _hint(refusal: Refusal) -> str:
    if refusal.mfa_would_help:
        return "It needs a fresh MFA code."
    decision = refusal.decision
    if not decision.policy:
        return "No policy or grant allows it."
    sid = f' "{decision.sid}"' if decision.sid else ""
    return f"Decided by: {decision.policy}, statement {decision.statement}{sid}."


def compact(refusal: Refusal) -> dict[str, JsonValue]:
    """Return the form of a refusal that the trail keeps."""
    decision = refusal.decision
    kept: dict[str, JsonValue] = {
        "outcome": str(decision.outcome),
        "action": refusal.action,
        "layer": str(decision.layer),
    }
    if decision.policy:
        kept["policy"] = decision.policy
        kept["statement"] = decision.statement
        kept["sid"] = decision.sid
    if refusal.mfa_would_help:
        kept["mfaWouldHelp"] = True
    return kept
