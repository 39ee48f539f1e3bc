"""A refusal as data: what the console, the simulator and the trail read instead of its text."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.authz.advice import Suggestion
from kmstui.authz.model import Decision, Trace


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call was denied.

    Attributes:
        principal: ARN of the caller.
        action: The action that was not allowed.
        resource: On what.
        decision: What decided.
        trace: Every step of the decision.
        mfa_would_help: Whether the same call with a fresh code would be allowed.
        suggestion: The smallest change that would allow it; ``None`` for an explicit deny.
    """

    principal: str
    action: str
    resource: str
    decision: Decision
    trace: Trace
    mfa_would_help: bool
    suggestion: Suggestion | None = None
