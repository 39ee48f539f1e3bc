"""Onboarding: from no keystore to a signed-in console, and every way out before that."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from kmstui.core.clock import FakeClock
from kmstui.core.errors import KmsError, UnsafePathError
from kmstui.core.ids import SeededIds
from kmstui.core.locations import keystore_exists
from kmstui.core.secret import Secret
from kmstui.engine import Engine, Host, Session
from kmstui.engine.opening import NewKeystore
from kmstui.hsm import CHEAPEST
from kmstui.trail.log import SyncPolicy
from kmstui.tui.app import KmsApp
from kmstui.tui.launch import Launch, Onboarding, Wish
from kmstui.tui.lockscreen import LockScreen
from kmstui.tui.onboarding.screen import OnboardingScreen
from kmstui.tui.onboarding.steps import CodeStep, ConfirmStep, PassphraseStep, WelcomeStep
from tests._textual_private import screen_text
from tests.helpers.console import settle
from tests.helpers.engines import START
from tests.helpers.goldens import assert_golden

PASSPHRASE = "violet anchor bicycle moon"
WISH = Wish("123456789012", "us-east-1", "admin")


@dataclass
class Maker:
    """Makes cheap keystores and remembers what it was asked for."""

    directory: Path
    made: list[Engine] = field(default_factory=list)
    asked: list[Wish] = field(default_factory=list)
    code: str = ""
    error: KmsError | None = None
    clock: FakeClock = field(default_factory=lambda: FakeClock(START))

    def create(self, wish: Wish, passphrase: Secret) -> tuple[Engine, Session, Secret]:
        """Make a keystore, or fail as the test says."""
        self.asked.append(wish)
        if self.error is not None:
            raise self.error
        host = Host(
            anchor_dir=self.directory / "anchors",
            clock=self.clock,
            ids=SeededIds(1),
            sync=SyncPolicy.NONE,
            background=False,
        )
        new = NewKeystore(
            wish.account,
            wish.region,
            CHEAPEST,
            test_profile=True,
            administrator=wish.user_name,
        )
        made = Engine.create(
            self.directory / "keystore", host=host, new=new, passphrase=passphrase
        )
        self.made.append(made[0])
        self.code = made[2].reveal().decode()
        return made

    def app(self) -> KmsApp:
        """Return a console that finds no keystore."""

        def nothing() -> Any:
            raise AssertionError

        app = KmsApp(
            Launch(
                open_engine=nothing,
                location="~/.local/share/kmstui/keystore",
                clock=self.clock,
                ticking=False,
                start="keys",
                onboarding=Onboarding(WISH, self.create, lambda _count: (1, 5)),
            )
        )
        app.animation_level = "none"
        app.opaque_placeholder = True  # type: ignore[attr-defined]
        return app


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    """Return a maker of keystores in a directory of the test's own."""
    base = tmp_path / "onboarding"
    base.mkdir(mode=0o700)
    return Maker(base)


async def wait_for(pilot: Pilot[None], kind: type) -> None:
    """Wait until a step is shown."""
    for _ in range(400):
        if pilot.app.screen.query(kind):
            break
        await pilot.pause(0.01)
    await pilot.pause()


async def type_text(pilot: Pilot[None], typed: str) -> None:
    """Put text into the field that has the focus, as a paste does."""
    focused = pilot.app.focused
    assert isinstance(focused, Input)
    focused.value = typed
    await pilot.pause()


async def to_passphrase(pilot: Pilot[None]) -> None:
    """Accept what the first step suggests."""
    await wait_for(pilot, WelcomeStep)
    await pilot.press("enter")
    await wait_for(pilot, PassphraseStep)


async def to_code(pilot: Pilot[None]) -> None:
    """Choose a passphrase and have the keystore made."""
    await to_passphrase(pilot)
    for _ in range(2):
        await type_text(pilot, PASSPHRASE)
        await pilot.press("enter")
        await pilot.pause()
    await wait_for(pilot, CodeStep)


async def to_confirm(pilot: Pilot[None]) -> None:
    """Say that the code was written down."""
    await to_code(pilot)
    await pilot.press("enter")
    await wait_for(pilot, ConfirmStep)


