"""A phone with an authenticator app."""

from __future__ import annotations

from base64 import b32decode
from dataclasses import dataclass

from kmstui.engine import Session
from kmstui.hsm.primitives import MacKey
from kmstui.hsm.totp import STEP_SECONDS, hotp
from tests.helpers.engines import Bench


@dataclass(frozen=True, slots=True)
class Phone:
    """A device as its owner has it.

    Attributes:
        bench: The keystore that it belongs to, whose clock is its own.
        serial: Its serial number.
        seed: What it was enrolled with.
        ahead: Seconds by which its clock is ahead.
    """

    bench: Bench
    serial: str
    seed: bytes
    ahead: int = 0

    def code(self, offset: int = 0) -> str:
        """Return the code that it shows, or showed or will show some steps from now."""
        now = int(self.bench.clock.wall().timestamp()) + self.ahead
        step = now // STEP_SECONDS + offset
        return hotp(MacKey(b32decode(self.seed), "SHA_1"), step).decode("ascii")

    def wrong(self) -> str:
        """Return a code that is none of those that are near."""
        near = {self.code(offset) for offset in range(-3, 4)}
        return next(text for text in map("{:06}".format, range(10)) if text not in near)


def make_phone(bench: Bench, name: str = "phone", *, session: Session | None = None) -> Phone:
    """Make a device that is nobody's."""
    made = bench.engine.call(
        session or bench.session, "iam:CreateVirtualMFADevice", {"VirtualMFADeviceName": name}
    )["VirtualMFADevice"]
    return Phone(bench, made["SerialNumber"], made["Base32StringSeed"])


def enable(phone: Phone, user: str = "root", *, session: Session | None = None) -> None:
    """Enable a device with the two codes before the present one, so that this can be used."""
    bench = phone.bench
    bench.engine.call(
        session or bench.session,
        "iam:EnableMFADevice",
        {
            "UserName": user,
            "SerialNumber": phone.serial,
            "AuthenticationCode1": phone.code(-2),
            "AuthenticationCode2": phone.code(-1),
        },
    )


def enrolled(bench: Bench, name: str = "phone") -> Phone:
    """Make a device and enable it for the root user."""
    phone = make_phone(bench, name)
    enable(phone)
    return phone
