"""When a key's material rotates, and why not: facts for the list, the dialogs and the commands.

Pure: the caller says what time it is. Rules: AWS KMS Developer Guide, *Rotate AWS KMS keys*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from kmstui.core.limits import (
    ROTATION_PERIOD_MAX_DAYS,
    ROTATION_PERIOD_MIN_DAYS,
    ROTATIONS_ON_DEMAND,
)
from kmstui.tui import text, timefmt
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.text import Content

SYMMETRIC = "SYMMETRIC_DEFAULT"
SOON = timedelta(days=30)
"""What counts as soon."""

WINDOW = timedelta(days=365)
"""How far the timeline looks, back and ahead."""

_FAR = timedelta(days=100_000)


class Course(IntEnum):
    """How a key's material changes, the most pressing first."""

    OVERDUE = 0
    """An automatic rotation is due and has not happened."""
    SCHEDULED = 1
    """It rotates by itself."""
    RESTING = 2
    """Its schedule rests, because the key is disabled."""
    OFF = 3
    """It could rotate by itself and does not."""
    ON_DEMAND = 4
    """Only a person can rotate it."""
    ELSEWHERE = 5
    """It rotates with its primary, or AWS sees to it."""
    NEVER = 6
    """Its material stays what it is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a key stands.

    Attributes:
        course: How its material changes.
        said: That in few words; text of our own but for a Region's name.
        reason: Why it does not rotate by itself, with what to do instead; empty if it does.
    """

    course: Course
    said: str
    reason: str = ""


def standing(key: KeySummary, now: datetime) -> Standing:
    """Return where a key stands."""
    if (never := _never(key)) is not None:
        return never
    if key.aws_managed:
        return Standing(Course.ELSEWHERE, "AWS, every year", "AWS rotates the keys it manages.")
    if key.is_replica:
        reason = f"It rotates with its primary; :region {key.primary_region} goes there."
        return Standing(Course.ELSEWHERE, f"with {key.primary_region}", reason)
    if key.origin == "EXTERNAL":
        waits = "new material is ready" if key.rotation_waits else "by hand only"
        reason = (
            "The new material that was imported waits: O rotates to it."
            if key.rotation_waits
            else "Imported material rotates on demand only: I imports new material, O then "
            "rotates to it."
        )
        return Standing(Course.ON_DEMAND, waits, reason)
    return _automatic(key, now)


def _automatic(key: KeySummary, now: datetime) -> Standing:
    if key.next_rotation is None:
        return Standing(Course.OFF, "off", "Automatic rotation is off. F puts it on a schedule.")
    if key.state != "Enabled":
        reason = (
            "Nothing rotates while the key is disabled; what is due happens once t enables it."
        )
        return Standing(Course.RESTING, "rests: disabled", reason)
    if key.next_rotation <= now:
        return Standing(Course.OVERDUE, when(key.next_rotation, now))
    return Standing(Course.SCHEDULED, when(key.next_rotation, now))


def _never(key: KeySummary) -> Standing | None:
    successor = "To use other material, make a successor: :successor."
    if key.spec.startswith("HMAC"):
        return Standing(Course.NEVER, "HMAC: no rotation", f"HMAC keys do not rotate. {successor}")
    if key.spec != SYMMETRIC:
        reason = f"Key pairs do not rotate: others hold the public key. {successor}"
        return Standing(Course.NEVER, "key pair: no rotation", reason)
    if key.origin not in {"AWS_KMS", "EXTERNAL"}:
        reason = f"Keys of a custom key store do not rotate. {successor}"
        return Standing(Course.NEVER, "key store: no rotation", reason)
    return None


def unschedulable(key: KeySummary) -> str:
    """Say why a key cannot be put on a schedule, or taken off it; empty if it can."""
    if (never := _never(key)) is not None:
        return never.reason
    if key.aws_managed:
        return "AWS rotates the keys it manages, every year."
    if key.is_replica:
        return f"the schedule is its primary's, in {key.primary_region}"
    if key.origin == "EXTERNAL":
        return "imported material rotates on demand only; O rotates"
    return _not_enabled(key)


def unrotatable(key: KeySummary) -> str:
    """Say why a key cannot be rotated now; empty if it can."""
    if (never := _never(key)) is not None:
        return never.reason
    if key.aws_managed:
        return "AWS rotates the keys it manages, every year."
    if key.is_replica:
        return f"its primary in {key.primary_region} is rotated, and it with it"
    return _not_enabled(key) or _not_ready(key)


def _not_ready(key: KeySummary) -> str:
    if key.origin == "EXTERNAL" and not key.rotation_waits:
        return "no new material waits; I imports some first"
    return "" if left(key) else f"all {ROTATIONS_ON_DEMAND} rotations on demand are used up"


