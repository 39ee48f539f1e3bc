"""Tags of keys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.engines import Bench


def tag(key: str, value: str = "") -> dict[str, str]:
    """Return a tag in a request's form."""
    return {"TagKey": key, "TagValue": value}


def tags(bench: Bench, key: str) -> dict[str, str]:
    """Return a key's tags."""
    listed = bench.call("ListResourceTags", KeyId=key)["Tags"]
    return {entry["TagKey"]: entry["TagValue"] for entry in listed}


def test_tags_are_added_and_overwritten(bench: Bench) -> None:
    """TagResource merges by key, exactly and case-sensitively, whatever the text is."""
    key = bench.key(Tags=[tag("a", "1")])
    bench.call("TagResource", KeyId=key, Tags=[tag("a", "2"), tag("A", "3"), tag("é \u202e", "")])
    assert tags(bench, key) == {"a": "2", "A": "3", "é \u202e": ""}


def test_tags_are_removed(bench: Bench) -> None:
    """UntagResource drops the named keys; absent ones are ignored."""
    key = bench.key(Tags=[tag("a"), tag("b"), tag("c")])
    assert bench.call("UntagResource", KeyId=key, TagKeys=["a", "c", "absent", "a"]) == {}
    assert tags(bench, key) == {"b": ""}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("TagResource", {"Tags": [tag("aws:a")]}, "Tags beginning with aws: are reserved"),
    ("TagResource", {"Tags": [tag("AWS:a")]}, "Tags beginning with aws: are reserved"),
    ("TagResource", {"Tags": [tag("a", "1"), tag("a", "1")]}, "Duplicate tag keys"),
    ("TagResource", {"Tags": [tag(str(n)) for n in range(51)]}, "Too many tags"),
    ("UntagResource", {"TagKeys": ["Aws:a"]}, "Tags beginning with aws: are reserved"),
]


@pytest.mark.parametrize(("operation", "members", "text"), REFUSED)
def test_tags_that_cannot_be_are_refused(
    bench: Bench, operation: str, members: dict[str, Any], text: str
) -> None:
    """Reserved, duplicate and too many tags give AWS's TagException; nothing changes."""
    key = bench.key(Tags=[tag("kept", "x")])
    error = bench.refusal(operation, members, KeyId=key)
    assert (error.code, error.message) == ("TagException", text)
    assert tags(bench, key) == {"kept": "x"}


def test_a_key_has_at_most_50_tags(bench: Bench) -> None:
    """The limit is on the merged set; overwriting one of 50 is fine."""
    key = bench.key(Tags=[tag(f"{n:02}") for n in range(50)])
    bench.call("TagResource", KeyId=key, Tags=[tag("07", "new")])
    error = bench.refusal("TagResource", KeyId=key, Tags=[tag("50")])
    assert (error.code, error.message) == ("TagException", "Too many tags")
    found = bench.call("ListResourceTags", KeyId=key)
    assert (len(found["Tags"]), found["Truncated"]) == (50, False)


def test_long_tag_values_are_named_by_their_place(bench: Bench) -> None:
    """A value over 256 characters is refused with the recorded text."""
    key, long = bench.key(), "v" * 257
    error = bench.refusal("TagResource", KeyId=key, Tags=[tag("ok", "v" * 256), tag("a", long)])
    assert (error.code, error.message) == (
        "ValidationException",
        (
            f"1 validation error detected: Value '{long}' at 'tags.2.member.tagValue' failed to "
            "satisfy constraint: Member must have length less than or equal to 256"
        ),
    )


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 50])
def test_list_resource_tags_pages(bench: Bench, size: int) -> None:
    """Every page size gives each tag once."""
    expected = [tag(letter, letter) for letter in "abcde"]
    key = bench.key(Tags=list(reversed(expected)))
    found: list[dict[str, str]] = []
    marker: dict[str, str] = {}
    while True:
        page = bench.call("ListResourceTags", marker, KeyId=key, Limit=size)
        assert len(page["Tags"]) <= size
        found += page["Tags"]
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert expected == found


def test_pages_of_tags_are_at_most_50(bench: Bench) -> None:
    """A larger limit is refused as a bound."""
    error = bench.refusal("ListResourceTags", KeyId=bench.key(), Limit=51)
    assert "Value '51' at 'limit'" in error.message


def test_markers_of_tags_belong_to_their_key(bench: Bench) -> None:
    """A marker of one key's tags is refused for another key."""
    one, two = (bench.key(Tags=[tag("a"), tag("b")]) for _ in range(2))
    marker = bench.call("ListResourceTags", KeyId=one, Limit=1)["NextMarker"]
    error = bench.refusal("ListResourceTags", KeyId=two, Marker=marker)
    assert error.code == "InvalidMarkerException"
