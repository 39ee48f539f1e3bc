"""What the callers of recorded events are called. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def caller_name(identity: Mapping[str, Any]) -> str:
    """Return the short name of an event's ``userIdentity``; untrusted text.

    A user's or root user's own; the role's for a role's session, which says more than what the
    session is called; else the service.
    """
    who = str(identity.get("arn") or identity.get("invokedBy") or identity.get("type") or "")
    kind, _, rest = who.rpartition(":")[2].partition("/")
    if kind == "assumed-role":
        return rest.partition("/")[0]
    return (rest or kind).rpartition("/")[2]
