"""Reading the statements of a policy: the grammar of the policy language, and AWS's refusals.

Source: IAM User Guide, *Grammar of the IAM JSON policy language*; AWS KMS Developer Guide,
*Key policies in AWS KMS*.
"""

from __future__ import annotations

import re

from kmstui.authz.model import PolicyKind
from kmstui.authz.statement import (
    Condition,
    ConditionOperator,
    Principals,
    Quantifier,
    Statement,
)
from kmstui.core.arn import Arn, is_account
from kmstui.core.errors import MalformedPolicyDocumentException
from kmstui.core.strictjson import JsonValue

_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_EFFECTS = frozenset({"Allow", "Deny"})
_PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_NAMING = frozenset({PolicyKind.KEY, PolicyKind.TRUST})
"""The kinds that name principals; all others apply to the principal that they are attached to."""

_SID = re.compile(r"[A-Za-z0-9]*", re.ASCII)
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?", re.ASCII)
_UNIQUE_ID = re.compile(r"A(IDA|ROA)[A-Z0-9]{8,}", re.ASCII)
_IAM_NAMED = ("user/", "role/")
_STS_NAMED = ("assumed-role/", "federated-user/")
_SINGLE_VALUED = ("kms:encryptioncontext:", "aws:requesttag/")


def malformed(reason: str) -> MalformedPolicyDocumentException:
    """Return the refusal of a document, with what is wrong with it."""
    return MalformedPolicyDocumentException(
        f"The policy document is malformed: {reason}.",
        hint="Correct the document; nothing was changed.",
    )


def refuse_unknown(item: dict[str, JsonValue], allowed: frozenset[str], where: str) -> None:
    """Refuse an object with an element that the grammar does not have.

    Raises:
        MalformedPolicyDocumentException: There is one; it is named.
    """
    unknown = sorted(set(item) - allowed)
    if unknown:
        raise malformed(f"{where} has an unknown element {unknown[0]!r}")


def read_statements(items: list[JsonValue], kind: PolicyKind) -> tuple[Statement, ...]:
    """Return the statements of a policy.

    Raises:
        MalformedPolicyDocumentException: One is not in the grammar of this kind of policy.
    """
    statements = tuple(_statement(item, kind, n) for n, item in enumerate(items, start=1))
    if kind is not PolicyKind.KEY:
        _check_sids(statements)
    return statements


def _check_sids(statements: tuple[Statement, ...]) -> None:
    sids = [statement.sid for statement in statements if statement.sid]
    if not all(_SID.fullmatch(sid) for sid in sids):
        raise _iam(
            "Statement IDs (SID) must be alpha-numeric. "
            "Check that your input satisfies the regular expression [0-9A-Za-z]*"
        )
    if len(set(sids)) != len(sids):
        raise _iam("Statement IDs (SID) in a single policy must be unique.")


def _iam(text: str) -> MalformedPolicyDocumentException:
    return MalformedPolicyDocumentException(
        text, hint="Correct the document; nothing was changed."
    )


def _statement(item: JsonValue, kind: PolicyKind, number: int) -> Statement:
    where = f"statement {number}"
    if not isinstance(item, dict):
        raise malformed(f"{where} is not an object")
    refuse_unknown(item, _ELEMENTS, where)
    effect = item.get("Effect")
    if not isinstance(effect, str) or effect not in _EFFECTS:
        raise malformed(f"Effect of {where} must be Allow or Deny")
    sid = item.get("Sid", "")
    if not isinstance(sid, str):
        raise malformed(f"Sid of {where} must be a string")
    principal_name = _either(item, "Principal", where)
    action_name = _either(item, "Action", where)
    resource_name = _either(item, "Resource", where)
    conditions = _conditions(item.get("Condition", {}), kind, where)
    if principal_name in item and kind not in _NAMING:
        raise _iam("Policy document should not specify a principal.")
    if principal_name not in item and kind in _NAMING:
        raise malformed(f"{where} has no Principal")
    actions = _actions(item.get(action_name, []), f"{action_name} of {where}")
    resources = texts(item.get(resource_name, []), f"{resource_name} of {where}")
    _check_presence(kind, actions, resources, has_resource=resource_name in item)
    return Statement(
        sid=sid,
        allow=effect == "Allow",
        principals=_principals(item[principal_name], kind, where) if kind in _NAMING else None,
        inverted_principal=principal_name.startswith("Not"),
        actions=actions,
        inverted_action=action_name.startswith("Not"),
        resources=resources,
        inverted_resource=resource_name.startswith("Not"),
        conditions=conditions,
    )


def _check_presence(
    kind: PolicyKind, actions: tuple[str, ...], resources: tuple[str, ...], *, has_resource: bool
) -> None:
    """Refuse missing elements as IAM does; a key policy may lack them and then has no effect."""
    if kind is PolicyKind.KEY:
        return
    if not actions:
        raise _iam("Policy statement must contain actions.")
    if kind is PolicyKind.TRUST:
        if has_resource:
            raise _iam("Has prohibited field Resource")
        return
    if not resources:
        raise _iam("Policy statement must contain resources.")
    for resource in resources:
        if resource != "*" and not resource.startswith("arn:"):
            raise _iam(f'Resource {resource} must be in ARN format or "*".')


