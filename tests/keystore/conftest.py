"""A place for a keystore in every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.keystores import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where a keystore can be made."""
    return Place(tmp_path)
