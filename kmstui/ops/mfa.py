"""Signing in with a second factor, and what AWS has no API for around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from kmstui.authz.guardrail import MFA_SECONDS
from kmstui.core.arn import Arn
from kmstui.core.errors import (
    AccessDeniedException,
    InvalidAuthenticationCodeException,
    NoSuchEntityException,
    ValidationException,
)
from kmstui.core.spec import Answer, Kind, Member, operation
from kmstui.keystore import MfaDeviceRecord, RecoveryCodesRecord
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam.devices import (
    LAST_FAILURE,
    STEP_SECONDS,
    binding_of,
    devices_of,
    failures_of,
    find_device,
    locked_until,
    own_device,
    step_of,
    tries_left,
    try_code,
)
from kmstui.ops.iam.resolve import find_user
from kmstui.ops.management import own_action

_SERIAL: Final = Member(
    "SerialNumber",
    Kind.TEXT,
    minimum=9,
    maximum=256,
    pattern=r"[\w+=/:,.@-]+",
    doc="The device; may be left out if there is only one.",
)


def _check_proof(call: Call) -> None:
    if call.has("TokenCode") == call.has("RecoveryCode"):
        raise ValidationException(
            "Exactly one of TokenCode and RecoveryCode is needed.",
            hint="Give the code that the device shows, or one of the recovery codes.",
        )


@operation(
    "kmstui",
    "AuthenticateMfa",
    doc="Prove a second factor; the session counts as fresh from then on.",
    members=(
        _SERIAL,
        Member(
            "TokenCode",
            Kind.TEXT,
            maximum=64,
            sensitive=True,
            doc="Six digits, as the device shows them.",
        ),
        Member(
            "RecoveryCode", Kind.TEXT, maximum=64, sensitive=True, doc="A code; used up by this."
        ),
    ),
    answer=(Member("RecoveryCodesLeft", Kind.INTEGER),),
    needs=(),
    mutates=True,
    check=_check_proof,
    logged=("SerialNumber",),
    logged_answer=("RecoveryCodesLeft",),
    errors=(
        "InvalidAuthenticationCodeException",
        "NoSuchEntityException",
        "ThrottlingException",
        "MfaDisabledError",
    ),
)
def authenticate_mfa(call: Call) -> Answer:
    """Judge the code; whatever it is, that it was tried is durable before the answer."""
    if call.has("RecoveryCode"):
        answer = _use_recovery_code(call)
    else:
        try_code(call, call.text("SerialNumber"), call.text("TokenCode"))
        answer = {}
    if call.refused is None:
        call.afterwards.append(lambda: call.services.sessions.confirm_mfa(call))
    return answer


def _use_recovery_code(call: Call) -> Answer:
    """Use a recovery code up; it also ends waits and enables what wrong codes disabled.

    A code has 80 bits: guessing needs no wait.
    """
    principal = call.standing.origin
    codes = call.writer.recovery_codes(principal)
    kept = () if codes is None else codes.hashes
    place = call.services.hsm.mfa_recovery_find(principal, call.text("RecoveryCode"), kept)
    if codes is None or place is None:
        raise InvalidAuthenticationCodeException(
            "The recovery code is not valid.", hint="Each code can be used once."
        )
    left = kept[:place] + kept[place + 1 :]
    call.writer.put_recovery_codes(replace(codes, hashes=left))
    for device in devices_of(call, principal):
        if device.failures or device.disabled or device.locked_until:
            call.writer.put_mfa_device(
                replace(device, failures=0, locked_until=None, disabled=False)
            )
    return {"RecoveryCodesLeft": len(left)}


@operation(
    "kmstui",
    "CreateMfaRecoveryCodes",
    doc="Make new recovery codes for one's MFA; the old ones no longer work.",
    answer=(Member("RecoveryCodes", Kind.LIST, sensitive=True),),
    needs=own_action("CreateMfaRecoveryCodes"),
    mutates=True,
    critical=True,
    errors=("NoSuchEntityException",),
)
def create_mfa_recovery_codes(call: Call) -> Answer:
    """Keep the hashes of ten new codes and show the codes, this once."""
    principal = call.standing.origin
    if Arn.parse(principal).account != call.caller.account:
        raise AccessDeniedException(
            f"Recovery codes of {principal} are made in a session of its own account.",
            hint="Go back from the role first.",
        )
    if not devices_of(call, principal):
        raise NoSuchEntityException(
            f"{principal} has no enabled MFA device.", hint="Enrol one first."
        )
    made = call.services.hsm.mfa_recovery_codes(principal)
    hashes = tuple(hashed for _, hashed in made)
    call.writer.put_recovery_codes(
        RecoveryCodesRecord(principal, call.caller.account, hashes, call.now)
    )
    return {"RecoveryCodes": [code for code, _ in made]}


@operation(
    "kmstui",
    "GetMfaStatus",
    doc="Show one's MFA devices, and how codes stand.",
    answer=(
        Member("Principal", Kind.TEXT),
        Member("Devices", Kind.LIST),
        Member("Fresh", Kind.BOOLEAN),
        Member("AgeSeconds", Kind.INTEGER),
        Member("TriesLeft", Kind.INTEGER),
        Member("FailuresLeft", Kind.INTEGER),
        Member("LockedUntil", Kind.TIMESTAMP),
        Member("LockedSeconds", Kind.INTEGER),
        Member("Disabled", Kind.BOOLEAN),
        Member("RecoveryCodesLeft", Kind.INTEGER),
        Member("CodeSecondsLeft", Kind.INTEGER),
    ),
    needs=(),
    while_verifying=True,
)
def get_mfa_status(call: Call) -> Answer:
    """Return what a code prompt shows. Times are host time."""
    principal, now = call.standing.origin, call.services.host_now()
    devices = devices_of(call, principal)
    codes = call.services.keystore.recovery_codes(principal)
    answer: Answer = {
        "Principal": principal,
        "Devices": [_entry(device) for device in devices],
        "Fresh": False,
        "TriesLeft": tries_left(devices, now),
        "FailuresLeft": max(0, LAST_FAILURE - failures_of(devices)),
        "Disabled": any(device.disabled for device in devices),
        "RecoveryCodesLeft": 0 if codes is None else len(codes.hashes),
        "CodeSecondsLeft": _seconds_left(call),
    }
    age = call.standing.mfa_age(call.now)
    if age is not None:
        answer |= {"Fresh": age < MFA_SECONDS, "AgeSeconds": int(age)}
    end = locked_until(devices, now)
    if end is not None:
        seconds = -(-(end - now) // timedelta(seconds=1))
        answer |= {"LockedUntil": end, "LockedSeconds": seconds}
    return answer


def _entry(device: MfaDeviceRecord) -> dict[str, Any]:
    return {
        "SerialNumber": device.arn,
        "Name": device.name,
        "EnableDate": device.enabled,
        "Demo": device.demo,
        "Failures": device.failures,
    }


def _seconds_left(call: Call) -> int:
    return STEP_SECONDS - int(call.services.host_now().timestamp()) % STEP_SECONDS


@operation(
    "kmstui",
    "ShowDemoCode",
    doc="Show the codes of a demo authenticator.",
    members=(_SERIAL,),
    answer=(
        Member("SerialNumber", Kind.TEXT),
        Member("PreviousCode", Kind.TEXT, sensitive=True),
        Member("Code", Kind.TEXT, sensitive=True),
        Member("NextCode", Kind.TEXT, sensitive=True),
        Member("SecondsLeft", Kind.INTEGER),
    ),
    needs=(),
    training=True,
    logged=("SerialNumber",),
    errors=("NoSuchEntityException", "UnsupportedOperationException"),
)
def show_demo_code(call: Call) -> Answer:
    """Do what a phone would: a device need not be enabled to show codes."""
    if call.has("SerialNumber"):
        device = find_device(call, call.text("SerialNumber"))
    else:
        device = own_device(call, devices_of(call, call.standing.origin), "")
    step = step_of(call.services.host_now()) + device.drift
    hsm, token, binding = call.services.hsm, device.token, binding_of(device)
    before, present, after = (
        hsm.totp_code(token, binding, each) for each in range(step - 1, step + 2)
    )
    return {
        "SerialNumber": device.arn,
        "PreviousCode": before,
        "Code": present,
        "NextCode": after,
        "SecondsLeft": _seconds_left(call),
    }


@operation(
    "kmstui",
    "ResetMfa",
    doc="Remove a user's MFA devices and recovery codes, signed in with the recovery code.",
    members=(m.user_name(required=False),),
    answer=(Member("Removed", Kind.LIST),),
    needs=own_action("ResetMfa"),
    mutates=True,
    logged=("UserName",),
    logged_answer=("Removed",),
    errors=("AccessDeniedException", "NoSuchEntityException"),
)
def reset_mfa(call: Call) -> Answer:
    """Delete the devices that are lost, so that a new one can be enrolled."""
    if not call.standing.recovery:
        raise AccessDeniedException(
            "MFA is reset only in a session that the keystore's recovery code opened.",
            hint="Lock, and sign in with the recovery code.",
        )
    principal = find_user(call).arn if call.has("UserName") else call.standing.origin
    devices = devices_of(call, principal)
    for device in devices:
        call.writer.delete_mfa_device(device.arn)
    call.writer.delete_recovery_codes(principal)
    return {"Removed": [device.arn for device in devices]}
