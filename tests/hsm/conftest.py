"""Fixtures of the HSM's tests."""

from __future__ import annotations

import pytest

from kmstui.hsm.software import SoftwareHsm
from tests.helpers.hsm import provisioned
from tests.hsm.keypairs import Keys, make_keys


@pytest.fixture
def hsm() -> SoftwareHsm:
    """Return an unlocked HSM for the store of the tests."""
    return provisioned()[0]


@pytest.fixture(scope="session")
def shared() -> SoftwareHsm:
    """Return an unlocked HSM that tests share because its keys take time to make."""
    return provisioned()[0]


@pytest.fixture(scope="session")
def keys(shared: SoftwareHsm) -> Keys:
    """Return a key of every spec and usage in the shared HSM."""
    return make_keys(shared)
