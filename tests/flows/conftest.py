"""A hostile account, built once and copied for each test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests._textual_private import freeze_cursors, quicken_pilot, share_stylesheets
from tests.helpers.demo_console import Demo
from tests.helpers.engines import Bench
from tests.helpers.hostile_account import HostileAccount


@pytest.fixture(autouse=True)
def steady_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every run paint the same: true colour, cursors that do not blink, a quick pilot."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    quicken_pilot(monkeypatch)
    share_stylesheets(monkeypatch)
    freeze_cursors(monkeypatch)


@dataclass(frozen=True, slots=True)
class Planted:
    """A hostile account on disk.

    Attributes:
        store: Its keystore.
        account: What is in it.
    """

    store: Demo
    account: HostileAccount


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """Return a hostile account that nobody may change."""
    base = tmp_path_factory.mktemp("hostile")
    base.chmod(0o700)
    bench = Bench.make(base, training=True)

    def call(operation: str, members: Mapping[str, object]) -> dict[str, Any]:
        return bench.call(operation, members)

    account = HostileAccount.plant(call)
    bench.close()
    return Planted(Demo(base / "keystore", base / "anchors"), account)


@pytest.fixture
def hostile(planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Return a hostile account of one's own, in the working directory."""
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    return Planted(planted.store.copy(tmp_path), planted.account)
