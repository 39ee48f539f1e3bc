"""Calls in another Region, while the person goes on working in the present one.

They are the person's own calls: the policies of that Region's keys decide, and the trail has them
there. What moves the person to another Region is ``KmsApp.switch_region``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kmstui.core.errors import KeystoreLockedError, SessionError

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp
    from kmstui.tui.calls import Outcome
    from kmstui.tui.launch import Session

_MADE: WeakKeyDictionary[KmsApp, tuple[Session, dict[str, Session]]] = WeakKeyDictionary()


async def session_in(console: KmsApp, region: str) -> Session:
    """Return the session of the person's calls in a Region, the same one each time.

    Raises:
        KmsError: It is not the name of a Region, or the console is locked.
    """
    present = console.session
    if present is None:
        raise KeystoreLockedError
    if present.region == region:
        return present
    kept = _MADE.get(console)
    if kept is None or kept[0] is not present:
        # Somebody else has signed in, has assumed a role, or has moved on.
        kept = _MADE[console] = (present, {})
    if region not in kept[1]:
        door = await console.door()
        kept[1][region] = await console.caller.run(door.switch_region, present, region)
    return kept[1][region]


async def fetch_in(
    console: KmsApp, region: str, operation: str, /, **members: object
) -> dict[str, Any]:
    """Call the engine in a Region for a view's data; leaves no result line.

    Raises:
        KmsError: The engine refused, or the console is locked.
    """
    session = await session_in(console, region)
    return await console.caller.fetch(await console.door(), session, operation, members)


async def attempt_in(
    console: KmsApp, region: str, operation: str, members: Mapping[str, object], *, about: str = ""
) -> tuple[Outcome, dict[str, Any] | None]:
    """Make a call in a Region; if only a fresh MFA code is missing, ask for it and repeat it.

    Raises:
        KmsError: It is not the name of a Region, or the console is locked.
    """
    session = await session_in(console, region)
    present, door = console.session, await console.door()
    outcome, answer = await console.caller.call(door, session, operation, members, about=about)
    if await console.proven(outcome) and console.session is present:
        outcome, answer = await console.caller.call(door, session, operation, members, about=about)
    return outcome, answer


async def call_in(
    console: KmsApp, region: str, operation: str, members: Mapping[str, object], *, about: str = ""
) -> dict[str, Any] | None:
    """Make a call in a Region for a person, and tell them how it ended on the result line.

    Returns:
        The answer, or None if it was refused.

    Raises:
        KmsError: It is not the name of a Region, or the console is locked.
    """
    outcome, answer = await attempt_in(console, region, operation, members, about=about)
    console.tell(outcome)
    if isinstance(outcome.error, KeystoreLockedError | SessionError):
        await console.lock("The session ended.")
    return answer
