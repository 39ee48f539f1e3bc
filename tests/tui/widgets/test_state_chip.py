"""Key states as glyph and word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from kmstui.tui.themes import ROLES
from kmstui.tui.widgets.state_chip import (
    KEY_STATES,
    countdown_chip,
    look,
    state_cell,
    state_chip,
    state_glyph,
)
from tests.helpers.hostile import FORBIDDEN, HOSTILE

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
DELETION = NOW + timedelta(days=6, hours=3, minutes=12, seconds=44)


def test_told_apart_without_colour() -> None:
    """No two states have the same glyph and word."""
    assert len({state_chip(state).plain for state in KEY_STATES}) == len(KEY_STATES)


@pytest.mark.parametrize("state", KEY_STATES)
def test_looks(state: str) -> None:
    """Each has a glyph of one cell and a colour role that exists."""
    assert cell_len(look(state).glyph) == 1
    assert look(state).role in ROLES
    assert state_glyph(state).plain == look(state).glyph


@pytest.mark.parametrize("state", HOSTILE)
def test_unknown(state: str) -> None:
    """A state that is not known is shown by its name, safely."""
    assert state_chip(state).plain.startswith("? ")
    assert FORBIDDEN.search(state_chip(state).plain) is None


def test_cell() -> None:
    """A key pending deletion shows the time it has left, every other its state."""
    assert state_cell("PendingDeletion", DELETION, NOW).plain == "◑ deletes in 6 d 3 h"
    assert state_cell("PendingDeletion", None, NOW).plain == "◑ pending deletion"
    assert state_cell("Enabled", DELETION, NOW).plain == "● enabled"


def test_countdown() -> None:
    """A countdown tells what is left to the second and when it ends."""
    expected = "◑ 6 d 03:12:44 · 2026-01-21 12:12 UTC"
    assert countdown_chip(DELETION, NOW).plain == expected
