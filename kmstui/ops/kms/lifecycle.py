"""Creating, describing, listing, disabling and deleting KMS keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from kmstui.authz.policy import default_key_policy
from kmstui.core.arn import key_arn
from kmstui.core.errors import (
    LimitExceededException,
    UnsupportedOperationException,
    ValidationException,
)
from kmstui.core.limits import (
    KEYS_PER_REGION,
    LIST_KEYS_DEFAULT,
    LIST_KEYS_MAX,
    PENDING_WINDOW_MAX_DAYS,
    PENDING_WINDOW_MIN_DAYS,
)
from kmstui.core.spec import (
    CANCEL_STATES,
    LIVING_STATES,
    SCHEDULE_STATES,
    TOGGLE_STATES,
    Answer,
    Kind,
    Member,
    Needs,
    ResourceKind,
    operation,
)
from kmstui.hsm.base import MaterialBinding
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord, KeyState
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.algorithms import is_supported
from kmstui.ops.kms.guard import check_lockout, check_policy, check_tags, tag_pairs
from kmstui.ops.kms.metadata import key_metadata
from kmstui.ops.paging import page_limit, paged, read_marker

TRACKING_START: Final = datetime(2026, 4, 23, tzinfo=UTC)
"""When AWS began to track the last usage of keys (AWS KMS API Reference, GetKeyLastUsage)."""

_KEY_ERRORS = (
    "NotFoundException",
    "InvalidArnException",
    "DependencyTimeoutException",
    "KMSInternalException",
)
_STATE_ERRORS = (*_KEY_ERRORS, "KMSInvalidStateException")


def _check_create(call: Call) -> None:
    """Refuse combinations that no key can have, in the order AWS does."""
    spec = _spec_of(call)
    usage = call.text("KeyUsage")
    if spec != "SYMMETRIC_DEFAULT" and not usage:
        raise ValidationException(
            "You must specify a KeyUsage value for all KMS keys except for symmetric "
            "encryption keys."
        )
    usage = usage or "ENCRYPT_DECRYPT"
    if usage not in m.USAGES_OF_SPEC[spec]:
        raise ValidationException(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    if call.has("XksKeyId") and call.text("Origin") != "EXTERNAL_KEY_STORE":
        raise ValidationException("XksKeyId is valid only for Origin EXTERNAL_KEY_STORE.")
    check_tags(call)
    check_policy(call)
    check_lockout(call, key_arn(call.caller.account, call.caller.region, "the-new-key"))


def _spec_of(call: Call) -> str:
    spec = call.text("KeySpec")
    old = call.text("CustomerMasterKeySpec")
    if spec and old:
        raise ValidationException(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated."
        )
    return spec or old or "SYMMETRIC_DEFAULT"


def _check_supported(call: Call, spec: str, usage: str) -> None:
    if not is_supported(spec, usage):
        raise UnsupportedOperationException(
            f"KeySpec {spec} with KeyUsage {usage} is not supported.",
            hint="This version makes symmetric encryption keys (SYMMETRIC_DEFAULT).",
        )
    origin = call.text("Origin", "AWS_KMS")
    if origin != "AWS_KMS" or call.has("CustomKeyStoreId"):
        raise UnsupportedOperationException(
            f"Origin {origin} is not supported.",
            hint="This version makes keys whose material comes from its own HSM (AWS_KMS).",
        )


@operation(
    "kms",
    "CreateKey",
    doc="Create a customer managed KMS key.",
    members=(
        m.policy(required=False),
        Member("Description", Kind.TEXT, minimum=0, maximum=8192, default=""),
        Member("KeyUsage", Kind.TEXT, enum=m.KEY_USAGES, default="ENCRYPT_DECRYPT"),
        Member(
            "CustomerMasterKeySpec",
            Kind.TEXT,
            enum=m.CUSTOMER_MASTER_KEY_SPECS,
            default="SYMMETRIC_DEFAULT",
        ),
        Member("KeySpec", Kind.TEXT, enum=m.KEY_SPECS, default="SYMMETRIC_DEFAULT"),
        Member("Origin", Kind.TEXT, enum=m.ORIGINS, default="AWS_KMS"),
        Member("CustomKeyStoreId", Kind.TEXT, minimum=1, maximum=64),
        Member("BypassPolicyLockoutSafetyCheck", Kind.BOOLEAN, default=False, doc=m.BYPASS.doc),
        m.tags(required=False),
        Member("MultiRegion", Kind.BOOLEAN, doc="Whether it can be replicated to other Regions."),
        Member("XksKeyId", Kind.TEXT, minimum=1, maximum=128, pattern="^[a-zA-Z0-9-_.]+$"),
    ),
    answer=(m.KEY_METADATA,),
    needs=(
        Needs("kms:CreateKey", ResourceKind.ACCOUNT, member=""),
        Needs("kms:TagResource", ResourceKind.ACCOUNT, member="", when="Tags"),
    ),
    mutates=True,
    check=_check_create,
    logged=(
        "Description",
        "Origin",
        "KeySpec",
        "CustomerMasterKeySpec",
        "KeyUsage",
        "BypassPolicyLockoutSafetyCheck",
        "MultiRegion",
        "CustomKeyStoreId",
        "Tags",
        "Policy",
    ),
    logged_answer=("KeyMetadata",),
    errors=(
        "MalformedPolicyDocumentException",
        "DependencyTimeoutException",
        "InvalidArnException",
        "UnsupportedOperationException",
        "KMSInternalException",
        "LimitExceededException",
        "TagException",
        "CustomKeyStoreNotFoundException",
        "CustomKeyStoreInvalidStateException",
        "CloudHsmClusterInvalidConfigurationException",
        "XksKeyInvalidConfigurationException",
        "XksKeyAlreadyInUseException",
        "XksKeyNotFoundException",
    ),
)
def create_key(call: Call) -> Answer:
    """Create a key with fresh material in the HSM."""
    spec, usage = _spec_of(call), call.text("KeyUsage", "ENCRYPT_DECRYPT")
    _check_supported(call, spec, usage)
    services, caller = call.services, call.caller
    if services.keystore.key_count(caller.account, caller.region) >= KEYS_PER_REGION:
        raise LimitExceededException(f"There are {KEYS_PER_REGION} KMS keys already.")
    multi_region = call.flag("MultiRegion")
    key_id = services.ids.key_id(multi_region=multi_region)
    binding = MaterialBinding(
        account=caller.account,
        key_id=key_id,
        material_id=services.ids.material_id(),
        version=1,
        key_spec=spec,
        key_usage=usage,
        origin="AWS_KMS",
        multi_region=multi_region,
    )
    wrapped = services.hsm.generate(binding)
    material = KeyMaterialRecord(
        binding.material_id, 1, wrapped.token, wrapped.check, call.now, "CURRENT"
    )
    key = KeyRecord(
        account=caller.account,
        region=caller.region,
        key_id=key_id,
        key_spec=spec,
        key_usage=usage,
        origin="AWS_KMS",
        key_manager="CUSTOMER",
        multi_region=multi_region,
        description=call.text("Description"),
        state=KeyState.ENABLED,
        created=call.now,
        materials=(material,),
        tags=tag_pairs(call),
        policy=call.text("Policy", default_key_policy(caller.account)),
    )
    call.writer.put_key(key)
    call.keys["key"] = key
    return {"KeyMetadata": key_metadata(key)}


@operation(
    "kms",
    "DescribeKey",
    doc="Show a key's metadata.",
    members=(m.key_id(), m.GRANT_TOKENS),
    answer=(m.KEY_METADATA,),
    needs=(Needs("kms:DescribeKey", aliases=True),),
    grant="DescribeKey",
    while_verifying=True,
    logged=("KeyId",),
    errors=_KEY_ERRORS,
)
def describe_key(call: Call) -> Answer:
    """Return the key's metadata."""
    return {"KeyMetadata": key_metadata(call.key)}


