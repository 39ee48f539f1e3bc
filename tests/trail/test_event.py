"""Records have CloudTrail's shape, stay on one line and leak nothing."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.core.caller import Caller, root_caller
from kmstui.core.errors import (
    AccessDeniedException,
    DisabledException,
    InvalidCiphertextException,
    KmsError,
    TrailError,
)
from kmstui.trail.event import (
    Actor,
    EventKind,
    SessionContext,
    api_event,
    service_event,
)
from kmstui.trail.shown import FIELD_BYTES, console_date, member_name
from kmstui.trail.verify import verify
from tests.helpers.trails import filled, lines_of

ACCOUNT = "111122223333"
REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/Prod-Payments-Core"
WHEN = datetime(2022, 8, 10, 22, 38, 27, 123456, tzinfo=UTC)
EVENT_ID = "7c9f0b4f-34a2-44f2-9d4f-0ff0a4f0f0aa"
REQUEST_ID = "5c4ed2bb-1c1c-4f7e-9d3a-0d3a0d3a0d3a"
ACTOR = Actor(root_caller(ACCOUNT, REGION), "127.0.0.1", "kmstui/0.1.0")


def _call(
    request: dict[str, Any] | None = None,
    *,
    name: str = "Encrypt",
    response: dict[str, Any] | None = None,
    error: KmsError | None = None,
    additional: dict[str, Any] | None = None,
    actor: Actor = ACTOR,
    resources: tuple[str, ...] = (KEY,),
) -> bytes:
    return api_event(
        actor,
        EventKind(name, read_only=True),
        event_id=EVENT_ID,
        request_id=REQUEST_ID,
        when=WHEN,
        request=request,
        response=response,
        resources=resources,
        error=error,
        additional=additional,
    )


def _record(*args: Any, **options: Any) -> dict[str, Any]:
    record = json.loads(_call(*args, **options))
    assert isinstance(record, dict)
    return record


class TestShape:
    """Goldens against the documented records."""

    def test_encrypt(self) -> None:
        """An Encrypt call is the documented record, member for member, in the documented order."""
        record = _record(
            {
                "KeyId": "alias/Prod-Payments-Core",
                "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "EncryptionContext": {"Department": "10103.0", "purpose": "test"},
            }
        )
        golden = {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "Root",
                "principalId": ACCOUNT,
                "arn": f"arn:aws:iam::{ACCOUNT}:root",
                "accountId": ACCOUNT,
            },
            "eventTime": "2022-08-10T22:38:27Z",
            "eventSource": "kms.amazonaws.com",
            "eventName": "Encrypt",
            "awsRegion": REGION,
            "sourceIPAddress": "127.0.0.1",
            "userAgent": "kmstui/0.1.0",
            "requestParameters": {
                "keyId": "alias/Prod-Payments-Core",
                "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "encryptionContext": {"Department": "10103.0", "purpose": "test"},
            },
            "responseElements": None,
            "requestID": REQUEST_ID,
            "eventID": EVENT_ID,
            "readOnly": True,
            "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": KEY}],
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }
        assert golden == record
        assert list(golden) == list(record)

    def test_a_failed_call(self) -> None:
        """A failure has its code and text after the user agent."""
        record = _record({"KeyId": KEY}, error=DisabledException(f"{KEY} is disabled."))
        assert record["errorCode"] == "DisabledException"
        assert record["errorMessage"] == f"{KEY} is disabled."
        assert list(record).index("errorCode") == list(record).index("userAgent") + 1

    def test_a_denied_call(self) -> None:
        """A denial's code is AccessDenied, as CloudTrail shows it."""
        assert _record({}, error=AccessDeniedException("no"))["errorCode"] == "AccessDenied"

    def test_a_failure_without_text(self) -> None:
        """A failure without a text has no errorMessage."""
        record = _record({}, error=InvalidCiphertextException())
        assert record["errorCode"] == "InvalidCiphertextException"
        assert "errorMessage" not in record

    def test_schedule_key_deletion(self) -> None:
        """Dates inside requests and responses are CloudTrail's texts; numbers stay numbers."""
        record = _record(
            {"KeyId": KEY, "PendingWindowInDays": 20},
            name="ScheduleKeyDeletion",
            response={
                "KeyId": KEY,
                "KeyState": "PendingDeletion",
                "DeletionDate": WHEN + timedelta(days=20),
                "PendingWindowInDays": 20,
            },
        )
        assert record["requestParameters"] == {"keyId": KEY, "pendingWindowInDays": 20}
        assert record["responseElements"] == {
            "keyId": KEY,
            "keyState": "PendingDeletion",
            "deletionDate": "Aug 30, 2022, 10:38:27 PM",
            "pendingWindowInDays": 20,
        }

    def test_create_key(self) -> None:
        """Structures and lists of structures have their names in lower camel case throughout."""
        record = _record(
            {"Tags": [{"TagKey": "Owner", "TagValue": "Ops"}], "MultiRegion": False},
            name="CreateKey",
            response={"KeyMetadata": {"AWSAccountId": ACCOUNT, "CreationDate": WHEN}},
        )
        assert record["requestParameters"] == {
            "tags": [{"tagKey": "Owner", "tagValue": "Ops"}],
            "multiRegion": False,
        }
        assert record["responseElements"] == {
            "keyMetadata": {
                "aWSAccountId": ACCOUNT,
                "creationDate": "Aug 10, 2022, 10:38:27 PM",
            }
        }

    def test_an_alias_and_its_key(self) -> None:
        """Resources keep their order, and an alias is told from a key."""
        record = _record({"AliasName": "alias/x"}, resources=(ALIAS, KEY))
        assert record["resources"] == [
            {"accountId": ACCOUNT, "type": "AWS::KMS::Alias", "ARN": ALIAS},
            {"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": KEY},
        ]

    def test_generate_random(self) -> None:
        """Without members or resources, parameters are null and resources empty."""
        record = _record(None, name="GenerateRandom", resources=())
        assert record["requestParameters"] is None
        assert record["resources"] == []
        assert _record({})["requestParameters"] is None

    def test_additional_data(self) -> None:
        """AdditionalEventData stands after the response when there is any."""
        record = _record({}, additional={"GrantId": "abc"})
        assert record["additionalEventData"] == {"grantId": "abc"}
        assert "additionalEventData" not in _record({})

    def test_a_service_event(self) -> None:
        """What the service does by itself has AWS's internal identity and its details."""
        record = json.loads(
            service_event(
                event_id=EVENT_ID,
                when=WHEN,
                name="DeleteKey",
                region=REGION,
                account=ACCOUNT,
                details={"KeyId": KEY},
                resources=(KEY,),
                additional={"Why": "due"},
            )
        )
        assert record == {
            "eventVersion": "1.11",
            "userIdentity": {"accountId": ACCOUNT, "invokedBy": "AWS Internal"},
            "eventTime": "2022-08-10T22:38:27Z",
            "eventSource": "kms.amazonaws.com",
            "eventName": "DeleteKey",
            "awsRegion": REGION,
            "sourceIPAddress": "AWS Internal",
            "userAgent": "AWS Internal",
            "requestParameters": None,
            "responseElements": None,
            "additionalEventData": {"why": "due"},
            "eventID": EVENT_ID,
            "readOnly": False,
            "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": KEY}],
            "eventType": "AwsServiceEvent",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "serviceEventDetails": {"keyId": KEY},
            "eventCategory": "Management",
        }


