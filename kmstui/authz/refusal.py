"""A refusal as data: what the console, the simulator and the trail read instead of its text."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.authz.advice import Suggestion
from kmstui.authz.model import Context, ContextValue, Decision, Trace


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


class WithFreshMfa:
    """The condition keys of a request, as they would be had a code just been given.

    Args:
        context: The request's own.
    """

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, key: str, /) -> ContextValue | None:
        """Return a condition key's value, by its name in lower case."""
        if key == "aws:multifactorauthpresent":
            return "true"
        if key == "aws:multifactorauthage":
            return "0"
        return self._context.get(key)
