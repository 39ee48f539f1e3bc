"""The demo account, built once and copied for each test of a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.demo_console import Demo


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return a demo keystore that nobody may change."""
    base = tmp_path_factory.mktemp("demo")
    base.chmod(0o700)
    return Demo.build(base)


@pytest.fixture
def demo(built_demo: Demo, tmp_path: Path) -> Demo:
    """Return a demo keystore of one's own."""
    base = tmp_path / "demo"
    base.mkdir(mode=0o700)
    return built_demo.copy(base)
