"""What the operations about imported key material share."""

from __future__ import annotations

from typing import Final

from kmstui.core.errors import UnsupportedOperationException
from kmstui.core.spec import Answer, Kind, Member
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.kms.imported import IMPORTED

SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
"""The one KeySpec whose keys have several imported key materials."""

_SYMMETRIC_ONLY: Final = ("ImportType", "KeyMaterialDescription", "KeyMaterialId")

IMPORT_ERRORS: Final = (
    "InvalidArnException",
    "UnsupportedOperationException",
    "DependencyTimeoutException",
    "NotFoundException",
    "KMSInternalException",
    "KMSInvalidStateException",
)
"""What AWS models for each of them."""

MATERIAL_ID: Final = Member(
    "KeyMaterialId", Kind.TEXT, minimum=64, maximum=64, pattern="^[a-f0-9]+$"
)
"""The request member that names a key material."""


def check_origin(call: Call) -> None:
    """Refuse a key whose material is not imported."""
    key = call.key
    if key.origin != IMPORTED:
        raise UnsupportedOperationException(
            f"{key.arn} origin is {key.origin} which is not valid for this operation.",
            hint="Whether material is imported is decided when a key is created.",
        )


def check_symmetric_members(call: Call) -> None:
    """Refuse what only keys with several materials have."""
    if call.key.key_spec == SYMMETRIC:
        return
    for name in _SYMMETRIC_ONLY:
        if call.has(name):
            raise UnsupportedOperationException(
                f"{name} is supported for symmetric encryption keys only.",
                hint="Other keys have one key material for life.",
            )


def import_answer(key: KeyRecord, material_id: str) -> Answer:
    """Return what import and deletion answer; only keys with several materials name them."""
    if key.key_spec != SYMMETRIC or not material_id:
        return {"KeyId": key.arn}
    return {"KeyId": key.arn, "KeyMaterialId": material_id}
