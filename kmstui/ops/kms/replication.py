"""Multi-Region keys: replicating them, and changing which of them is the primary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from kmstui.authz.document import default_key_policy
from kmstui.core.arn import key_arn
from kmstui.core.errors import (
    AlreadyExistsException,
    LimitExceededException,
    NotFoundException,
    UnsupportedOperationException,
)
from kmstui.core.limits import KEYS_PER_REGION, REPLICAS_PER_KEY
from kmstui.core.spec import (
    CRYPTO_STATES,
    Answer,
    Kind,
    Member,
    Needs,
    ResourceKind,
    StateOutcome,
    StateRule,
    operation,
)
from kmstui.keystore.records import KeyRecord, KeyState
from kmstui.ops.call import Call
from kmstui.ops.kms import answers
from kmstui.ops.kms import members as m
from kmstui.ops.kms.elsewhere import event_elsewhere
from kmstui.ops.kms.guard import check_lockout, check_policy, check_tags, tag_pairs
from kmstui.ops.kms.metadata import key_metadata
from kmstui.ops.kms.related import put_shared, shared_materials

_REPLICATE_STATES: Final = StateRule(
    "ReplicateKey", {**CRYPTO_STATES.outcomes, "Updating": StateOutcome.UPDATING}
)
_PROMOTE_STATES: Final = StateRule("UpdatePrimaryRegion", CRYPTO_STATES.outcomes)

_ERRORS = (
    "DisabledException",
    "InvalidArnException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "NotFoundException",
    "UnsupportedOperationException",
)


def _region(name: str, doc: str) -> Member:
    return Member(
        name,
        Kind.TEXT,
        required=True,
        minimum=1,
        maximum=32,
        pattern=r"^([a-z]+-){2,3}\d+$",
        doc=doc,
    )


def _there(needed: str, when: str = "") -> Needs:
    """Return a permission of the account that is needed in the replica's Region."""
    return Needs(
        needed,
        ResourceKind.ACCOUNT,
        member="",
        role="account",
        when=when,
        stateful=False,
        region="ReplicaRegion",
    )


def _require_primary(key: KeyRecord) -> None:
    if not key.multi_region:
        raise UnsupportedOperationException(
            "Unable to replicate a non-MultiRegion key",
            hint="Whether a key is multi-Region is decided when it is created.",
        )
    if key.is_replica:
        raise UnsupportedOperationException(
            f"{key.arn} is not a multi-region primary key.",
            hint=f"The primary key is in {key.primary_region}.",
        )


def _check_replicate(call: Call) -> None:
    check_tags(call)
    check_policy(call)


def _fits_replicate(call: Call) -> None:
    key, region = call.key, call.text("ReplicaRegion")
    _require_primary(key)
    keystore, arn = call.services.keystore, key_arn(key.account, region, key.key_id)
    if keystore.key(key.account, region, key.key_id) is not None:
        raise AlreadyExistsException(
            f"{arn} already exists.",
            hint="A Region has one key of a set. Its deletion, if scheduled, can be cancelled.",
        )
    if len(key.replica_regions) >= REPLICAS_PER_KEY:
        raise LimitExceededException(f"{key.arn} has {REPLICAS_PER_KEY} replicas already.")
    if keystore.key_count(key.account, region) >= KEYS_PER_REGION:
        raise LimitExceededException(f"There are {KEYS_PER_REGION} KMS keys in {region} already.")
    check_lockout(call, arn)


