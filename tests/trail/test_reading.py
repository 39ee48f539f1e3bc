"""Reading segments forwards, backwards and by number agrees with reading them whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.core.errors import TrailTamperedError
from kmstui.trail.lines import GENESIS, LINE_BYTES, chain_event
from kmstui.trail.reading import (
    find_sequence,
    first_line,
    last_line,
    lines_backward,
    lines_forward,
)


class _Memory:
    """A segment in memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, length: int, offset: int) -> bytes:
        """A slice."""
        return self.data[offset : offset + length]


_LENGTHS = st.lists(st.integers(1, 200) | st.integers(60_000, 140_000), max_size=12)


def _lines(lengths: list[int]) -> list[bytes]:
    return [
        chain_event(b'{"pad":"' + b"x" * length + b'"}', 3 * number + 5, GENESIS)
        for number, length in enumerate(lengths)
    ]


def _joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


@settings(max_examples=60, deadline=None)
@given(lengths=_LENGTHS, tail=st.integers(0, 300))
def test_both_directions_give_every_line(lengths: list[int], tail: int) -> None:
    """Lines of any lengths come back forwards and backwards; an unfinished end does not."""
    lines = _lines(lengths)
    data = _joined(lines)
    whole = _Memory(data + b"y" * tail)
    assert lines == list(lines_forward(whole, 0, len(whole.data)))
    assert lines == list(lines_forward(whole, 0, len(whole.data), chunk_bytes=4096))
    assert lines[::-1] == list(lines_backward(whole, len(data)))
    assert (lines[0] if lines else b"") == first_line(whole, len(data))
    assert (lines[-1] if lines else b"") == last_line(whole, len(data))


@settings(max_examples=60, deadline=None)
@given(lengths=_LENGTHS)
def test_every_number_is_found(lengths: list[int]) -> None:
    """A number's line, or the next higher one's, is found by probing."""
    lines = _lines(lengths)
    whole = _Memory(_joined(lines))
    for sequence in range(4, 3 * len(lines) + 8):
        below = [line for number, line in enumerate(lines) if 3 * number + 5 < sequence]
        assert len(_joined(below)) == find_sequence(whole, sequence, len(whole.data))


def test_empty_lines_are_lines() -> None:
    """Empty lines, which no trail writes, are returned as they are for a reader to refuse."""
    whole = _Memory(b"\n\na\n\n")
    assert list(lines_forward(whole, 0, 5)) == [b"", b"", b"a", b""]
    assert list(lines_backward(whole, 5)) == [b"", b"a", b"", b""]


def test_a_line_is_bounded() -> None:
    """A line longer than any of a trail ends the reading in both directions."""
    whole = _Memory(b"x" * (LINE_BYTES + 1) + b"\n")
    with pytest.raises(TrailTamperedError):
        list(lines_forward(whole, 0, len(whole.data)))
    with pytest.raises(TrailTamperedError):
        list(lines_backward(whole, len(whole.data)))


def test_a_file_that_shrank_ends_the_reading() -> None:
    """If the file is shorter than it was, reading ends instead of waiting."""
    assert list(lines_forward(_Memory(b"a\n"), 0, 100)) == [b"a"]
    assert find_sequence(_Memory(b""), 5, 1 << 20) == 0


def test_no_line_ends_inside_another() -> None:
    """An offset that is not just after a newline has no last line."""
    assert last_line(_Memory(b"abc\n"), 3) == b""
    assert last_line(_Memory(b"\n"), 1) == b""
