"""What the command line hands to the console, and the engine as the console sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from kmstui.core.clock import HostClock
    from kmstui.core.secret import Secret
    from kmstui.engine.doctor import Finding
    from kmstui.engine.status import EngineEvent, EngineStatus

IDLE_LOCK = timedelta(minutes=5)
"""Without a key or a click for this long the console locks."""


class Session(Protocol):
    """A signed-in principal; the engine alone makes these."""

    @property
    def principal(self) -> str:
        """ARN of the principal."""

    @property
    def account(self) -> str:
        """Account the session works in."""

    @property
    def region(self) -> str:
        """Region the session works in."""

    @property
    def user_name(self) -> str:
        """Short name of the principal."""

    @property
    def recovery(self) -> bool:
        """Whether the keystore's recovery code opened it."""


class Door(Protocol):
    """The engine's facade, as far as the console uses it."""

    def unlock(self, passphrase: Secret) -> Session:
        """Sign in; runs Argon2, so never on the event loop's thread."""

    def lock(self) -> None:
        """Drop every key and end the sessions."""

    def close(self) -> None:
        """Lock and give the keystore back."""

    def call(self, session: Any, operation: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Carry out one operation."""

    def switch_region(self, session: Any, region: str) -> Session:
        """Return a session whose calls go to another Region."""

    def assume_role(self, session: Any, role_arn: str, session_name: str) -> Session:
        """Return a session of a role; the old one goes on."""

    def act_as(
        self, session: Any, *, principal: str = "", service: str = "", source_arn: str = ""
    ) -> Session:
        """Return a session in another's place; training keystores only."""

    def prove_passphrase(self, session: Any, passphrase: Secret) -> None:
        """Note that the passphrase has just been typed; runs Argon2."""

    def mfa_age(self, session: Any) -> float | None:
        """Return the seconds since a session's last accepted code; None without one."""

    def status(self) -> EngineStatus:
        """Report the engine's state."""

    def change_passphrase(self, session: Any, old: Secret, new: Secret) -> None:
        """Replace the passphrase of the session's principal; runs Argon2."""

    def add_operator(self, session: Any, user_name: str, passphrase: Secret) -> None:
        """Give a user a passphrase that opens the keystore; runs Argon2."""

    def check(self, progress: Callable[[str, int, int], None]) -> list[Finding]:
        """Verify every row and every line of the trail; takes a while."""

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Call a listener for every event, from any thread; the answer ends that."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants a keystore to be made with.

    Attributes:
        account: Its account id.
        region: The Region it opens in.
        user_name: Name of the administrator that the passphrase signs in.
    """

    account: str
    region: str
    user_name: str


Made: TypeAlias = "tuple[Door, Session, Secret]"
"""A keystore that was just created: its engine, its operator's session, the recovery code."""


@dataclass(frozen=True, slots=True)
class Onboarding:
    """How to make a keystore where there is none.

    Attributes:
        wish: What is suggested.
        create: Makes the keystore, given what is wished and a passphrase; called in a thread.
        pick: Picks two different groups of a recovery code of so many, to be asked back.
    """

    wish: Wish
    create: Callable[[Wish, Secret], Made]
    pick: Callable[[int], tuple[int, int]]


def _never() -> bool:
    return False


def _system_clock() -> HostClock:
    from kmstui.core.clock import SystemClock  # noqa: PLC0415 - only what a start needs

    return SystemClock()


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start the console.

    Attributes:
        open_engine: Opens the keystore, locked; called in a thread once the first frame is out.
        location: The keystore's path as the sign-in screen shows it.
        training: Whether the sign-in screen carries the training badge.
        sign_in: Signs in without asking, for a demo; None asks for the passphrase.
        clock: Host time, for the idle lock.
        idle_lock: How long without input until the console locks; None never.
        serving: Whether an endpoint is serving, so that locking keeps the keys.
        theme: Name of the theme; empty for the default.
        ticking: Whether the shared one-second tick runs; tests tick by hand.
        greeting: One line shown after signing in.
        start: Id of the place shown after signing in.
        onboarding: How to make a keystore, where there is none yet; None where there is one.
    """

    open_engine: Callable[[], Door]
    location: str
    training: bool = False
    sign_in: Callable[[Door], Session] | None = None
    clock: HostClock = field(default_factory=_system_clock)
    idle_lock: timedelta | None = IDLE_LOCK
    serving: Callable[[], bool] = _never
    theme: str = ""
    ticking: bool = True
    greeting: str = ""
    start: str = "home"
    onboarding: Onboarding | None = None