class TestIdentity:
    """userIdentity."""

    def test_a_user_with_an_access_key(self) -> None:
        """An IAM user has its access key and user name."""
        caller = Caller(
            f"arn:aws:iam::{ACCOUNT}:user/team/Alice", "IAMUser", "AIDAEXAMPLE", ACCOUNT, REGION
        )
        actor = Actor(caller, "127.0.0.1", "aws-cli", access_key_id="AKIAEXAMPLE")
        assert _record({}, actor=actor)["userIdentity"] == {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/team/Alice",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAEXAMPLE",
            "userName": "Alice",
        }

    def test_an_assumed_role(self) -> None:
        """An assumed role tells the role that issued it and whether a code was given."""
        role = Caller(f"arn:aws:iam::{ACCOUNT}:role/Ops", "Role", "AROAX", ACCOUNT, REGION)
        caller = Caller(
            f"arn:aws:sts::{ACCOUNT}:assumed-role/Ops/alice",
            "AssumedRole",
            "AROAX:alice",
            ACCOUNT,
            REGION,
        )
        actor = Actor(caller, "::1", "x", session=SessionContext(WHEN, mfa=True, issuer=role))
        assert _record({}, actor=actor)["userIdentity"]["sessionContext"] == {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAX",
                "arn": f"arn:aws:iam::{ACCOUNT}:role/Ops",
                "accountId": ACCOUNT,
                "userName": "Ops",
            },
            "attributes": {"creationDate": "2022-08-10T22:38:27Z", "mfaAuthenticated": "true"},
        }


