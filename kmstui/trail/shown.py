"""What is shown inside a record, as JSON: names as CloudTrail writes them, values made harmless.

Text is hostile: no value can break the line, be longer than :data:`FIELD_BYTES`, or act on a
terminal that the trail is printed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import orjson

from kmstui.core.errors import TrailError

FIELD_BYTES: Final = 8 * 1024
"""UTF-8 bytes kept of a text; of the rest its length and SHA-256 are kept."""

MEMBERS_BYTES: Final = 80 * 1024
"""The longest request, response or additional data; a longer one becomes its SHA-256.

Three of them and the rest stay below 256 KiB, the longest record that CloudTrail has.
"""

_SHORT_CHARACTERS = FIELD_BYTES // 4
"""A text of no more characters cannot be over the cap, as UTF-8 takes at most 4 bytes for one."""

_NAME_CHARACTERS = 64
"""No member of AWS's has a longer name; a longer one is the caller's and is not remembered."""

_NAMES = 1024
"""Names that are remembered at most."""

_DEPTH = 16
_TEXT_MAPS = frozenset(
    {
        "EncryptionContext",
        "SourceEncryptionContext",
        "DestinationEncryptionContext",
        "EncryptionContextEquals",
        "EncryptionContextSubset",
    }
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_ACTING = re.compile(
    b"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf"
)
"""DEL, C1 controls, line and paragraph separators, bidirectional controls, byte order mark."""


def console_date(when: datetime) -> str:
    """A date as CloudTrail writes it inside requests and responses, in UTC.

    For example ``Aug 10, 2022, 10:38:27 PM``.

    Raises:
        TrailError: The time is not aware.
    """
    when = in_utc(when)
    hour = when.hour % 12 or 12
    half = "AM" if when.hour < 12 else "PM"
    return (
        f"{_MONTHS[when.month - 1]} {when.day}, {when.year}, "
        f"{hour}:{when.minute:02}:{when.second:02} {half}"
    )


def member_name(name: str) -> str:
    """An API member's name as CloudTrail writes it: the first letter in lower case."""
    return name[:1].lower() + name[1:]


class _Labels(dict[str, str]):
    """Names of members as they are written, so that AWS's are made once."""

    def __missing__(self, name: str) -> str:
        if len(name) > _NAME_CHARACTERS:
            return shown_text(member_name(name))
        label = member_name(name)
        if len(self) < _NAMES:
            self[name] = label
        return label


_LABELS: Final = _Labels()


def _members(members: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """A structure: names are AWS's and become lower camel case."""
    shown: dict[str, Any] = {}
    for name, value in members.items():
        label = _LABELS[name]
        if type(value) is str and len(value) <= _SHORT_CHARACTERS:
            shown[label] = value
        elif name in _TEXT_MAPS:
            shown[label] = _text_map(value, depth + 1)
        else:
            shown[label] = _value(value, depth + 1)
    return shown


def _text_map(entries: Any, depth: int) -> Any:
    """A map of texts: its keys are the caller's and stay as they are."""
    if type(entries) is dict or isinstance(entries, Mapping):
        return {shown_text(key): _value(value, depth + 1) for key, value in entries.items()}
    return _value(entries, depth)


def _value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return shown_text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, datetime):
        return console_date(value)
    if depth >= _DEPTH:
        return f"[nested deeper than {_DEPTH} levels]"
    if isinstance(value, Mapping):
        return _members(value, depth)
    if isinstance(value, (list, tuple)):
        return [_value(each, depth + 1) for each in value]
    raise TrailError(f"A {type(value).__name__} has no place in the audit trail.")


def shown_text(text: str) -> str:
    """A text as it is shown: of a long one its beginning, and length and SHA-256 of the rest."""
    if len(text) <= _SHORT_CHARACTERS:
        return text
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= FIELD_BYTES:
        return text
    kept = data[:FIELD_BYTES].decode("utf-8", "ignore")
    rest = data[len(kept.encode()) :]
    return f"{kept}[{len(rest)} more bytes, SHA-256 {sha256(rest).hexdigest()}]"


def in_utc(when: datetime) -> datetime:
    """A time in UTC.

    Raises:
        TrailError: It is not aware.
    """
    if when.tzinfo is UTC:
        return when
    if when.tzinfo is None:
        raise TrailError("A time in the audit trail has no time zone.")
    return when.astimezone(UTC)


def shown_json(members: Mapping[str, Any]) -> bytes:
    """The JSON of a record's members, or what stands for them when they are too long.

    Args:
        members: Names as AWS spells them, and values.

    Raises:
        TrailError: A member is bytes, or a time is not aware.
    """
    data = encoded_json(_members(members, 0))
    if len(data) <= MEMBERS_BYTES:
        return data
    return orjson.dumps({"omittedBytes": len(data), "omittedSha256": sha256(data).hexdigest()})


def encoded_json(value: Any) -> bytes:
    """The JSON of a value, in which nothing acts on a terminal."""
    try:
        data = orjson.dumps(value)
    except orjson.JSONEncodeError:
        data = orjson.dumps(_encodable(value))
    if data.isascii() and b"\x7f" not in data:
        return data
    return _ACTING.sub(_escape, data)


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found[0].decode())


def _encodable(value: Any) -> Any:
    """What JSON can hold of a value with lone surrogates or integers of more than 64 bits."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)[:64]
    return value
