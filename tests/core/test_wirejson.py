"""Requests and answers as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.cli.operations import find_operation
from kmstui.core.errors import SerializationException
from kmstui.core.spec import Kind, Member
from kmstui.core.wirejson import read_request, read_value, write_answer, write_value

BLOB = Member("Plaintext", Kind.BLOB)
TIME = Member("ValidTo", Kind.TIMESTAMP)
TAG = Member("Tag", Kind.STRUCTURE, members=(Member("Value", Kind.BLOB),))
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@given(st.binary(max_size=64))
def test_blobs_come_back(data: bytes) -> None:
    """A blob written and read again is the same bytes."""
    assert read_value(BLOB, write_value(data)) == data


@pytest.mark.parametrize("text", ["a", "====", "YQ", "YQ==\n", "Y Q==", "YQ=*", "żółw", 7, None])
def test_what_is_not_base64(text: Any) -> None:
    """Only whole standard base64 is a blob; nothing is skipped or padded for the caller."""
    with pytest.raises(SerializationException, match="Plaintext"):
        read_value(BLOB, text)


@pytest.mark.parametrize(
    "value",
    [
        NOON.timestamp(),
        int(NOON.timestamp()),
        "2026-06-01T12:00:00Z",
        "2026-06-01T14:00:00+02:00",
        "2026-06-01T12:00:00",
        "20260601T120000Z",
    ],
)
def test_times(value: Any) -> None:
    """A time is seconds since 1970 or ISO 8601; without an offset it is UTC."""
    assert read_value(TIME, value) == NOON
    assert read_value(TIME, value).tzinfo is not None


@pytest.mark.parametrize(
    "value", ["", "noon", "2026-13-01", True, None, [], {}, 1e300, -1e300, "9" * 5000]
)
def test_what_is_not_a_time(value: Any) -> None:
    """Anything else is refused by the member's name."""
    with pytest.raises(SerializationException, match="ValidTo"):
        read_value(TIME, value)


def test_structures_and_lists_are_read_inside() -> None:
    """Members of members are read by their own kinds; unknown ones are left to validation."""
    tags = Member("Tags", Kind.LIST, item=TAG)
    value: Any = [{"Value": "YQ==", "Other": 1}, {"Value": "Yg=="}]
    assert read_value(tags, value) == [{"Value": b"a", "Other": 1}, {"Value": b"b"}]


@pytest.mark.parametrize("value", ["text", 7, True, {"a": 1}])
def test_other_kinds_are_left_to_validation(value: Any) -> None:
    """A value of the wrong kind passes unchanged, to be refused with the service's text."""
    assert read_value(Member("Limit", Kind.INTEGER), value) == value
    assert read_value(Member("Tags", Kind.LIST, item=TAG), value) == value


def test_request_drops_nulls_and_strangers() -> None:
    """A null is an absent member, and an unknown member is ignored, as AWS does."""
    spec = find_operation("Encrypt")
    body: Any = {"KeyId": "alias/a", "Plaintext": "YQ==", "DryRun": None, "Stranger": 1}
    assert read_request(spec, body) == {"KeyId": "alias/a", "Plaintext": b"a"}


@pytest.mark.parametrize("body", [None, [], "x", 1, True])
def test_request_must_be_an_object(body: Any) -> None:
    """A request that is not a JSON object is refused."""
    with pytest.raises(SerializationException, match="must be a JSON object"):
        read_request(find_operation("Encrypt"), body)


def test_answers_are_json() -> None:
    """Blobs become base64, times ISO 8601 with their offset, all else stays."""
    when = datetime(2026, 6, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    answer = {"B": b"a", "T": when, "L": ({"X": b"b"}, 1), "N": None, "F": 0.5, "Y": True}
    assert write_answer(answer) == {
        "B": "YQ==",
        "T": "2026-06-01T14:00:00+02:00",
        "L": [{"X": "Yg=="}, 1],
        "N": None,
        "F": 0.5,
        "Y": True,
    }
