"""What the trail's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where a trail goes; not there yet."""
    return tmp_path / "trail"
