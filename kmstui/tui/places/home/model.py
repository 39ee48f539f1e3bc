"""What Home has to say, from what was read. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kmstui.core.naming import follows
from kmstui.tui import text, timefmt
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.trail.events import Naming, TrailEvent
from kmstui.tui.text import Content
from kmstui.tui.widgets.link_list import BLANK, Line, heading
from kmstui.tui.widgets.state_chip import KEY_STATES, look

if TYPE_CHECKING:
    from kmstui.engine.status import EngineStatus

UNUSED = timedelta(days=90)
"""Age of the last use from which a key deserves a look."""

REFUSALS_OF = timedelta(days=7)
"""How far back refusals are counted."""

EVENTS_SHOWN = 5
_NUMBER_CELLS = 5
_EVENT_CELLS = 18


@dataclass(frozen=True, slots=True)
class Picture:
    """What was read.

    Attributes:
        keys: Every key of the account and Region.
        complete: Whether these are all.
        pattern: The naming rule.
        refused: Refused calls, newest first.
        calls: The last calls that did something, newest first.
        status: The engine's condition.
        now: Account time.
        masked: Whether names are hidden.
        naming: What people call keys.
    """

    keys: Sequence[KeySummary]
    complete: bool
    pattern: str
    refused: Sequence[TrailEvent]
    calls: Sequence[TrailEvent]
    status: EngineStatus | None
    now: datetime
    masked: bool
    naming: Naming


def name(picture: Picture, value: str) -> Content:
    """Write a name, or what stands for it under the privacy mask."""
    return text.mask(value) if picture.masked else text.literal(value)


def _count(count: int, glyph: Content, said: str, target: str) -> Line:
    number = text.literal(f"{count:,}".rjust(_NUMBER_CELLS), "bold")
    return Line(text.join([number, glyph, text.literal(said)], " "), target)


def states(picture: Picture) -> list[Line]:
    """Count the keys by state."""
    counts = Counter(key.state for key in picture.keys)
    lines = [heading("Keys")]
    for state in KEY_STATES:
        if counts[state] or state == "Enabled":
            shown = look(state)
            target = "deletions" if state == "PendingDeletion" else f"keys state:{state.lower()}"
            lines.append(
                _count(counts[state], text.styled(shown.glyph, shown.style), shown.word, target)
            )
    if not picture.complete:
        lines.append(Line(text.literal("      still reading…", "$muted")))
    return lines


def coming(picture: Picture) -> list[Line]:
    """List what time will bring: deletions, and the oldest material."""
    pending = sorted(
        ((key.deletion_date, key) for key in picture.keys if key.deletion_date is not None),
        key=lambda pair: (pair[0], pair[1].key_id),
    )
    lines = [heading("Coming up")]
    for due, key in pending[:EVENTS_SHOWN]:
        shown = look("PendingDeletion")
        left = timefmt.countdown((due - picture.now).total_seconds())
        lines.append(
            Line(
                text.join(
                    [
                        text.literal("    "),
                        text.styled(f"{shown.glyph} {left}", shown.style),
                        text.literal(timefmt.day(due), "$muted"),
                        name(picture, key.label),
                    ],
                    "  ",
                ),
                f"key {key.arn}",
            )
        )
    if len(pending) > EVENTS_SHOWN:
        more = f"      and {len(pending) - EVENTS_SHOWN:,} more deletions"
        lines.append(Line(text.literal(more, "$muted"), "deletions"))
    if not pending:
        lines.append(Line(text.literal("      No key is waiting to be destroyed.", "$muted")))
    living = [
        (key.material_date, key.key_id, key)
        for key in picture.keys
        if key.material_date is not None and not key.pending
    ]
    if living:
        since, _, oldest = min(living, key=lambda each: each[:2])
        days = (picture.now - since).days
        lines.append(
            Line(
                text.template(
                    "      [$info]↻[/] oldest material  $key  [$muted]$age[/]",
                    key=name(picture, oldest.label),
                    age=text.plural(days, "day"),
                ),
                "rotation",
            )
        )
    return lines


def attention(picture: Picture) -> list[Line]:
    """List what deserves a look; one calm line if nothing does."""
    warn, danger = text.styled("▲", "$warn"), text.styled("✗", "$danger")
    living = [key for key in picture.keys if not key.pending and not key.aws_managed]
    aliases = [alias for key in living for alias in key.aliases]
    strays = sum(1 for alias in aliases if not follows(picture.pattern, alias))
    unused = sum(1 for key in living if key.state == "Enabled" and _unused(key, picture.now))
    refused = sum(1 for event in picture.refused if picture.now - event.when <= REFUSALS_OF)
    found = [
        (refused, danger, "refused in the last 7 days", "refusals", ("call", "calls")),
        (strays, warn, "not named by the rule", "strays", ("alias", "aliases")),
        (
            unused,
            warn,
            "enabled, but not used for 90 days",
            "keys state:enabled lastuse>90d created>90d",
            ("key", "keys"),
        ),
        (
            sum(1 for key in living if not key.aliases),
            warn,
            "without an alias",
            "keys aliases=0",
            ("key", "keys"),
        ),
        (
            sum(1 for key in living if not key.tags),
            warn,
            "without tags",
            "keys tags=0",
            ("key", "keys"),
        ),
    ]
    lines = [
        _count(count, glyph, f"{words[count != 1]} {said}", target)
        for count, glyph, said, target, words in found
        if count
    ]
    lines += _protection(picture.status)
    calm = Line(text.literal("      ✓ Nothing needs you.", "$ok"))
    return [heading("Worth a look"), *(lines or [calm])]


def _unused(key: KeySummary, now: datetime) -> bool:
    return now - max(filter(None, (key.last_used, key.created))) > UNUSED


def _protection(status: EngineStatus | None) -> list[Line]:
    if status is None:
        return []
    said = []
    if status.rollback_protection == "none" and not status.training:
        said.append(("rollback protection: none", "settings protection"))
    if "without" in status.memory_protection:
        said.append((status.memory_protection, "settings protection"))
    return [
        Line(text.template("      [$warn]▲[/] $what", what=what), target) for what, target in said
    ]


def last_calls(picture: Picture, count: int) -> list[Line]:
    """List the last calls that did something."""
    lines = [heading("Last calls")]
    for event in picture.calls[:count]:
        label = event.label(picture.naming)
        ago = timefmt.ago(event.when, picture.now).removesuffix(" ago")
        mark = text.literal("✗", "$danger") if event.error else text.literal("✓", "$ok")
        lines.append(
            Line(
                text.join(
                    [
                        text.content_fit(text.literal(ago, "$muted"), 6, "right"),
                        mark,
                        text.content_fit(text.literal(event.name), _EVENT_CELLS),
                        name(picture, label) if label else text.literal(""),
                        text.literal(event.error, "$danger"),
                    ],
                    " ",
                ),
                f"event {event.sequence}",
            )
        )
    if not picture.calls:
        lines.append(Line(text.literal("      Nothing yet.", "$muted")))
    lines.append(Line(text.literal("       every call…", "$muted"), "trail"))
    return lines


def first_steps() -> list[Line]:
    """Say how to begin, in a keystore that has no keys."""
    steps = (
        ("Create a key", "an alias and enter are enough", "create"),
        ("Export a backup", "a sealed copy, proven to open", "backup"),
        ("Set the naming rule", "how aliases are named here", "settings console"),
        ("See what is recorded", "every call, allowed or refused", "trail"),
        ("Look at a year of keys", "`kmstui demo` opens one to play with", ""),
    )
    return [
        heading("First steps"),
        *(
            Line(
                text.join(
                    [
                        text.literal(f"{number:>{_NUMBER_CELLS}}", "$key-accent"),
                        text.content_fit(text.literal(title), 24),
                        text.literal(about, "$muted"),
                    ],
                    " ",
                ),
                target,
            )
            for number, (title, about, target) in enumerate(steps, start=1)
        ),
    ]


def columns(picture: Picture, *, wide: bool, rows: int) -> tuple[list[Line], list[Line]]:
    """Lay everything out: in two columns if there is room, else in one.

    Args:
        picture: What was read.
        wide: Whether there is room for two columns.
        rows: Rows of one column.
    """
    if not picture.keys and picture.complete:
        left = [*first_steps(), BLANK, *attention(picture)]
    else:
        left = [*attention(picture), BLANK, *coming(picture), BLANK, *states(picture)]
    if wide:
        return left, last_calls(picture, max(rows - 2, 1))
    return [*left, BLANK, *last_calls(picture, 8)], []
