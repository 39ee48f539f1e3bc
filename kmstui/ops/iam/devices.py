"""One-time codes on trial: whose device it is, how often one may guess, what is remembered.

Everything here runs on host time; account time can be moved. What has been tried is part of the
call's change, so it is durable before the answer, also when the answer is a refusal. A principal's
devices share one count: more devices do not mean more guesses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from kmstui.core.arn import Arn, root_arn
from kmstui.core.errors import (
    InvalidAuthenticationCodeException,
    KmsError,
    MfaDisabledError,
    NoSuchEntityException,
    ThrottlingException,
    ValidationException,
)
from kmstui.hsm.base import TotpBinding
from kmstui.keystore import MfaDeviceRecord
from kmstui.ops.call import Call
from kmstui.ops.iam.resolve import reads, user_name

ROOT_NAME: Final = "root"
"""What the root user calls itself where AWS wants a UserName."""

STEP_SECONDS: Final = 30
"""Length of a time step, from the Unix epoch (RFC 6238)."""

FREE_FAILURES: Final = 5
"""Wrong codes in a row after which one has to wait."""

FIRST_LOCK: Final = timedelta(seconds=30)
"""The first wait; each further wrong code doubles it."""

LONGEST_LOCK: Final = timedelta(minutes=15)
"""The longest wait."""

LAST_FAILURE: Final = 100
"""Wrong codes in a row that disable a principal's devices until a recovery code is used."""


def step_of(moment: datetime) -> int:
    """Return the time step of a moment."""
    return int(moment.timestamp()) // STEP_SECONDS


def binding_of(device: MfaDeviceRecord) -> TotpBinding:
    """Return what a device's secret is sealed to."""
    return TotpBinding(device.account, device.arn, demo=device.demo)


def named_owner(call: Call) -> str:
    """Return the ARN of the principal that a call is about: the named user, or the caller.

    Raises:
        NoSuchEntityException: There is no such user.
        ValidationException: None is named and the caller is not a user.
    """
    name = user_name(call)
    user = reads(call).user(call.caller.account, name)
    if user is not None:
        return user.arn
    if call.caller.is_root and name == ROOT_NAME:
        return root_arn(call.caller.account)
    raise NoSuchEntityException(f"The user with name {name} cannot be found.")


def devices_of(call: Call, principal: str) -> tuple[MfaDeviceRecord, ...]:
    """Return the devices that are enabled for a principal."""
    return reads(call).mfa_devices(Arn.parse(principal).account, owner=principal)


def find_device(call: Call, serial: str) -> MfaDeviceRecord:
    """Return a device of the caller's account.

    Raises:
        NoSuchEntityException: There is none.
    """
    try:
        account = Arn.parse(serial).account
    except ValueError:
        account = ""
    found = reads(call).mfa_device(serial) if account == call.caller.account else None
    if found is None or found.arn != serial:
        raise NoSuchEntityException(
            f"VirtualMFADevice with serial number {serial} does not exist."
        )
    return found


def failures_of(devices: Sequence[MfaDeviceRecord]) -> int:
    """Return the wrong codes in a row of devices that share a count."""
    return sum(device.failures for device in devices)


def locked_until(devices: Sequence[MfaDeviceRecord], now: datetime) -> datetime | None:
    """Return the host time until which no code is looked at, if there is such a time.

    A wait longer than the longest there is comes from a clock that was set back, and is over.
    """
    ends = [device.locked_until for device in devices if device.locked_until is not None]
    end = max(ends, default=now)
    return end if now < end <= now + LONGEST_LOCK else None


def tries_left(devices: Sequence[MfaDeviceRecord], now: datetime) -> int:
    """Return how many codes may be tried before the next wait."""
    if locked_until(devices, now) is not None or any(device.disabled for device in devices):
        return 0
    return max(1, FREE_FAILURES - failures_of(devices))


def lock_after(failures: int) -> timedelta | None:
    """Return how long to wait after so many wrong codes in a row, if at all."""
    if failures < FREE_FAILURES:
        return None
    doublings = min(failures - FREE_FAILURES, 10)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


