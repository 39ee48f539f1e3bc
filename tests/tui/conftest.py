"""What every test of the console stands on."""

from __future__ import annotations

import pytest

from tests._textual_private import freeze_cursors, quicken_pilot, share_stylesheets


@pytest.fixture(autouse=True)
def steady_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every run paint the same: true colour, cursors that do not blink, a quick pilot."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    quicken_pilot(monkeypatch)
    share_stylesheets(monkeypatch)
    freeze_cursors(monkeypatch)
