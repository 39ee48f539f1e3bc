"""What Settings says of a person's MFA devices, and what can be done with them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmstui.tui import text, timefmt
from kmstui.tui.places.settings.lines import deed, muted
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import GAP, Fact
from kmstui.tui.widgets.link_list import Line

if TYPE_CHECKING:
    from kmstui.tui.mfa.status import Device, MfaStatus
    from kmstui.tui.places.settings.sections import State

_FEW_CODES = 3


def mfa_facts(state: State) -> list[Fact]:
    """Say which devices there are and how codes stand."""
    mfa = state.mfa
    if mfa is None:
        return [Fact("Devices", muted("you may not see them as who you are now"))]
    facts = [
        Fact("Devices" if index == 0 else "", _device(device, mfa, state))
        for index, device in enumerate(mfa.devices)
    ]
    if not facts:
        facts = [
            Fact("Devices", text.literal("▲ none", "$warn")),
            Fact("", muted("what needs a code is refused until you enrol one")),
        ]
    facts += [
        Fact("" if index else "Not enabled", text.literal(_name(serial), "$muted"))
        for index, serial in enumerate(state.loose)
    ]
    return [*facts, GAP, Fact("Last code", _last(mfa)), *_codes(mfa)]


def _name(serial: str) -> str:
    return serial.rpartition("/")[2]


def _device(device: Device, mfa: MfaStatus, state: State) -> Content:
    name = text.literal(device.name, "bold")
    if device.demo:
        name += text.literal("  TRAINING", "$warn")
    return text.join([name, _standing(device, mfa, state)], "  ")


def _standing(device: Device, mfa: MfaStatus, state: State) -> Content:
    if mfa.disabled:
        return text.literal("✗ disabled: too many wrong codes", "$danger")
    waits = mfa.waits(state.host_now)
    if waits and mfa.locked_until is not None:
        return text.literal(f"◌ locked until {mfa.locked_until:%H:%M:%S}Z, {waits} s", "$warn")
    since = timefmt.stamp(device.enabled) if device.enabled is not None else "enrolled"
    said = text.literal("✓ enabled", "$ok") + muted(f" since {since}")
    if device.failures:
        said += muted(", ") + text.plural(device.failures, "wrong code")
    return said


def _last(mfa: MfaStatus) -> Content:
    if mfa.age is None:
        return muted("none in this session")
    ago = timefmt.span(mfa.age)
    if mfa.fresh_for:
        left = timefmt.span(mfa.fresh_for)
        return text.literal(f"✓ {ago} ago", "$ok") + muted(f", fresh for another {left}")
    return text.literal(f"{ago} ago") + muted(", no longer fresh")


def _codes(mfa: MfaStatus) -> list[Fact]:
    if not mfa.devices:
        return []
    left = mfa.recovery_codes
    style = "$warn" if left < _FEW_CODES else ""
    said = text.literal("none" if not left else f"{left} left", style)
    return [Fact("Recovery", said + muted(" · each stands in for a code, once"))]


def mfa_actions(state: State) -> list[Line]:
    """List what can be done."""
    mfa = state.mfa
    if mfa is None:
        return []
    title = "Enrol a device…" if not mfa.devices else "Enrol another device…"
    lines = [deed(title, "an authenticator app", "mfa-enrol", "mfa")]
    for device in mfa.devices:
        lines.append(deed(f"Remove {device.name}…", "typed", f"mfa-remove {device.serial}"))
        lines.append(
            deed(f"Synchronise {device.name}…", "its clock is off", f"mfa-resync {device.serial}")
        )
    lines += [
        deed(f"Remove {_name(serial)}…", "never enabled", f"mfa-remove {serial}")
        for serial in state.loose
    ]
    if mfa.devices:
        lines.append(deed("New recovery codes…", "the old ones end", "mfa-codes"))
    if any(device.demo for device in mfa.devices):
        lines.append(deed("Demo authenticator", "fake; :authenticator", "authenticator"))
    if state.recovery:
        lines.append(deed("Reset a user's MFA…", "devices are lost", "mfa-reset"))
    return lines
