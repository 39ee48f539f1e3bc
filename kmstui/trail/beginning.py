"""Beginning a segment, so that a crash leaves either none of it or all of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kmstui.core.position import TrailPosition
from kmstui.trail.lines import FORMAT, SegmentHead, chain_segment, hash_line
from kmstui.trail.segments import Segment, Segments


def begin_segment(
    segments: Segments, store_id: str, last: TrailPosition, mark: str
) -> tuple[Segment, TrailPosition]:
    """Create the segment after a place, with its head, durably.

    Args:
        segments: The trail's files.
        store_id: The keystore that the trail belongs to.
        last: The end of the segment before, which is durable.
        mark: Why the segment begins.

    Returns:
        The segment, open for appending, and the place after its head.

    Raises:
        OSError: The disk fails; what is left is what a crash leaves.
    """
    number = last.segment + 1
    sequence = last.sequence + 1
    line = chain_segment(SegmentHead(FORMAT, store_id, number, mark), sequence, last.line_hash)
    segment = segments.add(number)
    with closed_on_failure(segment):
        segment.write(line + b"\n")
        segment.sync()
        segments.sync()
    return segment, TrailPosition(number, len(line) + 1, sequence, hash_line(line))


@contextmanager
def closed_on_failure(opened: Segment | Segments) -> Iterator[None]:
    """Close what was opened if what is done with it fails."""
    try:
        yield
    except BaseException:
        opened.close()
        raise
