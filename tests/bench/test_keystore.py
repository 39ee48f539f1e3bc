"""What the keystore costs, as ratios taken in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import pytest

from kmstui.keystore import KeyRecord, Keystore
from tests.helpers.keystores import ACCOUNT, REGION, TRAIL, Place, commit, key_id, make_key

FEW = 100
MANY = 100_000


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Place]:
    """A closed keystore of few keys and one of many."""
    made = {}
    for count in (FEW, MANY):
        made[count] = Place(tmp_path_factory.mktemp(f"keys-{count}"))
        with made[count].create(training=True) as keystore:
            for first in range(0, count, 10_000):
                with keystore.begin() as unit:
                    for number in range(first, min(first + 10_000, count)):
                        unit.put_key(_typical(number))
                    commit(unit)
    return made


def _typical(number: int) -> KeyRecord:
    return make_key(_scatter(number), policy="p" * 600)


def _scatter(number: int) -> int:
    """Ids as random as real ones: each number once, in no order."""
    return number * 2_654_435_761 % 2**32


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _commit_one(keystore: Keystore, number: int) -> None:
    with keystore.begin() as unit:
        unit.put_key(_typical(number))
        commit(unit)


def test_a_durable_write_costs_the_same_however_many_keys_there_are(
    places: dict[int, Place], record_property: Callable[[str, object], None]
) -> None:
    """One commit at 100,000 keys costs at most 1.5 times one at 100."""
    times: dict[int, list[float]] = {FEW: [], MANY: []}
    with places[FEW].unlock() as few, places[MANY].unlock() as many:
        for round_number in range(300):
            for count, keystore in ((FEW, few), (MANY, many)):
                number = round_number % FEW
                times[count].append(_seconds(partial(_commit_one, keystore, number)))
    cost = {count: median(found) for count, found in times.items()}
    record_property("commit_us", {count: round(found * 1e6) for count, found in cost.items()})
    assert cost[MANY] <= 1.5 * cost[FEW], cost


def _open_and_get(place: Place) -> None:
    with place.unlock() as keystore:
        assert keystore.key(ACCOUNT, REGION, key_id(_scatter(7))) is not None


def test_opening_and_one_key_cost_the_same_however_many_keys_there_are(
    places: dict[int, Place], record_property: Callable[[str, object], None]
) -> None:
    """Opening, unlocking and one key at 100,000 keys cost at most 1.2 times those at 100."""
    times: dict[int, list[float]] = {FEW: [], MANY: []}
    for _ in range(60):
        for count, place in places.items():
            times[count].append(_seconds(partial(_open_and_get, place)))
    cost = {count: median(found) for count, found in times.items()}
    record_property("open_ms", {count: round(found * 1e3, 2) for count, found in cost.items()})
    assert cost[MANY] <= 1.2 * cost[FEW], cost


def test_all_rows_are_verified_within_a_second(
    places: dict[int, Place], record_property: Callable[[str, object], None]
) -> None:
    """Full verification of 100,000 keys takes at most one second."""
    with places[MANY].unlock() as keystore:
        found = min(_seconds(keystore.verify) for _ in range(5))
    record_property("verify_s", round(found, 3))
    assert found <= 1.0


def test_the_first_screenful_needs_no_scan(
    places: dict[int, Place], record_property: Callable[[str, object], None]
) -> None:
    """Fifty keys in id order take under 20 ms at 100,000 keys, straight after unlock."""
    with places[MANY].unlock() as keystore:
        found = _seconds(lambda: keystore.keys(ACCOUNT, REGION, limit=50))
    record_property("screenful_ms", round(found * 1e3, 2))
    assert found <= 0.020


def test_a_warm_read_is_a_lookup(
    places: dict[int, Place], record_property: Callable[[str, object], None]
) -> None:
    """A key that was read before takes under 5 microseconds."""
    wanted = key_id(_scatter(7))
    with places[MANY].unlock() as keystore:
        keystore.key(ACCOUNT, REGION, wanted)
        found = _seconds(lambda: [keystore.key(ACCOUNT, REGION, wanted) for _ in range(10_000)])
    record_property("warm_us", round(found * 100, 2))
    assert found / 10_000 <= 5e-6


def test_a_checkpoint_and_its_restore_take_under_two_seconds(
    places: dict[int, Place], record_property: Callable[[str, object], None]
) -> None:
    """A snapshot of 100,000 keys, and a restore after some changes, are each under 2 s."""
    place = places[MANY]
    path = place.directory / "checkpoints" / "first.db"
    with place.unlock() as keystore:
        taken = _seconds(partial(keystore.snapshot_to, path))
        for number in range(20):
            _commit_one(keystore, number)
        restored = _seconds(partial(keystore.restore_from, path, trail=TRAIL))
    record_property("snapshot_s", (round(taken, 2), round(restored, 2)))
    assert max(taken, restored) <= 2.0