def _either(item: dict[str, JsonValue], name: str, where: str) -> str:
    inverted = f"Not{name}"
    if name in item and inverted in item:
        raise malformed(f"{where} has both {name} and {inverted}")
    return inverted if inverted in item else name


def texts(value: JsonValue, where: str) -> tuple[str, ...]:
    """Return one text or a list of texts as a tuple.

    Raises:
        MalformedPolicyDocumentException: It is neither.
    """
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list):
        raise malformed(f"{where} must be a string or a list of strings")
    found = tuple(item for item in items if isinstance(item, str))
    if len(found) != len(items):
        raise malformed(f"{where} must be a string or a list of strings")
    return found


def _actions(value: JsonValue, where: str) -> tuple[str, ...]:
    actions = texts(value, where)
    for action in actions:
        vendor, colon, name = action.partition(":")
        if action != "*" and not (vendor and colon and name):
            raise malformed(f"{where} has {action!r}, which is neither * nor service:name")
    return actions


def _conditions(value: JsonValue, kind: PolicyKind, where: str) -> tuple[Condition, ...]:
    if not isinstance(value, dict):
        raise malformed(f"Condition of {where} must be an object")
    found: list[Condition] = []
    for name, block in value.items():
        try:
            operator = ConditionOperator.parse(name)
        except ValueError:
            raise malformed(
                f"Condition of {where} has an unknown operator {name[:80]!r}"
            ) from None
        if not isinstance(block, dict):
            raise malformed(f"{name} in the Condition of {where} must be an object")
        if len({key.lower() for key in block}) != len(block):
            raise malformed(f"{name} in the Condition of {where} has a key twice")
        for key, values in block.items():
            condition = Condition(operator, key.lower(), key, _scalars(values, key, where))
            _check_condition(condition, kind, where)
            found.append(condition)
    return tuple(found)


def _check_condition(condition: Condition, kind: PolicyKind, where: str) -> None:
    if ":" not in condition.key:
        raise malformed(f"condition key {condition.written!r} of {where} has no service prefix")
    if (
        kind is PolicyKind.KEY
        and condition.operator.quantifier is Quantifier.ALL
        and condition.key.startswith(_SINGLE_VALUED)
    ):
        raise MalformedPolicyDocumentException(
            "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued "
            f"condition key {condition.written} can be overly permissive, because it also holds "
            "where the request does not have the key.",
            hint=f"Use {condition.operator.comparison} without ForAllValues in {where}.",
        )


def _scalars(value: JsonValue, key: str, where: str) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(_scalar(item, key, where) for item in items)


def _scalar(value: JsonValue, key: str, where: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise malformed(f"condition key {key!r} of {where} has a value that is no scalar")


def _principals(value: JsonValue, kind: PolicyKind, where: str) -> Principals:
    if value == "*":
        return Principals(aws=("*",))
    if not isinstance(value, dict) or not value:
        raise malformed(f"Principal of {where} must be an object")
    refuse_unknown(value, _PRINCIPAL_TYPES, f"Principal of {where}")
    aws, services, federated, canonical = (
        texts(value.get(name, []), f"Principal of {where}")
        for name in ("AWS", "Service", "Federated", "CanonicalUser")
    )
    for name, entries, sound in (("AWS", aws, is_principal), ("Service", services, is_service)):
        for entry in entries:
            if not sound(entry):
                raise _invalid_principal(name, entry, kind, where)
    return Principals(aws, services, federated, canonical)


def _invalid_principal(
    name: str, entry: str, kind: PolicyKind, where: str
) -> MalformedPolicyDocumentException:
    text = (
        "Policy contains a statement with one or more invalid principals."
        if kind is PolicyKind.KEY
        else f'Invalid principal in policy: "{name}":"{entry[:128]}"'
    )
    return MalformedPolicyDocumentException(text, hint=f"Look at the Principal of {where}.")


def is_principal(text: str) -> bool:
    """Tell whether a text has the form of an AWS principal, whether or not it exists.

    Everyone, an account, its root, a user, a role, a session; and the unique id that stands
    where a deleted user or role was named.
    """
    if text == "*" or is_account(text) or _UNIQUE_ID.fullmatch(text):
        return True
    try:
        arn = Arn.parse(text)
    except ValueError:
        return False
    if arn.region or not is_account(arn.account) or "*" in text or "?" in text:
        return False
    kind, _, rest = arn.resource.partition("/")
    if arn.service == "iam":
        return arn.resource == "root" or (f"{kind}/" in _IAM_NAMED and rest != "")
    if arn.service == "sts":
        return f"{kind}/" in _STS_NAMED and rest != ""
    return False


def is_service(text: str) -> bool:
    """Tell whether a text has the form of a service principal, such as ``s3.amazonaws.com``."""
    return bool(_SERVICE.fullmatch(text))
