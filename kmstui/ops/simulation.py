"""What a simulated call is made of, and what its decision looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kmstui.authz.advice import Suggestion
from kmstui.authz.model import Decision, Trace


@dataclass(frozen=True, slots=True)
class SimulatedCall:
    """A call that is decided and not made.

    Attributes:
        principal: ARN of the caller, a role's ARN for a session of it, or a service's name.
        action: Such as ``kms:Decrypt``.
        key_id: The key as a request names it; empty for an action without a key.
        policy: A key policy in the place of the key's own; empty for its own.
        members: Members of the request that policies can see.
        when: Account time of the call.
        mfa_age: Seconds since a code was given; ``None`` without one.
        via_service: The service that calls on the principal's behalf; empty for none.
        context: Condition keys in lower case that take the place of computed ones.
        traced: Whether every step is told.
    """

    principal: str
    action: str
    key_id: str
    policy: str
    members: Mapping[str, Any]
    when: datetime
    mfa_age: int | None = None
    via_service: str = ""
    context: Mapping[str, str | tuple[str, ...]] | None = None
    traced: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedDecision:
    """The decision on a simulated call.

    Attributes:
        resource: ARN of what it was about; ``*`` without a key.
        decision: What decided.
        reason: AWS's words for a denial; empty when it is allowed.
        mfa_would_help: Whether a fresh code would allow it.
        trace: Every step, if they were asked for.
        suggestion: The smallest change that would allow it, if steps were asked for.
    """

    resource: str
    decision: Decision
    reason: str
    mfa_would_help: bool
    trace: Trace | None = None
    suggestion: Suggestion | None = None
