"""A refusal, and what can be learnt about it, ready to be shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kmstui.authz.model import Element, StepOutcome, Trace
from kmstui.authz.near import NearMiss, nearly
from kmstui.authz.refusal import Refusal
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.simulation import SimulationStart
from kmstui.tui.text import Content
from kmstui.tui.verdicts import short_principal

_ASKED = {Element.CONDITION, Element.CONSTRAINT}
_MOST = 6
_LONGEST = 120
"""Cells of a list of actions or principals that is shown."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What would allow the call.

    Attributes:
        text: In one sentence.
        dangerous: Why it gives away more than the call; empty when it does not.
        documents: Each changed policy, or added statement: its name and its JSON.
    """

    text: str
    dangerous: str = ""
    documents: tuple[tuple[str, str], ...] = ()


def read_advice(cell: Mapping[str, Any]) -> Advice | None:
    """Read the suggestion of a cell of ``kmstui:SimulateAccess``; None without one."""
    found = cell.get("Suggestion")
    if not isinstance(found, Mapping):
        return None
    edits = found.get("Edits") or ()
    documents = tuple(
        (str(each.get("Policy") or f"a new {each.get('Layer')}"), str(each.get("Statement") or ""))
        for each in edits
        if each.get("Statement")
    )
    return Advice(str(found.get("Text", "")), str(found.get("Dangerous", "")), documents)


def simulation_of(outcome: Outcome, refusal: Refusal, mfa_age: float | None) -> SimulationStart:
    """Return the refused call, for the simulator.

    Args:
        outcome: How it ended.
        refusal: Why, as data.
        mfa_age: Seconds since the session's last code; None without one.
    """
    return SimulationStart(
        principal=refusal.principal,
        action=refusal.action,
        key_arn=refusal.resource if ":key/" in refusal.resource else "",
        context=outcome.context,
        mfa_age=None if mfa_age is None else int(mfa_age),
    )


def simulated(start: SimulationStart) -> dict[str, object]:
    """Return the request of ``kmstui:SimulateAccess`` for a call, but for whom it is decided."""
    request: dict[str, object] = {"Actions": [start.action]}
    if start.key_arn:
        request["KeyId"] = start.key_arn
    if start.context:
        request["EncryptionContext"] = dict(start.context)
    if start.mfa_age is not None:
        request["MfaAge"] = start.mfa_age
    return request


def decided_by(refusal: Refusal) -> Content:
    """Say what decided: policy, statement and Sid, or the layer that lacks an Allow."""
    decision = refusal.decision
    if not decision.policy:
        return text.template("no $layer allows it", layer=str(decision.layer))
    where = text.template("[b]$policy[/]", policy=decision.policy)
    if decision.statement:
        where += text.literal(f", statement {decision.statement}")
    if decision.sid:
        where += text.template(" [b]“$sid”[/]", sid=decision.sid)
    return where


def checks(trace: Trace) -> list[Content]:
    """Write each condition of the deciding statement with the value that the call had."""
    decision = trace.decision
    name = decision.grant_id or decision.policy
    found = [
        step
        for step in trace.steps
        if step.element in _ASKED
        and (step.layer, step.policy, step.statement) == (decision.layer, name, decision.statement)
    ]
    rows = []
    for step in found[: 2 * _MOST]:
        holds = step.outcome is StepOutcome.MATCH
        mark = text.literal("✓ holds", "$ok") if holds else text.literal("✗ does not", "$muted")
        rows.append(text.join([mark, text.literal(step.wanted), _seen(step.seen)], "  "))
    return rows


def _seen(seen: str) -> Content:
    if not seen:
        return text.literal("the call has none", "$muted")
    return text.template("[$muted]the call has[/] $seen", seen=seen)


def near_misses(trace: Trace) -> list[Content]:
    """Write the Allows and grants of which one element kept them from allowing the call."""
    found = [miss for miss in nearly(trace) if miss.allow]
    rows = [_near(miss) for miss in found[:_MOST]]
    if len(found) > _MOST:
        rows.append(text.literal(f"and {len(found) - _MOST} more", "$muted"))
    return rows


def _near(miss: NearMiss) -> Content:
    where = text.template("[b]$policy[/]", policy=miss.policy)
    if miss.statement:
        where += text.literal(f", statement {miss.statement}")
    if miss.sid:
        where += text.template(" “$sid”", sid=miss.sid)
    lacking = text.template(
        "allows but for $part $wanted",
        part=str(miss.element),
        wanted=text.one_line(miss.wanted, _LONGEST),
    )
    return text.join([where, lacking, _seen(miss.seen)], "  ")


def facts(outcome: Outcome, refusal: Refusal) -> list[tuple[str, Content]]:
    """List the request and the decision, as (label, text)."""
    explicit = refusal.decision.outcome.value == "ExplicitlyDenied"
    said = (
        "✗ explicit deny, which nothing overrides" if explicit else "✗ denied: nothing allows it"
    )
    who = text.template(
        "[b]$short[/]  [$muted]$arn[/]",
        short=short_principal(refusal.principal),
        arn=refusal.principal,
    )
    rows = [
        ("Who", who),
        ("Action", text.literal(refusal.action, "bold")),
        ("On", text.literal(refusal.resource)),
    ]
    if outcome.context:
        pairs = ", ".join(f"{key}={value}" for key, value in outcome.context)
        rows.append(("Context", text.literal(pairs)))
    rows += [("Decision", text.literal(said, "bold $danger")), ("Decided by", decided_by(refusal))]
    return rows
