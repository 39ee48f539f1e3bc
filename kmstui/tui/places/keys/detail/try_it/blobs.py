"""Bytes on their way in and out of Try-it: Base64, files, plaintext as text."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from kmstui.core.errors import UsageError
from kmstui.tui import text


def to_base64(data: bytes) -> str:
    """Write bytes as Base64."""
    return base64.b64encode(data).decode("ascii")


def from_base64(source: str) -> bytes:
    """Read Base64, however it was broken into lines.

    Raises:
        UsageError: It is not Base64.
    """
    try:
        data = base64.b64decode("".join(source.split()), validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("That is not Base64.", hint="Paste the ciphertext whole.") from None
    if not data:
        raise UsageError("There is no ciphertext.", hint="Paste one, or encrypt something first.")
    return data


def readable(data: bytes) -> str:
    """Write plaintext as the text it is, or as Base64 if it is none."""
    try:
        written = data.decode()
    except UnicodeDecodeError:
        return to_base64(data)
    return written if text.without_hidden(written.replace("\n", "")) else to_base64(data)


def read_file(path: str, limit: int) -> bytes:
    """Read a file of at most ``limit`` bytes.

    Raises:
        UsageError: It cannot be read, is empty or too long.
    """
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path} cannot be read: {_reason(error)}.") from None
    if len(data) > limit:
        raise UsageError(
            f"{path} is longer than {limit:,} bytes.",
            hint="Encrypt long data under a data key, and the data key under the KMS key.",
        )
    if not data:
        raise UsageError(f"{path} is empty.")
    return data


def write_file(path: str, data: bytes) -> Path:
    """Write a new file that only its owner can read.

    Raises:
        UsageError: It exists already or cannot be written.
    """
    target = Path(path).expanduser()
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(target, flags, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path} cannot be written: {_reason(error)}.") from None
    return target


def _reason(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) else str(error)
    return (said or "unknown reason").lower()
