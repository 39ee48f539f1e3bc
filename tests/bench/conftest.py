"""Keystores of few and of many keys, and a way to say what was measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.helpers.engines import ACCOUNT, REGION, Bench
from tests.helpers.keystores import key_id, make_key

MANY = 100_000
_AT_ONCE = 10_000
_TEAMS = ("payments", "platform", "identity", "fleet", "analytics")
_ENVIRONMENTS = ("prod", "stage", "dev", "test")

Say: TypeAlias = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Return a printer that pytest does not capture."""

    def printer(line: str) -> None:
        with capsys.disabled():
            print(f"\n    {line}", end="", flush=True)  # noqa: T201 - figures are what a bench is for

    return printer


@pytest.fixture
def record_property(
    record_property: Callable[[str, object], None], say: Say
) -> Callable[[str, object], None]:
    """Print what is recorded, too."""

    def both(name: str, value: object) -> None:
        record_property(name, value)
        say(f"{name}: {value}")

    return both


def scatter(number: int) -> int:
    """Return an id as random as real ones: each number once, in no order."""
    return number * 2_654_435_761 % 2**32


def _fill(bench: Bench, count: int) -> None:
    for first in range(0, count, _AT_ONCE):
        keys = []
        for number in range(first, min(first + _AT_ONCE, count)):
            team = _TEAMS[number % len(_TEAMS)]
            environment = _ENVIRONMENTS[number // 7 % len(_ENVIRONMENTS)]
            alias = f"alias/{environment}-service{number}-{team}"
            keys.append(
                make_key(
                    account=ACCOUNT,
                    region=REGION,
                    key_id=key_id(scatter(number)),
                    aliases=(alias,),
                    tags=(("Owner", team), ("env", environment)),
                    policy="p" * 600,
                )
            )
        bench.store(*keys)


def _made(base: Path, count: int) -> Bench:
    base.chmod(0o700)
    bench = Bench.make(base)
    _fill(bench, count)
    bench.close()
    return bench


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return a closed keystore without keys."""
    return _made(tmp_path_factory.mktemp("empty"), 0)


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return a closed keystore of 100,000 keys, each with an alias and two tags."""
    return _made(tmp_path_factory.mktemp("full"), MANY)
