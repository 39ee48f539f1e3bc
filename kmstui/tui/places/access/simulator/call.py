"""What stands in the form, and the request that it makes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from kmstui.authz.vocabulary import KMS_ACTIONS
from kmstui.core import strictjson
from kmstui.core.errors import StrictJsonError, UsageError
from kmstui.tui import timefmt
from kmstui.tui.simulation import SimulationStart

FIELDS = ("principal", "action", "key", "context", "mfa", "via", "when")
"""Names of the fields, in order."""

SERVICES = (
    "dynamodb.amazonaws.com",
    "ec2.amazonaws.com",
    "lambda.amazonaws.com",
    "rds.amazonaws.com",
    "s3.amazonaws.com",
    "secretsmanager.amazonaws.com",
    "sqs.amazonaws.com",
    "ssm.amazonaws.com",
)
"""Services that are offered; any other can be typed."""

MFA_AGES = ("none", "0s", "4m", "5m", "1h")
"""Ages of a code that are offered."""

_SUFFIX = ".amazonaws.com"
_ACTION_NAMES = {name.lower(): name for name in KMS_ACTIONS}
_PLAIN_PAIR = re.compile(r"[^\s=,{}\"]+=[^\s,\"]*")
_NEVER = frozenset({"", "none", "no", "-"})

Resolve = Callable[[str], str]
"""Turns a name into the ARN it stands for; empty if it stands for none."""


@dataclass(frozen=True, slots=True)
class FormText:
    """What is typed in the form.

    Attributes:
        principal: A name, an ARN or a service.
        action: With or without its service.
        key: An alias, an id or an ARN; empty for an action without a key.
        context: ``name=value`` pairs, or a JSON object.
        mfa: How long ago a code was given; empty or ``none`` without one.
        via: The service that calls on the principal's behalf; empty for none.
        when: The account's time, such as ``2026-06-01``; empty for now.
    """

    principal: str = ""
    action: str = ""
    key: str = ""
    context: str = ""
    mfa: str = ""
    via: str = ""
    when: str = ""

    @classmethod
    def of(cls, start: SimulationStart) -> FormText:
        """Write a call into the form."""
        return cls(
            start.principal,
            start.action,
            start.key_arn,
            write_context(dict(start.context)),
            "" if start.mfa_age is None else f"{start.mfa_age}s",
            start.via_service,
            "" if start.when is None else timefmt.exact_stamp(start.when).removesuffix(" UTC"),
        )


def request_of(form: FormText, principal: Resolve, key: Resolve) -> dict[str, Any]:
    """Return the members of ``kmstui:SimulateAccess`` for one principal and action.

    Args:
        form: What is typed.
        principal: Resolves a principal's name.
        key: Resolves a key's alias without its prefix.

    Raises:
        UsageError: A field makes no sense; the message names it.
    """
    form = _stripped(form)
    if not form.principal:
        raise UsageError(
            "Who calls is missing.", hint="Type a name or an ARN, or press ↓ to pick."
        )
    if not form.action:
        raise UsageError("The action is missing.", hint="Such as kms:Decrypt.")
    members: dict[str, Any] = {
        "Principals": [_principal(form.principal, principal)],
        "Actions": [action_named(form.action)],
        "Traces": True,
    }
    if form.key:
        members["KeyId"] = key(form.key) or form.key
    if context := read_context(form.context):
        members["EncryptionContext"] = context
    age = _mfa_age(form.mfa)
    if age is not None:
        members["MfaAge"] = age
    if form.via.lower() not in _NEVER:
        members["ViaService"] = _service(form.via)
    if form.when and form.when.lower() != "now":
        members["Time"] = _moment(form.when)
    return members


def _stripped(form: FormText) -> FormText:
    return replace(form, **{name: getattr(form, name).strip() for name in FIELDS})


def _principal(typed: str, resolve: Resolve) -> str:
    if typed.startswith("arn:") or typed.endswith(_SUFFIX):
        return typed
    found = resolve(typed)
    if not found:
        raise UsageError(
            f"No user, role or service is called {typed}.",
            hint="Type its ARN, or press ↓ to pick.",
        )
    return found


def action_named(typed: str) -> str:
    """Return an action with its service, as AWS writes it where it is one of KMS."""
    lowered = typed.lower()
    known = _ACTION_NAMES.get(lowered) or _ACTION_NAMES.get(f"kms:{lowered}")
    if known is not None:
        return known
    return typed if ":" in typed else f"kms:{typed}"


def read_context(typed: str) -> dict[str, str]:
    """Read an encryption context.

    Raises:
        UsageError: It is neither pairs nor a JSON object of strings.
    """
    typed = typed.strip()
    if not typed:
        return {}
    if typed.startswith("{"):
        return _context_of_json(typed)
    pairs = [pair for pair in re.split(r"[\s,]+", typed) if pair]
    context = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(context) != len(pairs) or "" in context:
        raise UsageError(
            "The encryption context is written name=value.",
            hint='Pairs with a space between them, or JSON: {"name": "value"}.',
        )
    return context


def _context_of_json(typed: str) -> dict[str, str]:
    try:
        value = strictjson.loads(typed)
    except StrictJsonError as error:
        raise UsageError(f"The encryption context is no JSON: {error.message}") from error
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise UsageError("The encryption context is a JSON object of strings.")
    return {key: str(each) for key, each in value.items()}


def write_context(context: Mapping[str, str]) -> str:
    """Write an encryption context so that :func:`read_context` reads it back."""
    pairs = [f"{key}={value}" for key, value in context.items()]
    if all(_PLAIN_PAIR.fullmatch(pair) for pair in pairs) and not any(
        "=" in key for key in context
    ):
        return " ".join(pairs)
    return json.dumps(dict(context), ensure_ascii=False)


def _mfa_age(typed: str) -> int | None:
    if typed.lower() in _NEVER:
        return None
    if typed.isdecimal() and len(typed) < 10:
        return int(typed)
    span = timefmt.parse_span(typed)
    if span is None:
        raise UsageError(
            "How long ago the code was given makes no sense.",
            hint="Write 0s, 4m or 1h; none for no code.",
        )
    return int(span.total_seconds())


def _service(typed: str) -> str:
    return typed if "." in typed else f"{typed}{_SUFFIX}"


def _moment(typed: str) -> datetime:
    try:
        found = datetime.fromisoformat(typed.removesuffix(" UTC"))
    except ValueError as error:
        raise UsageError(
            "That is no time.", hint="Write 2026-06-01 or 2026-06-01 12:00, in UTC; empty for now."
        ) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
