"""Scheduling the deletion of KMS keys, and cancelling it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from kmstui.core.errors import ValidationException
from kmstui.core.limits import PENDING_WINDOW_MAX_DAYS, PENDING_WINDOW_MIN_DAYS
from kmstui.core.spec import CANCEL_STATES, SCHEDULE_STATES, Answer, Kind, Member, Needs, operation
from kmstui.keystore.records import KeyState
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.imported import lacks_material


def _check_window(call: Call) -> None:
    """Refuse waiting periods that the shape allows and the service does not."""
    days = call.number("PendingWindowInDays", PENDING_WINDOW_MAX_DAYS)
    low, high = PENDING_WINDOW_MIN_DAYS, PENDING_WINDOW_MAX_DAYS
    if not low <= days <= high:
        bound = (
            f"greater than or equal to {low}" if days < low else f"less than or equal to {high}"
        )
        raise ValidationException(
            f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to "
            f"satisfy constraint: Member must have value {bound}",
            hint=f"A waiting period is {low} to {high} days.",
        )


@operation(
    "kms",
    "ScheduleKeyDeletion",
    doc="Start the waiting period after which the key is destroyed for good.",
    members=(
        m.key_id(),
        Member(
            "PendingWindowInDays",
            Kind.INTEGER,
            minimum=1,
            maximum=365,
            default=PENDING_WINDOW_MAX_DAYS,
            doc="Waiting period in days, 7 to 30.",
        ),
    ),
    answer=(
        m.KEY_ID_ANSWER,
        Member("DeletionDate", Kind.TIMESTAMP),
        Member("KeyState", Kind.TEXT),
        Member("PendingWindowInDays", Kind.INTEGER),
    ),
    needs=(Needs("kms:ScheduleKeyDeletion"),),
    states=SCHEDULE_STATES,
    mutates=True,
    critical=True,
    check=_check_window,
    logged=("KeyId", "PendingWindowInDays"),
    logged_answer=("KeyId", "KeyState", "DeletionDate", "PendingWindowInDays"),
    errors=m.STATE_ERRORS,
)
def schedule_key_deletion(call: Call) -> Answer:
    """Set the key's state to PendingDeletion with a date.

    A primary key with replicas has no date before the last of them is gone: its waiting period
    begins then.
    """
    days = call.number("PendingWindowInDays", PENDING_WINDOW_MAX_DAYS)
    waits = bool(call.key.replica_regions) and not call.key.is_replica
    key = replace(
        call.key,
        state=KeyState.PENDING_REPLICA_DELETION if waits else KeyState.PENDING_DELETION,
        deletion_date=None if waits else call.now + timedelta(days=days),
        pending_window_days=days,
    )
    call.writer.put_key(key)
    answer: Answer = {"KeyId": key.arn, "KeyState": str(key.state), "PendingWindowInDays": days}
    return answer if waits else answer | {"DeletionDate": key.deletion_date}


@operation(
    "kms",
    "CancelKeyDeletion",
    doc="Keep a key that is scheduled for deletion; it becomes Disabled.",
    members=(m.key_id(),),
    answer=(m.KEY_ID_ANSWER,),
    needs=(Needs("kms:CancelKeyDeletion"),),
    states=CANCEL_STATES,
    mutates=True,
    logged=("KeyId",),
    logged_answer=("KeyId",),
    errors=m.STATE_ERRORS,
)
def cancel_key_deletion(call: Call) -> Answer:
    """Set the key's state to Disabled, whatever it was before, unless it misses material."""
    key = replace(
        call.key,
        state=KeyState.PENDING_IMPORT if lacks_material(call.key) else KeyState.DISABLED,
        deletion_date=None,
        pending_window_days=None,
        deletion_due_seen=None,
        deletion_due_boot=None,
    )
    call.writer.put_key(key)
    return {"KeyId": key.arn}
