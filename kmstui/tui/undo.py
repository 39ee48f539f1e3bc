"""What takes a call back: the journal behind `u`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Call:
    """An operation and its request.

    Attributes:
        operation: Its name.
        members: Its request.
        left: What the call that it takes back has left: the object must still be so. A member
            that is None stands for something that is not there.
    """

    operation: str
    members: Mapping[str, object]
    left: Mapping[str, object] = field(default_factory=dict)

    @property
    def before(self) -> dict[str, object]:
        """What is there before this call, for its own inverse."""
        known = {name: value for name, value in self.left.items() if value is not None}
        tags = known.get("Tags")
        if isinstance(tags, Mapping):
            known["Tags"] = {key: value for key, value in tags.items() if value is not None}
        return known


_OPPOSITE = {"EnableKey": "DisableKey", "DisableKey": "EnableKey"}
_REPLACED = {
    "PutKeyPolicy": "Policy",
    "UpdateAlias": "TargetKeyId",
    "UpdateKeyDescription": "Description",
}
"""Operations that put one value in another's place, and the member it goes by."""

_GRANT_ENDS = frozenset({"RetireGrant", "RevokeGrant"})


WAYS_ON: Mapping[str, str] = {
    "ConnectCustomKeyStore": ":disconnect-store makes its keys unavailable again.",
    "DisconnectCustomKeyStore": ":connect-store makes its keys usable again.",
    "CreateCustomKeyStore": ":keystores deletes it, while it is disconnected and empty.",
    "ScheduleKeyDeletion": "K keeps the key until its waiting period ends; then nothing does.",
    "CancelKeyDeletion": "X schedules it anew, with a whole waiting period.",
    "CreateKey": "A key cannot be unmade; X schedules its deletion.",
    "ImportKeyMaterial": "Material that was imported can be deleted, not taken back.",
    "DeleteImportedKeyMaterial": "Only the same material can be imported again, if you have it.",
    "EnableKeyRotation": "F changes the schedule, or switches it off.",
    "DisableKeyRotation": "F puts it on a schedule again, counted from then.",
    "ReplicateKey": "A replica is deleted in its own Region; the primary stays.",
    "UpdatePrimaryRegion": ":primary makes the other Region lead again.",
    "RotateKeyOnDemand": "A rotation cannot be taken back; old versions go on decrypting.",
}
"""What remains where nothing takes a call back."""

_NO_CHANGE = (
    *("Describe", "Get", "List", "Encrypt", "Decrypt", "Generate", "ReEncrypt"),
    *("Sign", "Verify", "Derive"),
)


def changes(operation: str) -> bool:
    """Tell whether an operation changes something that could be taken back at all."""
    return not operation.rpartition(":")[2].startswith(_NO_CHANGE)


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
    found = _inverse(operation, request, before or {})
    return None if found is None else replace(found, left=_left(operation, request))


def _left(operation: str, request: Mapping[str, object]) -> dict[str, object]:
    """Return what a call has left behind it, as far as another call shows it."""
    if operation in _OPPOSITE:
        return {"KeyState": "Enabled" if operation == "EnableKey" else "Disabled"}
    if operation in {"CreateAlias", "DeleteAlias"}:
        return {"TargetKeyId": request.get("TargetKeyId")}
    if operation in _REPLACED:
        return {_REPLACED[operation]: request.get(_REPLACED[operation])}
    if operation == "UntagResource":
        return {"Tags": dict.fromkeys(_strings(request.get("TagKeys")))}
    given = request.get("Tags")
    if operation == "TagResource" and isinstance(given, list | tuple):
        return {"Tags": {str(tag["TagKey"]): str(tag["TagValue"]) for tag in given}}
    return {}


def _inverse(
    operation: str, request: Mapping[str, object], before: Mapping[str, object]
) -> Call | None:
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
