"""What can be done with devices once they are enrolled: synchronise, remove, new codes, reset."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.core.arn import is_user_name
from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.choice import Choice, Choose, Prompt
from kmstui.tui.dialogs.confirm import ConfirmTyped
from kmstui.tui.mfa.authenticator import AuthenticatorScreen
from kmstui.tui.mfa.codes import cleaned, code_problem
from kmstui.tui.mfa.enrol import enrol, new_recovery_codes
from kmstui.tui.mfa.flow import prove, status_of
from kmstui.tui.mfa.status import Device
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


def name_of(serial: str) -> str:
    """Return a device's name, the end of its serial number."""
    return serial.rpartition("/")[2]


async def act(console: KmsApp, deed: str, serial: str) -> None:
    """Carry out one of the deeds of Settings.

    Args:
        console: The application; a worker must be running.
        deed: Which; see the sections of Settings.
        serial: Serial number of the device it is about, if it is about one.

    Raises:
        KmsError: Something was refused before a call could be made.
    """
    if deed == "mfa-enrol":
        await enrol_another(console)
    elif deed == "mfa-codes":
        await replace_recovery_codes(console)
    elif deed == "mfa-remove":
        await remove(console, serial)
    elif deed == "mfa-resync":
        await resync(console, serial)
    elif deed == "mfa-reset":
        await reset(console)


async def enrol_another(console: KmsApp) -> bool:
    """Enrol a device; beside others it takes a code of one of them first."""
    status = await status_of(console)
    if status.devices and not status.fresh_for:
        purpose = text.literal("Enrolling a further device needs a code of one you have.")
        if not await prove(console, purpose):
            return False
    return await enrol(console, status)


async def replace_recovery_codes(console: KmsApp) -> None:
    """Make new recovery codes; the old ones no longer work."""
    status = await status_of(console)
    if not status.devices:
        raise UsageError("You have no MFA device.", hint="Recovery codes stand in for one.")
    purpose = text.literal("New recovery codes need a code; the old ones no longer work then.")
    if status.fresh_for or await prove(console, purpose):
        await new_recovery_codes(console)


async def remove(console: KmsApp, serial: str) -> None:
    """Take a device away, once confirmed; one that is nobody's is only deleted."""
    status = await status_of(console)
    own = any(device.serial == serial for device in status.devices)
    name = name_of(serial)
    last = own and len(status.devices) == 1
    warning = (
        "It is your only one: what needs a code is refused until you enrol another."
        if last
        else "Its codes no longer count. It cannot be put back; it can be enrolled anew."
    )
    dialog = ConfirmTyped(
        title=text.template("Remove the MFA device $name?", name=name),
        message=text.literal(warning),
        token=name,
        verb=text.literal("Remove it"),
        back=text.literal("Keep it"),
    )
    if await console.ask(dialog) is not True:
        return
    home = console.home
    if own and home is not None:
        user = home.user_name
        request = {"UserName": user, "SerialNumber": serial}
        if await console.call("iam:DeactivateMFADevice", request, about=name) is None:
            return
    await console.call("iam:DeleteVirtualMFADevice", about=name, SerialNumber=serial)


async def resync(console: KmsApp, serial: str) -> None:
    """Synchronise a device whose clock is off, by two consecutive codes."""
    dialog = TwoCodesDialog(name_of(serial))
    home = console.home
    if await console.ask(dialog) is not True or home is None:
        return
    first, second = dialog.codes
    await console.call(
        "iam:ResyncMFADevice",
        about=name_of(serial),
        UserName=home.user_name,
        SerialNumber=serial,
        AuthenticationCode1=first,
        AuthenticationCode2=second,
    )


async def reset(console: KmsApp) -> None:
    """Remove a user's devices and codes, signed in with the keystore's recovery code."""
    name = await console.ask(
        Prompt(
            text.literal("Reset a user's MFA"),
            text.literal("User name"),
            text.literal("Go on"),
            check=lambda typed: None if is_user_name(typed) else "That is no user name.",
            message=text.literal(
                "For a user whose devices and recovery codes are lost. It is recorded.", "$muted"
            ),
        )
    )
    if not name:
        return
    confirm = ConfirmTyped(
        title=text.template("Remove every MFA device of $name?", name=name),
        message=text.literal("Until a new one is enrolled, a passphrase alone signs the user in."),
        token=name,
        verb=text.literal("Remove them"),
    )
    if await console.ask(confirm) is True:
        await console.call("kmstui:ResetMfa", about=name, UserName=name)


async def show_authenticator(console: KmsApp) -> None:
    """Show the demo authenticator of one of the person's devices.

    Raises:
        UsageError: The person has no demo device.
        KmsError: The engine refused.
    """
    demos = [device for device in (await status_of(console)).devices if device.demo]
    if not demos:
        raise UsageError("You have no demo device.", hint=":mfa enrols one.")
    device: Device | None = demos[0]
    if len(demos) > 1:
        choices = [Choice(each, text.literal(each.name)) for each in demos]
        device = await console.ask(Choose(text.literal("Whose codes?"), choices))
    if device is not None:
        await console.ask(AuthenticatorScreen(device))


class TwoCodesDialog(Dialog[bool]):
    """Asks for two consecutive codes; ``codes`` then holds them.

    Args:
        name: The device's name.
    """

    DEFAULT_CSS = """
    TwoCodesDialog {
        .row { height: 1; margin-bottom: 1; }
        .row Static { width: 14; }
        .row Input { width: 16; }
    }
    """

    def __init__(self, name: str) -> None:
        back = Answer(value=False, label=text.literal("Back"))
        go = Answer(value=True, label=text.literal("Synchronise"), tone=Tone.MAIN)
        super().__init__(text.template("Synchronise $name", name=name), (back, go))
        self.codes = ("", "")

    def body(self) -> Iterable[Widget]:
        """Yield what it does, and the two fields."""
        yield Static(
            text.literal(
                "A device whose clock is off by minutes shows codes of another time. Two in a "
                "row tell by how much.",
                "$muted",
            ),
            classes="paragraph",
        )
        for name, label in (("one", "First code"), ("two", "The next one")):
            yield Horizontal(
                Static(text.literal(label, "$muted")),
                SafeInput(compact=True, id=name, max_length=12),
                classes="row",
            )
        yield Static(text.literal(""), id="complaint")

    def first_focus(self) -> None:
        """Focus the first field."""
        self.query_one("#one").focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "one":
            self.query_one("#two").focus()
        else:
            self.chosen(value=True)

    def chosen(self, value: bool) -> None:
        """Answer, if both are codes."""
        if not value:
            self.dismiss(None)
            return
        typed = [self.query_one(name, SafeInput).value for name in ("#one", "#two")]
        problem = next((said for said in map(code_problem, typed) if said), "")
        if problem:
            self.query_one("#complaint", Static).update(text.literal(problem, "$warn"))
            return
        self.codes = (cleaned(typed[0]), cleaned(typed[1]))
        self.dismiss(result=True)
