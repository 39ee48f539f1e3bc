"""Describing, listing, enabling and disabling KMS keys."""

from __future__ import annotations

from dataclasses import replace

from kmstui.core.limits import (
    LIST_KEYS_DEFAULT,
    LIST_KEYS_MAX,
)
from kmstui.core.spec import (
    LIVING_STATES,
    TOGGLE_STATES,
    Answer,
    Kind,
    Member,
    Needs,
    ResourceKind,
    operation,
)
from kmstui.keystore.records import KeyState
from kmstui.ops.call import Call
from kmstui.ops.kms import answers
from kmstui.ops.kms import members as m
from kmstui.ops.kms.crypto import hsm_of
from kmstui.ops.kms.grant_tokens import check_grant_tokens
from kmstui.ops.kms.metadata import key_metadata
from kmstui.ops.kms.rotating import rotate_automatically, rotation_due
from kmstui.ops.kms.stores.lookup import store_of
from kmstui.ops.paging import page_limit, paged, read_marker


@operation(
    "kms",
    "DescribeKey",
    doc="Show a key's metadata.",
    members=(m.key_id(), m.GRANT_TOKENS),
    answer=(m.KEY_METADATA,),
    needs=(Needs("kms:DescribeKey", aliases=True),),
    grant="DescribeKey",
    cross_account=True,
    while_verifying=True,
    check=check_grant_tokens,
    logged=("KeyId",),
    errors=m.KEY_ERRORS,
)
def describe_key(call: Call) -> Answer:
    """Return the key's metadata."""
    store = store_of(call.services.keystore, call.key)
    return {"KeyMetadata": key_metadata(call.key, store)}


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
    answer=(answers.KEYS, m.NEXT_MARKER, m.TRUNCATED),
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
    errors=(*m.STATE_ERRORS, "LimitExceededException"),
)
def enable_key(call: Call) -> Answer:
    """Set the key's state to Enabled, and make up for a rotation that became due meanwhile."""
    key = replace(call.key, state=KeyState.ENABLED)
    call.writer.put_key(key)
    due = rotation_due(key)
    if due is not None and due <= call.now:
        hsm, ids = hsm_of(call, key), call.services.ids
        call.events.append(rotate_automatically(call.writer, hsm, ids, key, call.now))
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
    errors=m.STATE_ERRORS,
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
    errors=m.STATE_ERRORS,
)
def update_key_description(call: Call) -> Answer:
    """Set the key's description."""
    call.writer.put_key(replace(call.key, description=call.text("Description")))
    return {}
