"""A small account, made for each test of Access."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.access_account import AccessAccount


@pytest.fixture
def account(tmp_path: Path) -> Iterator[AccessAccount]:
    """Return an account of one's own."""
    tmp_path.chmod(0o700)
    made = AccessAccount.make(tmp_path)
    yield made
    made.bench.close()
