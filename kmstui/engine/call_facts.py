"""Condition keys about who calls, from where, when, and through which service.

Source: IAM User Guide, *AWS global condition context keys*; AWS KMS Developer Guide, *AWS KMS
condition keys*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from kmstui.authz.model import ContextValue, PrincipalType
from kmstui.core.arn import Arn
from kmstui.ops.call import Call

Fact = Callable[[Call], "ContextValue | None"]
"""Computes a condition key; ``None`` where the call does not have it."""


def flag(value: object) -> str:
    """Write a Bool condition key."""
    return "true" if value else "false"


def iso(moment: datetime) -> str:
    """Write a Date condition key."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _principal_arn(call: Call) -> ContextValue | None:
    principal = call.standing.principal
    if principal.kind is PrincipalType.SERVICE:
        return None
    return principal.role_arn or principal.arn


def _principal_account(call: Call) -> ContextValue | None:
    return call.standing.principal.account or None


def _principal_type(call: Call) -> ContextValue | None:
    kind = call.standing.principal.kind
    return None if kind is PrincipalType.SERVICE else str(kind)


def _username(call: Call) -> ContextValue | None:
    caller = call.caller
    return caller.name if caller.kind == "IAMUser" else None


def _brings_code(call: Call) -> bool:
    """Tell whether a request for credentials brings a code: a wrong one gets none of them."""
    return call.spec.service == "sts" and call.has("TokenCode")


def _mfa_present(call: Call) -> ContextValue | None:
    if _brings_code(call):
        return "true"
    standing = call.standing
    fresh = standing.mfa_age(call.now) is not None
    return flag(fresh) if standing.temporary else None


def _mfa_age(call: Call) -> ContextValue | None:
    if _brings_code(call):
        return "0"
    age = call.standing.mfa_age(call.now)
    return None if age is None else f"{age:.0f}"


def _token_issued(call: Call) -> ContextValue | None:
    standing = call.standing
    return iso(standing.issued) if standing.temporary else None


def _source_ip(call: Call) -> ContextValue | None:
    if call.standing.acting is not None:
        return None
    return call.standing.actor.source_ip


def _via_service(call: Call) -> ContextValue | None:
    acting = call.standing.acting
    if acting is None or not acting.on_behalf:
        return None
    name = acting.service.partition(".")[0]
    return f"{name}.{call.caller.region}.amazonaws.com"


def _called_via(call: Call) -> ContextValue | None:
    acting = call.standing.acting
    return (acting.service,) if acting is not None and acting.on_behalf else None


def _is_service(call: Call) -> ContextValue | None:
    return flag(call.standing.principal.kind is PrincipalType.SERVICE)


def _service_name(call: Call) -> ContextValue | None:
    principal = call.standing.principal
    return principal.arn if principal.kind is PrincipalType.SERVICE else None


def _called_via_one(call: Call) -> ContextValue | None:
    # No service calls through another here: the first is the last.
    return next(iter(_called_via(call) or ()), None)


def _service_names(call: Call) -> ContextValue | None:
    name = _service_name(call)
    return None if name is None else (str(name),)


def _source_arn(call: Call) -> ContextValue | None:
    acting = call.standing.acting
    return None if acting is None else acting.source_arn or None


def _source_account(call: Call) -> ContextValue | None:
    arn = _source_arn(call)
    if not isinstance(arn, str):
        return None
    try:
        return Arn.parse(arn).account or None
    except ValueError:
        return None


CALL_FACTS: Final[Mapping[str, Fact]] = {
    "aws:principalarn": _principal_arn,
    "aws:principalaccount": _principal_account,
    "aws:principaltype": _principal_type,
    "aws:userid": lambda call: call.caller.principal_id,
    "aws:username": _username,
    "aws:multifactorauthpresent": _mfa_present,
    "aws:multifactorauthage": _mfa_age,
    "aws:tokenissuetime": _token_issued,
    "aws:sourceip": _source_ip,
    "aws:currenttime": lambda call: iso(call.now),
    "aws:epochtime": lambda call: str(int(call.now.timestamp())),
    "aws:securetransport": lambda _call: "true",
    "aws:useragent": lambda call: call.standing.actor.user_agent,
    "aws:calledvia": _called_via,
    "aws:calledviafirst": _called_via_one,
    "aws:calledvialast": _called_via_one,
    "aws:viaawsservice": lambda call: flag(_called_via(call)),
    "aws:principalisawsservice": _is_service,
    "aws:principalservicename": _service_name,
    "aws:principalservicenameslist": _service_names,
    "aws:sourcearn": _source_arn,
    "aws:sourceaccount": _source_account,
    "kms:viaservice": _via_service,
}
"""From a condition key's name in lower case to what computes it."""
