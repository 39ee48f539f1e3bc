"""Records in CloudTrail's shape, as the JSON bytes that :meth:`Trail.append` takes.

What may be shown is the caller's decision: a builder is given only the members that an
operation's specification lets the trail log, and refuses bytes, which none of them is. Text is
hostile: no value can break the line, be longer than :data:`FIELD_BYTES`, or act on a terminal
that the trail is printed on.

Source: the AWS CloudTrail User Guide, *CloudTrail record contents*, and the AWS KMS Developer
Guide, *Logging AWS KMS API calls with AWS CloudTrail*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from kmstui.core.caller import Caller
from kmstui.core.errors import KmsError, TrailError

EVENT_VERSION: Final = "1.11"
KMS_SOURCE: Final = "kms.amazonaws.com"
AWS_INTERNAL: Final = "AWS Internal"

FIELD_BYTES: Final = 8 * 1024
"""UTF-8 bytes kept of a text; of the rest its length and SHA-256 are kept."""

MEMBERS_BYTES: Final = 80 * 1024
"""The longest request, response or additional data; a longer one becomes its SHA-256.

Three of them and the rest stay below 256 KiB, the longest record that CloudTrail has.
"""

_SHORT_CHARACTERS = FIELD_BYTES // 4
"""A text of no more characters cannot be over the cap, as UTF-8 takes at most 4 bytes for one."""

_NAME_CHARACTERS = 64
"""No member of AWS's has a longer name; a longer one is the caller's and is not remembered."""

_NAMES = 1024
"""Names that are remembered at most."""

_DEPTH = 16
_TEXT_MAPS = frozenset(
    {
        "EncryptionContext",
        "SourceEncryptionContext",
        "DestinationEncryptionContext",
        "EncryptionContextEquals",
        "EncryptionContextSubset",
    }
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_ACTING = re.compile(
    b"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf"
)
"""DEL, C1 controls, line and paragraph separators, bidirectional controls, byte order mark."""


@dataclass(frozen=True, slots=True)
class SessionContext:
    """How a session's credentials came about.

    Attributes:
        created: When.
        mfa: Whether it was made with a multi-factor code.
        issuer: The role of an assumed-role session.
    """

    created: datetime
    mfa: bool
    issuer: Caller | None = None


class EventKind(NamedTuple):
    """What the records of one operation have in common, whoever calls it; made once for each.

    Attributes:
        name: The operation's name.
        read_only: Whether the operation changes nothing; cryptographic ones do not.
        source: The service's ``eventSource``.
    """

    name: str
    read_only: bool
    source: str = KMS_SOURCE


@dataclass(frozen=True, slots=True)
class Actor:
    """Who calls, and from where; made once for a session, as its JSON is kept.

    Attributes:
        caller: The principal.
        source_ip: CloudTrail's ``sourceIPAddress``.
        user_agent: CloudTrail's ``userAgent``.
        access_key_id: The access key that signed, if one did.
        session: How the session came about, where it says more than the principal.
        invoked_by: The AWS service that calls, for itself or for the principal; empty for none.
    """

    caller: Caller
    source_ip: str
    user_agent: str
    access_key_id: str = ""
    session: SessionContext | None = None
    invoked_by: str = ""
    frames: dict[EventKind, _Frame] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What every record of one operation by this actor has in common."""


