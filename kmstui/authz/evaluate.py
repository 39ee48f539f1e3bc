"""Deciding a request, and saying so in AWS's words.

:func:`evaluate` is what every call goes through: what does not depend on the request's condition
keys is worked out once for each (principal, action, resource) and set of policies.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from kmstui.authz.decision import Plan, decide, plan
from kmstui.authz.explain import explain
from kmstui.authz.model import AccessRequest, Decision, Layer, Outcome, PolicySet

__all__ = ["denial_text", "evaluate", "explain"]

_PLANS_KEPT: Final = 4096
_plans: OrderedDict[tuple[str | bool, ...], Plan] = OrderedDict()

_ARTICLES: Final = {
    Layer.SCP: "a service control policy",
    Layer.RESOURCE: "a resource-based policy",
    Layer.IDENTITY: "an identity-based policy",
    Layer.BOUNDARY: "a permissions boundary",
    Layer.SESSION: "a session policy",
}
_NAMES: Final = {layer: article.partition(" ")[2] for layer, article in _ARTICLES.items()}


def evaluate(request: AccessRequest, policies: PolicySet) -> Decision:
    """Return the decision on a request.

    Fastest when the same ``policies`` object comes again for the same principal, action and
    resource; equal ones are right, and slower.

    Args:
        request: Who wants to do what to which resource, with its condition keys.
        policies: Everything that applies.
    """
    principal = request.principal
    place = (
        principal.kind,
        principal.arn,
        principal.role_arn,
        request.action,
        request.resource,
        request.resource_account,
        request.grant_operation,
        request.cross_account,
    )
    known = _plans.get(place)
    if known is None or known.policies is not policies:
        known = plan(request, policies)
        _plans[place] = known
        while len(_plans) > _PLANS_KEPT:
            _forget_oldest()
    return decide(known, request)


def _forget_oldest() -> None:
    try:
        _plans.popitem(last=False)
    except KeyError:  # another thread forgot it
        return


def denial_text(request: AccessRequest, decision: Decision) -> str:
    """Return the reason that ends AWS's AccessDeniedException text.

    ``with an explicit deny in ...`` or ``because no ... policy allows the ... action``. Empty for
    an allowed request.
    """
    if decision.outcome is Outcome.ALLOWED:
        return ""
    trust = decision.layer is Layer.RESOURCE and request.action.startswith("sts:AssumeRole")
    if decision.outcome is Outcome.EXPLICITLY_DENIED:
        where = "the role trust policy" if trust else _ARTICLES[decision.layer]
        return f"with an explicit deny in {where}"
    name = "role trust policy" if trust else _NAMES.get(decision.layer, _NAMES[Layer.RESOURCE])
    return f"because no {name} allows the {request.action} action"
