"""Records in plain words, and the errors of the past."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.core.errors import DisabledException
from kmstui.tui.places.trail.events import TrailEvent, known_error, summary
from kmstui.tui.text import literal
from tests.conftest import MakeBench
from tests.helpers.hostile import FORBIDDEN, HOSTILE

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def event(**members: Any) -> TrailEvent:
    """Read a record with some members of the test's own."""
    record: dict[str, Any] = {
        "eventTime": "2026-01-15T09:00:00Z",
        "eventName": "Encrypt",
        "awsRegion": "us-east-1",
        "userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root"},
        "resources": [{"ARN": KEY, "accountId": "111122223333"}],
        "requestID": "08d2d2e5-95fe-4055-9cb7-794f8a4c013e",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "kmstui": {"sequence": 7, "previous": "ab" * 32},
    }
    return TrailEvent.read(record | members)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "root encrypted with payments-db."),
        (
            {"errorCode": "DisabledException"},
            "root was refused: DisabledException. The call would have encrypted with payments-db.",
        ),
        ({"eventName": "Unlock", "resources": []}, "root signed in."),
        ({"eventName": "FlyAway", "resources": []}, "root called FlyAway."),
        ({"eventName": "FlyAway"}, "root called FlyAway on payments-db."),
        (
            {"eventName": "DeleteKey", "eventType": "AwsServiceEvent"},
            "payments-db was destroyed: its waiting period was over.",
        ),
        (
            {"eventName": "CreateKeystore", "eventType": "AwsServiceEvent", "resources": []},
            "The keystore was created.",
        ),
    ],
)
def test_what_happened_in_plain_words(members: dict[str, Any], said: str) -> None:
    """A record becomes a sentence that names who, what and how it ended."""
    assert said == summary(event(**members), literal("payments-db")).plain


def test_a_key_is_called_by_its_alias_else_by_its_id() -> None:
    """The alias known now comes first, then the one in the record, then the short id."""
    alias = {"ARN": "arn:aws:kms:us-east-1:111122223333:alias/then"}
    assert "now" == event(resources=[alias, {"ARN": KEY}]).label(lambda _arn: "now")
    assert "then" == event(resources=[alias, {"ARN": KEY}]).label(lambda _arn: "")
    assert "1234abcd…" == event().label(lambda _arn: "")
    assert "" == event(resources=[]).label(lambda _arn: "now")


def test_an_error_of_the_past_has_its_hint() -> None:
    """A code that is known comes back as its class; another keeps code and text."""
    assert isinstance(known_error("DisabledException", "x is disabled."), DisabledException)
    other = known_error("SomethingElse", "text")
    assert ("SomethingElse", "text") == (other.code, other.message)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_fields_become_text(hostile: str) -> None:
    """Whatever stands in a record's fields, nothing that a terminal obeys comes out."""
    found = event(
        eventName=hostile or "x",
        errorCode=hostile,
        errorMessage=hostile,
        userIdentity={"arn": hostile},
    )
    said = summary(found, literal(found.label(lambda _arn: hostile)))
    assert FORBIDDEN.search(said.plain) is None


def test_every_event_of_the_engine_has_words(make_bench: MakeBench) -> None:
    """What a keystore's own life records is never called by its bare name."""
    bench = make_bench(training=True)
    bench.call("kmstui:CreateCheckpoint", Name="one")
    bench.call("kmstui:AdvanceClock", Seconds=60)
    bench.call("kmstui:RestoreCheckpoint", Name="one")
    bench.call("kmstui:PutSetting", Name="idle-lock-minutes", Value="7")
    records = [TrailEvent.read(each) for each in bench.events() if "eventName" in each]
    said = {found.name: summary(found, literal("key")).plain for found in records}
    assert {} == {name: words for name, words in said.items() if name in words}