class TestValues:
    """What becomes of single values."""

    @pytest.mark.parametrize(
        ("when", "text"),
        [
            (WHEN, "Aug 10, 2022, 10:38:27 PM"),
            (datetime(2023, 1, 2, 0, 4, 5, tzinfo=UTC), "Jan 2, 2023, 12:04:05 AM"),
            (datetime(2023, 12, 31, 12, 0, 0, tzinfo=UTC), "Dec 31, 2023, 12:00:00 PM"),
            (
                datetime(2023, 1, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=2))),
                "Dec 31, 2022, 11:00:00 PM",
            ),
        ],
    )
    def test_a_date(self, when: datetime, text: str) -> None:
        """A date is CloudTrail's English text in UTC, whatever the locale."""
        assert text == console_date(when)

    def test_a_time_without_zone_is_refused(self) -> None:
        """A naive time could mean anything and is refused."""
        with pytest.raises(TrailError):
            console_date(datetime(2022, 1, 1))  # noqa: DTZ001 - what is refused

    @pytest.mark.parametrize("value", [b"secret", bytearray(b"secret"), {1, 2}, object()])
    def test_bytes_are_refused(self, value: object) -> None:
        """No member that the trail may show is bytes: one that is would be a leak."""
        for request in (
            {"Plaintext": value},
            {"EncryptionContext": {"a": value}},
            {"Tags": [{"TagKey": value}]},
        ):
            with pytest.raises(TrailError) as raised:
                _call(request)
            assert "secret" not in str(raised.value)

    def test_the_callers_names_are_kept(self) -> None:
        """The keys of an encryption context are the caller's and keep their case."""
        context = {"KeyId": "x", "Upper": "y", "": "z"}
        for name in ("EncryptionContext", "SourceEncryptionContext"):
            assert _record({name: context})["requestParameters"] == {member_name(name): context}

    def test_an_enum_is_its_value(self) -> None:
        """A text enum is shown as its text."""

        class State(StrEnum):
            ON = "Enabled"

        assert _record({"KeyState": State.ON})["requestParameters"] == {"keyState": "Enabled"}

    def test_a_number_beyond_64_bits_is_text(self) -> None:
        """A number that JSON readers cannot hold is shown as text."""
        assert _record({"Limit": 10**30})["requestParameters"] == {"limit": str(10**30)}

    def test_deep_nesting_ends(self) -> None:
        """Nesting deeper than any member of AWS's is cut, not followed."""
        value: dict[str, Any] = {"A": 1}
        for _ in range(500):
            value = {"A": value}
        assert "nested deeper" in _call(value).decode()


HOSTILE = [
    "a\nb",
    "a\r\nb",
    "nul\0nul",
    "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e",
    "\x1b]52;c;aGk=\x07",
    "\x9b31m",
    "\x7f",
    "\u202eevil\u2066",
    "\ufeff",
    "\ud800 lone",
    '"},"kmstui":{"sequence":1,"previous":"' + "0" * 64 + '"}}',
    "x" * 1_000_000,
    "\U0001f511" * 300_000,
]


