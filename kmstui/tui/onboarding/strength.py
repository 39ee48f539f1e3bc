"""How strong a new passphrase is, as a meter that is more than a colour. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmstui.tui import text
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.core.passphrase import Strength

_CELLS = 5
"""Cells of the meter: one for each score, 0 to 4."""


def meter(strength: Strength) -> Content:
    """Draw the judgement on a passphrase: ``━━━━─ strong``, and what would make it better."""
    role = "$ok" if strength.accepted else "$warn"
    full = strength.score + 1
    bar = text.literal("━" * full, role) + text.literal("━" * (_CELLS - full), "$faint")
    mark = "✓" if strength.accepted else "✗"
    said = text.literal(f"{mark} {strength.word}", role)
    advice = text.literal(f"· {strength.advice}", "$muted") if strength.advice else None
    return text.join([bar, said, *([advice] if advice is not None else [])], " ")


def agreement(first: str, second: str) -> Content:
    """Say whether the second entry is the first; nothing while it may still become it."""
    if not second or (first != second and first.startswith(second)):
        return text.literal("")
    if first == second:
        return text.literal("✓ the same", "$ok")
    return text.literal("✗ differs from the first", "$warn")