class TestFlow:
    """All steps, as a person takes them."""

    async def test_it_ends_signed_in_on_keys_and_locks_to_a_sign_in_screen(
        self, maker: Maker
    ) -> None:
        """From nothing to the Keys place; the passphrase and the code then open it again."""
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await to_confirm(pilot)
            groups = maker.code.split("-")
            await type_text(pilot, groups[1].lower())
            await pilot.press("enter")
            await type_text(pilot, groups[5])
            await pilot.press("enter")
            await settle(pilot)
            assert [WISH] == maker.asked
            assert not app.locked
            assert app.session is not None
            assert "arn:aws:iam::123456789012:user/admin" == app.session.principal
            assert "admin" == app.standing.identity
            assert app.main.view is not None
            assert "keys" == app.main.view.route.place
            await app.lock("You locked it.")
            assert isinstance(app.screen, LockScreen)
            await app.unlock(Secret.from_text(PASSPHRASE))
            await app.lock("Again.")
            await app.unlock(Secret.from_text(maker.code))
            assert not app.locked
            assert "root" == app.standing.identity
            await app.action_quit()

    async def test_what_is_suggested_can_be_changed_and_is_checked(self, maker: Maker) -> None:
        """What is no user name, account id or Region is said so, in its own field."""
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, WelcomeStep)
            await type_text(pilot, "Max Muster")
            await pilot.press("enter")
            assert "A user name has letters, digits" in screen_text(app)
            await type_text(pilot, "max.muster")
            await pilot.press("tab")
            await type_text(pilot, "12")
            await pilot.press("enter")
            assert "An account id has twelve digits." in screen_text(app)
            await type_text(pilot, "444455556666")
            await pilot.press("tab")
            await type_text(pilot, "the moon")
            await pilot.press("enter")
            assert "Regions are named like us-east-1" in screen_text(app)
            await type_text(pilot, "eu-central-1")
            await pilot.press("enter")
            await wait_for(pilot, PassphraseStep)
            for _ in range(2):
                await type_text(pilot, PASSPHRASE)
                await pilot.press("enter")
                await pilot.pause()
            await wait_for(pilot, CodeStep)
            assert [Wish("444455556666", "eu-central-1", "max.muster")] == maker.asked

    async def test_a_weak_passphrase_and_two_different_ones_are_refused(
        self, maker: Maker
    ) -> None:
        """Nothing is made before the passphrase is strong and typed the same twice."""
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await to_passphrase(pilot)
            await type_text(pilot, "password1234")
            await pilot.press("enter")
            await pilot.pause()
            assert "It is weak" in screen_text(app)
            await type_text(pilot, PASSPHRASE)
            await pilot.press("enter")
            await type_text(pilot, "another thing altogether")
            assert "differs from the first" in screen_text(app)
            await pilot.press("enter")
            assert "Type the same once more." in screen_text(app)
            assert [] == maker.asked

    async def test_a_wrong_group_is_named_and_the_code_can_be_shown_again(
        self, maker: Maker
    ) -> None:
        """The console does not open before both groups are right."""
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await to_confirm(pilot)
            await type_text(pilot, "AAAAA")
            await pilot.press("enter")
            assert "Group 2 is another one." in screen_text(app)
            assert app.locked
            await pilot.press("escape")
            await wait_for(pilot, CodeStep)
            assert app.screen.query_one(CodeStep).readable

    async def test_what_the_engine_refuses_is_said_and_the_flow_begins_anew(
        self, maker: Maker
    ) -> None:
        """A directory that others can reach makes no keystore, and says why."""
        maker.error = UnsafePathError("The directory is a link.", hint="Name another one.")
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await to_passphrase(pilot)
            for _ in range(2):
                await type_text(pilot, PASSPHRASE)
                await pilot.press("enter")
                await pilot.pause()
            await wait_for(pilot, WelcomeStep)
            assert "The directory is a link. Name another one." in screen_text(app)


class TestLeaving:
    """Every way out."""

    @pytest.mark.parametrize("key", ["escape", "ctrl+q"])
    async def test_before_create_nothing_is_left_behind(self, maker: Maker, key: str) -> None:
        """Esc on the first step and ctrl+q leave without a keystore."""
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, WelcomeStep)
            await pilot.press(key)
            await pilot.pause()
            assert not app.is_running or app._exit
        assert not keystore_exists(maker.directory / "keystore")

    async def test_esc_goes_from_the_passphrase_back_to_the_first_step(self, maker: Maker) -> None:
        """What was chosen there is kept."""
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, WelcomeStep)
            await type_text(pilot, "chris")
            await pilot.press("enter")
            await wait_for(pilot, PassphraseStep)
            await pilot.press("escape")
            await wait_for(pilot, WelcomeStep)
            assert replace(WISH, user_name="chris") == app.screen.query_one(WelcomeStep).wish

    async def test_leaving_with_the_code_unconfirmed_says_what_that_means(
        self, maker: Maker
    ) -> None:
        """The first ctrl+q warns, the second gives the keystore back; it opens afterwards."""
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await to_code(pilot)
            await pilot.press("ctrl+q")
            await pilot.pause()
            assert "will never be shown again" in screen_text(app)
            assert isinstance(app.screen, OnboardingScreen)
            await pilot.press("ctrl+q")
            await pilot.pause()
        host = Host(anchor_dir=maker.directory / "anchors", clock=maker.clock, background=False)
        engine = Engine.open(maker.directory / "keystore", host=host)
        try:
            engine.unlock(Secret.from_text(PASSPHRASE))
        finally:
            engine.close()


class TestSecrets:
    """What must not be seen."""

    async def test_nothing_typed_is_on_the_screen(self, maker: Maker) -> None:
        """The passphrase is never painted."""
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await to_passphrase(pilot)
            await type_text(pilot, PASSPHRASE)
            assert "violet" not in screen_text(app)

    async def test_the_code_is_gone_once_it_is_confirmed(self, maker: Maker) -> None:
        """No screen that is left holds the code."""
        app = maker.app()
        async with app.run_test(size=(80, 24)) as pilot:
            await to_confirm(pilot)
            groups = maker.code.split("-")
            for group in (groups[1], groups[5]):
                await type_text(pilot, group)
                await pilot.press("enter")
            await settle(pilot)
            assert groups[2] not in screen_text(app)
            await app.lock("You locked it.")
            assert groups[2] not in screen_text(app)
            await app.action_quit()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
class TestPictures:
    """The steps as text."""

    async def test_steps(self, maker: Maker, size: tuple[int, int]) -> None:
        """Each step looks as it was agreed to look."""
        app = maker.app()
        name = f"{size[0]}x{size[1]}"
        async with app.run_test(size=size) as pilot:
            await wait_for(pilot, WelcomeStep)
            assert_golden(app, f"onboarding/welcome-{name}")
            await to_passphrase(pilot)
            await type_text(pilot, PASSPHRASE)
            await app.screen.query_one(PassphraseStep).judged()
            await pilot.pause()
            assert_golden(app, f"onboarding/passphrase-{name}")
            await pilot.press("escape")
            await to_code(pilot)
            assert_golden(app, f"onboarding/code-{name}")
            await pilot.press("enter")
            await wait_for(pilot, ConfirmStep)
            assert_golden(app, f"onboarding/confirm-{name}")
