"""Fixtures of the HSM's tests."""

from __future__ import annotations

import pytest

from kmstui.hsm.software import SoftwareHsm
from tests.helpers.hsm import provisioned


@pytest.fixture
def hsm() -> SoftwareHsm:
    """Return an unlocked HSM for the store of the tests."""
    return provisioned()[0]
