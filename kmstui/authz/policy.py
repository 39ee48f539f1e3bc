"""Key policies: strict parsing, validation with AWS's errors, and the default policy.

Source: AWS KMS Developer Guide, *Key policies in AWS KMS*; IAM User Guide, *Grammar of the IAM
JSON policy language*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kmstui.core import strictjson
from kmstui.core.arn import Arn, is_account, root_arn
from kmstui.core.errors import (
    LimitExceededException,
    MalformedPolicyDocumentException,
    StrictJsonError,
)
from kmstui.core.limits import POLICY_BYTES
from kmstui.core.strictjson import JsonValue

_VERSIONS = ("2012-10-17", "2008-10-17")
_POLICY_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
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


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy, with lists where the grammar allows one value or several.

    Attributes:
        sid: The statement's name; may be empty.
        allow: ``True`` for Allow, ``False`` for Deny.
        principals: The AWS principals it names; ``*`` is everyone.
        services: The service principals it names.
        inverted_principal: Whether it is NotPrincipal.
        actions: Action patterns.
        inverted_action: Whether it is NotAction.
        resources: Resource patterns; empty when the element is missing, which matches nothing.
        inverted_resource: Whether it is NotResource.
        conditional: Whether it carries a Condition.
    """

    sid: str
    allow: bool
    principals: tuple[str, ...]
    services: tuple[str, ...]
    inverted_principal: bool
    actions: tuple[str, ...]
    inverted_action: bool
    resources: tuple[str, ...]
    inverted_resource: bool
    conditional: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """A key policy, parsed.

    Attributes:
        text: The document as it was given.
        statements: Its statements, in order.
    """

    text: str
    statements: tuple[Statement, ...]


def default_key_policy(account: str) -> str:
    """Return the policy of a key that was created without one: it delegates to the account."""
    document: JsonValue = {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": root_arn(account)},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    return strictjson.dumps(document).decode()


@lru_cache(maxsize=1024)
def parse_key_policy(text: str) -> Policy:
    """Return a key policy, read strictly.

    Raises:
        LimitExceededException: The document is longer than 32,768 bytes.
        MalformedPolicyDocumentException: It is not strict JSON, an element is unknown, missing or
            of the wrong type, or a principal is not well formed.
    """
    if len(text.encode("utf-8", "replace")) > POLICY_BYTES:
        raise LimitExceededException(f"The key policy is longer than {POLICY_BYTES} bytes.")
    try:
        document = strictjson.loads(text)
    except StrictJsonError as error:
        raise _malformed(error.message) from None
    if not isinstance(document, dict):
        raise _malformed("the policy is not an object")
    _known(document, _POLICY_ELEMENTS, "the policy")
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise _malformed("Version must be 2012-10-17")
    if not isinstance(document.get("Id", ""), str):
        raise _malformed("Id must be a string")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise _malformed("Statement must hold at least one statement")
    return Policy(text, tuple(_statement(item, n) for n, item in enumerate(statements, start=1)))


def _malformed(reason: str) -> MalformedPolicyDocumentException:
    return MalformedPolicyDocumentException(
        f"The policy document is malformed: {reason}.",
        hint="Correct the document; nothing was changed.",
    )


def _known(item: dict[str, JsonValue], allowed: frozenset[str], where: str) -> None:
    unknown = sorted(set(item) - allowed)
    if unknown:
        raise _malformed(f"{where} has an unknown element {unknown[0]!r}")


def _statement(item: JsonValue, number: int) -> Statement:
    where = f"statement {number}"
    if not isinstance(item, dict):
        raise _malformed(f"{where} is not an object")
    _known(item, _STATEMENT_ELEMENTS, where)
    effect = item.get("Effect")
    if not isinstance(effect, str) or effect not in _EFFECTS:
        raise _malformed(f"Effect of {where} must be Allow or Deny")
    sid = item.get("Sid", "")
    if not isinstance(sid, str):
        raise _malformed(f"Sid of {where} must be a string")
    condition = item.get("Condition", {})
    if not isinstance(condition, dict):
        raise _malformed(f"Condition of {where} must be an object")
    principal_name = _either(item, "Principal", where)
    action_name = _either(item, "Action", where)
    resource_name = _either(item, "Resource", where)
    if principal_name not in item:
        raise _malformed(f"{where} has no Principal")
    aws, services = _principals(item[principal_name], where)
    return Statement(
        sid=sid,
        allow=effect == "Allow",
        principals=aws,
        services=services,
        inverted_principal=principal_name.startswith("Not"),
        actions=_texts(item.get(action_name, []), f"{action_name} of {where}"),
        inverted_action=action_name.startswith("Not"),
        resources=_texts(item.get(resource_name, []), f"{resource_name} of {where}"),
        inverted_resource=resource_name.startswith("Not"),
        conditional=bool(condition),
    )


def _either(item: dict[str, JsonValue], name: str, where: str) -> str:
    inverted = f"Not{name}"
    if name in item and inverted in item:
        raise _malformed(f"{where} has both {name} and {inverted}")
    return inverted if inverted in item else name


def _texts(value: JsonValue, where: str) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list):
        raise _malformed(f"{where} must be a string or a list of strings")
    texts = tuple(item for item in items if isinstance(item, str))
    if len(texts) != len(items):
        raise _malformed(f"{where} must be a string or a list of strings")
    return texts


def _principals(value: JsonValue, where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if value == "*":
        return ("*",), ()
    if not isinstance(value, dict) or not value:
        raise _malformed(f"Principal of {where} must be an object")
    _known(value, _PRINCIPAL_TYPES, f"Principal of {where}")
    aws = _texts(value.get("AWS", []), f"Principal of {where}")
    services = _texts(value.get("Service", []), f"Principal of {where}")
    if not all(_is_principal(text) for text in aws):
        raise MalformedPolicyDocumentException(
            "Policy contains a statement with one or more invalid principals.",
            hint=f"Look at the Principal of {where}.",
        )
    return aws, services


def _is_principal(text: str) -> bool:
    if text == "*" or is_account(text):
        return True
    try:
        arn = Arn.parse(text)
    except ValueError:
        return False
    kinds = ("user/", "role/", "assumed-role/", "federated-user/")
    named = arn.resource == "root" or (arn.resource.startswith(kinds) and "*" not in text)
    return arn.service in {"iam", "sts"} and is_account(arn.account) and named
