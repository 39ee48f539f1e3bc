"""Opening a trail: does it continue from where the keystore last saw it, and how does it end?"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from kmstui.core.errors import TrailTamperedError
from kmstui.core.position import TrailPosition
from kmstui.trail.lines import LINE_BYTES, LineKind, hash_line, read_chain, read_segment
from kmstui.trail.reading import first_line, last_line, lines_forward
from kmstui.trail.segments import Segment, Segments, segment_name


@dataclass(frozen=True, slots=True)
class Recovery:
    """What opening a trail had to cut: the unfinished end that a crash leaves.

    Args:
        segment: The segment it was cut from.
        offset: Where the cut begins.
        length: Bytes cut.
        digest: Hexadecimal SHA-256 of the bytes cut.
    """

    segment: int
    offset: int
    length: int
    digest: str


def recover(
    segments: Segments, store_id: str, position: TrailPosition
) -> tuple[TrailPosition, Recovery | None]:
    """Check a trail from a position on, and cut the unfinished line that a crash may have left.

    A line is unfinished if it has no newline, or holds NUL bytes, which file systems leave where
    power was lost; nothing after it can have been acknowledged as durable. Anything else that is
    wrong is tampering and changes nothing.

    Args:
        segments: The trail's files.
        store_id: The keystore that the trail must belong to.
        position: A place that was durable, as the keystore kept it; number 0 is before the first
            line.

    Returns:
        The end of the trail, and what was cut if anything was. The end is number 0 if a crash
        left no line at all.

    Raises:
        TrailTamperedError: The trail does not hold the position, or a later line breaks the chain.
        OSError: The files cannot be read or cut.
    """
    if position.sequence == 0 and not segments.numbers():
        return position, None
    last = segments.last()
    if position.segment > last:
        raise TrailTamperedError(
            f"Segment {segment_name(position.segment)} of the trail is missing."
        )
    if position.sequence:
        with segments.reading(position.segment) as segment:
            _check_position(segment, store_id, position)
    end = position
    for number in range(max(1, position.segment), last + 1):
        with segments.reading(number) as segment:
            end = _follow(segment, store_id, end, is_last=number == last)
            size = segment.size()
            held = end.offset if end.segment == number else 0
            if size == held:
                continue
            if number != last:
                raise _tampered(number, end.sequence + 1, "is unfinished")
            digest = _hash_rest(segment, held, size)
        return end, _cut(segments, Recovery(number, held, size - held, digest))
    if end.segment != last:
        segments.remove(last)
    return end, None


def _check_position(segment: Segment, store_id: str, position: TrailPosition) -> None:
    size = segment.size()
    if size < position.offset:
        raise TrailTamperedError(
            f"The trail is cut: {segment_name(segment.number)} has {size} bytes, and had "
            f"{position.offset} at line {position.sequence}."
        )
    head = read_segment(first_line(segment, position.offset))
    if (head.store, head.number) != (store_id, segment.number):
        raise TrailTamperedError(
            f"{segment_name(segment.number)} is segment {head.number} of the trail of another "
            f"keystore."
            if head.store != store_id
            else f"{segment_name(segment.number)} holds segment {head.number}."
        )
    line = last_line(segment, position.offset)
    if hash_line(line) != position.line_hash or read_chain(line).sequence != position.sequence:
        raise _tampered(segment.number, position.sequence, "is not what it was")


def _follow(
    segment: Segment, store_id: str, end: TrailPosition, *, is_last: bool
) -> TrailPosition:
    """The last good place of a segment, coming from ``end`` in it or in the one before."""
    offset = end.offset if end.segment == segment.number else 0
    for line in lines_forward(segment, offset, segment.size()):
        if is_last and b"\0" in line:
            break
        sequence = end.sequence + 1
        chain = read_chain(line)
        if (chain.sequence, chain.previous) != (sequence, end.line_hash):
            raise _tampered(segment.number, sequence, "breaks the chain")
        if (chain.kind is LineKind.SEGMENT) != (offset == 0):
            raise _tampered(segment.number, sequence, "is out of place")
        if offset == 0:
            head = read_segment(line)
            if (head.store, head.number) != (store_id, segment.number):
                raise _tampered(segment.number, sequence, "begins another segment")
        offset += len(line) + 1
        end = TrailPosition(segment.number, offset, sequence, hash_line(line))
    return end


def _hash_rest(segment: Segment, start: int, end: int) -> str:
    state = sha256()
    while start < end and (part := segment.read(min(end - start, LINE_BYTES), start)):
        state.update(part)
        start += len(part)
    return state.hexdigest()


def _cut(segments: Segments, recovery: Recovery) -> Recovery:
    if recovery.offset == 0:
        segments.remove(recovery.segment)
        return recovery
    segment = segments.appending(recovery.segment)
    try:
        segment.cut(recovery.offset)
    finally:
        segment.close()
    return recovery


def _tampered(segment: int, sequence: int, what: str) -> TrailTamperedError:
    return TrailTamperedError(f"Line {sequence} of the trail, in {segment_name(segment)}, {what}.")
