"""A console over a fake engine, for tests of the shell: quick, and silent about everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Button, Input

from kmstui.core.clock import FakeClock
from kmstui.core.errors import KmsError, WrongPassphraseError
from kmstui.core.secret import Secret
from kmstui.engine.doctor import Finding
from kmstui.engine.status import EngineEvent, EngineStatus
from kmstui.tui import place as place_module
from kmstui.tui.app import KmsApp
from kmstui.tui.commands import Scope, Subject
from kmstui.tui.launch import Door, Launch
from kmstui.tui.place import Route, View, ViewSpec
from kmstui.tui.text import Content, literal

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
    recovery: bool = False


@dataclass
class FakeEngine:
    """Answers calls with what the test puts into ``answers``, and remembers all but settings."""

    answers: dict[str, dict[str, Any] | KmsError | Callable[[], dict[str, Any]]] = field(
        default_factory=dict
    )
    state: EngineStatus = STATUS
    session: FakeSession = field(default_factory=FakeSession)
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    locked: int = 0
    closed: int = 0
    code_age: float | None = None

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

    def call(self, session: Any, operation: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Give the answer the test prepared."""
        del session
        name = operation.removeprefix("kms:")
        if name != "kmstui:GetSettings":
            self.calls.append((name, dict(request)))
        answer = self.answers.get(name, {})
        if isinstance(answer, KmsError):
            raise answer
        return answer() if callable(answer) else answer

    def switch_region(self, session: Any, region: str) -> FakeSession:
        """Work in another Region."""
        del session
        self.session = replace(self.session, region=region)
        return self.session

    def assume_role(self, session: Any, role_arn: str, session_name: str) -> FakeSession:
        """Be a session of a role."""
        del session
        name = role_arn.rpartition("/")[2]
        arn = f"arn:aws:sts::111122223333:assumed-role/{name}/{session_name}"
        return replace(self.session, principal=arn, user_name=session_name)

    def act_as(
        self, session: Any, *, principal: str = "", service: str = "", source_arn: str = ""
    ) -> FakeSession:
        """Be somebody else."""
        del session, source_arn
        return replace(self.session, principal=principal or service)

    def prove_passphrase(self, session: Any, passphrase: Secret) -> None:
        """Accept the one passphrase."""
        del session
        self.unlock(passphrase)

    def mfa_age(self, session: Any) -> float | None:
        """Return what the test put there."""
        del session
        return self.code_age

    def change_passphrase(self, session: Any, old: Secret, new: Secret) -> None:
        """Change nothing."""
        del session, old, new

    def add_operator(self, session: Any, user_name: str, passphrase: Secret) -> None:
        """Give nobody anything."""
        del session, user_name, passphrase

    def check(self, progress: Callable[[str, int, int], None]) -> list[Finding]:
        """Find everything sound."""
        progress("keystore", 1, 1)
        return [Finding("ok", "keystore", "every row verified")]

    def status(self) -> EngineStatus:
        """Report the prepared state."""
        return self.state

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Publish nothing."""
        del listener
        return lambda: None


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
    app.delay_update = _at_once  # type: ignore[method-assign]
    return app


def _at_once(delay: float = 0.0) -> None:
    """Let a change of screens show at once, so that a pause is enough to see it."""
    del delay


class ProbeView(View):
    """A view that remembers what was asked of it."""

    SCOPES = (Scope.LIST, Scope.KEYS)
    chosen: Subject | None = Subject("key", "arn:aws:kms:key/1", "payments-db", ("Enabled",))

    def __init__(self, route: Route) -> None:
        super().__init__(route)
        self.done: list[tuple[str, str]] = []
        self.refreshed = 0
        self.concealed = 0
        self.open_layer = False
        self.shows_plaintext = False

    def compose(self) -> ComposeResult:
        """Lay out a field and something to focus."""
        yield Input(id="probe-field")
        yield Button(literal(self.route.view or "root"), id="probe-button")

    @property
    def crumb(self) -> Content:
        """Name the view by what it is about."""
        return literal(self.route.argument)

    @property
    def subject(self) -> Subject | None:
        """Return what the test put there."""
        return self.chosen

    @property
    def revealed(self) -> bool:
        """Return what the test said."""
        return self.shows_plaintext

    def focus_first(self) -> None:
        """Focus the button, so that letters are commands."""
        self.query_one(Button).focus()

    def step_back(self) -> bool:
        """Take back one layer."""
        was, self.open_layer = self.open_layer, False
        return was

    async def refresh_data(self) -> None:
        """Count."""
        self.refreshed += 1

    def conceal(self) -> None:
        """Count, and empty the field."""
        self.concealed += 1
        self.query_one(Input).clear()

    async def do_toggle_key(self, argument: str) -> None:
        """Disable what is selected."""
        self.done.append(("toggle-key", argument))
        await self.console.call("DisableKey", about=self.chosen_label, KeyId="1")

    def do_edit_description(self, argument: str) -> None:
        """Remember the argument."""
        self.done.append(("edit-description", argument))

    @property
    def chosen_label(self) -> str:
        """What a person calls the subject."""
        return self.chosen.label if self.chosen is not None else ""


def probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a probe wherever a view would be; each place gets drill-downs ``a`` and ``b``."""
    known = tuple(
        replace(
            spec,
            views={
                "": ViewSpec("tests.helpers.console:ProbeView"),
                "side": ViewSpec("tests.helpers.console:ProbeView", root=True),
                "a": ViewSpec("tests.helpers.console:ProbeView"),
                "b": ViewSpec("tests.helpers.console:ProbeView"),
            },
        )
        for spec in place_module.places()
    )
    monkeypatch.setattr(place_module, "places", lambda: known)


def probe(app: KmsApp) -> ProbeView:
    """Return the probe that shows."""
    view = app.main.view
    assert isinstance(view, ProbeView)
    return view


async def settle(pilot: Pilot[None]) -> None:
    """Wait until the console has started or a command has ended, without waiting for dialogs."""
    await pilot.pause()
    app = pilot.app
    assert isinstance(app, KmsApp)
    for _ in range(400):
        starting = [worker for worker in app.workers if worker.group in {"engine", "unlock"}]
        if not (app.caller.running or any(each.is_running for each in starting)) and app.started:
            break
        await pilot.pause()
    await pilot.pause()
    await pilot.pause()