def api_event(
    actor: Actor,
    kind: EventKind,
    *,
    event_id: str,
    request_id: str,
    when: datetime,
    request: Mapping[str, Any] | None,
    response: Mapping[str, Any] | None = None,
    resources: Iterable[str] = (),
    error: KmsError | None = None,
    additional: Mapping[str, Any] | None = None,
) -> bytes:
    """The record of a call (``eventType`` AwsApiCall), in the caller's account and Region.

    Args:
        actor: Who called.
        kind: What was called.
        event_id: The record's own identifier.
        request_id: The identifier that the caller was answered with.
        when: Account time of the call; aware.
        request: Request members to show, under AWS's names; None or empty becomes null.
        response: Response members to show, likewise.
        resources: ARNs of the keys and aliases concerned.
        error: Why the call failed, if it did.
        additional: ``additionalEventData``, under AWS's names.

    Raises:
        TrailError: A member is bytes, or a time is not aware.
    """
    frame = actor.frames.get(kind)
    if frame is None:
        frame = actor.frames[kind] = _frame(actor, kind)
    # Written out as bytes: this is the cost of every call.
    return b"".join(
        (
            frame.before_time,
            _event_time(when).encode(),
            frame.after_time,
            b"" if error is None else _error(error),
            b',"requestParameters":',
            _capped(_members(request, 0)) if request else b"null",
            b',"responseElements":',
            _capped(_members(response, 0)) if response else b"null",
            b',"additionalEventData":%b' % _capped(_members(additional, 0)) if additional else b"",
            b',"requestID":',
            orjson.dumps(request_id),
            b',"eventID":',
            orjson.dumps(event_id),
            frame.before_resources,
            _resources(tuple(resources)),
            frame.end,
        )
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """The parts of a record that one actor's calls of one operation share, as JSON."""

    before_time: bytes
    after_time: bytes
    before_resources: bytes
    end: bytes


def _frame(actor: Actor, kind: EventKind) -> _Frame:
    before = {"eventVersion": EVENT_VERSION, "userIdentity": _identity(actor)}
    after = {
        "eventSource": kind.source,
        "eventName": kind.name,
        "awsRegion": _text(actor.caller.region),
        "sourceIPAddress": _text(actor.source_ip),
        "userAgent": _text(actor.user_agent),
    }
    end = {
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": _text(actor.caller.account),
        "eventCategory": "Management",
    }
    return _Frame(
        b'%b,"eventTime":"' % _encode(before)[:-1],
        b'",%b' % _encode(after)[1:-1],
        b',%b,"resources":' % _encode({"readOnly": kind.read_only})[1:-1],
        b",%b" % _encode(end)[1:],
    )


def _error(error: KmsError) -> bytes:
    shown = {"errorCode": _error_code(error)}
    if error.message:
        shown["errorMessage"] = _text(error.message)
    return b",%b" % _encode(shown)[1:-1]


def service_event(
    *,
    event_id: str,
    when: datetime,
    name: str,
    region: str,
    account: str,
    details: Mapping[str, Any] | None = None,
    resources: Iterable[str] = (),
    additional: Mapping[str, Any] | None = None,
    source: str = KMS_SOURCE,
) -> bytes:
    """The record of something the service did by itself (``eventType`` AwsServiceEvent).

    Args:
        event_id: The record's own identifier.
        when: Account time; aware.
        name: Such as ``DeleteKey``.
        region: The Region concerned.
        account: The account whose trail this is.
        details: ``serviceEventDetails``, under AWS's names.
        resources: ARNs of the keys concerned.
        additional: ``additionalEventData``, under AWS's names.
        source: The service's ``eventSource``.

    Raises:
        TrailError: A member is bytes, or a time is not aware.
    """
    record: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": {"accountId": account, "invokedBy": AWS_INTERNAL},
        "eventTime": _event_time(when),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": AWS_INTERNAL,
        "userAgent": AWS_INTERNAL,
        "requestParameters": None,
        "responseElements": None,
    }
    if additional:
        record["additionalEventData"] = orjson.Fragment(_capped(_members(additional, 0)))
    record["eventID"] = event_id
    record["readOnly"] = False
    record["resources"] = orjson.Fragment(_resources(tuple(resources)))
    record["eventType"] = "AwsServiceEvent"
    record["managementEvent"] = True
    record["recipientAccountId"] = account
    if details:
        record["serviceEventDetails"] = orjson.Fragment(_capped(_members(details, 0)))
    record["eventCategory"] = "Management"
    return _encode(record)


def console_date(when: datetime) -> str:
    """A date as CloudTrail writes it inside requests and responses, in UTC.

    For example ``Aug 10, 2022, 10:38:27 PM``.

    Raises:
        TrailError: The time is not aware.
    """
    when = _utc(when)
    hour = when.hour % 12 or 12
    half = "AM" if when.hour < 12 else "PM"
    return (
        f"{_MONTHS[when.month - 1]} {when.day}, {when.year}, "
        f"{hour}:{when.minute:02}:{when.second:02} {half}"
    )


def member_name(name: str) -> str:
    """An API member's name as CloudTrail writes it: the first letter in lower case."""
    return name[:1].lower() + name[1:]


class _Labels(dict[str, str]):
    """Names of members as they are written, so that AWS's are made once."""

    def __missing__(self, name: str) -> str:
        if len(name) > _NAME_CHARACTERS:
            return _text(member_name(name))
        label = member_name(name)
        if len(self) < _NAMES:
            self[name] = label
        return label


_LABELS: Final = _Labels()


