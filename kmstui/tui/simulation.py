"""A call to simulate, as whoever has one at hand hands it to the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from kmstui.tui.place import Route

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

SIMULATOR = Route("access", "simulator")
"""Where the simulator is."""

_SERVICE = ".amazonaws.com"


@dataclass(frozen=True, slots=True)
class SimulationStart:
    """What the simulator's form begins with; what is empty stays as a person left it to be typed.

    Attributes:
        principal: An ARN, or a service's name.
        action: Such as ``kms:Decrypt``.
        key_arn: The key; empty for none.
        context: The encryption context.
        mfa_age: Seconds since a code was given; ``None`` without one.
        via_service: The service that calls on the principal's behalf.
        when: Account time of the call; ``None`` for now.
    """

    principal: str = ""
    action: str = ""
    key_arn: str = ""
    context: tuple[tuple[str, str], ...] = ()
    mfa_age: int | None = None
    via_service: str = ""
    when: datetime | None = None


class Simulator(Protocol):
    """The view that simulates."""

    async def fill(self, start: SimulationStart) -> None:
        """Put a call into the form and decide it."""


async def open_simulator(console: KmsApp, start: SimulationStart) -> None:
    """Show the simulator with a call filled in."""
    view = await console.go(SIMULATOR)
    await cast(Simulator, view).fill(start)


def start_of_record(record: Mapping[str, Any]) -> SimulationStart:
    """Return the call that a CloudTrail record tells of.

    What a record does not have, such as the age of a code, is left out. Every value may be
    somebody else's text.
    """
    identity = _mapping(record.get("userIdentity"))
    source = str(record.get("eventSource") or "")
    service = source.removesuffix(_SERVICE) or "kms"
    invoker = str(identity.get("invokedBy") or "")
    principal = str(identity.get("arn") or "")
    context = _mapping(_mapping(record.get("requestParameters")).get("encryptionContext"))
    return SimulationStart(
        principal=principal or invoker,
        action=f"{service}:{record.get('eventName') or ''}",
        key_arn=_key(record.get("resources")),
        context=tuple((str(key), str(value)) for key, value in context.items()),
        via_service=invoker if principal and invoker.endswith(_SERVICE) else "",
        when=_moment(record.get("eventTime")),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _key(resources: object) -> str:
    entries = resources if isinstance(resources, list) else []
    arns = [str(_mapping(entry).get("ARN") or "") for entry in entries]
    return next((arn for arn in arns if ":key/" in arn), "")


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        return None
