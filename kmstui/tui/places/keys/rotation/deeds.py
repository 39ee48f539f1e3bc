"""Rotating keys and changing their schedules, with the questions that takes.

Every function takes the keys it is about, so that a moved cursor under an open dialog changes
nothing, and returns the keys that changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kmstui.core.errors import UsageError
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.actions import (
    Changed,
    account_time,
    by_arn,
    call_each,
    fitting,
)
from kmstui.tui.places.keys.rotation.dialogs import Plan, RotateDialog, ScheduleDialog
from kmstui.tui.places.keys.rotation.model import (
    period_of,
    period_problem,
    unrotatable,
    unschedulable,
)
from kmstui.tui.places.keys.wording import LeftOut

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


async def rotate(
    console: KmsApp, keys: Sequence[KeySummary], skipped: Sequence[LeftOut] = ()
) -> Changed:
    """Ask, then rotate on demand.

    Args:
        console: The application; a worker must be running.
        keys: Which.
        skipped: Keys that the caller already left out, to be named.

    Raises:
        UsageError: None of them can be rotated.
    """
    keys, out = fitting(keys, unrotatable, skipped)
    _some(keys, out, "rotated")
    now, masked = account_time(console), console.masked
    if await console.ask(RotateDialog(keys, now=now, skipped=out, masked=masked)) is not True:
        return []

    def rotated(key: KeySummary, _answer: Mapping[str, Any]) -> KeySummary:
        return replace(key, on_demand=key.on_demand + 1)

    return await call_each(console, "RotateKeyOnDemand", keys, by_arn, rotated)


async def schedule(
    console: KmsApp,
    keys: Sequence[KeySummary],
    skipped: Sequence[LeftOut] = (),
    argument: str = "",
) -> Changed:
    """Ask for a period, unless one is given, and put keys on a schedule or take them off it.

    Args:
        console: The application; a worker must be running.
        keys: Which.
        skipped: Keys that the caller already left out, to be named.
        argument: Days, or ``off``; empty to ask.

    Raises:
        UsageError: None of them can be scheduled, or the argument is no period.
    """
    keys, out = fitting(keys, unschedulable, skipped)
    _some(keys, out, "put on a schedule")
    plan = _given(argument)
    if plan is None:
        now, masked = account_time(console), console.masked
        plan = await console.ask(ScheduleDialog(keys, now=now, skipped=out, masked=masked))
    if plan is None:
        return []
    if plan.days is None:
        return await _switch_off(console, [key for key in keys if key.rotation_days])
    days = plan.days

    def scheduled(key: KeySummary, _answer: Mapping[str, Any]) -> KeySummary:
        first = account_time(console) + timedelta(days=days)
        return replace(key, rotation_days=days, next_rotation=first)

    return await call_each(
        console,
        "EnableKeyRotation",
        keys,
        lambda key: {"KeyId": key.arn, "RotationPeriodInDays": days},
        scheduled,
    )


async def _switch_off(console: KmsApp, keys: Sequence[KeySummary]) -> Changed:
    def stopped(key: KeySummary, _answer: Mapping[str, Any]) -> KeySummary:
        return replace(key, rotation_days=None, next_rotation=None)

    if not keys:
        raise UsageError("Automatic rotation is off already.")
    return await call_each(console, "DisableKeyRotation", keys, by_arn, stopped)


def _given(argument: str) -> Plan | None:
    typed = argument.strip().lower()
    if not typed:
        return None
    if typed == "off":
        return Plan(None)
    days = period_of(typed)
    if days is None:
        raise UsageError(str(period_problem(typed)), hint="Write days, such as 365, or off.")
    return Plan(days)


def _some(keys: Sequence[KeySummary], out: Sequence[LeftOut], done: str) -> None:
    if keys:
        return
    if len(out) == 1:
        raise UsageError(f"This key cannot be {done}: {out[0].reason}")
    raise UsageError(
        f"None of these keys can be {done}.", hint="The Rotation view says why of each."
    )
