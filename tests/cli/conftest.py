"""A keystore for the command line to work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.program import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return an empty production keystore."""
    return Vault.make(tmp_path)
