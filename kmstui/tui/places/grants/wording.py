"""How the place puts what its grants add up to, and that there are none, into words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.places.grants.model import GrantRow
from kmstui.tui.text import Content


def _with_hint(said: Content, hint: str) -> Content:
    return text.lines(said, text.literal(""), text.literal(hint, "$muted"))


NO_MATCH = _with_hint(text.literal("No grant matches the filter."), "esc clears it")
"""Stands in place of rows when a filter lets none through."""


def totals(rows: Sequence[GrantRow], orphans: int, *, reading: bool) -> Content:
    """Say in one line how many grants there are, on how many keys, and what is wrong with some."""
    if reading and not rows:
        return text.literal("Reading grants…", "$muted")
    unbounded = sum(1 for row in rows if not row.constrained)
    parts = [
        text.plural(len(rows), "grant"),
        text.plural(len({row.key_arn for row in rows}), "key"),
        text.plural(len({row.grantee for row in rows}), "grantee"),
        text.literal(f"{unbounded:,} unconstrained", "$warn" if unbounded else "$muted"),
        text.literal(f"{orphans:,} orphaned", "$warn" if orphans else "$muted"),
    ]
    return text.join(parts, "  ·  ")


def refused(error: KmsError) -> Content:
    """Say why there is nothing to show."""
    said = text.literal(error.message or error.code, "$danger")
    return _with_hint(said, error.hint or "f5 reads again")


def none_of(what: str, others: bool) -> Content:
    """Say that there is no grant of a kind, or none at all.

    Args:
        what: The kind.
        others: Whether there are grants of another kind.
    """
    if others:
        return text.literal(f"✓ No grant is {what}.", "$ok")
    said = text.literal("There are no grants in this account and Region.")
    return _with_hint(said, "n makes one: permission for one principal, to use one key")
