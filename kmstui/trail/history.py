"""What a trail holds: the lines after a place, and the newest lines, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kmstui.core.errors import TrailError, TrailTamperedError
from kmstui.core.position import TrailPosition
from kmstui.trail.lines import LineKind, read_chain
from kmstui.trail.reading import find_sequence, first_line, lines_backward, lines_forward
from kmstui.trail.segments import Segment, Segments, segment_name


def events_since(
    segments: Segments, position: TrailPosition, end: TrailPosition
) -> Iterator[bytes]:
    """The event lines between two places, oldest first; see :meth:`Trail.since`."""
    start = position.offset
    for number in range(max(position.segment, 1), end.segment + 1):
        with _reading(segments, number) as segment:
            for line in lines_forward(segment, start, _stop(segment, end)):
                if read_chain(line).kind is LineKind.EVENT:
                    yield line
        start = 0


def latest_events(
    segments: Segments, end: TrailPosition, limit: int, before_sequence: int | None
) -> list[bytes]:
    """The newest event lines before a place, newest first; see :meth:`Trail.latest`."""
    found: list[bytes] = []
    number = end.segment
    if before_sequence is not None:
        number = _segment_before(segments, before_sequence, end)
    while number > 0 and len(found) < limit:
        with _reading(segments, number) as segment:
            stop = _stop(segment, end)
            if before_sequence is not None:
                stop = find_sequence(segment, before_sequence, stop)
                before_sequence = None
            for line in lines_backward(segment, stop):
                if read_chain(line).kind is LineKind.EVENT:
                    found.append(line)
                    if len(found) == limit:
                        break
        number -= 1
    return found


def _segment_before(segments: Segments, sequence: int, end: TrailPosition) -> int:
    """The last segment whose first line is numbered below ``sequence``; 0 if there is none."""
    low, high = 0, end.segment
    while low < high:
        middle = (low + high + 1) // 2
        with _reading(segments, middle) as segment:
            first = read_chain(first_line(segment, _stop(segment, end))).sequence
        low, high = (middle, high) if first < sequence else (low, middle - 1)
    return low


def _stop(segment: Segment, end: TrailPosition) -> int:
    return end.offset if segment.number == end.segment else segment.size()


@contextmanager
def _reading(segments: Segments, number: int) -> Iterator[Segment]:
    try:
        with segments.reading(number) as segment:
            yield segment
    except FileNotFoundError as error:
        raise TrailTamperedError(
            f"Segment {segment_name(number)} of the trail is missing."
        ) from error
    except OSError as error:
        raise TrailError(f"Cannot read the audit trail: {error.strerror or error}.") from error