@operation(
    "kms",
    "ReplicateKey",
    doc="Make a replica of a multi-Region primary key in another Region.",
    members=(
        m.key_id(doc="The multi-Region primary key."),
        _region("ReplicaRegion", "Where the replica is made."),
        m.policy(required=False),
        m.BYPASS,
        Member("Description", Kind.TEXT, minimum=0, maximum=8192, doc="The replica's own."),
        m.tags(required=False),
    ),
    answer=(
        answers.key_metadata("ReplicaKeyMetadata"),
        Member("ReplicaPolicy", Kind.TEXT),
        answers.tag_list("ReplicaTags"),
    ),
    needs=(
        Needs("kms:ReplicateKey"),
        _there("kms:CreateKey"),
        _there("kms:TagResource", when="Tags"),
    ),
    states=_REPLICATE_STATES,
    mutates=True,
    check=_check_replicate,
    fits=_fits_replicate,
    logged=(
        "KeyId",
        "ReplicaRegion",
        "Description",
        "BypassPolicyLockoutSafetyCheck",
        "Policy",
        "Tags",
    ),
    logged_answer=("ReplicaKeyMetadata", "ReplicaPolicy", "ReplicaTags"),
    errors=(
        *_ERRORS,
        "AlreadyExistsException",
        "LimitExceededException",
        "MalformedPolicyDocumentException",
        "TagException",
    ),
)
def replicate_key(call: Call) -> Answer:
    """Make the replica: with the key's material, or waiting for its import."""
    key, region = call.key, call.text("ReplicaRegion")
    regions = tuple(sorted({*key.replica_regions, region}))
    replica = replace(
        key,
        region=region,
        description=call.text("Description"),
        state=KeyState.PENDING_IMPORT if key.origin == "EXTERNAL" else KeyState.ENABLED,
        created=call.now,
        materials=shared_materials(key),
        aliases=(),
        tags=tag_pairs(call),
        policy=call.text("Policy", default_key_policy(key.account)),
        replica_regions=regions,
    )
    call.writer.put_key(replica)
    put_shared(call.writer, replace(key, replica_regions=regions))
    call.keys["replica"] = replica
    metadata = key_metadata(replica)
    call.events.append(
        event_elsewhere(
            call,
            region,
            replica.arn,
            name="CreateKey",
            request=_creation(call, replica),
            response={"KeyMetadata": metadata},
        )
    )
    return {
        "ReplicaKeyMetadata": metadata,
        "ReplicaPolicy": replica.policy,
        "ReplicaTags": [{"TagKey": name, "TagValue": value} for name, value in replica.tags],
    }


def _creation(call: Call, replica: KeyRecord) -> dict[str, Any]:
    """Return the request of CreateKey that a replication is in the replica's Region."""
    request: dict[str, Any] = {
        "Description": replica.description,
        "Origin": replica.origin,
        "KeySpec": replica.key_spec,
        "CustomerMasterKeySpec": replica.key_spec,
        "KeyUsage": replica.key_usage,
        "BypassPolicyLockoutSafetyCheck": call.flag("BypassPolicyLockoutSafetyCheck"),
        "MultiRegion": True,
    }
    if call.has("Policy"):
        request["Policy"] = replica.policy
    if replica.tags:
        request["Tags"] = [{"TagKey": name, "TagValue": value} for name, value in replica.tags]
    return request


def _fits_promote(call: Call) -> None:
    key, region = call.key, call.text("PrimaryRegion")
    if not key.multi_region or key.is_replica:
        raise UnsupportedOperationException(f"{key.arn} is not a multi-region primary key.")
    if region == key.region:
        raise UnsupportedOperationException(f"{key.arn} is the primary key already.")
    if call.keys["replica"].region != region:
        raise NotFoundException(
            f"Key '{key_arn(key.account, region, key.key_id)}' does not exist",
            hint="Replicate the key to that Region first.",
        )


@operation(
    "kms",
    "UpdatePrimaryRegion",
    doc="Make the replica in another Region the primary key, and the primary key a replica.",
    members=(
        m.key_id(doc="The multi-Region primary key."),
        _region("PrimaryRegion", "Where the replica is that becomes the primary key."),
    ),
    needs=(
        Needs("kms:UpdatePrimaryRegion"),
        Needs(
            "kms:UpdatePrimaryRegion",
            ResourceKind.RELATED,
            member="PrimaryRegion",
            role="replica",
            region="PrimaryRegion",
        ),
    ),
    states=_PROMOTE_STATES,
    mutates=True,
    fits=_fits_promote,
    logged=("KeyId", "PrimaryRegion"),
    errors=_ERRORS,
)
def update_primary_region(call: Call) -> Answer:
    """Change both roles, and what every related key knows of them, in one commit."""
    key, replica = call.key, call.keys["replica"]
    replicas = {*key.replica_regions, key.region} - {replica.region}
    put_shared(
        call.writer,
        replace(key, primary_region=replica.region, replica_regions=tuple(sorted(replicas))),
    )
    request = {"KeyId": call.text("KeyId"), "PrimaryRegion": replica.region}
    response = {"KeyId": replica.arn}
    call.events.append(
        event_elsewhere(call, replica.region, replica.arn, request=request, response=response)
    )
    return {}
