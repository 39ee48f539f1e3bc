"""A console over a fake engine, for tests of the shell: quick, and silent about everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from kmstui.core.clock import FakeClock
from kmstui.core.errors import KmsError, WrongPassphraseError
from kmstui.core.secret import Secret
from kmstui.engine.status import EngineStatus
from kmstui.tui.app import KmsApp
from kmstui.tui.launch import Door, Launch

PASSPHRASE = "correct horse battery staple"
START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)

STATUS = EngineStatus(
    directory="/keys/prod",
    store_id="store",
    account="111122223333",
    region="eu-central-1",
    training=False,
    unlocked=True,
    verification="verified",
    verified_rows=12,
    total_rows=12,
    rollback_protection="anchor",
    memory_protection="locked",
    trail_broken=False,
    trail_sequence=41,
    now=START,
    generation=7,
    key_count=3,
    clock_behind=0.0,
    format_version=1,
)


@dataclass(frozen=True)
class FakeSession:
    """A signed-in root user."""

    principal: str = "arn:aws:iam::111122223333:root"
    account: str = "111122223333"
    region: str = "eu-central-1"
    user_name: str = "root"


@dataclass
class FakeEngine:
    """Answers every call with what the test puts into ``answers``, and remembers the calls."""

    answers: dict[str, dict[str, Any] | KmsError | Callable[[], dict[str, Any]]] = field(
        default_factory=dict
    )
    state: EngineStatus = STATUS
    session: FakeSession = field(default_factory=FakeSession)
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    locked: int = 0
    closed: int = 0

    def unlock(self, passphrase: Secret) -> FakeSession:
        """Open with the one passphrase."""
        if passphrase.reveal() != PASSPHRASE.encode():
            raise WrongPassphraseError
        return self.session

    def lock(self) -> None:
        """Count the lock."""
        self.locked += 1

    def close(self) -> None:
        """Count the close."""
        self.closed += 1

    def call(
        self, session: Any, operation: str, request: Mapping[str, object]
    ) -> dict[str, Any]:
        """Give the answer the test prepared."""
        del session
        self.calls.append((operation, dict(request)))
        answer = self.answers.get(operation, {})
        if isinstance(answer, KmsError):
            raise answer
        return answer() if callable(answer) else answer

    def status(self) -> EngineStatus:
        """Report the prepared state."""
        return self.state


def console(
    engine: FakeEngine | None = None,
    *,
    signed_in: bool = True,
    training: bool = False,
    clock: FakeClock | None = None,
    **options: Any,
) -> KmsApp:
    """Make a console over a fake engine; time moves only when the test says so."""
    fake = engine or FakeEngine()
    fake.state = replace(fake.state, training=training)

    def open_engine() -> Door:
        return fake

    app = KmsApp(
        Launch(
            open_engine=open_engine,
            location="~/keys/prod",
            training=training,
            sign_in=(lambda _door: fake.session) if signed_in else None,
            clock=clock or FakeClock(START),
            ticking=False,
            **options,
        )
    )
    app.animation_level = "none"
    return app
