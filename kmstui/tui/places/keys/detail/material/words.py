"""Putting a version of key material into words. Pure: the caller says what time it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from kmstui.tui import text, timefmt
from kmstui.tui.places.keys.detail.material.versions import (
    CURRENT,
    ON_ITS_WAY,
    WAITING,
    Version,
)
from kmstui.tui.text import Content

SHORT = 12
"""Digits of a material id that tell a key's versions apart."""

SOON = timedelta(days=14)
"""How long before its end an expiry is a warning."""

ORIGINS = {
    "AWS_KMS": "made inside the HSM; it has never been outside",
    "EXTERNAL": "imported",
    "AWS_CLOUDHSM": "made in a CloudHSM cluster",
    "EXTERNAL_KEY_STORE": "kept in an external key store",
}

_ROTATED = {"AUTOMATIC": "by schedule", "ON_DEMAND": "by hand"}


def state_chip(version: Version) -> Content:
    """Write what a version does, with a glyph and a word."""
    if version.missing:
        return text.literal("✗ missing", "bold $danger")
    if version.state == CURRENT:
        return text.literal("● current", "$state-enabled")
    if version.state == WAITING:
        return text.literal("◌ waits for O", "$warn")
    if version.state == ON_ITS_WAY:
        return text.literal("◌ for replicas", "$warn")
    return text.literal("○ decrypts", "$muted")


def purpose(version: Version) -> str:
    """Say in a sentence what a version is for."""
    if version.missing:
        return "It is not here. Until the same bytes are imported again the key cannot be used."
    if version.state == CURRENT:
        return "Encrypts, and decrypts what it encrypted."
    if version.state == WAITING:
        return "Imported, and not in use yet: O rotates to it. It can be deleted without loss."
    if version.state == ON_ITS_WAY:
        return "Not in every replica yet: import it in each Region, then O rotates to it."
    return "Decrypts what it encrypted; it never encrypts again."


def since(version: Version, now: datetime | None = None) -> Content:
    """Write since when a version is, and if it is known what time it is, also how it came."""
    if version.since is None:
        return text.literal("imported" if version.imported else "", "$muted")
    if now is None:
        return text.literal(timefmt.day(version.since))
    return text.template(
        "$day [$muted]· $ago, $how[/]",
        day=timefmt.stamp(version.since),
        ago=timefmt.ago(version.since, now),
        how=_ROTATED.get(version.rotation, "with the key"),
    )


def expiry(version: Version, now: datetime, *, long: bool = False) -> Content:
    """Write what is left of a version's time and when it ends."""
    if not version.imported:
        return text.literal("never", "$muted")
    if version.missing:
        return text.literal("", "")
    if version.expires is None:
        return text.literal("does not expire" if long else "never", "$muted")
    left = version.expires - now
    style = "$danger" if left <= timedelta(0) else "$warn" if left <= SOON else ""
    when = timefmt.stamp(version.expires) if long else timefmt.day(version.expires)
    return text.template(
        "$left [$muted]· $when[/]",
        left=text.literal(_left(left, long=long), style),
        when=when,
    )


def _left(left: timedelta, *, long: bool) -> str:
    seconds = left.total_seconds()
    return f"in {timefmt.span(seconds, 2 if long else 1)}" if seconds > 0 else "due"


def deletion_warning(version: Version, others: int) -> str:
    """Say what stops when a version is deleted.

    Args:
        version: Which.
        others: How many more versions belong to the key.
    """
    if not version.associated:
        return "It is not in use yet, so nothing stops. It can be imported again."
    more = "; what the other versions encrypted does not decrypt either" if others else ""
    return (
        "At once every use of the key is refused with KMSInvalidStateException" + more + ". "
        "Nothing is lost for good as long as somebody has the same bytes: importing them again "
        "brings everything back. Without them it never decrypts."
    )
