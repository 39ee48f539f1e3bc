"""The two clocks: host time, and the account time that waiting periods run on.

Host time is the machine's and is never shifted. Account time neither runs back nor freezes: it
is the later of the wall clock and *the last time seen plus the boot time elapsed since*. In a
training keystore account time stands still while the keystore is closed and can be moved forward.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from kmstui.core.errors import ClockError, NotTrainingError

_RESOLUTION = 0.0005
"""Seconds within which the last answer is still right: half of a millisecond."""

BACKWARDS_ALARM = timedelta(seconds=60)
"""A wall clock this far behind account time is reported."""


class HostClock(Protocol):
    """The machine's time."""

    def wall(self) -> datetime:
        """Return the wall clock, aware, UTC."""

    def boot(self) -> float:
        """Return the seconds since boot, suspend included; it never runs back."""


class SystemClock:
    """The host clock of the operating system."""

    def wall(self) -> datetime:
        """Return the wall clock, aware, UTC."""
        return datetime.now(UTC)

    def boot(self) -> float:
        """Return the seconds since boot, suspend included."""
        return time.clock_gettime(_BOOT_CLOCK)


_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class FakeClock:
    """A host clock that moves only when told to.

    Args:
        start: The wall clock's first reading, aware, UTC.
        boot: The boot clock's first reading, in seconds.
    """

    def __init__(self, start: datetime, boot: float = 1_000.0) -> None:
        self._wall = start
        self._boot = boot

    def wall(self) -> datetime:
        """Return the wall clock."""
        return self._wall

    def boot(self) -> float:
        """Return the seconds since boot."""
        return self._boot

    def advance(self, by: float | timedelta) -> None:
        """Let time pass on both clocks; ``by`` is in seconds or a timedelta."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        self._wall += step
        self._boot += step.total_seconds()

    def step_wall(self, by: timedelta) -> None:
        """Step the wall clock alone, as NTP or a person would."""
        self._wall += by

    def reboot(self) -> None:
        """Start the boot clock anew."""
        self._boot = 0.0


class AccountClock:
    """Account time, protected against a wall clock that runs back.

    Args:
        host: The machine's clocks.
        mark: The last account time that the keystore has seen, aware, UTC.
        training: Whether account time follows the boot clock alone and may be moved forward.
    """

    def __init__(self, host: HostClock, mark: datetime, *, training: bool) -> None:
        self._host = host
        self._training = training
        self._seen = mark
        self._seen_boot = host.boot()
        self._shown: tuple[float, datetime] | None = None
        self._lock = threading.Lock()

    @property
    def training(self) -> bool:
        """Whether this clock can be moved."""
        return self._training

    def now(self) -> datetime:
        """Return account time to the millisecond, as AWS answers times.

        Aware, UTC; never earlier than any answer before, unless the clock was reset.
        """
        shown = self._shown
        if shown is not None and 0.0 <= self._host.boot() - shown[0] < _RESOLUTION:
            return shown[1]
        with self._lock:
            boot = self._host.boot()
            elapsed = boot - self._seen_boot
            now = self._seen + timedelta(seconds=max(0.0, elapsed))
            if not self._training:
                now = max(now, self._host.wall())
            self._seen = now
            self._seen_boot = boot
            answer = now.replace(microsecond=now.microsecond // 1000 * 1000)
            self._shown = (boot, answer)
            return answer

    def warp(self, by: timedelta) -> datetime:
        """Move account time forward and return it.

        Raises:
            NotTrainingError: This is not a training keystore.
            ClockError: ``by`` is not positive, or leads past the year 9000.
        """
        if not self._training:
            raise NotTrainingError("account time can be moved in training keystores only")
        if by <= timedelta(0):
            raise ClockError("account time moves forward only", hint="Restore a checkpoint.")
        now = self.now()
        if by.days > (9000 - now.year) * 365:
            raise ClockError("account time would leave the calendar")
        with self._lock:
            self._seen += by
            self._shown = None
        return self.now()

    def reset(self, mark: datetime) -> None:
        """Set account time, as restoring a checkpoint does.

        Raises:
            NotTrainingError: This is not a training keystore.
        """
        if not self._training:
            raise NotTrainingError("account time can be set in training keystores only")
        with self._lock:
            self._seen = mark
            self._seen_boot = self._host.boot()
            self._shown = None

    def behind(self) -> timedelta:
        """Return how far the wall clock is behind account time; zero if it is not."""
        if self._training:
            return timedelta(0)
        return max(timedelta(0), self.now() - self._host.wall())
