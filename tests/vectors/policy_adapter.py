"""Decides the cases of ``policy-cases.jsonl``, by nothing but the package's public functions.

``decide(case)`` takes one case as a dictionary and answers ``Allowed``, ``ImplicitlyDenied`` or
``ExplicitlyDenied``. It needs no keystore. The case's context is used as it stands.
"""

from __future__ import annotations

import json
from typing import Any

from kmstui.authz.document import parse_policy
from kmstui.authz.evaluate import evaluate
from kmstui.authz.model import (
    AccessRequest,
    AttachedPolicy,
    ContextValue,
    PolicyKind,
    PolicySet,
    Principal,
    PrincipalType,
)
from kmstui.authz.vocabulary import works_across_accounts

_TYPES = {
    "root": PrincipalType.ROOT,
    "user": PrincipalType.USER,
    "assumed-role": PrincipalType.SESSION,
    "role": PrincipalType.ROLE,
    "service": PrincipalType.SERVICE,
}


def _attached(name: str, document: Any, kind: PolicyKind) -> AttachedPolicy:
    return AttachedPolicy(name, parse_policy(json.dumps(document), kind))


def _principal(case: dict[str, Any]) -> Principal:
    kind = _TYPES[case["principalType"]]
    role = case["principalRole"] if kind is PrincipalType.SESSION else ""
    return Principal(kind, case["principal"], case["principalAccount"] or "", role)


def _context(case: dict[str, Any]) -> dict[str, ContextValue]:
    return {
        key.lower(): tuple(value) if isinstance(value, list) else value
        for key, value in case["context"].items()
    }


def policies_of(case: dict[str, Any]) -> PolicySet:
    """Return everything that a case says applies."""
    key_policy = case["keyPolicy"]
    boundary = case.get("permissionBoundary")
    return PolicySet(
        resource=key_policy and _attached("key policy", key_policy, PolicyKind.KEY),
        identity=tuple(
            _attached(f"identity policy {number}", document, PolicyKind.IDENTITY)
            for number, document in enumerate(case["identityPolicies"], start=1)
        ),
        boundary=boundary and _attached("boundary", boundary, PolicyKind.BOUNDARY),
        scps=tuple(
            tuple(_attached("service control policy", each, PolicyKind.SCP) for each in level)
            for level in case.get("serviceControlPolicies", ())
        ),
    )


def request_of(case: dict[str, Any]) -> AccessRequest:
    """Return what a case asks."""
    return AccessRequest(
        principal=_principal(case),
        action=case["action"],
        resource=case["resource"],
        resource_account=case["resourceAccount"],
        context=_context(case),
        cross_account=works_across_accounts(case["action"]),
    )


def decide(case: dict[str, Any]) -> str:
    """Return the decision on a case."""
    return str(evaluate(request_of(case), policies_of(case)).outcome)
