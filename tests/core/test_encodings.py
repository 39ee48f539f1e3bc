"""Canonical encoding and strict JSON: one reading of every value."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.core import canonical, strictjson
from kmstui.core.errors import CanonicalError, StrictJsonError

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6)
MAPS = st.dictionaries(TEXT, TEXT, max_size=4)
FIELDS = st.lists(st.one_of(st.binary(max_size=6), TEXT), max_size=4)


def test_fields_carry_their_length() -> None:
    """Four bytes of length, then bytes, UTF-8, or a 64-bit number."""
    assert canonical.encode(b"ab", "é", 258) == (
        b"\0\0\0\2ab" + b"\0\0\0\2\xc3\xa9" + b"\0\0\0\x08" + b"\0\0\0\0\0\0\1\2"
    )
    assert canonical.encode() == b""


@given(FIELDS, FIELDS)
def test_no_two_lists_of_fields_are_the_same_bytes(
    one: list[bytes | str], two: list[bytes | str]
) -> None:
    """Nothing moves from one field into the next."""
    plain = [
        [field if isinstance(field, bytes) else field.encode() for field in fields]
        for fields in (one, two)
    ]
    assert (plain[0] == plain[1]) == (canonical.encode(*one) == canonical.encode(*two))


@pytest.mark.parametrize("field", [-1, 2**64, "\ud800"])
def test_what_has_no_form_is_refused(field: int | str) -> None:
    """Negative and huge numbers, and lone surrogates."""
    with pytest.raises(CanonicalError):
        canonical.encode(field)


@given(MAPS, MAPS)
def test_no_two_maps_are_the_same_bytes(one: dict[str, str], two: dict[str, str]) -> None:
    """Two contexts are the same bytes only if they are the same context."""
    assert (one == two) == (canonical.encode_map(one) == canonical.encode_map(two))


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5, unique_by=lambda pair: pair[0]))
def test_the_order_of_a_map_does_not_matter(pairs: list[tuple[str, str]]) -> None:
    """Pairs are sorted by the bytes of their keys."""
    backwards = dict(reversed(pairs))
    assert canonical.encode_map(dict(pairs)) == canonical.encode_map(backwards)


def test_maps_are_sorted_by_bytes() -> None:
    """UTF-8 order, which is not UTF-16's: the last plane comes after the private area."""
    encoded = canonical.encode_map({"\U0001f600": "", "\uffee": ""})
    assert encoded.index("\uffee".encode()) < encoded.index("\U0001f600".encode())
    assert canonical.encode_map({}) == b""


@pytest.mark.parametrize("pairs", [{"\ud800": ""}, {"": "\udfff"}])
def test_maps_with_surrogates_are_refused(pairs: dict[str, str]) -> None:
    """In keys and in values."""
    with pytest.raises(CanonicalError):
        canonical.encode_map(pairs)


REFUSED = [
    "",
    "nonsense",
    "{",
    "[1,]",
    "{'a':1}",
    '{"a":1,"a":1}',
    '[{"b":{"a":1,"a":2}}]',
    "NaN",
    "1e999",
    "-1e999",
    "[Infinity]",
    '{"a":-Infinity}',
    '"\\ud800"',
    '{"\\udfff":1}',
    '["\\udc00\\ud800"]',
    "1 2",
    b"\xff",
    b"\xef\xbb\xbf{}",
    b"\x00",
    '"\ud800"',
    '"tab\tinside"',
    "1" * 5_000,
]


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_strict_json_is_refused(text: bytes | str) -> None:
    """Duplicates, NaN, surrogates, trailing text and bad encodings have no reading."""
    with pytest.raises(StrictJsonError):
        strictjson.loads(text)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "[" * 33 + "]" * 33, '"[[["' + "[" * 40]
)
def test_depth_is_refused_before_it_is_parsed(text: str) -> None:
    """A bomb of brackets reaches no recursive parser."""
    limit = sys.getrecursionlimit()
    with pytest.raises(StrictJsonError, match="nested deeper than 32 levels"):
        strictjson.loads(text)
    assert limit == sys.getrecursionlimit()


def test_depth_and_brackets_in_strings() -> None:
    """32 levels are fine, and brackets in a string are text."""
    assert strictjson.loads("[" * 32 + "]" * 32)
    text = '"' + "[" * 100 + '\\"' + "{" * 100 + '"'
    assert strictjson.loads(text) == "[" * 100 + '"' + "{" * 100
    with pytest.raises(StrictJsonError, match="deeper than 1 "):
        strictjson.loads("[[]]", max_depth=1)


def test_length_is_bounded() -> None:
    """Bytes are counted, not characters."""
    assert strictjson.loads('"é"', max_bytes=4) == "é"
    with pytest.raises(StrictJsonError, match="longer than 3 bytes"):
        strictjson.loads('"é"', max_bytes=3)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)


@given(VALUES)
def test_values_come_back(value: Any) -> None:
    """Writing and reading are inverse, and the text is compact with sorted keys."""
    data = strictjson.dumps(value)
    assert value == strictjson.loads(data)
    assert value == json.loads(data)
    assert data == strictjson.dumps(strictjson.loads(data))


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", {"\ud800": 1}])
def test_values_without_json_form_are_refused(value: Any) -> None:
    """Neither NaN nor a surrogate is ever written."""
    with pytest.raises(StrictJsonError):
        strictjson.dumps(value)


def test_a_refusal_names_the_place_and_not_the_text() -> None:
    """Line and column are given; the document is not repeated."""
    with pytest.raises(StrictJsonError) as refused:
        strictjson.loads('{\n  "a": canary\n}')
    assert "line 2, column 8" in refused.value.message
    assert "canary" not in refused.value.message
