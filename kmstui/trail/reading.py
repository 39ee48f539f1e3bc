"""Reading segments: forwards for recovery and verification, backwards for the newest lines.

Segments only grow, and every reader stops at a position taken beforehand, so reading needs no
lock against a writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from kmstui.core.errors import TrailTamperedError
from kmstui.trail.lines import LINE_BYTES, read_chain

_FORWARD_BYTES = 1024 * 1024
_BACKWARD_BYTES = 64 * 1024
_PROBE_BYTES = 4 * 1024


class Reader(Protocol):
    """Random access to the bytes of one segment."""

    def read(self, length: int, offset: int) -> bytes:
        """Up to ``length`` bytes at ``offset``; empty only at the end of the file."""
        ...


def lines_forward(
    reader: Reader, start: int, end: int, *, chunk_bytes: int = _FORWARD_BYTES
) -> Iterator[bytes]:
    """The complete lines between two offsets, oldest first, without their newlines.

    What follows the last newline is not returned; a caller that adds up the lengths sees it.

    Args:
        reader: The segment.
        start: Offset of the beginning of a line.
        end: Offset to stop at.
        chunk_bytes: How much to read at a time.

    Raises:
        TrailTamperedError: A line is longer than any that the trail writes.
    """
    rest = b""
    while start < end:
        chunk = reader.read(min(chunk_bytes, end - start), start)
        if not chunk:
            return
        start += len(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            _check_length(line)
            yield line
        _check_length(rest)


def lines_backward(reader: Reader, end: int) -> Iterator[bytes]:
    """The complete lines before an offset, newest first, without their newlines.

    Args:
        reader: The segment.
        end: Offset just after a newline.

    Raises:
        TrailTamperedError: A line is longer than any that the trail writes.
    """
    tail = b""
    while end > 0:
        length = min(_BACKWARD_BYTES, end)
        end -= length
        first, *lines = (reader.read(length, end) + tail).split(b"\n")
        if lines:
            if lines[-1] == b"":
                lines.pop()
            yield from reversed(lines)
            first += b"\n"
        _check_length(first)
        tail = first
    if tail:
        yield tail.rstrip(b"\n")


def last_line(reader: Reader, end: int) -> bytes:
    """The line that ends at an offset, without its newline; empty if none does."""
    if end < 2 or reader.read(1, end - 1) != b"\n":
        return b""
    return next(lines_backward(reader, end))


def first_line(reader: Reader, end: int) -> bytes:
    """The first line of a segment, without its newline; empty if there is no complete one."""
    return next(lines_forward(reader, 0, min(end, LINE_BYTES), chunk_bytes=_PROBE_BYTES), b"")


def find_sequence(reader: Reader, sequence: int, end: int) -> int:
    """The offset of the first line of a segment numbered ``sequence`` or higher, or ``end``.

    Lines carry their numbers in order, so that a handful of probes stand in for an index.

    Args:
        reader: The segment.
        sequence: The number looked for.
        end: Offset just after a newline, to look before.

    Raises:
        TrailTamperedError: A line does not state its place in the chain.
    """
    low, high = 0, end
    while high - low > _BACKWARD_BYTES:
        middle = _next_line(reader, (low + high) // 2, high)
        if middle >= high:
            break
        line = next(lines_forward(reader, middle, high, chunk_bytes=_PROBE_BYTES))
        if read_chain(line).sequence < sequence:
            low = middle + len(line) + 1
        else:
            high = middle
    for line in lines_forward(reader, low, high):
        if read_chain(line).sequence >= sequence:
            return low
        low += len(line) + 1
    return low


def _next_line(reader: Reader, offset: int, end: int) -> int:
    """The offset just after the first newline at or after ``offset``, or ``end``."""
    while offset < end:
        chunk = reader.read(min(_PROBE_BYTES, end - offset), offset)
        if not chunk:
            return end
        newline = chunk.find(b"\n")
        if newline >= 0:
            return offset + newline + 1
        offset += len(chunk)
    return end


def _check_length(line: bytes) -> None:
    if len(line) > LINE_BYTES:
        raise TrailTamperedError(f"A line of the trail is longer than {LINE_BYTES} bytes.")
