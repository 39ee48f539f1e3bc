"""Key states as a glyph and a word, so that they can be told apart without colour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kmstui.tui import text, timefmt
from kmstui.tui.text import Content


@dataclass(frozen=True, slots=True)
class Look:
    """How one state looks.

    Attributes:
        glyph: One cell wide.
        word: What a person reads.
        role: The colour role.
    """

    glyph: str
    word: str
    role: str

    @property
    def style(self) -> str:
        """The Textual style of the role."""
        return f"${self.role}"


_LOOKS = {
    "Creating": Look("◌", "creating", "state-unavailable"),
    "Enabled": Look("●", "enabled", "state-enabled"),
    "Disabled": Look("○", "disabled", "state-disabled"),
    "PendingDeletion": Look("◑", "pending deletion", "state-pending"),
    "PendingImport": Look("◌", "pending import", "state-unavailable"),
    "PendingReplicaDeletion": Look("◑", "replica deletion", "state-pending"),
    "Unavailable": Look("▲", "unavailable", "state-unavailable"),
    "Updating": Look("◌", "updating", "state-unavailable"),
}
_UNKNOWN = "?"

KEY_STATES = tuple(_LOOKS)
"""The states a KMS key can be in, as AWS names them."""


def look(state: str) -> Look:
    """Return how a state looks; one that is not known shows its own name behind a ``?``."""
    return _LOOKS.get(state) or Look(_UNKNOWN, state, "state-unavailable")


def state_chip(state: str) -> Content:
    """Make the chip of a key state: ``● enabled``."""
    shown = look(state)
    return text.styled(f"{shown.glyph} {shown.word}", shown.style)


def state_glyph(state: str) -> Content:
    """Make the glyph alone, for places where the word stands elsewhere in the row."""
    shown = look(state)
    return text.styled(shown.glyph, shown.style)


def state_cell(state: str, deletion: datetime | None, now: datetime) -> Content:
    """Make the state cell of a list: a key pending deletion shows the time it has left.

    Args:
        state: The key's state.
        deletion: When it will be deleted, if that is known.
        now: The account's time.
    """
    if state == "PendingDeletion" and deletion is not None:
        left = timefmt.until(deletion, now)
        shown = look(state)
        return text.styled(f"{shown.glyph} deletes {left}", shown.style)
    return state_chip(state)


def countdown_chip(deletion: datetime, now: datetime) -> Content:
    """Make a deletion's countdown to the second: ``◑ 6 d 03:12:44 · 2026-01-21 12:39 UTC``."""
    shown = look("PendingDeletion")
    left = timefmt.countdown((deletion - now).total_seconds())
    return text.template(
        f"[{shown.style}]$glyph $left[/] [$muted]· $when[/]",
        glyph=shown.glyph,
        left=left,
        when=timefmt.stamp(deletion),
    )
