"""JSON for anything that comes from outside: one reading per text, bounded in depth and size.

The standard parser keeps the last of duplicate keys and accepts NaN, Infinity and lone
surrogates; a policy read that way could be shown as one thing and enforced as another.
"""

from __future__ import annotations

import json
import math
from typing import NoReturn, TypeAlias

from kmstui.core.errors import StrictJsonError

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None

MAX_DEPTH = 32
MAX_BYTES = 1 << 20


def loads(
    data: bytes | str, *, max_depth: int = MAX_DEPTH, max_bytes: int = MAX_BYTES
) -> JsonValue:
    """Return the value of a JSON text (RFC 8259), read strictly.

    Args:
        data: UTF-8 bytes or text.
        max_depth: Deepest nesting of arrays and objects.
        max_bytes: Longest text, in UTF-8 bytes.

    Raises:
        StrictJsonError: Not JSON; or duplicate keys, NaN or Infinity, a lone surrogate, too deep
            or too long.
    """
    text = _as_text(data, max_bytes)
    _check_depth(text, max_depth)
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        raise StrictJsonError(
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except ValueError as error:
        raise StrictJsonError(f"not JSON: {error}") from None
    _check_surrogates(value)
    return value


def dumps(value: JsonValue) -> bytes:
    """Return compact JSON with sorted keys, as UTF-8.

    Raises:
        StrictJsonError: The value holds NaN, Infinity or a lone surrogate.
    """
    try:
        text = json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return text.encode()
    except ValueError as error:
        raise StrictJsonError(f"no JSON form: {error}") from None


def _as_text(data: bytes | str, max_bytes: int) -> str:
    try:
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > max_bytes:
            raise StrictJsonError(f"longer than {max_bytes} bytes")
        return raw.decode()
    except UnicodeError:
        raise StrictJsonError("not UTF-8") from None


def _check_depth(text: str, max_depth: int) -> None:
    """Refuse deep nesting before the recursive parser sees it."""
    depth = 0
    inside = False
    escaped = False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            if depth > max_depth:
                raise StrictJsonError(f"nested deeper than {max_depth} levels")
        elif character in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise StrictJsonError(f"duplicate key {key!r}")
            seen.add(key)
    return result


def _finite(text: str) -> float:
    """Read a number; one too large for a double would silently become infinity."""
    number = float(text)
    if math.isinf(number):
        raise StrictJsonError("a number is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise StrictJsonError(f"{name} is not JSON")


def _check_surrogates(value: JsonValue) -> None:
    stack: list[JsonValue] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            for key in item:
                _check_text(key)
            stack.extend(item.values())


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise StrictJsonError("a string holds a lone surrogate") from None
