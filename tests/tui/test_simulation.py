"""A call to simulate, read from the trail."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kmstui.tui.simulation import SimulationStart, start_of_record

ADA = "arn:aws:iam::111122223333:user/ada"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"


def test_a_record_tells_who_did_what_on_which_key() -> None:
    """Principal, action, key, encryption context and time come from the record's own members."""
    record = {
        "eventTime": "2026-06-01T12:00:00Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt",
        "userIdentity": {"arn": ADA, "type": "IAMUser"},
        "requestParameters": {"encryptionContext": {"app": "x"}},
        "resources": [{"ARN": "arn:aws:kms:us-east-1:111122223333:alias/a"}, {"ARN": KEY}],
    }
    when = datetime(2026, 6, 1, 12, tzinfo=UTC)
    wanted = SimulationStart(ADA, "kms:Decrypt", KEY, (("app", "x"),), when=when)
    assert wanted == start_of_record(record)


def test_a_service_that_calls_for_somebody_is_the_way() -> None:
    """What invoked a call on a principal's behalf becomes the service that it went through."""
    record = {
        "eventSource": "kms.amazonaws.com",
        "eventName": "CreateGrant",
        "userIdentity": {"arn": ADA, "invokedBy": "ec2.amazonaws.com"},
    }
    start = start_of_record(record)
    assert ("ec2.amazonaws.com", ADA) == (start.via_service, start.principal)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"userIdentity": None, "resources": None, "requestParameters": "HIDDEN"},
        {"eventTime": "never", "resources": [None, "x", {}]},
    ],
)
def test_whatever_a_record_lacks_is_left_out(record: dict[str, object]) -> None:
    """A record of any shape is read without raising."""
    start = start_of_record(record)
    assert ("", None) == (start.key_arn, start.when)
