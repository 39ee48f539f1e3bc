"""The commands of who one is, and of key stores: MFA, roles, acting as another. As data."""

from __future__ import annotations

from kmstui.tui.commands import Command, Danger
from kmstui.tui.legality import in_training

IDENTITY: tuple[Command, ...] = (
    Command(
        id="mfa",
        title="MFA devices",
        help="Enrol a device, synchronise it, remove it, make recovery codes.",
        verb="mfa",
    ),
    Command(
        id="keystores",
        title="Key stores",
        help="List custom key stores; name one to see what can be done with it.",
        verb="keystores",
        argument="NAME",
    ),
    Command(
        id="connect-store",
        title="Connect a key store",
        help="Connect a custom key store, so that its keys can be used.",
        verb="connect-store",
        argument="NAME",
        danger=Danger.REVERSIBLE,
    ),
    Command(
        id="disconnect-store",
        title="Disconnect a key store",
        help="Disconnect a custom key store; its keys are unavailable until it is connected.",
        verb="disconnect-store",
        argument="NAME",
        danger=Danger.REVERSIBLE,
    ),
    Command(
        id="authenticator",
        title="Demo authenticator",
        help="Show what a phone would show; training keystores only.",
        verb="authenticator",
        legal=in_training,
    ),
    Command(
        id="switch-role",
        title="Switch role…",
        help="Assume a role, or go back to who you are.",
        keys=("R",),
        verb="role",
        argument="ROLE",
        danger=Danger.REVERSIBLE,
    ),
    Command(
        id="act-as",
        title="Act as another…",
        help="Go on as any principal or AWS service; training keystores only.",
        verb="act-as",
        argument="WHO",
        danger=Danger.REVERSIBLE,
        legal=in_training,
    ),
)
"""Commands about the person at the console."""
