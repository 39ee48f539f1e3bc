"""What every test stands on: a machine of its own, and engines on cheap keystores."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.helpers.engines import Bench
from tests.helpers.quick import quicken_self_test, share_plans

MakeBench: TypeAlias = Callable[..., Bench]

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it is for this user alone
ROOM = 4 << 30
"""Bytes that must be free in memory for what the tests write."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep what the tests write in memory, where there is room: on a disk they wait for it.

    Benches write to a disk: what it costs is what they measure.
    """
    if any("bench" in argument for argument in config.args):
        return
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK):
        free = shutil.disk_usage(MEMORY).free
        if free >= ROOM and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
            os.environ.setdefault("TMPDIR", str(MEMORY))
            tempfile.tempdir = None


def pytest_xdist_auto_num_workers() -> int | None:
    """Have three workers for two processors: a console under test waits a third of the time."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    known = hasattr(os, "sched_getaffinity")
    processors = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    return processors * 3 // 2


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return directories that are not there yet: pytest's own take time to find a number."""
    base = tmp_path_factory.mktemp("homes")
    return (base / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_machine(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test UTC and a home directory that is nobody's."""
    home = next(homes)
    home.mkdir(mode=0o700)
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
def quick_engines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start engines quickly; the whole self-test is run in the HSM's own tests only."""
    share_plans(monkeypatch)
    if "hsm" not in request.path.parts:
        quicken_self_test(monkeypatch)


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
