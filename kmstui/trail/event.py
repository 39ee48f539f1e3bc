"""Records in CloudTrail's shape, as the JSON bytes that :meth:`Trail.append` takes.

What may be shown is the caller's decision: a builder is given only the members that an
operation's specification lets the trail log, and refuses bytes, which none of them is; how a
value is written is :mod:`kmstui.trail.shown`'s matter.

Source: the AWS CloudTrail User Guide, *CloudTrail record contents*, and the AWS KMS Developer
Guide, *Logging AWS KMS API calls with AWS CloudTrail*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from kmstui.core.caller import Caller
from kmstui.core.errors import KmsError
from kmstui.trail.shown import encoded_json, in_utc, shown_json, shown_text

EVENT_VERSION: Final = "1.11"
KMS_SOURCE: Final = "kms.amazonaws.com"
AWS_INTERNAL: Final = "AWS Internal"


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
            shown_json(request) if request else b"null",
            b',"responseElements":',
            shown_json(response) if response else b"null",
            b',"additionalEventData":%b' % shown_json(additional) if additional else b"",
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
        "awsRegion": shown_text(actor.caller.region),
        "sourceIPAddress": shown_text(actor.source_ip),
        "userAgent": shown_text(actor.user_agent),
    }
    end = {
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": shown_text(actor.caller.account),
        "eventCategory": "Management",
    }
    return _Frame(
        b'%b,"eventTime":"' % encoded_json(before)[:-1],
        b'",%b' % encoded_json(after)[1:-1],
        b',%b,"resources":' % encoded_json({"readOnly": kind.read_only})[1:-1],
        b",%b" % encoded_json(end)[1:],
    )


def _error(error: KmsError) -> bytes:
    shown = {"errorCode": _error_code(error)}
    if error.message:
        shown["errorMessage"] = shown_text(error.message)
    return b",%b" % encoded_json(shown)[1:-1]


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
        record["additionalEventData"] = orjson.Fragment(shown_json(additional))
    record["eventID"] = event_id
    record["readOnly"] = False
    record["resources"] = orjson.Fragment(_resources(tuple(resources)))
    record["eventType"] = "AwsServiceEvent"
    record["managementEvent"] = True
    record["recipientAccountId"] = account
    if details:
        record["serviceEventDetails"] = orjson.Fragment(shown_json(details))
    record["eventCategory"] = "Management"
    return encoded_json(record)


def _identity(actor: Actor) -> dict[str, Any]:
    caller = actor.caller
    if caller.kind == "AWSService":
        return {
            "type": shown_text(caller.kind),
            "invokedBy": shown_text(actor.invoked_by or caller.arn),
        }
    identity: dict[str, Any] = _principal(caller)
    if actor.access_key_id:
        identity["accessKeyId"] = shown_text(actor.access_key_id)
    if caller.kind == "IAMUser":
        identity["userName"] = shown_text(caller.name)
    if actor.session is not None:
        identity["sessionContext"] = _session(actor.session)
    if actor.invoked_by:
        identity["invokedBy"] = shown_text(actor.invoked_by)
    return identity


def _principal(caller: Caller) -> dict[str, Any]:
    return {
        "type": shown_text(caller.kind),
        "principalId": shown_text(caller.principal_id),
        "arn": shown_text(caller.arn),
        "accountId": shown_text(caller.account),
    }


def _session(session: SessionContext) -> dict[str, Any]:
    context: dict[str, Any] = {}
    if session.issuer is not None:
        context["sessionIssuer"] = {
            **_principal(session.issuer),
            "userName": shown_text(session.issuer.name),
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
    return encoded_json({"accountId": shown_text(account), "type": kind, "ARN": shown_text(arn)})


@lru_cache(maxsize=16)
def _event_time(when: datetime) -> str:
    # Calls that come fast share their time: the account clock has a resolution.
    return in_utc(when).isoformat(timespec="seconds")[:19] + "Z"
