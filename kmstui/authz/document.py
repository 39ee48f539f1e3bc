"""Policy documents: strict parsing with AWS's errors, printing, and the default key policy.

Source: IAM User Guide, *Grammar of the IAM JSON policy language*; AWS KMS Developer Guide,
*Key policies in AWS KMS*.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache

from kmstui.authz.grammar import malformed, read_statements, refuse_unknown
from kmstui.authz.model import PolicyKind
from kmstui.authz.statement import (
    Comparison,
    Condition,
    ConditionOperator,
    Principals,
    Quantifier,
    Statement,
)
from kmstui.core import strictjson
from kmstui.core.arn import root_arn
from kmstui.core.errors import LimitExceededException, StrictJsonError
from kmstui.core.limits import POLICY_BYTES
from kmstui.core.strictjson import JsonValue

__all__ = [
    "Comparison",
    "Condition",
    "ConditionOperator",
    "Policy",
    "Principals",
    "Quantifier",
    "Statement",
    "default_key_policy",
    "parse_policy",
    "print_policy",
]

CURRENT_VERSION = "2012-10-17"
"""The version of the policy language that has variables."""

DEFAULT_VERSION = "2008-10-17"
"""The version of a document that names none."""

_ELEMENTS = frozenset({"Version", "Id", "Statement"})


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy, parsed. Two are equal if kind and text are.

    Attributes:
        text: The document as it was given.
        kind: What it is attached to.
        version: ``2012-10-17``, or ``2008-10-17``, which is also meant where it is absent.
        id: Its Id; may be empty.
        statements: Its statements, in order.
    """

    text: str
    kind: PolicyKind
    version: str = field(compare=False)
    id: str = field(compare=False)
    statements: tuple[Statement, ...] = field(compare=False)

    def __hash__(self) -> int:
        # Compiled policies are looked up by this on every call; a text keeps its hash.
        return hash(self.text)

    @property
    def has_variables(self) -> bool:
        """Whether ``${...}`` is a policy variable in it, and not plain text."""
        return self.version == CURRENT_VERSION


def default_key_policy(account: str) -> str:
    """Return the policy of a key that was created without one: it delegates to the account."""
    document: JsonValue = {
        "Version": CURRENT_VERSION,
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


@lru_cache(maxsize=4096)
def parse_policy(text: str, kind: PolicyKind) -> Policy:
    """Return a policy, read strictly.

    Args:
        text: The JSON document.
        kind: What it is attached to, which decides what its grammar allows.

    Raises:
        LimitExceededException: The document is longer than 32,768 bytes.
        MalformedPolicyDocumentException: It is not strict JSON, an element is unknown, missing,
            not allowed in this kind of policy or of the wrong type, or a principal is not well
            formed.
    """
    if len(text.encode("utf-8", "replace")) > POLICY_BYTES:
        raise LimitExceededException(f"The policy is longer than {POLICY_BYTES} bytes.")
    try:
        document = strictjson.loads(text)
    except StrictJsonError as error:
        raise malformed(error.message) from None
    if not isinstance(document, dict):
        raise malformed("the policy is not an object")
    refuse_unknown(document, _ELEMENTS, "the policy")
    version = document.get("Version", DEFAULT_VERSION)
    if not isinstance(version, str) or version not in {CURRENT_VERSION, DEFAULT_VERSION}:
        raise malformed(f"Version must be {CURRENT_VERSION}")
    identifier = document.get("Id", "")
    if not isinstance(identifier, str):
        raise malformed("Id must be a string")
    if "Id" in document and kind is PolicyKind.SCP:
        raise malformed("a service control policy has no Id")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise malformed("Statement must hold at least one statement")
    return Policy(text, kind, version, identifier, read_statements(statements, kind))


def print_policy(policy: Policy) -> str:
    """Return a policy as JSON, indented, in the order that AWS's documentation uses.

    Parsing the answer gives the same version, Id and statements.
    """
    document: dict[str, JsonValue] = {"Version": policy.version}
    if policy.id:
        document["Id"] = policy.id
    document["Statement"] = [_printed(statement) for statement in policy.statements]
    return json.dumps(document, indent=2, ensure_ascii=False)


def _printed(statement: Statement) -> dict[str, JsonValue]:
    item: dict[str, JsonValue] = {"Sid": statement.sid} if statement.sid else {}
    item["Effect"] = "Allow" if statement.allow else "Deny"
    if statement.principals is not None:
        item[_name("Principal", statement.inverted_principal)] = _named(statement.principals)
    if statement.actions or statement.inverted_action:
        item[_name("Action", statement.inverted_action)] = _one_or_list(statement.actions)
    if statement.resources or statement.inverted_resource:
        item[_name("Resource", statement.inverted_resource)] = _one_or_list(statement.resources)
    if statement.conditions:
        blocks: dict[str, dict[str, JsonValue]] = {}
        for condition in statement.conditions:
            block = blocks.setdefault(str(condition.operator), {})
            block[condition.written] = _one_or_list(condition.values)
        item["Condition"] = dict(blocks)
    return item


def _name(element: str, inverted: bool) -> str:
    return f"Not{element}" if inverted else element


def _one_or_list(items: tuple[str, ...]) -> JsonValue:
    return items[0] if len(items) == 1 else list(items)


def _named(principals: Principals) -> JsonValue:
    types = {
        "AWS": principals.aws,
        "Service": principals.services,
        "Federated": principals.federated,
        "CanonicalUser": principals.canonical,
    }
    return {name: _one_or_list(items) for name, items in types.items() if items} or {"AWS": []}