def _not_enabled(key: KeySummary) -> str:
    if key.pending:
        return "it is waiting to be deleted; K keeps it first"
    if key.state == "Disabled":
        return "it is disabled; t enables it first"
    if key.state == "PendingImport":
        return "it has no key material; I imports it first"
    return "" if key.state == "Enabled" else "it cannot be changed at the moment; look again later"


def left(key: KeySummary) -> int:
    """Return how many rotations on demand a key has left."""
    return max(ROTATIONS_ON_DEMAND - key.on_demand, 0)


def on_demand_possible(key: KeySummary) -> bool:
    """Tell whether rotations on demand mean anything for a key."""
    return _never(key) is None and not key.aws_managed


def when(moment: datetime, now: datetime) -> str:
    """Write when the next rotation is: ``in 23 d · 12-16``, ``3 d overdue · 05-29``."""
    away = (moment - now).total_seconds()
    written = timefmt.day(moment)
    if abs(away) < WINDOW.total_seconds() * 0.9:
        written = written[5:]
    if away > 0:
        return f"in {timefmt.span(away, 1)} · {written}"
    return f"{timefmt.span(-away, 1)} overdue · {written}" if away <= -60 else f"due · {written}"


def order(key: KeySummary, now: datetime) -> tuple[int, timedelta, str]:
    """Return what the list is sorted by: the most pressing first, then by date and name."""
    course = standing(key, now).course
    dated = key.next_rotation is not None and course <= Course.RESTING
    away = key.next_rotation - now if dated and key.next_rotation is not None else _FAR
    return course, away, key.label.casefold()


def summary(keys: Sequence[KeySummary], now: datetime) -> Content:
    """Say in one line how the keys stand, the most pressing first."""
    stands = [(key, standing(key, now).course) for key in keys]

    def count(*courses: Course) -> int:
        return sum(1 for _, course in stands if course in courses)

    soon = sum(
        1
        for key, course in stands
        if course is Course.SCHEDULED and key.next_rotation and key.next_rotation - now <= SOON
    )
    parts = []
    if overdue := count(Course.OVERDUE):
        parts.append(text.literal(f"▲ {overdue:,} overdue", "$danger"))
    parts.append(text.literal(f"{soon:,} within 30 d", "$info" if soon else "$muted"))
    parts += [
        text.literal(f"{number:,} {words}", "$muted")
        for number, words in (
            (count(Course.SCHEDULED) - soon, "later"),
            (count(Course.RESTING), "resting"),
            (count(Course.OFF), "off"),
            (count(Course.ON_DEMAND), "by hand"),
            (count(Course.ELSEWHERE), "elsewhere"),
            (count(Course.NEVER), "never"),
        )
        if number
    ]
    return text.join(parts, " · ")


def timeline(key: KeySummary, now: datetime, half: int) -> Content:
    """Draw a year back and a year ahead: the present material, now, and the next rotation.

    Args:
        key: The key.
        now: The account's time.
        half: Cells on either side of now.
    """
    cells = [("·", "$faint")] * (2 * half + 1)

    def cell(moment: datetime) -> int:
        return round((moment - now) / WINDOW * half) + half

    since = key.material_date
    course = standing(key, now).course
    if since is not None:
        start = cell(since)
        for index in range(max(start, 0), half):
            cells[index] = ("━", "$info")
        if 0 <= start < half:
            cells[start] = ("◆", "$info")
    cells[half] = ("│", "$foreground")
    if key.next_rotation is not None and course <= Course.RESTING:
        end = min(cell(key.next_rotation), 2 * half + 1)
        style = "$muted" if course is Course.RESTING else "$ok"
        for index in range(half + 1, min(end, 2 * half + 1)):
            cells[index] = ("─", style)
        if course is Course.OVERDUE:
            cells[max(min(end, half), 0)] = ("▲", "$danger")
        elif end <= 2 * half:
            cells[max(end, half + 1)] = ("◇", style)
        else:
            cells[-1] = ("›", style)  # noqa: RUF001 - an arrow of its own, not a comparison
    return text.join([text.literal(glyph, style) for glyph, style in cells], "")


def period_problem(typed: str) -> str | None:
    """Say what is wrong with a rotation period, or None."""
    if period_of(typed) is None:
        return f"A period is {ROTATION_PERIOD_MIN_DAYS} to {ROTATION_PERIOD_MAX_DAYS:,} days."
    return None


def period_of(typed: str) -> int | None:
    """Read a rotation period in days (``365``, ``365d``, ``1y``), None if it is none."""
    plain = typed.strip()
    if plain.isascii() and plain.isdigit():
        days = int(plain) if len(plain) <= 4 else 0
    else:
        span = timefmt.parse_span(plain)
        if span is None or span % timedelta(days=1):
            return None
        days = span.days
    return days if ROTATION_PERIOD_MIN_DAYS <= days <= ROTATION_PERIOD_MAX_DAYS else None