@operation(
    "kms",
    "ListKeys",
    doc="List the keys of the account in this Region.",
    members=(
        m.LIMIT,
        m.MARKER,
        Member(
            "ResourceOwners",
            Kind.LIST,
            minimum=1,
            maximum=2,
            item=Member("ResourceOwner", Kind.TEXT, enum=("SELF", "OTHER_ACCOUNTS_VIA_RAM")),
        ),
    ),
    answer=(Member("Keys", Kind.LIST), m.NEXT_MARKER, m.TRUNCATED),
    needs=(Needs("kms:ListKeys", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("Limit", "Marker"),
    errors=("DependencyTimeoutException", "KMSInternalException", "InvalidMarkerException"),
)
def list_keys(call: Call) -> Answer:
    """Return a page of key ids and ARNs, in key id order."""
    limit = page_limit(call, LIST_KEYS_DEFAULT, LIST_KEYS_MAX)
    owners = call.items("ResourceOwners") or ["SELF"]
    after = read_marker(call)
    caller = call.caller
    found = (
        call.services.keystore.keys(caller.account, caller.region, after=after, limit=limit + 1)
        if "SELF" in owners
        else []
    )
    return paged(
        call,
        "Keys",
        found,
        limit,
        place=lambda key: key.key_id,
        show=lambda key: {"KeyId": key.key_id, "KeyArn": key.arn},
    )


@operation(
    "kms",
    "EnableKey",
    doc="Make a disabled key usable again.",
    members=(m.key_id(),),
    needs=(Needs("kms:EnableKey"),),
    states=TOGGLE_STATES,
    mutates=True,
    logged=("KeyId",),
    errors=(*_STATE_ERRORS, "LimitExceededException"),
)
def enable_key(call: Call) -> Answer:
    """Set the key's state to Enabled."""
    call.writer.put_key(replace(call.key, state=KeyState.ENABLED))
    return {}


@operation(
    "kms",
    "DisableKey",
    doc="Stop every cryptographic use of a key; EnableKey undoes it.",
    members=(m.key_id(),),
    needs=(Needs("kms:DisableKey"),),
    states=TOGGLE_STATES,
    mutates=True,
    logged=("KeyId",),
    errors=_STATE_ERRORS,
)
def disable_key(call: Call) -> Answer:
    """Set the key's state to Disabled."""
    call.writer.put_key(replace(call.key, state=KeyState.DISABLED))
    return {}


@operation(
    "kms",
    "UpdateKeyDescription",
    doc="Replace a key's description.",
    members=(
        m.key_id(),
        Member("Description", Kind.TEXT, required=True, minimum=0, maximum=8192),
    ),
    needs=(Needs("kms:UpdateKeyDescription"),),
    states=LIVING_STATES,
    mutates=True,
    logged=("KeyId", "Description"),
    errors=_STATE_ERRORS,
)
def update_key_description(call: Call) -> Answer:
    """Set the key's description."""
    call.writer.put_key(replace(call.key, description=call.text("Description")))
    return {}


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
    errors=_STATE_ERRORS,
)
def schedule_key_deletion(call: Call) -> Answer:
    """Set the key's state to PendingDeletion with a date."""
    days = call.number("PendingWindowInDays", PENDING_WINDOW_MAX_DAYS)
    date = call.now + timedelta(days=days)
    key = replace(
        call.key,
        state=KeyState.PENDING_DELETION,
        deletion_date=date,
        pending_window_days=days,
    )
    call.writer.put_key(key)
    return {
        "KeyId": key.arn,
        "DeletionDate": date,
        "KeyState": str(key.state),
        "PendingWindowInDays": days,
    }


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
    errors=_STATE_ERRORS,
)
def cancel_key_deletion(call: Call) -> Answer:
    """Set the key's state to Disabled, whatever it was before."""
    key = replace(
        call.key,
        state=KeyState.DISABLED,
        deletion_date=None,
        pending_window_days=None,
        deletion_due_seen=None,
        deletion_due_boot=None,
    )
    call.writer.put_key(key)
    return {"KeyId": key.arn}


@operation(
    "kms",
    "GetKeyLastUsage",
    doc="Show the last successful cryptographic use of a key.",
    members=(m.key_id(),),
    answer=(
        m.KEY_ID_ANSWER,
        Member("KeyLastUsage", Kind.STRUCTURE),
        Member("TrackingStartDate", Kind.TIMESTAMP),
        Member("KeyCreationDate", Kind.TIMESTAMP),
    ),
    needs=(Needs("kms:GetKeyLastUsage"),),
    while_verifying=True,
    logged=("KeyId",),
    errors=_KEY_ERRORS,
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
