"""Whether what a call left is still so: without that, nothing is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kmstui.core import strictjson
from kmstui.core.errors import KmsError, NotFoundException, StrictJsonError
from kmstui.tui.undo import Call

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_TAGS_READ = 50
"""Tags a key has at most."""


async def changed_since(console: KmsApp, undo: Call) -> str:
    """Say what is no longer as the call to be taken back left it; empty if all of it is.

    Args:
        console: The application.
        undo: The call that takes another back.
    """
    try:
        present = await _present(console, undo)
    except KmsError as error:
        return f"Whether it is still so cannot be read: {error.message or error.code}"
    for name, wanted in undo.left.items():
        if difference := _difference(name, wanted, present):
            return difference
    return ""


async def _present(console: KmsApp, undo: Call) -> dict[str, Any]:
    """Read what there is now of what the call left."""
    found: dict[str, Any] = {}
    members, left = undo.members, undo.left
    if {"KeyState", "Description"} & set(left):
        metadata = await console.fetch("DescribeKey", KeyId=members["KeyId"])
        found |= metadata["KeyMetadata"]
    if "TargetKeyId" in left:
        found["TargetKeyId"] = await _target(console, str(members["AliasName"]))
    if "Policy" in left:
        found |= await console.fetch("GetKeyPolicy", KeyId=members["KeyId"])
    if "Tags" in left:
        answer = await console.fetch("ListResourceTags", KeyId=members["KeyId"], Limit=_TAGS_READ)
        found["Tags"] = {tag["TagKey"]: tag["TagValue"] for tag in answer["Tags"]}
    return found


async def _target(console: KmsApp, alias: str) -> str | None:
    try:
        answer = await console.fetch("DescribeKey", KeyId=alias)
    except NotFoundException:
        return None
    return str(answer["KeyMetadata"]["Arn"])


def _difference(name: str, wanted: object, present: Mapping[str, Any]) -> str:
    now = present.get(name)
    if name == "Tags" and isinstance(wanted, Mapping):
        tags = now or {}
        other = [key for key, value in wanted.items() if tags.get(key) != value]
        return f"The tag {other[0]} was changed since." if other else ""
    if name == "TargetKeyId":
        return "" if _same_key(wanted, now) else "The alias was changed since."
    if name == "Policy":
        return "" if _same_policy(wanted, now) else "The policy was changed since."
    words = {"KeyState": "The key's state", "Description": "The description"}
    return "" if now == wanted else f"{words.get(name, name)} was changed since."


def _same_key(wanted: object, now: str | None) -> bool:
    """Compare a key's ARN with the ARN or id that a request named."""
    if wanted is None or now is None:
        return wanted is now
    return now == wanted or now.endswith(f"/{wanted}")


def _same_policy(wanted: object, now: object) -> bool:
    """Compare two policies by what they say, not by how they are laid out."""
    try:
        return bool(strictjson.loads(str(wanted)) == strictjson.loads(str(now)))
    except StrictJsonError:
        return wanted == now
