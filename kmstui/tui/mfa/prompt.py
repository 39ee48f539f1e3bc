"""Asking for a code: what it is for, how long it is good, how many tries are left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from enum import StrEnum

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.mfa.codes import STEP_SECONDS, cleaned, code_problem, seconds_left, spaced
from kmstui.tui.mfa.status import Device, MfaStatus
from kmstui.tui.text import Content
from kmstui.tui.widgets.pick import Pick, PickOption
from kmstui.tui.widgets.safe_input import SafeInput

_BAR_CELLS = 10
_HURRY = 5
"""Seconds left from which it is better to wait for the next code."""


class Proof(StrEnum):
    """What is typed."""

    TOTP = "totp"
    RECOVERY = "recovery"


Prove = Callable[[str, str, Proof], Awaitable[None]]
"""Gives the engine a device's serial number, a code and what it is; raises its refusal."""


def time_left(left: int) -> Content:
    """Draw how long the present code is still shown."""
    full = -(-_BAR_CELLS * left // STEP_SECONDS)
    style = "$warn" if left <= _HURRY else "$ok"
    bar = text.literal("━" * full, style) + text.literal("━" * (_BAR_CELLS - full), "$faint")
    return text.join([bar, text.literal(f"{left:>2} s", style)], " ")


class CodeDialog(Dialog[bool]):
    """Asks for a code of one of a person's devices, or a recovery code, until it is right.

    Args:
        purpose: What it is for.
        status: How the person's second factor stands.
        prove: Gives a code to the engine.
        read: Reads how it stands now.
        demo: Shows the demo authenticator of a device and answers the code to fill in.
    """

    DEFAULT_CSS = """
    CodeDialog {
        .row { height: 1; margin-bottom: 1; }
        .row .label { width: 10; color: $muted; }
        #code { width: 24; }
        #left { width: 1fr; padding-left: 2; }
        #tries { height: auto; padding-left: 10; }
        #complaint { padding-left: 10; }
        #demo { margin: 1 0 0 10; }
    }
    """

    def __init__(
        self,
        purpose: Content,
        status: MfaStatus,
        prove: Prove,
        read: Callable[[], Awaitable[MfaStatus]],
        demo: Callable[[Device], Awaitable[str | None]],
    ) -> None:
        back = Answer(value=False, label=text.literal("Back"))
        give = Answer(value=True, label=text.literal("Give the code"), tone=Tone.MAIN)
        super().__init__(text.literal("MFA code"), (back, give))
        self._purpose = purpose
        self._status = status
        self._prove, self._read, self._demo = prove, read, demo
        self._busy = False

    def body(self) -> Iterable[Widget]:
        """Yield what it is for, the choices, the field and how things stand."""
        yield Static(self._purpose, classes="paragraph")
        if len(self._status.devices) > 1:
            options = [PickOption(each.serial, each.name) for each in self._status.devices]
            yield labelled("Device", Pick(options, id="device"))
        else:
            only = self._status.devices[0]
            yield labelled("Device", Static(text.literal(only.name)))
        yield labelled("Proof", Pick(self._proofs(), self._first_proof, id="proof"))
        yield labelled(
            "Code", SafeInput(compact=True, id="code", max_length=40), Static(id="left")
        )
        yield Static(self._tries(), id="tries")
        yield complaint()
        if any(device.demo for device in self._status.devices):
            yield Button(text.literal("Show the demo authenticator"), id="demo", compact=True)

    def _proofs(self) -> list[PickOption]:
        left = self._status.recovery_codes
        disabled = "MFA is disabled" if self._status.disabled else ""
        none = "" if left else "there is none left"
        return [
            PickOption(Proof.TOTP, "TOTP code", disabled),
            PickOption(Proof.RECOVERY, f"recovery code ({left} left)", none),
        ]

    @property
    def _first_proof(self) -> Proof:
        return Proof.RECOVERY if self._status.disabled else Proof.TOTP

    @property
    def proof(self) -> Proof:
        """What is to be typed."""
        return Proof(self.query_one("#proof", Pick).value)

    @property
    def device(self) -> Device:
        """The device whose code is asked for."""
        picks = self.query("#device").results(Pick)
        serial = next((pick.value for pick in picks), self._status.devices[0].serial)
        return next(each for each in self._status.devices if each.serial == serial)

    @property
    def _field(self) -> SafeInput:
        return self.query_one("#code", SafeInput)

    def first_focus(self) -> None:
        """Focus the field."""
        self._field.focus()
        self.tick()

    def tick(self) -> None:
        """Let a second pass."""
        now = self.console.launch.clock.wall()
        totp = self.proof is Proof.TOTP
        left = time_left(seconds_left(now.timestamp())) if totp else text.literal("")
        self.query_one("#left", Static).update(left)
        self.query_one("#tries", Static).update(self._tries())
        self.button(1).disabled = bool(totp and self._waits)

    @property
    def _waits(self) -> int:
        return self._status.waits(self.console.launch.clock.wall())

    def _tries(self) -> Content:
        status = self._status
        if self.is_mounted and self.proof is Proof.RECOVERY:
            return text.literal("Each recovery code works once and ends every wait.", "$muted")
        if status.disabled:
            return text.literal("MFA is disabled after too many wrong codes.", "$danger")
        if self.is_mounted and (waits := self._waits):
            return text.literal(f"Too many wrong codes: the next one in {waits} s.", "$warn")
        said = text.plural(max(status.tries_left, 1), "try", "tries") + text.literal(
            " left before a wait", "$muted"
        )
        if status.few_left:
            said += text.literal(f"; {status.failures_left} until MFA is disabled", "$warn")
        return said

    @on(Pick.Changed)
    def _picked(self, event: Pick.Changed) -> None:
        event.stop()
        self._complain("")
        self.tick()

    @on(Input.Changed, "#code")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value:
            self._complain("")

    @on(Input.Submitted, "#code")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.chosen(value=True)

    @on(Button.Pressed, "#demo")
    def _demo_wanted(self, event: Button.Pressed) -> None:
        event.stop()
        event.prevent_default()
        self._work(self._fill)

    def chosen(self, value: bool) -> None:
        """Leave, or give the code; one at a time."""
        if value:
            self._work(self._give)
        else:
            self.dismiss(None)

    def _work(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        if not self._busy:
            self._busy = True
            self.run_worker(work(), group="mfa")

    async def _fill(self) -> None:
        try:
            code = await self._demo(self.device)
        finally:
            self._busy = False
        if code and self.is_mounted:
            self._field.value = spaced(code)
            self._field.focus()

    async def _give(self) -> None:
        try:
            await self._try(self._field.value)
        finally:
            self._busy = False

    async def _try(self, typed: str) -> None:
        proof = self.proof
        problem = code_problem(typed) if proof is Proof.TOTP else ""
        if not typed.strip() or problem:
            self._complain(problem or "Type one of the recovery codes.")
            return
        code = cleaned(typed) if proof is Proof.TOTP else typed.strip()
        try:
            await self._prove(self.device.serial, code, proof)
        except KmsError as error:
            await self._wrong(error, proof)
        else:
            self.dismiss(result=True)

    async def _wrong(self, error: KmsError, proof: Proof) -> None:
        self._field.clear()
        self._field.focus()
        self._complain(_wrong(error, proof))
        try:
            self._status = await self._read()
        except KmsError:
            return
        self.tick()

    def _complain(self, problem: str) -> None:
        self.query_one("#complaint", Static).update(text.literal(problem, "$danger"))


def _wrong(error: KmsError, proof: Proof) -> str:
    if error.code != "InvalidAuthenticationCode":
        return f"✗ {error.message or error.code}"
    if proof is Proof.RECOVERY:
        return "✗ No recovery code of yours, or used already."
    return "✗ Wrong, or used already. Wait for the next one."


def complaint() -> Static:
    """Make a place for a complaint that may take several lines."""
    place = Static(text.literal(""), id="complaint")
    # Every dialog's own style sheet gives it one line.
    place.styles.height = "auto"
    place.styles.min_height = 1
    return place


def labelled(label: str, *widgets: Widget) -> Horizontal:
    """Put a label before what it names."""
    return Horizontal(
        Static(text.literal(label, "$muted"), classes="label"), *widgets, classes="row"
    )


class NoDeviceDialog(Dialog[bool]):
    """Says that a code is needed and there is no device; offers to enrol one.

    Args:
        purpose: What the code would be for.
    """

    def __init__(self, purpose: Content) -> None:
        back = Answer(value=False, label=text.literal("Back"))
        enrol = Answer(value=True, label=text.literal("Enrol a device…"), tone=Tone.MAIN)
        super().__init__(text.literal("MFA code"), (back, enrol))
        self._purpose = purpose

    def body(self) -> Iterable[Widget]:
        """Yield what it is for and what to do."""
        yield Static(self._purpose, classes="paragraph")
        yield Static(
            text.literal(
                "You have no MFA device yet. Enrolling one takes an authenticator app and a "
                "minute; it counts as a code, and the call then goes on.",
                "$muted",
            ),
            classes="paragraph",
        )

    def first_focus(self) -> None:
        """Focus what leads on: it changes nothing by itself."""
        self.button(1).focus()
