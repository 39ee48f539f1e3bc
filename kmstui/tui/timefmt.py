"""Times and spans as a person reads them. Pure: the caller says what time it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_UNITS = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m"), (1, "s"))
_PARSED_UNITS = {
    "s": 1,
    "m": _MINUTE,
    "h": _HOUR,
    "d": _DAY,
    "w": 7 * _DAY,
    "y": 365 * _DAY,
}
_SPAN = re.compile(r"(?P<count>\d{1,7}(?:\.\d{1,3})?)(?P<unit>[smhdwy])")

SPAN_UNITS = "s, m, h, d, w or y"
"""The units :func:`parse_span` reads, for messages."""


def span(seconds: float, parts: int = 2) -> str:
    """Write a span by its largest units: ``6 d 3 h``, ``41 s``.

    Args:
        seconds: Length in seconds; negative counts as zero, fractions are dropped.
        parts: Units to write at most; the rest is dropped, never rounded up.
    """
    rest = max(int(seconds), 0)
    counts = []
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        counts.append((count, unit))
    first = next((place for place, (count, _) in enumerate(counts) if count), len(counts) - 1)
    largest = counts[first : first + parts]
    return " ".join(f"{count} {unit}" for count, unit in largest if count) or "0 s"


def countdown(seconds: float) -> str:
    """Write what is left to the second, always equally wide below 100 days: ``6 d 03:12:44``."""
    whole = max(int(seconds), 0)
    days, rest = divmod(whole, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, second = divmod(rest, _MINUTE)
    clock = f"{hours:02}:{minutes:02}:{second:02}"
    return f"{days} d {clock}" if days else clock


def stamp(moment: datetime) -> str:
    """Write a moment to the minute in UTC: ``2026-01-21 12:39 UTC``."""
    return f"{_utc(moment):%Y-%m-%d %H:%M} UTC"


def exact_stamp(moment: datetime) -> str:
    """Write a moment to the second in UTC: ``2026-01-21 12:39:07 UTC``."""
    return f"{_utc(moment):%Y-%m-%d %H:%M:%S} UTC"


def day(moment: datetime) -> str:
    """Write the UTC date of a moment: ``2026-01-21``."""
    return f"{_utc(moment):%Y-%m-%d}"


def clock(moment: datetime) -> str:
    """Write the UTC time of day of a moment: ``12:39:07``."""
    return f"{_utc(moment):%H:%M:%S}"


def until(moment: datetime, now: datetime) -> str:
    """Write how far ahead a moment is: ``in 6 d 3 h``, or ``due`` once it has come."""
    left = (moment - now).total_seconds()
    return f"in {span(left)}" if left > 0 else "due"


def until_with_stamp(moment: datetime, now: datetime) -> str:
    """Write how far ahead a moment is and when: ``in 6 d 3 h · 2026-01-21 12:39 UTC``."""
    return f"{until(moment, now)} · {stamp(moment)}"


def ago(moment: datetime | None, now: datetime) -> str:
    """Write how long ago a moment was by its largest unit: ``3 d ago``, ``now``, ``never``.

    Args:
        moment: The moment; None is written ``never``.
        now: The time it is.
    """
    if moment is None:
        return "never"
    passed = (now - moment).total_seconds()
    return f"{span(passed, 1)} ago" if passed >= 1 else "now"


def parse_span(source: str) -> timedelta | None:
    """Read a span such as ``90d``, ``2w`` or ``1.5h``; None if it is not one.

    A year is 365 days.
    """
    match = _SPAN.fullmatch(source.strip().lower())
    if match is None:
        return None
    return timedelta(seconds=float(match["count"]) * _PARSED_UNITS[match["unit"]])


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)
