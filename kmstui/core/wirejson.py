"""Requests and answers as JSON: blobs as base64, times as AWS writes them.

Source: AWS JSON 1.1 protocol; the AWS CLI User Guide for ISO 8601 times in output.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kmstui.core.errors import SerializationException
from kmstui.core.spec import Kind, Member, OperationSpec
from kmstui.core.strictjson import JsonValue


def read_request(spec: OperationSpec, body: JsonValue) -> dict[str, Any]:
    """Return a request from its JSON object; unknown members are left out.

    Raises:
        SerializationException: The body is not an object, or a value has another type.
    """
    if not isinstance(body, dict):
        raise SerializationException("The request must be a JSON object.")
    members = {member.name: member for member in spec.members}
    return {
        name: read_value(members[name], value)
        for name, value in body.items()
        if name in members and value is not None
    }


def read_value(member: Member, value: JsonValue) -> Any:
    """Return a member's value in its Python type; only blobs and times look different in JSON.

    Raises:
        SerializationException: A blob is not base64, or a time is neither a number nor ISO 8601.
    """
    if member.kind is Kind.BLOB:
        return _read_blob(member, value)
    if member.kind is Kind.TIMESTAMP:
        return _read_time(member, value)
    if member.kind is Kind.STRUCTURE and isinstance(value, dict):
        inner = {item.name: item for item in member.members}
        return {
            name: read_value(inner[name], entry) if name in inner else entry
            for name, entry in value.items()
        }
    if member.kind is Kind.LIST and isinstance(value, list) and member.item is not None:
        return [read_value(member.item, entry) for entry in value]
    return value


def _read_blob(member: Member, value: JsonValue) -> bytes:
    if not isinstance(value, str):
        raise SerializationException(f"{member.name} must be base64")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise SerializationException(f"{member.name} is not base64") from None


def _read_time(member: Member, value: JsonValue) -> datetime:
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            when = datetime.fromisoformat(value)
            return when if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise SerializationException(f"{member.name} is not a time") from None
    raise SerializationException(f"{member.name} must be a time")


def write_answer(answer: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Return an answer as JSON: blobs in base64, times in ISO 8601 with their offset."""
    return {name: write_value(value) for name, value in answer.items()}


def write_value(value: Any) -> JsonValue:
    """Return one value as JSON; see :func:`write_answer`."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): write_value(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [write_value(entry) for entry in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)