class TestInjection:
    """T23: no text breaks the line, the record or the terminal."""

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_any_field_stays_on_its_line(self, directory: Path, text: str) -> None:
        """Hostile text in every field leaves one JSON object a line, harmless to a terminal."""
        arn = f"arn:aws:iam::{ACCOUNT}:user/{text}"
        actor = Actor(Caller(arn, "IAMUser", text, text, REGION), text, text, access_key_id=text)
        event = _call(
            {
                "KeyId": text,
                "EncryptionContext": {text: text},
                "Policy": text,
                "Tags": [{"TagKey": text, text: text}],
            },
            actor=actor,
            response={"KeyId": text},
            error=DisabledException(text),
            additional={"Note": text},
            resources=(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{text}",),
        )
        with closing(filled(directory, 1)) as trail:
            trail.append(event)
            trail.append(_call({}))
            position = trail.position
            line = trail.latest(2)[1]
        data = (directory / "000001.jsonl").read_bytes()
        assert data.count(b"\n") == 4
        assert len(data.decode().splitlines()) == 4
        assert not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in line.decode())
        assert json.loads(line)["kmstui"]["sequence"] == 3
        assert len(event) <= 256 * 1024
        report = verify(directory, position=position)
        assert report.ok
        assert report.events == len(lines_of(directory)) - 1

    def test_a_long_text_is_cut_and_hashed(self) -> None:
        """Of a text over 8 KiB the beginning is kept, and the length and SHA-256 of the rest."""
        text = "é" + "x" * 20_000
        rest = text.encode()[FIELD_BYTES:]
        shown = _record({"Policy": text})["requestParameters"]["policy"]
        digest = sha256(rest).hexdigest()
        kept = text.encode()[:FIELD_BYTES].decode()
        assert f"{kept}[{len(rest)} more bytes, SHA-256 {digest}]" == shown

    def test_a_cut_never_splits_a_character(self) -> None:
        """A cut falls between characters, and the hash covers what is not shown."""
        text = "x" + "€" * 5_000
        shown = _record({"Policy": text})["requestParameters"]["policy"]
        kept = shown.partition("[")[0]
        rest = text[len(kept) :].encode()
        assert FIELD_BYTES - 3 < len(kept.encode()) <= FIELD_BYTES
        assert sha256(rest).hexdigest() in shown

    def test_a_text_of_8_kib_is_whole(self) -> None:
        """A text of exactly the cap is shown whole."""
        for text in ("x" * FIELD_BYTES, "é" * (FIELD_BYTES // 2)):
            assert _record({"Policy": text})["requestParameters"]["policy"] == text

    def test_a_long_record_keeps_a_hash_of_its_members(self) -> None:
        """A record over CloudTrail's size keeps who and what, and hashes the members."""
        tags = [{"TagKey": str(number), "TagValue": "x" * 8000} for number in range(50)]
        event = _call({"Tags": tags})
        assert len(event) < 2000
        shown = json.loads(event)["requestParameters"]
        whole = orjson.dumps(
            {"tags": [{"tagKey": tag["TagKey"], "tagValue": tag["TagValue"]} for tag in tags]}
        )
        assert shown == {
            "omittedBytes": len(whole),
            "omittedSha256": sha256(whole).hexdigest(),
        }


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(context=st.dictionaries(_TEXTS, _TEXTS, max_size=5), value=_VALUES)
def test_what_is_built_reads_back(context: dict[str, str], value: Any) -> None:
    """Any context comes back exactly, and any JSON value is built without error, on one line."""
    event = _call({"EncryptionContext": context, "Value": value})
    assert len(event.decode().splitlines()) == 1
    shown = json.loads(event)["requestParameters"]
    assert context == shown["encryptionContext"]
    if not isinstance(value, (dict, list)):
        assert value == shown["value"]


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(), max_size=40))
def test_lone_surrogates_are_spelled_out(text: str) -> None:
    """Text that is no Unicode is written with its surrogates spelled out."""
    shown = _record({"KeyId": text})["requestParameters"]["keyId"]
    assert text.encode("utf-8", "backslashreplace").decode() == shown
