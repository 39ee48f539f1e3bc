"""Length-prefixed canonical encoding, for data that is authenticated.

No two different inputs have the same encoding: every field carries its length, so nothing can
move from one field into the next.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from kmstui.core.errors import CanonicalError

_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")


def encode(*fields: bytes | str | int) -> bytes:
    """Return the concatenation of ``u32 length || bytes`` for each field.

    Text is UTF-8; an integer is an unsigned 64-bit big-endian number.

    Raises:
        CanonicalError: A text holds a lone surrogate, or a number does not fit.
    """
    parts: list[bytes] = []
    for field in fields:
        data = _field(field)
        parts.append(_U32.pack(len(data)))
        parts.append(data)
    return b"".join(parts)


def encode_map(pairs: Mapping[str, str]) -> bytes:
    """Return the canonical form of an encryption context.

    ``u32 count``, then the pairs sorted by the UTF-8 bytes of their keys, key and value each as
    ``u32 length || bytes``. The empty map is the empty string, so that no context and an empty
    context are the same. Text is not normalised: AWS compares contexts exactly.

    Raises:
        CanonicalError: A key or value holds a lone surrogate.
    """
    if not pairs:
        return b""
    encoded = sorted((_text(key), _text(value)) for key, value in pairs.items())
    parts = [_U32.pack(len(encoded))]
    for key, value in encoded:
        parts += (_U32.pack(len(key)), key, _U32.pack(len(value)), value)
    return b"".join(parts)


def _field(field: bytes | str | int) -> bytes:
    if isinstance(field, bytes):
        return field
    if isinstance(field, str):
        return _text(field)
    try:
        return _U64.pack(field)
    except struct.error as error:
        raise CanonicalError("a number does not fit in 64 unsigned bits") from error


def _text(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise CanonicalError("a text holds a lone surrogate") from error
