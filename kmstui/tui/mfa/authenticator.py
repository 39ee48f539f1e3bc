"""The demo authenticator: what a phone would show, on the screen, visibly fake."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Digits, Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.mfa.codes import spaced
from kmstui.tui.mfa.flow import own_call
from kmstui.tui.mfa.prompt import time_left
from kmstui.tui.mfa.status import Device
from kmstui.tui.modal import Modal

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


@dataclass(frozen=True, slots=True)
class Codes:
    """What the authenticator shows.

    Attributes:
        previous: The code before.
        present: The code of now.
    """

    previous: str
    present: str


class AuthenticatorScreen(Modal[Codes]):
    """Shows a demo device's code; enter answers it, to be filled in.

    Args:
        device: The device.
    """

    CSS_PATH = Path(__file__).with_name("mfa.tcss")
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", show=False),
        Binding("enter", "use", show=False),
    ]

    def __init__(self, device: Device) -> None:
        super().__init__()
        self._device = device
        self._codes: Codes | None = None
        self._until = 0.0

    def compose(self) -> ComposeResult:
        """Lay out the badge, the digits and the time left."""
        with Vertical(id="sheet"):
            yield Static(
                text.markup("[b $warn]▲ FAKE AUTHENTICATOR[/]  [$warn]TRAINING[/]"), id="badge"
            )
            yield Static(text.literal(self._device.name, "bold"), id="name")
            yield Vertical(id="digits")
            yield Static(text.literal(""), id="left")
            yield Static(
                text.literal(
                    "Whoever sees this screen has the second factor too. A real device is never "
                    "on the machine that asks for its codes.",
                    "$muted",
                ),
                id="about",
            )
            yield Static(hints(("enter", "use the code"), ("esc", "back")), id="keys")

    @property
    def console(self) -> KmsApp:
        """The application, by its own type."""
        return cast("KmsApp", self.app)

    def on_mount(self) -> None:
        """Read the first code."""
        self.run_worker(self._read(), group="mfa", exclusive=True)

    async def _read(self) -> None:
        now = self.console.launch.clock.wall().timestamp()
        try:
            answer = await own_call(
                self.console, "kmstui:ShowDemoCode", SerialNumber=self._device.serial
            )
        except KmsError as error:
            said = f"{error.message or error.code} {error.hint}".strip()
            self.query_one("#left", Static).update(text.literal(said, "$danger"))
            return
        self._codes = Codes(str(answer["PreviousCode"]), str(answer["Code"]))
        self._until = now + int(answer["SecondsLeft"])
        await self._show(spaced(self._codes.present))
        self.tick()

    async def _show(self, digits: str) -> None:
        """Show digits, which Textual paints as shapes and never reads as markup."""
        place = self.query_one("#digits", Vertical)
        await place.remove_children()
        await place.mount(Digits(digits))

    def tick(self) -> None:
        """Let a second pass; read the next code when this one is over."""
        left = self._until - self.console.launch.clock.wall().timestamp()
        if self._codes is None:
            return
        if left <= 0:
            self.run_worker(self._read(), group="mfa", exclusive=True)
            return
        self.query_one("#left", Static).update(time_left(int(left + 0.999)))

    def conceal(self) -> None:
        """Drop the code when the console locks."""
        self._codes = None
        self.query_one("#digits", Vertical).remove_children()

    def action_use(self) -> None:
        """Answer the codes."""
        if self._codes is not None:
            self.dismiss(self._codes)
