"""Small changes to the policies of a decision, as data that can be shown and tried."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from kmstui.authz.document import CURRENT_VERSION, Policy, parse_policy, print_policy
from kmstui.authz.model import AttachedPolicy, GrantFacts, Layer, PolicyKind, PolicySet
from kmstui.authz.statement import Statement
from kmstui.core.errors import KmsError

KINDS = {
    Layer.SCP: PolicyKind.SCP,
    Layer.IDENTITY: PolicyKind.IDENTITY,
    Layer.BOUNDARY: PolicyKind.BOUNDARY,
    Layer.SESSION: PolicyKind.SESSION,
}
"""What a new policy of a layer is."""

_NEW = "new policy"
_NEW_GRANT = "new grant"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change.

    Attributes:
        layer: Where: a kind of policy, or ``Layer.GRANT``.
        policy: Name of the policy to change; empty for a new policy or grant.
        statement: The statement to add, as JSON; of a grant the parameters of CreateGrant. The
            statement as it becomes, where a list in it gets a further entry.
        number: The statement that gets the entry, from 1; 0 where one is added.
        element: The list that gets it, such as ``Action``; of a condition with operator and key.
        entry: The entry.
        document: The whole policy with the change; empty for a grant.
        level: Of service control policies the level, from 0.
        grant: The grant to make; ``None`` for a policy.
    """

    layer: Layer
    policy: str
    statement: str
    number: int = 0
    element: str = ""
    entry: str = ""
    document: str = ""
    level: int = 0
    grant: GrantFacts | None = None


def adding(
    layer: Layer, attached: AttachedPolicy | None, statement: Statement, *, level: int = 0
) -> Edit | None:
    """Return the edit that adds a statement to a policy, or makes a new policy of it.

    ``None`` if the policy would then be refused, such as for its length.
    """
    if attached is None:
        new = Policy("", KINDS[layer], CURRENT_VERSION, "", (statement,))
    else:
        statements = (*attached.policy.statements, statement)
        new = replace(attached.policy, statements=statements)
    text = _accepted(new)
    if text is None:
        return None
    name = "" if attached is None else attached.name
    return Edit(layer, name, _json(new, -1), document=text, level=level)


def extending(
    layer: Layer,
    attached: AttachedPolicy,
    number: int,
    statement: Statement,
    *,
    entry: str,
    element: str,
    level: int = 0,
) -> Edit | None:
    """Return the edit that replaces a statement by one with a further entry in a list.

    ``None`` if the policy would then be refused.
    """
    statements = list(attached.policy.statements)
    statements[number - 1] = statement
    new = replace(attached.policy, statements=tuple(statements))
    text = _accepted(new)
    if text is None:
        return None
    shown = _json(new, number - 1)
    return Edit(layer, attached.name, shown, number, element, entry, text, level)


def granting(grant: GrantFacts) -> Edit:
    """Return the edit that makes a grant."""
    constraints: dict[str, object] = {}
    if grant.equals is not None:
        constraints["EncryptionContextEquals"] = dict(grant.equals)
    if grant.subset is not None:
        constraints["EncryptionContextSubset"] = dict(grant.subset)
    if grant.source_arn:
        constraints["SourceArn"] = grant.source_arn
    parameters: dict[str, object] = {
        "GranteePrincipal": grant.grantee,
        "Operations": sorted(grant.operations),
    }
    if constraints:
        parameters["Constraints"] = constraints
    shown = json.dumps(parameters, indent=2, ensure_ascii=False)
    return Edit(Layer.GRANT, "", shown, grant=replace(grant, grant_id=_NEW_GRANT))


def applied(policies: PolicySet, edit: Edit) -> PolicySet:
    """Return the policies of a decision with a change made."""
    if edit.grant is not None:
        return replace(policies, grants=(*policies.grants, edit.grant))
    if edit.layer is Layer.SCP:
        levels = list(policies.scps)
        levels[edit.level] = _changed(levels[edit.level], edit)
        return replace(policies, scps=tuple(levels))
    if edit.layer is Layer.IDENTITY:
        return replace(policies, identity=_changed(policies.identity, edit))
    if edit.layer is Layer.SESSION:
        return replace(policies, session=_changed(policies.session or (), edit))
    return _single(policies, edit)


def _single(policies: PolicySet, edit: Edit) -> PolicySet:
    if edit.layer is Layer.BOUNDARY and policies.boundary is not None:
        return replace(policies, boundary=_changed((policies.boundary,), edit)[0])
    if edit.layer is Layer.RESOURCE and policies.resource is not None:
        return replace(policies, resource=_changed((policies.resource,), edit)[0])
    return policies


def _changed(attached: tuple[AttachedPolicy, ...], edit: Edit) -> tuple[AttachedPolicy, ...]:
    if not edit.policy:
        return (*attached, AttachedPolicy(_NEW, parse_policy(edit.document, KINDS[edit.layer])))
    done = False
    found: list[AttachedPolicy] = []
    for each in attached:
        if each.name == edit.policy and not done:
            done = True
            found.append(replace(each, policy=parse_policy(edit.document, each.policy.kind)))
        else:
            found.append(each)
    return tuple(found)


def _accepted(policy: Policy) -> str | None:
    text = print_policy(policy)
    try:
        parse_policy(text, policy.kind)
    except KmsError:
        return None
    return text


def _json(policy: Policy, index: int) -> str:
    item = json.loads(print_policy(policy))["Statement"][index]
    return json.dumps(item, indent=2, ensure_ascii=False)
