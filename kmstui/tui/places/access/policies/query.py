"""Splits a query into what the engine answers, by what policies mean, and what is left. Pure.

``principal:ada action:decrypt resource:payments-db Sid-words`` asks the engine for the statements
that name the user *ada*, cover ``kms:Decrypt`` and cover the key, and the list for the words. An
action with its service needs no field name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kmstui.authz.vocabulary import KMS_ACTIONS

_TERM = re.compile(
    r'(?<!\S)(?P<field>principal|action|resource):(?P<value>"[^"]*"|\S+)(?!\S)', re.IGNORECASE
)
_BARE_ACTION = re.compile(r"(?<!\S)(?=(?:kms|iam|sts|kmstui):\w)")
_ACTIONS = {name.lower(): name for name in KMS_ACTIONS}
_ACTION = re.compile(r"[a-z0-9-]{1,40}:[A-Za-z0-9]{1,80}")
_SERVICE = re.compile(r"[a-z0-9-]{1,60}\.amazonaws\.com")

Resolve = Callable[[str], str]
"""Turns a name into the ARN it stands for; empty if it stands for none."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query, split.

    Attributes:
        members: Members of ``kmstui:FindStatements``.
        rest: What the list's own filter is asked.
    """

    members: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""


def split(query: str, principal: Resolve, resource: Resolve) -> Question:
    """Split a query; a value that stands for nothing known stays with the list's own filter.

    Args:
        query: What was typed.
        principal: Resolves a principal's name.
        resource: Resolves a key's alias or id.
    """
    members: dict[str, str] = {}
    resolvers: dict[str, Resolve] = {
        "principal": lambda value: _whole_principal(value) or principal(value),
        "action": _action,
        "resource": lambda value: _whole_arn(value) or resource(value),
    }

    def take(match: re.Match[str]) -> str:
        name = match["field"].lower()
        resolved = resolvers[name](match["value"].strip('"'))
        if not resolved or name.capitalize() in members:
            return match[0]
        members[name.capitalize()] = resolved
        return ""

    named = _BARE_ACTION.sub("action:", query)
    rest = " ".join(_TERM.sub(take, named).split())
    return Question(members, rest)


def _action(value: str) -> str:
    lowered = value.lower()
    known = _ACTIONS.get(lowered) or _ACTIONS.get(f"kms:{lowered}")
    if known is not None:
        return known
    return value if _ACTION.fullmatch(value) else ""


def _whole_arn(value: str) -> str:
    pattern = "*" in value or "?" in value
    return value if value.startswith("arn:") and value.count(":") >= 5 and not pattern else ""


def _whole_principal(value: str) -> str:
    return value if value == "*" or _SERVICE.fullmatch(value) else _whole_arn(value)
