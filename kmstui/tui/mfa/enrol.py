"""Enrolling a device: its name, the QR code on a screen of its own, two consecutive codes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hints
from kmstui.tui.mfa.codes import cleaned, code_problem, seconds_left, spaced
from kmstui.tui.mfa.flow import own_call
from kmstui.tui.mfa.lost import LostCodesScreen
from kmstui.tui.mfa.new_device import NewDevice, NewDeviceDialog
from kmstui.tui.mfa.prompt import labelled, time_left
from kmstui.tui.mfa.qr import qr_code
from kmstui.tui.mfa.status import MfaStatus
from kmstui.tui.modal import Modal
from kmstui.tui.widgets.opaque_value import OpaqueKind, OpaqueValue
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_NAME = "phone"
_PAGE = 1000
SMALLEST = (80, 24)
"""Columns and rows below which there is no room for a QR code."""


async def enrol(console: KmsApp, status: MfaStatus) -> bool:
    """Enrol a device from its name to the recovery codes.

    Args:
        console: The application; a worker must be running.
        status: How the person's second factor stands.

    Returns:
        Whether a device was enabled, which makes the session fresh.
    """
    first = not status.devices
    asked = NewDeviceDialog(await _free_name(console), first=first)
    await console.ask(asked)
    made = asked.made
    if made is None or await console.ask(EnrolScreen(made)) is not True:
        return False
    await console.read_standing()
    console.main.say(
        text.template(
            "[$ok]✓[/] [b]$name[/] is enrolled and counts as a code given now.",
            name=made.device.name,
        )
    )
    if not status.recovery_codes:
        await new_recovery_codes(console)
    return True


async def new_recovery_codes(console: KmsApp) -> None:
    """Make recovery codes and show them, this once."""
    try:
        answer = await own_call(console, "kmstui:CreateMfaRecoveryCodes")
    except KmsError as error:
        console.tell(Outcome("CreateMfaRecoveryCodes", "", "", error))
        return
    await console.ask(LostCodesScreen([str(code) for code in answer["RecoveryCodes"]]))


async def _free_name(console: KmsApp) -> str:
    """Suggest a name that no device of the account has."""
    try:
        answer = await own_call(console, "iam:ListVirtualMFADevices", MaxItems=_PAGE)
    except KmsError:
        return _NAME
    names = [str(each["SerialNumber"]) for each in answer["VirtualMFADevices"]]
    taken = {serial.rpartition("/")[2].lower() for serial in names}
    candidates = [_NAME, *(f"{_NAME}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in candidates if name not in taken)


class EnrolScreen(Modal[bool]):
    """Shows the QR code and the secret, and asks for two consecutive codes.

    Args:
        new: The device.
    """

    CSS_PATH = Path(__file__).with_name("mfa.tcss")
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, new: NewDevice) -> None:
        super().__init__()
        self.new = new
        self._busy = False

    @property
    def console(self) -> KmsApp:
        """The application, by its own type."""
        return cast("KmsApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the code on the left, what to do on the right."""
        with Vertical(id="sheet"):
            yield Static(text.template("Enrol $name", name=self.new.device.name), id="title")
            with Horizontal(id="halves"):
                yield Static(qr_code(self.new.qr_text), id="qr")
                with Vertical(id="side"):
                    yield from self._side()
            yield Static(
                hints(("enter", "next"), ("tab", "other field"), ("esc", "leave")), id="keys"
            )

    def _side(self) -> Iterable[Widget]:
        yield Static(text.literal("1  Scan the code, or type the secret:"))
        yield OpaqueValue(
            OpaqueKind.MFA_SECRET, self.new.typed, size=len(self.new.seed), id="secret"
        )
        yield Static(
            text.literal("2  Type two codes that follow each other:"), classes="paragraph"
        )
        yield labelled("First code", SafeInput(compact=True, id="one", max_length=12))
        yield labelled("The next one", SafeInput(compact=True, id="two", max_length=12))
        yield Static(text.literal(""), id="left")
        yield Static(text.literal(""), id="complaint")
        if self.new.device.demo:
            yield Button(text.literal("Show the demo authenticator"), id="demo", compact=True)

    def on_mount(self) -> None:
        """Begin in the first field."""
        self.query_one("#one").focus()
        self.tick()

    def on_resize(self, event: events.Resize) -> None:
        """Leave the QR code out where it has no room."""
        columns, rows = SMALLEST
        self.set_class(event.size.width < columns or event.size.height < rows, "-small")

    def tick(self) -> None:
        """Let a second pass."""
        now = self.console.launch.clock.wall().timestamp()
        self.query_one("#left", Static).update(time_left(seconds_left(now)))

    def conceal(self) -> None:
        """Drop the secret when the console locks."""
        self.query_one(OpaqueValue).clear()
        self.query_one("#qr", Static).update(text.literal(""))
        for field in self.query(SafeInput):
            field.clear()
        self._complain("The console was locked: enrol the device anew.")

    def action_leave(self) -> None:
        """Leave; the device stays nobody's."""
        self.dismiss(None)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if event.value:
            self._complain("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "one" and not self.query_one("#two", SafeInput).value:
            problem = code_problem(event.value)
            self._complain(problem)
            if not problem:
                self.query_one("#two").focus()
            return
        self._work(self._enable)

    @on(Button.Pressed, "#demo")
    def _demo_wanted(self, event: Button.Pressed) -> None:
        event.stop()
        self._work(self._fill)

    def _work(self, work: Any) -> None:
        if not self._busy:
            self._busy = True
            self.run_worker(work(), group="mfa")

    async def _fill(self) -> None:
        from kmstui.tui.mfa.authenticator import AuthenticatorScreen  # noqa: PLC0415 - training

        try:
            codes = await self.console.ask(AuthenticatorScreen(self.new.device))
        finally:
            self._busy = False
        if codes is not None and self.is_mounted:
            self.query_one("#one", SafeInput).value = spaced(codes.previous)
            self.query_one("#two", SafeInput).value = spaced(codes.present)
            self.query_one("#two").focus()

    async def _enable(self) -> None:
        fields = [self.query_one(name, SafeInput) for name in ("#one", "#two")]
        try:
            for field in fields:
                if problem := code_problem(field.value):
                    self._complain(problem)
                    field.focus()
                    return
            await own_call(
                self.console,
                "iam:EnableMFADevice",
                UserName=self.new.user_name,
                SerialNumber=self.new.device.serial,
                AuthenticationCode1=cleaned(fields[0].value),
                AuthenticationCode2=cleaned(fields[1].value),
            )
        except KmsError as error:
            self._refused(error, fields)
        else:
            self.conceal()
            self.dismiss(result=True)
        finally:
            self._busy = False

    def _refused(self, error: KmsError, fields: list[SafeInput]) -> None:
        for field in fields:
            field.clear()
        fields[0].focus()
        if error.code == "InvalidAuthenticationCode":
            self._complain("✗ Those are not two codes in a row of this device. " + error.hint)
        else:
            self._complain(f"✗ {error.message or error.code} {error.hint}".strip())

    def _complain(self, problem: str) -> None:
        self.query_one("#complaint", Static).update(text.literal(problem, "$danger"))
