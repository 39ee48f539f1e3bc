"""What the engine answered about a simulated call, and its decision in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kmstui.authz.model import Layer, Trace
from kmstui.authz.near import nearly
from kmstui.authz.report import trace_from_fields
from kmstui.tui import text
from kmstui.tui.json_colour import pretty
from kmstui.tui.places.access.policies.model import short_name
from kmstui.tui.text import Content

ALLOWED, EXPLICIT = "Allowed", "ExplicitlyDenied"
_NEAR = 3
"""Near misses that are written out."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What would allow the call.

    Attributes:
        text: In words.
        dangerous: Why it gives away too much; empty if it does not.
        edits: Each policy to change, and the statement or grant to add to it as JSON; none if a
            code is enough.
    """

    text: str
    dangerous: str = ""
    edits: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Suggestion:
        """Read what a cell of ``kmstui:SimulateAccess`` advises."""
        edits = tuple(
            (
                str(edit.get("Policy") or f"a new {edit.get('Layer')}"),
                str(edit.get("Statement") or ""),
            )
            for edit in fields.get("Edits") or ()
        )
        return cls(str(fields.get("Text") or ""), str(fields.get("Dangerous") or ""), edits)


@dataclass(frozen=True, slots=True)
class Simulated:
    """One decision.

    Attributes:
        principal: Whose call.
        action: Which.
        outcome: As the engine says it.
        layer: What decided, or would have had to allow.
        policy: The deciding policy's name.
        statement: The deciding statement, from 1; 0 if none decided.
        sid: Its Sid.
        grant_id: The grant that allowed.
        reason: AWS's words for a denial.
        mfa_would_help: Whether a fresh code would allow it.
        trace: Every step.
        suggestion: What would allow it.
    """

    principal: str
    action: str
    outcome: str
    layer: str
    policy: str
    statement: int
    sid: str
    grant_id: str
    reason: str
    mfa_would_help: bool
    trace: Trace
    suggestion: Suggestion | None

    @classmethod
    def read(cls, cell: Mapping[str, Any]) -> Simulated:
        """Read a cell of ``kmstui:SimulateAccess``."""
        advised = cell.get("Suggestion")
        return cls(
            str(cell["Principal"]),
            str(cell["Action"]),
            str(cell["Decision"]),
            str(cell["Layer"]),
            str(cell["Policy"]),
            int(cell["Statement"]),
            str(cell["Sid"]),
            str(cell["GrantId"]),
            str(cell["Reason"]),
            bool(cell["MfaWouldHelp"]),
            trace_from_fields(cell["Trace"]),
            None if advised is None else Suggestion.read(advised),
        )

    @property
    def allowed(self) -> bool:
        """Whether the call may go on."""
        return self.outcome == ALLOWED


def verdict(found: Simulated) -> Content:
    """Write the decision: a glyph and words."""
    if found.allowed:
        return text.styled("✓ Allowed", "bold $ok")
    if found.outcome == EXPLICIT:
        return text.styled("✗ Denied by a statement", "bold $danger")
    return text.styled("✗ Denied: nothing allows it", "bold $danger")


def deciding(found: Simulated, *, masked: bool) -> Content:
    """Say what decided."""
    if found.grant_id:
        return text.template("by grant [b]$grant[/]", grant=found.grant_id[:12])
    if not found.policy:
        return text.template("[$muted]no $layer allows the call[/]", layer=found.layer)
    policy = text.mask(found.policy) if masked else text.literal(found.policy)
    if not found.statement:
        return text.template("[$muted]$layer[/] $policy", layer=found.layer, policy=policy)
    return text.template(
        "by [b]$policy[/], statement $number [b]$sid[/]",
        policy=policy,
        number=str(found.statement),
        sid=found.sid,
    )


def headline(found: Simulated, *, masked: bool) -> Content:
    """Write the decision, what decided, and AWS's reason."""
    first = verdict(found) + text.literal("  ") + deciding(found, masked=masked)
    if found.allowed:
        return first
    reason = text.literal(found.reason, "$muted")
    if found.mfa_would_help:
        reason += text.styled("  ▲ a fresh MFA code would allow it", "$warn")
    return text.lines(first, reason)


def side_by_side(one: Simulated, other: Simulated, *, masked: bool) -> Content:
    """Write two decisions, a line each."""
    return text.lines(*(_named(found, masked=masked) for found in (one, other)))


def _named(found: Simulated, *, masked: bool) -> Content:
    who = short_name(found.principal) or found.principal
    name = text.mask(who) if masked else text.literal(who, "bold")
    return (
        name
        + text.literal("  ")
        + verdict(found)
        + text.literal("  ")
        + deciding(found, masked=masked)
    )


def advice(found: Simulated, *, masked: bool) -> Content:
    """Write what nearly matched and the smallest change that would allow the call."""
    return text.lines(*_advice(found, masked=masked))


def _advice(found: Simulated, *, masked: bool) -> Iterator[Content]:
    if found.allowed:
        return
    if found.suggestion is not None:
        yield from _suggested(found.suggestion, masked=masked)
    if found.outcome == EXPLICIT:
        # What nearly allows does not matter where a Deny is meant.
        return
    for miss in nearly(found.trace)[:_NEAR]:
        if not miss.allow or masked:
            continue
        place = f"grant {miss.policy[:12]}" if miss.layer is Layer.GRANT else miss.policy
        number = f" statement {miss.statement}" if miss.statement else ""
        yield text.template(
            "[$muted]nearly:[/] $place$number $sid [$muted]but $element wants[/] $wanted",
            place=place,
            number=number,
            sid=miss.sid,
            element=str(miss.element),
            wanted=miss.wanted,
        )


def _suggested(suggestion: Suggestion, *, masked: bool) -> Iterator[Content]:
    said = text.mask(suggestion.text) if masked else text.literal(suggestion.text)
    yield text.styled("→ ", "$key-accent") + said
    if suggestion.dangerous and not masked:
        yield text.styled("▲ dangerous: ", "bold $danger") + text.literal(suggestion.dangerous)
    for where, statement in () if masked else suggestion.edits:
        yield text.template("  [$muted]to $where add[/]", where=where)
        yield text.literal(_indented(statement), "$muted", newlines=True)


def _indented(statement: str) -> str:
    return "\n".join(f"  {line}" for line in pretty(statement).splitlines())
