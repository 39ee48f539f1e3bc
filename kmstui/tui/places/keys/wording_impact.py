"""What a change to some keys would break, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kmstui.tui import text
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.wording import aliases_of, last_use, names
from kmstui.tui.text import Content

RECENT = timedelta(days=30)
"""A key used within this long is called in use."""


def last_use_of(keys: Sequence[KeySummary], now: datetime, *, masked: bool) -> Content:
    """Say when keys were last used; those used lately are a warning."""
    used = sorted(
        (key for key in keys if key.last_used is not None),
        key=lambda key: key.last_used or now,
        reverse=True,
    )
    recent = [key for key in used if key.last_used is not None and now - key.last_used < RECENT]
    if len(keys) == 1:
        said = last_use(keys[0], now)
        return said.stylize("$warn") if recent else said
    if not used:
        return text.literal("none of them was ever used", "$muted")
    if not recent:
        return text.template(
            "none of them in $days days; the latest was $use",
            days=RECENT.days,
            use=last_use(used[0], now),
        )
    return text.template(
        "[$warn]$count of $all in $days days:[/] $names",
        count=f"{len(recent):,}",
        all=f"{len(keys):,}",
        days=RECENT.days,
        names=names([key.label for key in recent], masked=masked),
    )


def vanishing_aliases(keys: Sequence[KeySummary], *, masked: bool) -> Content:
    """Name the aliases that go with keys."""
    aliases = aliases_of(keys)
    if not aliases:
        return text.literal("there is none", "$muted")
    return text.template(
        "$names [$muted]$verb with $them[/]",
        names=names(aliases, masked=masked),
        verb="vanishes" if len(aliases) == 1 else "vanish",
        them="it" if len(keys) == 1 else "them",
    )
