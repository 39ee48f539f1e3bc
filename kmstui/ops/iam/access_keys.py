"""Access keys of IAM users."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kmstui.core.errors import (
    IamLimitExceededException,
    InvalidInputException,
    NoSuchEntityException,
)
from kmstui.core.limits import ACCESS_KEYS_PER_USER
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore import AccessKeyRecord
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam.pages import listed
from kmstui.ops.iam.resolve import find_user, reads

ID_CHARACTERS = 20
"""Characters of an access key id, ``AKIA`` included."""


def _needs(action: str) -> Needs:
    return Needs(
        f"iam:{action}", ResourceKind.USER, member="UserName", role="user", stateful=False
    )


def _status(key: AccessKeyRecord) -> str:
    return "Active" if key.active else "Inactive"


def _entry(key: AccessKeyRecord) -> dict[str, Any]:
    return {
        "UserName": key.user_name,
        "AccessKeyId": key.access_key_id,
        "Status": _status(key),
        "CreateDate": key.created,
    }


def _found(call: Call) -> AccessKeyRecord:
    """Return the access key that a call names, if it is the named user's."""
    user, key_id = find_user(call), call.text("AccessKeyId")
    key = reads(call).access_key(key_id)
    if key is None or (key.account, key.user_name) != (user.account, user.name):
        raise NoSuchEntityException(f"The Access Key with id {key_id} cannot be found.")
    return key


@operation(
    "iam",
    "CreateAccessKey",
    doc="Give a user an access key; its secret is shown this once.",
    members=(m.user_name(required=False),),
    answer=(
        Member(
            "AccessKey",
            Kind.STRUCTURE,
            sensitive=True,
            members=(
                Member("UserName", Kind.TEXT),
                Member("AccessKeyId", Kind.TEXT),
                Member("Status", Kind.TEXT),
                Member("SecretAccessKey", Kind.TEXT, sensitive=True),
                Member("CreateDate", Kind.TIMESTAMP),
            ),
        ),
    ),
    needs=(_needs("CreateAccessKey"),),
    mutates=True,
    logged=("UserName",),
    errors=(m.ABSENT, m.LIMIT, m.FAILURE),
)
def create_access_key(call: Call) -> Answer:
    """Store the sealed secret under a new id, and return it once."""
    user, writer = find_user(call), call.writer
    if len(writer.access_keys(user.account, user.name)) >= ACCESS_KEYS_PER_USER:
        raise IamLimitExceededException(
            f"Cannot exceed quota for AccessKeysPerUser: {ACCESS_KEYS_PER_USER}"
        )
    key_id = call.services.ids.iam_id("AKIA", ID_CHARACTERS)
    secret, token = call.services.hsm.make_access_secret(user.account, key_id)
    key = AccessKeyRecord(user.account, key_id, user.name, token, active=True, created=call.now)
    writer.put_access_key(key)
    call.extra["accessKeyId"] = key_id
    return {"AccessKey": _entry(key) | {"SecretAccessKey": secret.reveal().decode("ascii")}}


def _check_status(call: Call) -> None:
    if call.text("Status") == "Expired":
        raise InvalidInputException("An access key cannot be set to Expired.")


@operation(
    "iam",
    "UpdateAccessKey",
    doc="Make an access key active or inactive.",
    members=(
        m.user_name(required=False),
        m.ACCESS_KEY_ID,
        Member(
            "Status",
            Kind.TEXT,
            required=True,
            enum=("Active", "Inactive", "Expired"),
            doc="What it is to be; AWS alone makes keys expire.",
        ),
    ),
    needs=(_needs("UpdateAccessKey"),),
    mutates=True,
    check=_check_status,
    logged=("UserName", "AccessKeyId", "Status"),
    errors=(m.ABSENT, m.LIMIT, m.FAILURE, m.INVALID),
)
def update_access_key(call: Call) -> Answer:
    """Store the status."""
    active = call.text("Status") == "Active"
    call.writer.put_access_key(replace(_found(call), active=active))
    return {}


@operation(
    "iam",
    "DeleteAccessKey",
    doc="Delete a user's access key.",
    members=(m.user_name(required=False), m.ACCESS_KEY_ID),
    needs=(_needs("DeleteAccessKey"),),
    mutates=True,
    logged=("UserName", "AccessKeyId"),
    errors=(m.ABSENT, m.LIMIT, m.FAILURE),
)
def delete_access_key(call: Call) -> Answer:
    """Remove the key with its sealed secret."""
    call.writer.delete_access_key(_found(call).access_key_id)
    return {}


@operation(
    "iam",
    "ListAccessKeys",
    doc="List a user's access keys; without a name, your own.",
    members=(m.user_name(required=False), *m.PAGING),
    answer=(Member("AccessKeyMetadata", Kind.LIST), *m.PAGE_ANSWER),
    needs=(_needs("ListAccessKeys"),),
    while_verifying=True,
    logged=("UserName", "Marker", "MaxItems"),
    errors=(m.ABSENT, m.FAILURE),
)
def list_access_keys(call: Call) -> Answer:
    """Return a page of access keys, by id."""
    user = find_user(call)
    return listed(
        call,
        "AccessKeyMetadata",
        reads(call).access_keys(user.account, user.name),
        place=lambda key: key.access_key_id,
        show=_entry,
        scope=user.arn,
    )


@operation(
    "iam",
    "GetAccessKeyLastUsed",
    doc="Show when an access key was last used, and whose it is.",
    members=(m.ACCESS_KEY_ID,),
    answer=(Member("UserName", Kind.TEXT), Member("AccessKeyLastUsed", Kind.STRUCTURE)),
    needs=(Needs("iam:GetAccessKeyLastUsed", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("AccessKeyId",),
    errors=(),
)
def get_access_key_last_used(call: Call) -> Answer:
    """Return the last use; without any, AWS's N/A."""
    key_id = call.text("AccessKeyId")
    key = call.services.keystore.access_key(key_id)
    if key is None or key.account != call.caller.account:
        raise NoSuchEntityException(f"The Access Key with id {key_id} cannot be found.")
    used: dict[str, Any] = {
        "ServiceName": key.last_service or "N/A",
        "Region": key.last_region or "N/A",
    }
    if key.last_used is not None:
        used["LastUsedDate"] = key.last_used
    return {"UserName": key.user_name, "AccessKeyLastUsed": used}
