"""What nearly matched in an evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.authz.model import Element, Layer, Step, StepOutcome, Trace


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A statement or grant of which all but one element matched.

    Attributes:
        layer: Where it stands.
        policy: The policy's name, or the grant's id.
        statement: Counted from 1; 0 for a grant.
        sid: The statement's Sid.
        allow: Whether it would have allowed; otherwise it would have denied.
        element: The element that did not match.
        wanted: What it says.
        seen: What the request has; empty when it has nothing of the kind.
    """

    layer: Layer
    policy: str
    statement: int
    sid: str
    allow: bool
    element: Element
    wanted: str
    seen: str


def nearly(trace: Trace) -> tuple[NearMiss, ...]:
    """Return the statements and grants of which one element kept them from deciding."""
    found: list[NearMiss] = []
    missed: list[Step] = []
    for step in trace.steps:
        if step.element is not Element.STATEMENT:
            if step.outcome is StepOutcome.NO_MATCH:
                missed.append(step)
            continue
        if step.outcome is StepOutcome.NOTHING and len(missed) == 1:
            only = missed[0]
            allow = step.wanted == "Allow"
            found.append(
                NearMiss(
                    step.layer,
                    step.policy,
                    step.statement,
                    step.sid,
                    allow,
                    only.element,
                    only.wanted,
                    only.seen,
                )
            )
        missed.clear()
    return tuple(found)
