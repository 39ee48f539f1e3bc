"""Times as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kmstui.tui import timefmt

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expected", "seconds"),
    [
        ("0 s", 0),
        ("0 s", -5),
        ("59 s", 59.9),
        ("1 m", 60),
        ("1 m 1 s", 61),
        ("1 h", 3_601),
        ("1 h 1 m", 3_661),
        ("1 d", 86_400 + 59),
        ("6 d 3 h", 6 * 86_400 + 3 * 3_600 + 59 * 60),
        ("400 d", 400 * 86_400),
    ],
)
def test_span(expected: str, seconds: float) -> None:
    """The two largest units are written and the rest is dropped."""
    assert timefmt.span(seconds) == expected


@pytest.mark.parametrize(
    ("expected", "seconds"),
    [("00:00:00", -1), ("03:12:44", 11_564), ("6 d 03:12:44", 6 * 86_400 + 11_564)],
)
def test_countdown(expected: str, seconds: float) -> None:
    """A countdown shows every second."""
    assert timefmt.countdown(seconds) == expected


def test_until() -> None:
    """A moment ahead is told by how far it is and when, one that has come is due."""
    moment = NOW + timedelta(days=6, hours=3, minutes=39)
    assert timefmt.until_with_stamp(moment, NOW) == "in 6 d 3 h · 2026-01-21 12:39 UTC"
    assert timefmt.until(NOW, NOW) == "due"


@pytest.mark.parametrize(
    ("expected", "moment"),
    [
        ("never", None),
        ("now", NOW),
        ("now", NOW + timedelta(hours=1)),
        ("41 s ago", NOW - timedelta(seconds=41)),
        ("3 d ago", NOW - timedelta(days=3, hours=23)),
    ],
)
def test_ago(expected: str, moment: datetime | None) -> None:
    """A moment past is told by its largest unit."""
    assert timefmt.ago(moment, NOW) == expected


def test_stamps() -> None:
    """Stamps are in UTC, whatever the moment's zone."""
    moment = datetime(2026, 1, 15, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
    assert timefmt.stamp(moment) == "2026-01-14 23:02 UTC"
    assert timefmt.exact_stamp(moment) == "2026-01-14 23:02:03 UTC"
    assert (timefmt.day(moment), timefmt.clock(moment)) == ("2026-01-14", "23:02:03")


def test_zone_is_needed() -> None:
    """A moment without a zone is an error of ours."""
    with pytest.raises(ValueError, match="time zone"):
        timefmt.stamp(NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("expected", "source"),
    [
        (timedelta(days=90), "90d"),
        (timedelta(minutes=90), "1.5h"),
        (timedelta(days=14), "2W"),
        (timedelta(days=365), "1y"),
        (timedelta(seconds=5), " 5s "),
        (None, "90"),
        (None, "d"),
        (None, "-1d"),
        (None, "1d2h"),
        (None, "9" * 40 + "d"),
    ],
)
def test_parse_span(expected: timedelta | None, source: str) -> None:
    """A span is a number and one unit."""
    assert timefmt.parse_span(source) == expected
