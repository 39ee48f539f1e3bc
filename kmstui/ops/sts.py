"""Temporary credentials: AssumeRole, GetSessionToken, GetCallerIdentity.

Source: AWS Security Token Service API Reference.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from kmstui.authz.document import parse_policy
from kmstui.authz.model import PolicyKind
from kmstui.core.arn import Arn
from kmstui.core.caller import Caller, session_caller
from kmstui.core.errors import (
    AccessDeniedException,
    NoSuchEntityException,
    UnsupportedOperationException,
    ValidationException,
)
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.ops.call import Call
from kmstui.ops.iam.devices import try_code
from kmstui.ops.iam.managed import managed_policy_text
from kmstui.ops.standing import TemporaryCredentials

ROLE_SECONDS: Final = 3600
"""How long an assumed role lasts when nothing is asked for, and at most when roles are chained."""

SESSION_SECONDS: Final = 43_200
ROOT_SESSION_SECONDS: Final = 3_600
"""How long the credentials of GetSessionToken last for a user, and at most for the root user."""

_NAME = r"[\w+=,.@-]*"
_SERIAL = Member(
    "SerialNumber",
    Kind.TEXT,
    minimum=9,
    maximum=256,
    pattern=r"[\w+=/:,.@-]*",
    doc="The MFA device whose code is given.",
)
_CODE = Member(
    "TokenCode",
    Kind.TEXT,
    minimum=6,
    maximum=6,
    pattern=r"[\d]*",
    sensitive=True,
    doc="Its present code.",
)
_CREDENTIALS = Member(
    "Credentials",
    Kind.STRUCTURE,
    sensitive=True,
    members=(
        Member("AccessKeyId", Kind.TEXT),
        Member("SecretAccessKey", Kind.TEXT, sensitive=True),
        Member("SessionToken", Kind.TEXT, sensitive=True),
        Member("Expiration", Kind.TIMESTAMP),
    ),
)


def _check_assume(call: Call) -> None:
    """Refuse what no role session can have, before the role is looked up."""
    for name in ("Tags", "TransitiveTagKeys", "ProvidedContexts"):
        if call.has(name):
            raise UnsupportedOperationException(f"{name} is not supported.")
    try:
        Arn.parse(call.text("RoleArn"))
    except ValueError:
        raise ValidationException(f"{call.text('RoleArn')} is invalid") from None
    if call.has("Policy"):
        parse_policy(call.text("Policy"), PolicyKind.SESSION)
    _check_code(call)


def _check_code(call: Call) -> None:
    if call.has("SerialNumber") != call.has("TokenCode"):
        raise ValidationException("MFA SerialNumber and TokenCode must be given together.")


@operation(
    "sts",
    "AssumeRole",
    doc="Get temporary credentials of a role.",
    members=(
        Member(
            "RoleArn", Kind.TEXT, required=True, minimum=20, maximum=2048, doc="The role's ARN."
        ),
        Member(
            "RoleSessionName",
            Kind.TEXT,
            required=True,
            minimum=2,
            maximum=64,
            pattern=_NAME,
            doc="What the session is called in the trail.",
        ),
        Member(
            "PolicyArns",
            Kind.LIST,
            item=Member(
                "PolicyDescriptorType",
                Kind.STRUCTURE,
                members=(Member("arn", Kind.TEXT, required=True, minimum=20, maximum=2048),),
            ),
        ),
        Member("Policy", Kind.TEXT, minimum=1, doc="A session policy, which only limits."),
        Member("DurationSeconds", Kind.INTEGER, minimum=900, maximum=43200),
        Member(
            "Tags",
            Kind.LIST,
            maximum=50,
            item=Member(
                "Tag",
                Kind.STRUCTURE,
                members=(
                    Member("Key", Kind.TEXT, required=True, minimum=1, maximum=128),
                    Member("Value", Kind.TEXT, required=True, minimum=0, maximum=256),
                ),
            ),
        ),
        Member(
            "TransitiveTagKeys",
            Kind.LIST,
            maximum=50,
            item=Member("tagKeyType", Kind.TEXT, minimum=1, maximum=128),
        ),
        Member("ExternalId", Kind.TEXT, minimum=2, maximum=1224, pattern=r"[\w+=,.@:\/-]*"),
        _SERIAL,
        _CODE,
        Member("SourceIdentity", Kind.TEXT, minimum=2, maximum=64, pattern=_NAME),
    ),
    answer=(
        _CREDENTIALS,
        Member("AssumedRoleUser", Kind.STRUCTURE),
        Member("PackedPolicySize", Kind.INTEGER),
        Member("SourceIdentity", Kind.TEXT),
    ),
    needs=(Needs("sts:AssumeRole", ResourceKind.ROLE, member="RoleArn", role="role"),),
    cross_account=True,
    mutates=True,
    read_only=True,
    check=_check_assume,
    logged=("RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId", "SerialNumber"),
    logged_answer=("AssumedRoleUser",),
    errors=("MalformedPolicyDocument", "ExpiredTokenException"),
)
def assume_role(call: Call) -> Answer:
    """Return credentials that are the role, for as long as they last."""
    if call.caller.is_root:
        raise AccessDeniedException("Roles may not be assumed by root accounts.")
    if not _code_accepted(call):
        return {}
    arn = Arn.parse(call.text("RoleArn"))
    role = call.services.keystore.role(arn.account, arn.resource.rpartition("/")[2])
    if role is None:
        raise NoSuchEntityException(f"The role {arn} cannot be found.")
    longest = ROLE_SECONDS if call.caller.role_arn else role.max_session_seconds
    seconds = call.number("DurationSeconds", min(ROLE_SECONDS, longest))
    if seconds > longest:
        raise ValidationException(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    caller = session_caller(
        role.arn, role.unique_id, call.text("RoleSessionName"), call.caller.region
    )
    answer = _issued(call, caller, seconds, _session_policies(call))
    answer["AssumedRoleUser"] = {"AssumedRoleId": caller.principal_id, "Arn": caller.arn}
    if call.has("SourceIdentity"):
        answer["SourceIdentity"] = call.text("SourceIdentity")
    return answer


def _session_policies(call: Call) -> tuple[str, ...]:
    texts = [call.text("Policy")] if call.has("Policy") else []
    texts += [_managed_text(call, entry["arn"]) for entry in call.items("PolicyArns")]
    return tuple(texts)


def _managed_text(call: Call, arn: str) -> str:
    text = managed_policy_text(arn)
    if text is not None:
        return text
    try:
        parts = Arn.parse(arn)
    except ValueError:
        raise ValidationException(f"{arn} is not the ARN of a policy.") from None
    name = parts.resource.rpartition("/")[2]
    record = call.services.keystore.managed_policy(parts.account, name)
    own = Arn.parse(call.text("RoleArn")).account
    if record is None or record.arn != arn or record.account != own:
        raise NoSuchEntityException(f"Policy {arn} does not exist or is not attachable.")
    return record.text


def _issued(
    call: Call, caller: Caller, seconds: int, policies: tuple[str, ...] = ()
) -> dict[str, Any]:
    sessions = call.services.sessions
    expires = call.now + timedelta(seconds=seconds)
    credentials = TemporaryCredentials(
        caller,
        call.standing.origin,
        call.services.ids.iam_id("ASIA", 20),
        expires,
        call.now if call.has("TokenCode") else None,
        policies,
    )
    token = sessions.issue(call, credentials)
    return {
        "Credentials": {
            "AccessKeyId": credentials.access_key_id,
            "SecretAccessKey": sessions.secret_of(token),
            "SessionToken": token,
            "Expiration": expires,
        }
    }


def _code_accepted(call: Call) -> bool:
    """Judge the request's code, if it carries one; a wrong one is counted and refuses the call."""
    if not call.has("TokenCode"):
        return True
    return try_code(call, call.text("SerialNumber"), call.text("TokenCode"))


