"""The showroom: the demo account, built anew for each run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests._textual_private import freeze_cursors, quicken_pilot, share_stylesheets
from tests.helpers.showroom import Showroom


@pytest.fixture(autouse=True)
def steady_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every run paint the same: true colour, cursors that do not blink, a quick pilot."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    quicken_pilot(monkeypatch)
    share_stylesheets(monkeypatch)
    freeze_cursors(monkeypatch)


@pytest.fixture(scope="session")
def built_showroom(tmp_path_factory: pytest.TempPathFactory) -> Showroom:
    """Return a showroom that nobody may change."""
    return Showroom.build(tmp_path_factory.mktemp("showroom"))


@pytest.fixture
def showroom(built_showroom: Showroom, tmp_path: Path) -> Showroom:
    """Return a showroom of one's own."""
    return built_showroom.copy(tmp_path / "room")
