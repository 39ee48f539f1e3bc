"""How a person's second factor stands, as the engine tells it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kmstui.authz.guardrail import MFA_SECONDS
from kmstui.authz.refusal import Refusal
from kmstui.core.errors import AccessDeniedException, KmsError

_FEW_FAILURES = 20
"""With so many wrong codes left before MFA is disabled, it is said."""


@dataclass(frozen=True, slots=True)
class Device:
    """An enabled MFA device.

    Attributes:
        serial: Its serial number, an ARN.
        name: What a person calls it; untrusted text.
        enabled: Since when, account time.
        demo: Whether the demo authenticator shows its codes.
        failures: Wrong codes in a row.
    """

    serial: str
    name: str
    enabled: datetime | None = None
    demo: bool = False
    failures: int = 0


@dataclass(frozen=True, slots=True)
class MfaStatus:
    """A person's devices, and how codes stand.

    Attributes:
        principal: ARN of whoever signed in.
        devices: The enabled devices.
        age: Seconds since the last accepted code; None without one.
        tries_left: Codes that may be wrong before the next wait.
        failures_left: Wrong codes in a row until MFA is disabled.
        locked_until: Host time until which no code is looked at; None for now.
        disabled: Whether too many wrong codes have disabled the devices.
        recovery_codes: Recovery codes that are left.
    """

    principal: str = ""
    devices: tuple[Device, ...] = ()
    age: int | None = None
    tries_left: int = 0
    failures_left: int = 0
    locked_until: datetime | None = None
    disabled: bool = False
    recovery_codes: int = 0

    @property
    def fresh_for(self) -> int:
        """Seconds for which the last code still counts as fresh; 0 when none does."""
        return max(0, MFA_SECONDS - self.age) if self.age is not None else 0

    def waits(self, now: datetime) -> int:
        """Return the seconds until a code is looked at again, 0 if it is now."""
        if self.locked_until is None:
            return 0
        return max(0, int((self.locked_until - now).total_seconds() + 0.999))

    @property
    def few_left(self) -> bool:
        """Whether MFA is close to being disabled."""
        return 0 < self.failures_left <= _FEW_FAILURES


def read_status(answer: Mapping[str, Any]) -> MfaStatus:
    """Read an answer of ``kmstui:GetMfaStatus``."""
    devices = tuple(
        Device(
            str(each["SerialNumber"]),
            str(each["Name"]),
            each.get("EnableDate"),
            bool(each.get("Demo")),
            int(each.get("Failures", 0)),
        )
        for each in answer.get("Devices", ())
    )
    return MfaStatus(
        principal=str(answer.get("Principal", "")),
        devices=devices,
        age=answer.get("AgeSeconds"),
        tries_left=int(answer.get("TriesLeft", 0)),
        failures_left=int(answer.get("FailuresLeft", 0)),
        locked_until=answer.get("LockedUntil"),
        disabled=bool(answer.get("Disabled")),
        recovery_codes=int(answer.get("RecoveryCodesLeft", 0)),
    )


def refusal_of(error: KmsError | None) -> Refusal | None:
    """Return why policies refused a call, as data; None if something else did."""
    if not isinstance(error, AccessDeniedException):
        return None
    return error.refusal if isinstance(error.refusal, Refusal) else None


def wants_code(error: KmsError | None) -> bool:
    """Tell whether a call was refused only for want of a fresh code."""
    refusal = refusal_of(error)
    return refusal is not None and refusal.mfa_would_help
