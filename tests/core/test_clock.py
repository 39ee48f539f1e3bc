"""The two clocks: account time neither runs back nor freezes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.core.clock import AccountClock, FakeClock, SystemClock
from kmstui.core.errors import ClockError, NotTrainingError

START = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
STEPS = [timedelta(seconds=1), timedelta(hours=1), timedelta(days=30)]


def clocks(*, training: bool = False, mark: datetime = START) -> tuple[FakeClock, AccountClock]:
    """Return a host clock and an account clock on it."""
    host = FakeClock(START)
    return host, AccountClock(host, mark, training=training)


def test_account_time_follows_the_wall_clock() -> None:
    """In a production keystore both advance together."""
    host, clock = clocks()
    host.advance(DAY)
    assert clock.now() == START + DAY
    host.advance(1.5)
    assert clock.now() == START + DAY + timedelta(seconds=1.5)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_back_does_not_move_account_time(step: timedelta) -> None:
    """It goes on with the boot clock, and says how far the wall clock is behind."""
    host, clock = clocks()
    host.advance(DAY)
    clock.now()
    host.step_wall(-step)
    assert clock.now() == START + DAY
    assert clock.behind() == step
    host.advance(60)
    assert clock.now() == START + DAY + timedelta(seconds=60)
    host.step_wall(step)
    assert clock.now() == START + DAY + timedelta(seconds=60)
    assert clock.behind() == timedelta(0)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_forward_moves_account_time_for_good(step: timedelta) -> None:
    """Production time follows a jump, and does not come back with it."""
    host, clock = clocks()
    host.step_wall(step)
    assert clock.now() == START + step
    host.step_wall(-step)
    assert clock.now() == START + step


def test_the_mark_of_the_keystore_is_a_floor() -> None:
    """A keystore that has seen a later time goes on from there."""
    host, clock = clocks(mark=START + 10 * DAY)
    assert clock.now() == START + 10 * DAY
    assert clock.behind() == 10 * DAY
    host.advance(DAY)
    assert clock.now() == START + 11 * DAY


@pytest.mark.parametrize("training", [False, True])
def test_a_reboot_does_not_freeze_or_reverse(training: bool) -> None:
    """A boot clock that starts anew adds nothing, and counts from there."""
    host, clock = clocks(training=training)
    host.advance(DAY)
    before = clock.now()
    host.reboot()
    assert before == clock.now()
    host.advance(10)
    assert before + timedelta(seconds=10) == clock.now()


def test_training_time_ignores_the_wall_clock() -> None:
    """It follows the boot clock alone, and is never behind."""
    host, clock = clocks(training=True, mark=START - 30 * DAY)
    assert clock.now() == START - 30 * DAY
    host.step_wall(100 * DAY)
    assert clock.now() == START - 30 * DAY
    host.advance(DAY)
    assert clock.now() == START - 29 * DAY
    assert (clock.behind(), clock.training) == (timedelta(0), True)


def test_training_time_is_warped_and_reset() -> None:
    """It moves forward on command, and back only to a checkpoint."""
    _, clock = clocks(training=True)
    assert clock.warp(8 * DAY) == START + 8 * DAY
    assert clock.now() == START + 8 * DAY
    clock.reset(START)
    assert clock.now() == START


@pytest.mark.parametrize(
    "by", [timedelta(0), timedelta(seconds=-1), -DAY, timedelta(days=365 * 8000)]
)
def test_impossible_warps_are_refused(by: timedelta) -> None:
    """Time moves forward, and stays in the calendar."""
    _, clock = clocks(training=True)
    with pytest.raises(ClockError):
        clock.warp(by)
    assert clock.now() == START


def test_production_time_is_nobodys_to_move() -> None:
    """Warp and reset exist in training only."""
    _, clock = clocks()
    with pytest.raises(NotTrainingError):
        clock.warp(DAY)
    with pytest.raises(NotTrainingError):
        clock.reset(START)


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.integers(0, 10**7)),
        st.tuples(st.just("step"), st.integers(-(10**8), 10**8)),
        st.tuples(st.just("reboot"), st.just(0)),
    ),
    max_size=20,
)


@given(MOVES, st.booleans())
def test_account_time_never_runs_back(moves: list[tuple[str, int]], training: bool) -> None:
    """Whatever the host's clocks do; and it advances by at least what the boot clock does."""
    host, clock = clocks(training=training)
    last = clock.now()
    for kind, seconds in moves:
        if kind == "advance":
            host.advance(seconds)
        elif kind == "step":
            host.step_wall(timedelta(seconds=seconds))
        else:
            host.reboot()
        now = clock.now()
        assert now >= last + (timedelta(seconds=seconds) if kind == "advance" else timedelta(0))
        last = now


def test_the_system_clock_is_aware_and_runs() -> None:
    """Wall time is UTC; boot time does not run back."""
    clock = SystemClock()
    first = clock.boot()
    assert clock.wall().tzinfo is UTC
    assert abs(clock.wall().timestamp() - time.time()) < 60
    assert clock.boot() >= first > 0
