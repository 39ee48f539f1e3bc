"""What every test stands on: a machine of its own, and engines on cheap keystores."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from kmstui.hsm import selftest_pairs
from tests.helpers.engines import Bench

MakeBench: TypeAlias = Callable[..., Bench]


@pytest.fixture(autouse=True)
def own_machine(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Give each test UTC and a home directory that is nobody's."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TZ", "UTC")
    for name in ("CONFIG", "DATA", "STATE", "CACHE", "RUNTIME"):
        variable = "XDG_RUNTIME_DIR" if name == "RUNTIME" else f"XDG_{name}_HOME"
        monkeypatch.setenv(variable, str(home / name.lower()))
    for name in ("KMSTUI_KEYSTORE", "KMSTUI_PASSPHRASE_FILE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    yield home
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def quick_self_test(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Try key pairs only in the HSM's own tests: each engine would spend 10 ms on it."""
    if "hsm" not in request.path.parts:
        monkeypatch.setattr(selftest_pairs, "TESTS", ())


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[MakeBench]:
    """Return a maker of engines, each in a directory of its own; all are closed at the end."""
    made: list[Bench] = []

    def make(**options: Any) -> Bench:
        base = tmp_path / f"bench-{len(made)}"
        base.mkdir(mode=0o700)
        bench = Bench.make(base, **options)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Return a production keystore with its root user signed in."""
    return make_bench()


@pytest.fixture
def training(make_bench: MakeBench) -> Bench:
    """Return a training keystore with its root user signed in."""
    return make_bench(training=True)
