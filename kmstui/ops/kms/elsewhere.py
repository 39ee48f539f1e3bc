"""What a call does in another Region than its own, as the trail of that Region has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kmstui.keystore import OutboxRecord
from kmstui.ops.call import Call
from kmstui.trail.event import AWS_INTERNAL, EventKind, api_event


def event_elsewhere(
    call: Call,
    region: str,
    resource: str,
    *,
    name: str = "",
    request: Mapping[str, Any] | None = None,
    response: Mapping[str, Any] | None = None,
) -> OutboxRecord:
    """Return the record of a call in another Region, to be committed along.

    Args:
        call: The call.
        region: That Region.
        resource: ARN of the key there.
        name: The operation that AWS KMS calls there on the caller's behalf; empty for the same.
        request: Request members to show.
        response: Response members to show.
    """
    actor = call.standing.actor
    there = replace(
        actor,
        caller=replace(actor.caller, region=region),
        invoked_by=AWS_INTERNAL if name else actor.invoked_by,
    )
    event_id = call.services.ids.uuid()
    event = api_event(
        there,
        EventKind(name or call.spec.name, read_only=False),
        event_id=event_id,
        request_id=call.request_id,
        when=call.now,
        request=request,
        response=response,
        resources=(resource,),
    )
    return OutboxRecord(event_id, event)
