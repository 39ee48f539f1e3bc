"""A device that is about to be enrolled: its name, and the passphrase where it is the first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.core.errors import KmsError
from kmstui.core.otpauth import otpauth_text
from kmstui.core.secret import Secret
from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.mfa.flow import own_call
from kmstui.tui.mfa.prompt import complaint, labelled
from kmstui.tui.mfa.status import Device
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_GROUP = 4


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device that was made and is not enabled yet.

    Attributes:
        device: The device.
        seed: Its secret in base 32.
        account: The account's number.
        user_name: Whose it will be.
    """

    device: Device
    seed: str
    account: str
    user_name: str

    @property
    def qr_text(self) -> str:
        """What the QR code says."""
        return otpauth_text(self.device.name, self.account, self.seed)

    @property
    def typed(self) -> str:
        """The secret in groups, as it is typed into an app."""
        starts = range(0, len(self.seed), _GROUP)
        return " ".join(self.seed[start : start + _GROUP] for start in starts)


class NewDeviceDialog(Dialog[bool]):
    """Asks for the device's name, and for a first device for the passphrase; makes the device.

    ``made`` then holds it.

    Args:
        name: The name that is suggested.
        first: Whether it is the person's first device.
    """

    DEFAULT_CSS = """
    NewDeviceDialog {
        .row { height: 1; margin-bottom: 1; }
        .row Static { width: 14; }
        .row Input { width: 1fr; }
    }
    """

    def __init__(self, name: str, *, first: bool) -> None:
        back = Answer(value=False, label=text.literal("Back"))
        show = Answer(value=True, label=text.literal("Show the QR code"), tone=Tone.MAIN)
        super().__init__(text.literal("Enrol an MFA device"), (back, show))
        self.made: NewDevice | None = None
        self._suggested = name
        self._first = first
        self._busy = False

    def body(self) -> Iterable[Widget]:
        """Yield what is needed, and the fields."""
        yield Static(
            text.literal(
                "An authenticator app on a phone scans a QR code and from then on shows a new "
                "code every 30 seconds.",
                "$muted",
            ),
            classes="paragraph",
        )
        yield labelled("Name", SafeInput(self._suggested, compact=True, id="name", max_length=64))
        if self._first:
            yield Static(
                text.literal(
                    "It is your first one. Your passphrase proves that it is you who enrols it.",
                    "$muted",
                ),
                classes="paragraph",
            )
            yield labelled("Passphrase", SafeInput(password=True, compact=True, id="passphrase"))
        yield complaint()

    def first_focus(self) -> None:
        """Focus what has to be typed."""
        self.query_one("#passphrase" if self._first else "#name", SafeInput).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._first and event.input.id == "name":
            self.query_one("#passphrase").focus()
        else:
            self.chosen(value=True)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if event.value:
            self._complain("")

    def chosen(self, value: bool) -> None:
        """Leave, or make the device; one at a time."""
        if not value:
            self.dismiss(None)
        elif not self._busy:
            self._busy = True
            self.run_worker(self._make(), group="mfa")

    async def _make(self) -> None:
        name = self.query_one("#name", SafeInput).value.strip()
        try:
            if await self._passphrase_proven():
                self.made = await make_device(self.console, name)
                self.dismiss(result=True)
        except KmsError as error:
            self._complain(f"{error.message or error.code} {error.hint}".strip())
        finally:
            self._busy = False

    async def _passphrase_proven(self) -> bool:
        if not self._first:
            return True
        field = self.query_one("#passphrase", SafeInput)
        if not field.value:
            self._complain("Type your passphrase.")
            field.focus()
            return False
        typed = Secret.from_text(field.value)
        self.query_one("#complaint", Static).update(
            text.literal("Checking takes a moment on purpose…", "$muted")
        )
        try:
            door = await self.console.door()
            await self.console.caller.run(door.prove_passphrase, self.console.home, typed)
        except KmsError:
            field.clear()
            field.focus()
            raise
        finally:
            typed.wipe()
        field.clear()
        return True

    def _complain(self, problem: str) -> None:
        self.query_one("#complaint", Static).update(text.literal(problem, "$danger"))


async def make_device(console: KmsApp, name: str) -> NewDevice:
    """Have a device made that is nobody's yet.

    Raises:
        KmsError: The engine refused, or the console is locked.
    """
    answer = await own_call(console, "iam:CreateVirtualMFADevice", VirtualMFADeviceName=name)
    made = answer["VirtualMFADevice"]
    home = console.home
    account = home.account if home is not None else ""
    user = home.user_name if home is not None else ""
    device = Device(str(made["SerialNumber"]), name, demo=console.standing.training)
    return NewDevice(device, bytes(made["Base32StringSeed"]).decode("ascii"), account, user)
