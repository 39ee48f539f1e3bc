"""Bytes on their way in and out of Try-it: Base64, and plaintext as text."""

from __future__ import annotations

import base64
import binascii

from kmstui.core.errors import UsageError
from kmstui.tui import text


def to_base64(data: bytes) -> str:
    """Write bytes as Base64."""
    return base64.b64encode(data).decode("ascii")


def from_base64(source: str) -> bytes:
    """Read Base64, however it was broken into lines.

    Raises:
        UsageError: It is not Base64, or nothing.
    """
    try:
        data = base64.b64decode("".join(source.split()), validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("That is not Base64.", hint="Paste it whole.") from None
    if not data:
        raise UsageError("There is nothing.", hint="Paste it in Base64.")
    return data


def readable(data: bytes) -> str:
    """Write plaintext as the text it is, or as Base64 if it is none."""
    try:
        written = data.decode()
    except UnicodeDecodeError:
        return to_base64(data)
    return written if text.without_hidden(written.replace("\n", "")) else to_base64(data)