def _identity(actor: Actor) -> dict[str, Any]:
    caller = actor.caller
    if caller.kind == "AWSService":
        return {"type": _text(caller.kind), "invokedBy": _text(actor.invoked_by or caller.arn)}
    identity: dict[str, Any] = _principal(caller)
    if actor.access_key_id:
        identity["accessKeyId"] = _text(actor.access_key_id)
    if caller.kind == "IAMUser":
        identity["userName"] = _text(caller.name)
    if actor.session is not None:
        identity["sessionContext"] = _session(actor.session)
    if actor.invoked_by:
        identity["invokedBy"] = _text(actor.invoked_by)
    return identity


def _principal(caller: Caller) -> dict[str, Any]:
    return {
        "type": _text(caller.kind),
        "principalId": _text(caller.principal_id),
        "arn": _text(caller.arn),
        "accountId": _text(caller.account),
    }


def _session(session: SessionContext) -> dict[str, Any]:
    context: dict[str, Any] = {}
    if session.issuer is not None:
        context["sessionIssuer"] = {
            **_principal(session.issuer),
            "userName": _text(session.issuer.name),
        }
    context["attributes"] = {
        "creationDate": _event_time(session.created),
        "mfaAuthenticated": "true" if session.mfa else "false",
    }
    return context


def _error_code(error: KmsError) -> str:
    return "AccessDenied" if error.code == "AccessDeniedException" else error.code


@lru_cache(maxsize=4096)
def _resources(arns: tuple[str, ...]) -> bytes:
    return b"[%b]" % b",".join([_resource(arn) for arn in arns])


def _resource(arn: str) -> bytes:
    account = arn.split(":", 5)[4] if arn.count(":") >= 5 else ""
    kind = "AWS::KMS::Alias" if ":alias/" in arn else "AWS::KMS::Key"
    return _encode({"accountId": _text(account), "type": kind, "ARN": _text(arn)})


def _members(members: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """A structure: names are AWS's and become lower camel case."""
    shown: dict[str, Any] = {}
    for name, value in members.items():
        label = _LABELS[name]
        if type(value) is str and len(value) <= _SHORT_CHARACTERS:
            shown[label] = value
        elif name in _TEXT_MAPS:
            shown[label] = _text_map(value, depth + 1)
        else:
            shown[label] = _value(value, depth + 1)
    return shown


def _text_map(entries: Any, depth: int) -> Any:
    """A map of texts: its keys are the caller's and stay as they are."""
    if type(entries) is dict or isinstance(entries, Mapping):
        return {_text(key): _value(value, depth + 1) for key, value in entries.items()}
    return _value(entries, depth)


def _value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, datetime):
        return console_date(value)
    if depth >= _DEPTH:
        return f"[nested deeper than {_DEPTH} levels]"
    if isinstance(value, Mapping):
        return _members(value, depth)
    if isinstance(value, (list, tuple)):
        return [_value(each, depth + 1) for each in value]
    raise TrailError(f"A {type(value).__name__} has no place in the audit trail.")


def _text(text: str) -> str:
    if len(text) <= _SHORT_CHARACTERS:
        return text
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= FIELD_BYTES:
        return text
    kept = data[:FIELD_BYTES].decode("utf-8", "ignore")
    rest = data[len(kept.encode()) :]
    return f"{kept}[{len(rest)} more bytes, SHA-256 {sha256(rest).hexdigest()}]"


@lru_cache(maxsize=16)
def _event_time(when: datetime) -> str:
    # Calls that come fast share their time: the account clock has a resolution.
    return _utc(when).isoformat(timespec="seconds")[:19] + "Z"


def _utc(when: datetime) -> datetime:
    if when.tzinfo is UTC:
        return when
    if when.tzinfo is None:
        raise TrailError("A time in the audit trail has no time zone.")
    return when.astimezone(UTC)


def _capped(members: dict[str, Any]) -> bytes:
    """The JSON of a record's members, or what stands for them when they are too long."""
    data = _encode(members)
    if len(data) <= MEMBERS_BYTES:
        return data
    return orjson.dumps({"omittedBytes": len(data), "omittedSha256": sha256(data).hexdigest()})


def _encode(value: Any) -> bytes:
    try:
        data = orjson.dumps(value)
    except orjson.JSONEncodeError:
        data = orjson.dumps(_encodable(value))
    if data.isascii() and b"\x7f" not in data:
        return data
    return _ACTING.sub(_escape, data)


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found[0].decode())


def _encodable(value: Any) -> Any:
    """What JSON can hold of a value with lone surrogates or integers of more than 64 bits."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)[:64]
    return value
