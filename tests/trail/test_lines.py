"""The line format joins and reads back, and takes nothing else."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.core.errors import TrailTamperedError
from kmstui.trail.lines import (
    FORMAT,
    GENESIS,
    Chain,
    LineKind,
    SegmentHead,
    chain_event,
    chain_segment,
    read_chain,
    read_segment,
)

_HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
_RECORDS = st.dictionaries(
    _TEXTS.filter(lambda name: name != "kmstui"),
    _TEXTS | st.dictionaries(_TEXTS, _TEXTS),
    min_size=1,
)


@given(record=_RECORDS, sequence=st.integers(1, 2**62), previous=_HASHES)
def test_an_event_reads_back(record: dict[str, object], sequence: int, previous: str) -> None:
    """Any record becomes one line whose chain reads back and whose members are its own."""
    line = chain_event(orjson.dumps(record), sequence, previous)
    assert Chain(sequence, previous, LineKind.EVENT) == read_chain(line)
    chain = {"sequence": sequence, "previous": previous}
    assert {**record, "kmstui": chain} == json.loads(line)


@given(store=_TEXTS, number=st.integers(1, 999_999), mark=_TEXTS, sequence=st.integers(1, 2**62))
def test_a_segment_head_reads_back(store: str, number: int, mark: str, sequence: int) -> None:
    """Any store and mark become one line that reads back."""
    head = SegmentHead(FORMAT, store, number, mark)
    line = chain_segment(head, sequence, GENESIS)
    assert b"\n" not in line
    assert Chain(sequence, GENESIS, LineKind.SEGMENT) == read_chain(line)
    assert head == read_segment(line)


def test_a_forged_chain_inside_a_record_does_not_count() -> None:
    """The chain is the line's last member: text and objects that look like one are not it."""
    inner = {"sequence": 7, "previous": "f" * 64}
    record = {"a": f',"kmstui":{json.dumps(inner)}}}', "b": {"x": 1, "kmstui": inner}}
    line = chain_event(orjson.dumps(record), 3, GENESIS)
    assert Chain(3, GENESIS, LineKind.EVENT) == read_chain(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"null",
        b'{"a":1,"kmstui":{"sequence":0,"previous":"' + b"0" * 64 + b'"}}',
        b'{"a":1,"kmstui":{"sequence":01,"previous":"' + b"0" * 64 + b'"}}',
        b'{"a":1,"kmstui":{"sequence":-1,"previous":"' + b"0" * 64 + b'"}}',
        b'{"a":1,"kmstui":{"sequence":1,"previous":"' + b"A" * 64 + b'"}}',
        b'{"a":1,"kmstui":{"sequence":1,"previous":"' + b"0" * 63 + b'"}}',
        b'{"a":1,"kmstui":{"sequence":1,"previous":"' + b"0" * 64 + b'"}} ',
        b'{"a":1,"kmstui":{"sequence":1,"previous":"' + b"0" * 64 + b'"}}\n',
        b'{"a":1,"kmstui":{"sequence": 1,"previous":"' + b"0" * 64 + b'"}}',
        b'{"a":1,"kmstui":{"sequence":99999999999999999999,"previous":"' + b"0" * 64 + b'"}}',
        b'{"kmstui":{"sequence":1,"previous":"' + b"0" * 64 + b'","other":{}}}',
    ],
)
def test_a_chain_is_written_in_one_way(line: bytes) -> None:
    """Only the one spelling of a chain is read."""
    with pytest.raises(TrailTamperedError):
        read_chain(line)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Whatever the bytes, reading ends in an answer or in an error of ours."""
    for read in (read_chain, read_segment):
        try:
            read(data)
        except TrailTamperedError as error:
            assert error.message  # noqa: PT017 - either way out is good
