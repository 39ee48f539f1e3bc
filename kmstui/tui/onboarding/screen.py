"""The screen shown instead of the sign-in screen while there is no keystore.

Nothing is written before "create"; from then on the keystore exists, and leaving says what that
means as long as the recovery code has not been asked back.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.onboarding.steps import (
    CodeStep,
    ConfirmStep,
    CreatingStep,
    PassphraseStep,
    Step,
    WelcomeStep,
    step_line,
)

if TYPE_CHECKING:
    from kmstui.core.secret import Secret
    from kmstui.tui.app import KmsApp
    from kmstui.tui.launch import Onboarding, Session, Wish

GROUPS = 7
"""Groups of a recovery code."""

_STEPS = 4
_LEAVING = (
    "The keystore is made and your passphrase opens it, but the code will never be shown again. "
    "Press ctrl+q once more to leave."
)

_NO_WAY_BACK = "The keystore is made already. Enter goes on; ctrl+q leaves."


class OnboardingScreen(Screen[None]):
    """Makes a keystore, step by step, and then shows the console.

    Args:
        onboarding: How to make it.
        location: Where it will be.
    """

    CSS_PATH = Path(__file__).with_name("onboarding.tcss")
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "next", show=False, priority=True),
        Binding("escape", "back", show=False, priority=True),
    ]

    def __init__(self, onboarding: Onboarding, location: str) -> None:
        super().__init__()
        self._onboarding = onboarding
        self._location = location
        self._wish: Wish = onboarding.wish
        self._session: Session | None = None
        self._code: Secret | None = None
        self._warned = False
        self._moving = False

    def compose(self) -> ComposeResult:
        """Lay out the brand and the place of the steps."""
        with Vertical(id="sheet"):
            yield Static(text.markup("[b $key-accent]◆[/]  [b]kmstui[/]"), id="brand")
            yield Static(text.literal(""), id="dots")
            yield Static(text.literal(""), id="heading")
            yield Vertical(id="step")
            yield Static(text.literal(""), id="keys")

    async def on_mount(self) -> None:
        """Begin."""
        await self._show(WelcomeStep(self._location, self._wish), 0)

    @property
    def step(self) -> Step:
        """The step shown."""
        return self.query_one("#step > Step", Step)

    async def _show(self, step: Step, number: int) -> None:
        place = self.query_one("#step", Vertical)
        await place.remove_children()
        self.query_one("#dots", Static).update(step_line(number, _STEPS))
        self.query_one("#heading", Static).update(text.literal(step.HEADING, "bold"))
        self.query_one("#keys", Static).update(hints(*step.KEYS))
        await place.mount(step)
        self._warned = False
        step.begin()

    async def action_next(self) -> None:
        """Do what enter does in the step shown; one thing at a time."""
        if self._moving:
            return
        self._moving = True
        try:
            await self._next()
        finally:
            self._moving = False

    async def _next(self) -> None:
        step = self.step
        if isinstance(step, PassphraseStep):
            await step.judged()
        problem = step.problem()
        step.complain(problem)
        if problem:
            return
        if isinstance(step, WelcomeStep):
            self._wish = step.wish
            await self._show(PassphraseStep(), 1)
        elif isinstance(step, PassphraseStep) and step.done:
            passphrase = step.take()
            await self._show(CreatingStep(), 2)
            self.run_worker(self._create(passphrase), group="engine")
        elif isinstance(step, CodeStep):
            await self._code_read(step)
        elif isinstance(step, ConfirmStep) and step.done:
            # Not a worker of this screen, which ends with it.
            self.app.run_worker(self._finish(), group="engine")

    async def _code_read(self, step: CodeStep) -> None:
        if not step.readable or self._code is None:
            step.begin()
            return
        await self._show(ConfirmStep(self._code, self._onboarding.pick(GROUPS)), 3)

    async def _create(self, passphrase: Secret) -> None:
        console = cast("KmsApp", self.app)
        try:
            made = await console.make(self._onboarding, self._wish, passphrase)
        except KmsError as error:
            await self._show(WelcomeStep(self._location, self._wish), 0)
            self.step.complain(f"{error.message} {error.hint}".strip())
        else:
            self._session, self._code = made
            await self._show(CodeStep(self._code), 2)
        finally:
            passphrase.wipe()

    async def _finish(self) -> None:
        session, code = self._session, self._code
        if session is None or code is None:
            return
        self._code = None
        await self.query_one("#step", Vertical).remove_children()
        code.wipe()
        await cast("KmsApp", self.app).enter(session)

    async def action_back(self) -> None:
        """Go a step back; leave from the first one, if nothing has been made."""
        step = self.step
        if self._moving:
            return
        if isinstance(step, WelcomeStep):
            await cast("KmsApp", self.app).action_quit()
        elif isinstance(step, PassphraseStep):
            await self._show(WelcomeStep(self._location, self._wish), 0)
        elif isinstance(step, ConfirmStep) and self._code is not None:
            await self._show(CodeStep(self._code), 2)
        elif isinstance(step, CodeStep):
            step.complain(_NO_WAY_BACK)

    def holds_back(self) -> bool:
        """Say once what leaving means, while the recovery code has not been asked back."""
        if self._code is None or self._warned:
            return False
        self._warned = True
        self.step.complain(_LEAVING)
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave enter to a field: it submits once it has every key typed before."""
        if action == "next" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    @on(Input.Submitted)
    async def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        await self.action_next()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._warned = False
