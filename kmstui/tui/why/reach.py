"""Who could have made a refused call, and becoming one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmstui.authz.refusal import Refusal
from kmstui.authz.report import trace_from_fields
from kmstui.core.errors import KeystoreLockedError, KmsError, UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.roles import KnownRole, may_assume
from kmstui.tui.simulation import SimulationStart
from kmstui.tui.verdicts import Judged, Verdict, short_principal
from kmstui.tui.why.explained import simulated

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_MOST = 1_000
"""Principals asked about."""


@dataclass(frozen=True, slots=True)
class Able:
    """A principal who could make a call.

    Attributes:
        judged: Why it could.
        kind: ``Account``, ``User`` or ``Role``.
    """

    judged: Judged
    kind: str


def read_able(
    principals: Sequence[Mapping[str, Any]], cells: Sequence[Mapping[str, Any]]
) -> list[Able]:
    """Return the principals whose cells say that they could, those without a code first."""
    kinds = {str(each["Arn"]): str(each["Type"]) for each in principals}
    judged = [Judged.read(cell) for cell in cells]
    able = [Able(each, kinds.get(each.principal, "")) for each in judged if each.verdict.reach]
    return sorted(able, key=lambda each: -each.judged.verdict.reach)


async def who_could(console: KmsApp, start: SimulationStart) -> list[Able]:
    """Find who of the account could make a call.

    Raises:
        KmsError: The engine refused, or the console is locked.
    """
    if console.home is None:
        raise KeystoreLockedError
    door = await console.door()
    listed = await console.caller.fetch(door, console.home, "kmstui:ListPrincipals", {})
    principals = listed["Principals"][:_MOST]
    request = simulated(start) | {"Principals": [str(each["Arn"]) for each in principals]}
    answer = await console.caller.fetch(door, console.home, "kmstui:SimulateAccess", request)
    return read_able(principals, answer["Cells"])


async def decided_again(console: KmsApp, start: SimulationStart) -> Refusal | None:
    """Decide a call of the past as policies stand now; None if it cannot be told, or is allowed.

    The trail keeps a refusal in few words: its steps are taken anew, at the time of the call.
    """
    request = simulated(start) | {"Principals": [start.principal], "Traces": True}
    if start.when is not None:
        request["Time"] = start.when
    try:
        if console.home is None:
            return None
        answer = await console.caller.fetch(
            await console.door(), console.home, "kmstui:SimulateAccess", request
        )
        cell = answer["Cells"][0]
        trace = trace_from_fields(cell["Trace"])
    except KmsError:
        return None
    if trace.decision.allowed:
        return None
    return Refusal(
        start.principal,
        start.action,
        str(cell["Resource"]),
        trace.decision,
        trace,
        bool(cell["MfaWouldHelp"]),
    )


async def try_as(console: KmsApp, start: SimulationStart) -> None:
    """List who could make a call; become the one that is chosen.

    Raises:
        KmsError: The engine refused, or the console is locked.
        UsageError: Nobody could.
    """
    able = await who_could(console, start)
    if not able:
        raise UsageError(
            f"Nobody here could call {start.action}.", hint="s opens the simulator with it."
        )
    known = {role.arn: role for role in await console.shell.known_roles()}
    training = console.standing.training
    person = console.home.principal if console.home is not None else ""
    choices = []
    for each in able:
        arn = each.judged.principal
        label = text.template("[b]$name[/]", name=short_principal(arn))
        reason = "" if training else _why_not(each, known.get(arn), person)
        choices.append(Choice(each, label, each.judged.why.plain, reason))
    title = text.template("Who could call $action?", action=start.action)
    said = "Enter goes on as the one chosen; the call is yours to repeat."
    chosen = await console.ask(Choose(title, choices, message=text.literal(said, "$muted")))
    if chosen is not None:
        await _become(console, chosen, known.get(chosen.judged.principal), person)


def _why_not(each: Able, role: KnownRole | None, person: str) -> str:
    if each.judged.principal == person:
        return "that is you, with a code" if each.judged.verdict is Verdict.NEEDS_MFA else ""
    if each.kind != "Role" or role is None:
        return "signs in with a passphrase of its own"
    return "" if may_assume(role, person) else "its trust policy does not name you"


async def _become(console: KmsApp, chosen: Able, role: KnownRole | None, person: str) -> None:
    arn = chosen.judged.principal
    shell = console.shell
    if arn == person:
        await shell.go_home()
    elif role is not None and may_assume(role, person):
        await shell.assume(arn)
    else:
        await shell.act_as(arn)
