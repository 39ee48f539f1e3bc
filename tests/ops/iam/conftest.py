"""People, roles and policies that tests of IAM are about."""

from __future__ import annotations

import pytest

from tests.conftest import MakeBench
from tests.helpers.engines import Bench
from tests.helpers.iam_requests import make_identities


@pytest.fixture
def people(make_bench: MakeBench) -> Bench:
    """Return a keystore with users, groups, roles and policies; root is signed in."""
    bench = make_bench()
    make_identities(bench)
    return bench
