"""The lines of the trail: how a record joins the chain and how a line is taken apart.

A line is one JSON object without line breaks. Its last member is the chain::

    {<record members>,"kmstui":{"sequence":<n>,"previous":"<64 hex>"}}

``previous`` is the SHA-256 of the line before, without its newline; the first line of a trail
has 64 zeros. The first line of every segment has no record and says where it belongs::

    {"kmstui":{"sequence":<n>,"previous":"<64 hex>","segment":{"format":1,...}}}

A signed digest will be a third kind, with a member ``digest`` in the place of ``segment``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

import orjson

from kmstui.core.errors import TrailTamperedError

FORMAT = 1
"""The version of the segment format that this module writes."""

LINE_BYTES = 1024 * 1024
"""The longest line, newline included. The event builder stays far below it."""

GENESIS = "0" * 64
"""``previous`` of the first line of a trail."""

_EVENT_TAIL = re.compile(
    rb',"kmstui":\{"sequence":([1-9][0-9]{0,18}),"previous":"([0-9a-f]{64})"\}\}\Z'
)
_EVENT_TAIL_BYTES = 128
"""More than an event's chain member can take, so that no search runs over the record."""

_OWN_LINE = re.compile(
    rb'\{"kmstui":\{"sequence":([1-9][0-9]{0,18}),"previous":"([0-9a-f]{64})",'
    rb'"(segment|digest)":\{'
)


class LineKind(StrEnum):
    """What a line carries besides its place in the chain."""

    EVENT = "event"
    SEGMENT = "segment"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Chain:
    """A line's place in the chain, as the line itself states it."""

    sequence: int
    previous: str
    kind: LineKind


@dataclass(frozen=True, slots=True)
class SegmentHead:
    """What the first line of a segment says.

    Args:
        format: Version of the format, :data:`FORMAT` today.
        store: The keystore the trail belongs to.
        number: The segment's number, as in its file name.
        mark: Why the segment begins: ``create``, ``roll`` or what the engine gave.
    """

    format: int
    store: str
    number: int
    mark: str


def hash_line(line: bytes) -> str:
    """The hexadecimal SHA-256 that the next line must name; ``line`` has no newline."""
    return sha256(line).hexdigest()


def chain_event(event: bytes, sequence: int, previous: str) -> bytes:
    """The line for a record: the chain becomes its last member.

    Args:
        event: A non-empty JSON object on one line.
        sequence: The line's number, from 1.
        previous: Hash of the line before.
    """
    return b'%b,"kmstui":{"sequence":%d,"previous":"%b"}}' % (
        event[:-1],
        sequence,
        previous.encode(),
    )


def chain_segment(head: SegmentHead, sequence: int, previous: str) -> bytes:
    """The first line of a segment."""
    members = {
        "format": head.format,
        "store": head.store,
        "number": head.number,
        "mark": head.mark,
    }
    return b'{"kmstui":{"sequence":%d,"previous":"%b","segment":%b}}' % (
        sequence,
        previous.encode(),
        orjson.dumps(members),
    )


def read_chain(line: bytes) -> Chain:
    """The place in the chain that a line states; the record is not looked at.

    Raises:
        TrailTamperedError: The line does not end in a chain member.
    """
    found = _EVENT_TAIL.search(line, max(0, len(line) - _EVENT_TAIL_BYTES))
    if found is not None:
        return Chain(int(found[1]), found[2].decode(), LineKind.EVENT)
    found = _OWN_LINE.match(line)
    if found is None:
        raise TrailTamperedError("A line of the trail does not state its place in the chain.")
    return Chain(int(found[1]), found[2].decode(), LineKind(found[3].decode()))


def read_segment(line: bytes) -> SegmentHead:
    """What the first line of a segment says.

    Raises:
        TrailTamperedError: It is not a segment's first line, or of a format not known here.
    """
    try:
        members = orjson.loads(line)["kmstui"]["segment"]
        head = SegmentHead(members["format"], members["store"], members["number"], members["mark"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise TrailTamperedError(
            "A segment of the trail does not begin with its first line."
        ) from error
    if head.format != FORMAT:
        raise TrailTamperedError(
            f"A segment of the trail has format {head.format!r}, not {FORMAT}."
        )
    return head
