"""When a KMS key was last used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from kmstui.core.spec import Answer, Kind, Member, Needs, operation
from kmstui.ops.call import Call
from kmstui.ops.kms import answers
from kmstui.ops.kms import members as m

TRACKING_START: Final = datetime(2026, 4, 23, tzinfo=UTC)
"""When AWS began to track the last usage of keys (AWS KMS API Reference, GetKeyLastUsage)."""


@operation(
    "kms",
    "GetKeyLastUsage",
    doc="Show the last successful cryptographic use of a key.",
    members=(m.key_id(),),
    answer=(
        m.KEY_ID_ANSWER,
        answers.KEY_LAST_USAGE,
        Member("TrackingStartDate", Kind.TIMESTAMP),
        Member("KeyCreationDate", Kind.TIMESTAMP),
    ),
    needs=(Needs("kms:GetKeyLastUsage"),),
    while_verifying=True,
    logged=("KeyId",),
    errors=m.KEY_ERRORS,
)
def get_key_last_usage(call: Call) -> Answer:
    """Return the last use, or an empty structure for a key that was never used."""
    usage = call.services.last_usage(call.key)
    shown = (
        {}
        if usage is None
        else {
            "Operation": usage.operation,
            "Timestamp": usage.timestamp,
            "CloudTrailEventId": usage.event_id,
            "KmsRequestId": usage.request_id,
        }
    )
    return {
        "KeyId": call.key.arn,
        "KeyLastUsage": shown,
        "TrackingStartDate": max(TRACKING_START, call.key.created),
        "KeyCreationDate": call.key.created,
    }