def require_open(call: Call, devices: Sequence[MfaDeviceRecord]) -> None:
    """Refuse before a code is looked at, if that has to wait.

    Raises:
        MfaDisabledError: Too many codes were wrong.
        ThrottlingException: The wait is not over.
    """
    if any(device.disabled for device in devices):
        raise MfaDisabledError(f"MFA is disabled after {LAST_FAILURE} wrong codes in a row.")
    now = call.services.host_now()
    end = locked_until(devices, now)
    if end is not None:
        seconds = -(-(end - now) // timedelta(seconds=1))
        raise ThrottlingException(
            f"Too many wrong MFA codes: the next one is looked at in {seconds} seconds.",
            hint="Wait, or use a recovery code.",
        )


def accept(
    call: Call,
    device: MfaDeviceRecord,
    sharing: Sequence[MfaDeviceRecord],
    step: int,
) -> MfaDeviceRecord:
    """Remember that a device's code of a step was right; return the device as it is then.

    Args:
        call: The call that brought the code.
        device: The device.
        sharing: The devices that share its count, itself possibly among them.
        step: The step, which is never accepted again.
    """
    for other in sharing:
        if other.arn != device.arn and (other.failures or other.locked_until):
            call.writer.put_mfa_device(replace(other, failures=0, locked_until=None))
    accepted = replace(device, last_step=step, failures=0, locked_until=None)
    call.writer.put_mfa_device(accepted)
    return accepted


def refuse(
    call: Call,
    device: MfaDeviceRecord,
    sharing: Sequence[MfaDeviceRecord],
    message: str,
) -> None:
    """Count a wrong code, and have the call refused once the count is durable.

    Args:
        call: The call that brought the code.
        device: The device that it is not of.
        sharing: The devices that share its count, itself possibly among them.
        message: AWS's text for the refusal.
    """
    others = [other for other in sharing if other.arn != device.arn]
    failures = failures_of((device, *others)) + 1
    wait, disabled = lock_after(failures), failures >= LAST_FAILURE
    end = None if wait is None else call.services.host_now() + wait
    failed = replace(device, failures=device.failures + 1, locked_until=end, disabled=disabled)
    call.writer.put_mfa_device(failed)
    if disabled:
        for other in others:
            call.writer.put_mfa_device(replace(other, disabled=True))
    call.refused = _wrong(message, failures, wait)


def _wrong(message: str, failures: int, wait: timedelta | None) -> KmsError:
    if failures >= LAST_FAILURE:
        hint = "MFA is disabled now; use a recovery code."
    elif wait is not None:
        hint = f"Wait {int(wait.total_seconds())} seconds, or use a recovery code."
    else:
        left = FREE_FAILURES - failures
        hint = f"{left} {'try' if left == 1 else 'tries'} left before a wait."
    return InvalidAuthenticationCodeException(message, hint=hint)


def try_code(call: Call, serial: str, code: str) -> bool:
    """Judge a code of one of the devices of the user behind the session.

    When it is wrong the call is refused, once that has been counted durably.

    Args:
        call: A mutating call.
        serial: The device's serial number; empty for the only one.
        code: As it was typed.

    Raises:
        NoSuchEntityException: The user has no such device, or none.
        ValidationException: There are several, and none is named.
        MfaDisabledError: Too many codes were wrong.
        ThrottlingException: Too many codes were wrong lately; this one was not looked at.
    """
    devices = devices_of(call, call.standing.origin)
    device = own_device(call, devices, serial)
    require_open(call, devices)
    now = step_of(call.services.host_now())
    step = call.services.hsm.totp_verify(
        device.token,
        binding_of(device),
        code,
        step_now=now + device.drift,
        last_step=device.last_step,
    )
    if step is None:
        message = "MultiFactorAuthentication failed with invalid MFA one time pass code."
        refuse(call, device, devices, message)
        return False
    accept(call, device, devices, step)
    return True


def own_device(call: Call, devices: Sequence[MfaDeviceRecord], serial: str) -> MfaDeviceRecord:
    """Return the named one of a user's devices, or the only one.

    Raises:
        NoSuchEntityException: There is none.
        ValidationException: There are several, and none is named.
    """
    named = [device for device in devices if serial in {"", device.arn}]
    if not named:
        what = f"MFA device {serial}" if serial else "MFA device"
        raise NoSuchEntityException(
            f"{call.standing.origin} has no enabled {what}.", hint="Enrol one first."
        )
    if len(named) > 1:
        serials = ", ".join(device.arn for device in named)
        raise ValidationException(
            "SerialNumber is needed: there are several MFA devices.", hint=f"One of: {serials}."
        )
    return named[0]
