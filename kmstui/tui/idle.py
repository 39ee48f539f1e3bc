"""How long nobody has touched the console. Pure, on the injected host clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmstui.core.clock import HostClock

WARNING = 60.0
"""Seconds before the lock from which the status strip counts down."""

IDLE_SETTING = "idle-lock-minutes"
"""The keystore's setting that says after how many minutes; 0 for never."""


class IdleTimer:
    """Counts from the last key or click, on boot time, so that suspending the machine counts.

    Args:
        clock: Host time.
        limit: How long until the console locks; None never.
    """

    def __init__(self, clock: HostClock, limit: timedelta | None) -> None:
        self._clock = clock
        self._limit = limit
        self._touched = clock.boot()

    def limit_to(self, minutes: int) -> None:
        """Lock after so many minutes from now on; never if 0."""
        self._limit = timedelta(minutes=minutes) if minutes else None

    @property
    def minutes(self) -> int:
        """Minutes until the console locks; 0 if it never does."""
        return int(self._limit.total_seconds() // 60) if self._limit is not None else 0

    def touch(self) -> None:
        """Start counting anew."""
        self._touched = self._clock.boot()

    @property
    def left(self) -> float | None:
        """Seconds until the lock, not below 0; None if it never comes."""
        if self._limit is None:
            return None
        return max(self._limit.total_seconds() - (self._clock.boot() - self._touched), 0.0)

    @property
    def warning(self) -> str:
        """What the status strip says in the last minute; empty before."""
        left = self.left
        return "" if left is None or left > WARNING else f"locks in {left:.0f} s"

    @property
    def reason(self) -> str:
        """What the lock screen says afterwards."""
        unit = "minute" if self.minutes == 1 else "minutes"
        return f"Locked after {self.minutes} {unit} without a key."
