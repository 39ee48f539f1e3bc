"""RetireGrant and RevokeGrant: the two ways in which a grant ends, at once."""

from __future__ import annotations

from kmstui.core.errors import (
    InvalidGrantIdException,
    InvalidGrantTokenException,
    ValidationException,
)
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore import GrantRecord
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.grant_facts import RETIRE
from kmstui.ops.kms.grant_tokens import read_token


def find_grant(call: Call, key: KeyRecord) -> GrantRecord | None:
    """Return the grant on a key that a request names by its GrantId, if there is one."""
    place = (key.account, key.region, key.key_id)
    return call.services.keystore.grant(*place, call.text("GrantId"))


def unknown_grant(call: Call) -> InvalidGrantIdException:
    """Return the error for a GrantId that names no grant."""
    return InvalidGrantIdException(f"Grant ID {call.text('GrantId')} not found")


def token_grant(call: Call) -> tuple[KeyRecord, GrantRecord]:
    """Return the key and grant that a request names by its GrantToken.

    Raises:
        InvalidGrantTokenException: The token is not ours, or its grant has ended.
        ValidationException: The request also names another key or grant.
    """
    account, region, key_id, grant_id = read_token(call, call.text("GrantToken"))
    keystore = call.services.keystore
    key = keystore.key(account, region, key_id)
    grant = keystore.grant(account, region, key_id, grant_id)
    if key is None or grant is None:
        raise InvalidGrantTokenException(
            "The grant token is not valid.", hint="Its grant has been retired or revoked."
        )
    named = call.text("KeyId", key_id), call.text("GrantId", grant_id)
    if named[0] not in {key_id, key.arn} or named[1] != grant_id:
        raise ValidationException("The grant token and the grant ID name different grants.")
    return key, grant


def _check_retire(call: Call) -> None:
    if not call.has("GrantToken") and not (call.has("KeyId") and call.has("GrantId")):
        raise ValidationException("Grant token OR (grant ID, key ID) must be specified")


@operation(
    "kms",
    "RetireGrant",
    doc="End a grant, as the grant itself says who may.",
    members=(
        Member(
            "GrantToken",
            Kind.TEXT,
            minimum=1,
            maximum=8192,
            sensitive=True,
            doc="The token of the grant, in place of key and grant id.",
        ),
        m.key_id(required=False, doc="The key of the grant."),
        m.grant_id(required=False),
        m.DRY_RUN,
    ),
    needs=(Needs("kms:RetireGrant", ResourceKind.GRANT, role="grant"),),
    grant=RETIRE,
    cross_account=True,
    mutates=True,
    dry_run=True,
    check=_check_retire,
    errors=(
        "InvalidArnException",
        "InvalidGrantTokenException",
        "InvalidGrantIdException",
        "NotFoundException",
        "DependencyTimeoutException",
        "KMSInternalException",
        "KMSInvalidStateException",
        "DryRunOperationException",
    ),
)
def retire_grant(call: Call) -> Answer:
    """Delete the grant."""
    _delete(call, call.grants["grant"])
    return {}


def _fits_revoke(call: Call) -> None:
    if find_grant(call, call.key) is None:
        raise unknown_grant(call)


@operation(
    "kms",
    "RevokeGrant",
    doc="End a grant, as whoever administers the key.",
    members=(m.key_id(), m.grant_id(), m.DRY_RUN),
    needs=(Needs("kms:RevokeGrant"),),
    cross_account=True,
    mutates=True,
    dry_run=True,
    fits=_fits_revoke,
    logged=("KeyId", "GrantId"),
    errors=(
        "NotFoundException",
        "DependencyTimeoutException",
        "InvalidArnException",
        "InvalidGrantIdException",
        "KMSInternalException",
        "KMSInvalidStateException",
        "DryRunOperationException",
    ),
)
def revoke_grant(call: Call) -> Answer:
    """Delete the grant."""
    grant = find_grant(call, call.key)
    if grant is None:
        raise unknown_grant(call)
    _delete(call, grant)
    return {}


def _delete(call: Call, grant: GrantRecord) -> None:
    call.writer.delete_grant(grant.account, grant.region, grant.key_id, grant.grant_id)
