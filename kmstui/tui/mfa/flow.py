"""Proving a second factor when a call asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmstui.core.errors import AccessDeniedException, KeystoreLockedError, KmsError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.mfa.prompt import CodeDialog, NoDeviceDialog, Proof
from kmstui.tui.mfa.status import Device, MfaStatus, read_status
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


async def own_call(console: KmsApp, operation: str, **members: object) -> dict[str, Any]:
    """Make a call as the person who signed in, whatever role is assumed at the moment.

    Raises:
        KmsError: The engine refused, or the console is locked.
    """
    session = console.person
    if session is None:
        raise KeystoreLockedError
    return await console.caller.fetch(await console.door(), session, operation, members)


async def status_of(console: KmsApp) -> MfaStatus:
    """Read how the person's second factor stands.

    Raises:
        KmsError: The engine refused, or the console is locked.
    """
    return read_status(await own_call(console, "kmstui:GetMfaStatus"))


async def read_devices(console: KmsApp) -> tuple[MfaStatus | None, tuple[str, ...]]:
    """Read how codes stand, and the serial numbers of devices that were never enabled.

    Returns:
        None and nothing for a person who may not see them.
    """
    try:
        status = await status_of(console)
        answer = await own_call(
            console, "iam:ListVirtualMFADevices", AssignmentStatus="Unassigned"
        )
    except AccessDeniedException:
        return None, ()
    loose = [str(each["SerialNumber"]) for each in answer["VirtualMFADevices"]]
    return status, tuple(loose)


def purpose_of(outcome: Outcome) -> Content:
    """Say what a code is for."""
    about = f" {outcome.about}" if outcome.about else ""
    return text.template(
        "[b]$operation[/]$about needs a fresh MFA code.",
        operation=outcome.operation,
        about=about,
    )


async def prove(console: KmsApp, purpose: Content) -> bool:
    """Ask for a code until it is right; with no device, offer to enrol one.

    Args:
        console: The application; a worker must be running.
        purpose: What the code is for.

    Returns:
        Whether the session is fresh now.
    """
    try:
        status = await status_of(console)
    except KmsError:
        # Who may not ask for the status cannot give a code: the first refusal says what counts.
        return False
    if not status.devices:
        from kmstui.tui.mfa.enrol import enrol  # noqa: PLC0415 - rarely needed

        wanted = await console.ask(NoDeviceDialog(purpose))
        return wanted is True and await enrol(console, status)
    dialog = _dialog(console, purpose, status)
    return await console.ask(dialog) is True


def _dialog(console: KmsApp, purpose: Content, status: MfaStatus) -> CodeDialog:
    async def give(serial: str, code: str, proof: Proof) -> None:
        if proof is Proof.RECOVERY:
            await own_call(console, "kmstui:AuthenticateMfa", RecoveryCode=code)
        else:
            await own_call(console, "kmstui:AuthenticateMfa", SerialNumber=serial, TokenCode=code)
        await console.read_standing()

    async def read() -> MfaStatus:
        return await status_of(console)

    async def demo(device: Device) -> str | None:
        from kmstui.tui.mfa.authenticator import AuthenticatorScreen  # noqa: PLC0415 - training

        codes = await console.ask(AuthenticatorScreen(device))
        return None if codes is None else codes.present

    return CodeDialog(purpose, status, give, read, demo)
