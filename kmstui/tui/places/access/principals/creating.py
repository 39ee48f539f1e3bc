"""Creating users, roles and groups."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose, Prompt
from kmstui.tui.places.access.picker import Pickable
from kmstui.tui.places.access.principals.asking import ask_name, pick
from kmstui.tui.places.access.simulator.call import SERVICES

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

KINDS = ("user", "role", "group")
_ABOUT = {
    "user": "somebody who signs in, or a program with access keys",
    "role": "what others become for an hour, by name of its trust policy",
    "group": "policies that several users share",
}
_TRUST = {
    "account": ("This account", "whoever here may call sts:AssumeRole"),
    "other": ("Another account", "its administrators say who"),
    "service": ("An AWS service", "such as ec2.amazonaws.com"),
}


async def create(console: KmsApp, kind: str) -> bool:
    """Create one; what it is and its name are asked for."""
    if kind and kind not in KINDS:
        raise UsageError("That cannot be created.", hint=f"There are {', '.join(KINDS)}.")
    if not kind:
        kinds = [Choice(each, text.literal(each), _ABOUT[each]) for each in KINDS]
        chosen: str | None = await console.ask(Choose(text.literal("Create a new"), kinds))
        kind = chosen or ""
    if not kind:
        return False
    name = await ask_name(console, f"A new {kind}", about=f"{_ABOUT[kind].capitalize()}.")
    if not name:
        return False
    members: dict[str, object] = {f"{kind.capitalize()}Name": name}
    if kind == "role":
        trusted = await _trusted(console)
        if trusted is None:
            return False
        members["AssumeRolePolicyDocument"] = trust_policy(*trusted)
    operation = f"iam:Create{kind.capitalize()}"
    return await console.call(operation, members, about=f"{kind} {name}") is not None


async def _trusted(console: KmsApp) -> tuple[str, str] | None:
    choices = [Choice(value, text.literal(label), note) for value, (label, note) in _TRUST.items()]
    whom = await console.ask(Choose(text.literal("Who may become it"), choices))
    if whom == "service":
        services = [Pickable(each, each) for each in SERVICES]
        service = await pick(console, "Which service may become it", services)
        return ("Service", service) if service else None
    if whom == "account" and console.session is not None:
        return "AWS", f"arn:aws:iam::{console.session.account}:root"
    if whom == "other":
        account = await console.ask(
            Prompt(
                text.literal("Which account may become it"),
                text.literal("Account", "$muted"),
                text.literal("Go on"),
                check=_account_problem,
            )
        )
        return ("AWS", f"arn:aws:iam::{account.strip()}:root") if account else None
    return None


def _account_problem(typed: str) -> str | None:
    wanted = typed.strip()
    good = len(wanted) == 12 and wanted.isascii() and wanted.isdecimal()
    return None if good else "An account has twelve digits."


def trust_policy(kind: str, principal: str) -> str:
    """Write a role's trust policy.

    Args:
        kind: ``AWS`` or ``Service``.
        principal: Who may assume the role.
    """
    statement = {
        "Effect": "Allow",
        "Principal": {kind: principal},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
