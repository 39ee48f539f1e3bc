"""What takes a call back: the journal behind `u`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """An operation and its request."""

    operation: str
    members: Mapping[str, object]


_OPPOSITE = {"EnableKey": "DisableKey", "DisableKey": "EnableKey"}
_REPLACED = {
    "PutKeyPolicy": "Policy",
    "UpdateAlias": "TargetKeyId",
    "UpdateKeyDescription": "Description",
}
"""Operations that put one value in another's place, and the member it goes by."""

_GRANT_ENDS = frozenset({"RetireGrant", "RevokeGrant"})


def inverse(
    operation: str, request: Mapping[str, object], before: Mapping[str, object] | None = None
) -> Call | None:
    """Return the call that takes another back, or None if nothing does.

    A cancelled deletion, a created key and anything done with key material have no inverse: the
    first would start a new waiting period, the others cannot be unmade.

    Args:
        operation: The operation that was done.
        request: Its request.
        before: What was there before, where the request does not tell: ``Description``, ``Tags``
            (key to value), ``TargetKeyId``, ``Policy``, or ``Grant`` (the request that made it).
    """
    before = before or {}
    if operation in _OPPOSITE:
        return Call(_OPPOSITE[operation], {"KeyId": request["KeyId"]})
    if operation == "CreateAlias":
        return Call("DeleteAlias", {"AliasName": request["AliasName"]})
    if operation == "DeleteAlias" and "TargetKeyId" in before:
        return Call("CreateAlias", {**request, "TargetKeyId": before["TargetKeyId"]})
    member = _REPLACED.get(operation, "")
    if member in before:
        return Call(operation, {**request, member: before[member]})
    grant = before.get("Grant")
    if operation in _GRANT_ENDS and isinstance(grant, Mapping):
        return Call("CreateGrant", dict(grant))
    return _tags(operation, request, before.get("Tags"))


def _tags(operation: str, request: Mapping[str, object], before: object) -> Call | None:
    """Take back one call on tags, if one call can: mixed new and changed tags need two."""
    if not isinstance(before, Mapping):
        return None
    if operation == "UntagResource":
        gone = _strings(request.get("TagKeys"))
        tags = [{"TagKey": key, "TagValue": before[key]} for key in gone if key in before]
        return Call("TagResource", {"KeyId": request["KeyId"], "Tags": tags}) if tags else None
    if operation == "TagResource":
        given = request.get("Tags")
        keys = [str(tag["TagKey"]) for tag in given] if isinstance(given, list | tuple) else []
        fresh = [key for key in keys if key not in before]
        if keys and not fresh:
            tags = [{"TagKey": key, "TagValue": before[key]} for key in keys]
            return Call("TagResource", {"KeyId": request["KeyId"], "Tags": tags})
        if keys and fresh == keys:
            return Call("UntagResource", {"KeyId": request["KeyId"], "TagKeys": keys})
    return None


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