def _check_session_token(call: Call) -> None:
    if call.caller.role_arn or call.standing.expires is not None:
        raise AccessDeniedException("Cannot call GetSessionToken with session credentials")
    _check_code(call)


@operation(
    "sts",
    "GetSessionToken",
    doc="Get temporary credentials of your own, with an MFA code if one is given.",
    members=(
        Member("DurationSeconds", Kind.INTEGER, minimum=900, maximum=129600),
        _SERIAL,
        _CODE,
    ),
    answer=(_CREDENTIALS,),
    needs=(),
    mutates=True,
    read_only=True,
    check=_check_session_token,
    logged=("DurationSeconds", "SerialNumber"),
)
def get_session_token(call: Call) -> Answer:
    """Return credentials that are the caller, and carry the code's freshness."""
    if not _code_accepted(call):
        return {}
    seconds = call.number("DurationSeconds", SESSION_SECONDS)
    if call.caller.is_root:
        seconds = min(seconds, ROOT_SESSION_SECONDS)
    return _issued(call, call.caller, seconds)


@operation(
    "sts",
    "GetCallerIdentity",
    doc="Say who you are.",
    answer=(
        Member("UserId", Kind.TEXT),
        Member("Account", Kind.TEXT),
        Member("Arn", Kind.TEXT),
    ),
    needs=(),
    while_verifying=True,
)
def get_caller_identity(call: Call) -> Answer:
    """Return the caller; nothing can forbid it."""
    caller = call.caller
    return {"UserId": caller.principal_id, "Account": caller.account, "Arn": caller.arn}
