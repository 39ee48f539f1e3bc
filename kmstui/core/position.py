"""A place in the audit trail: the trail writes it, the keystore keeps it."""

from __future__ import annotations

from typing import NamedTuple


class TrailPosition(NamedTuple):
    """The place just after one line of the trail.

    Args:
        segment: Number of the segment file, from 1.
        offset: Bytes of that file up to and including the line's newline.
        sequence: The line's number in the whole trail, from 1.
        line_hash: Hexadecimal SHA-256 of the line without its newline.
    """

    segment: int
    offset: int
    sequence: int
    line_hash: str
