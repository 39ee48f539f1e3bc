"""Encrypted data keys in files: finding them, reading and writing them as they were written."""

from __future__ import annotations

import base64
import binascii
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kmstui.core.errors import UsageError
from kmstui.core.limits import CIPHERTEXT_BYTES
from kmstui.tui.user_files import read_file, write_file

MOST_FILES = 10_000
"""Files of one re-wrap at most."""

_MOST_BYTES = 2 * CIPHERTEXT_BYTES
"""Bytes of a file at most: a ciphertext in Base64, line breaks and all."""

_MAGIC = b"KMT"
"""How a ciphertext begins that is not written in Base64."""


@dataclass(frozen=True, slots=True)
class DataKeyFile:
    """A file with an encrypted data key.

    Attributes:
        path: Where it is.
        blob: The ciphertext.
        encoded: Whether it is written in Base64.
    """

    path: str
    blob: bytes
    encoded: bool


def find(typed: str) -> list[str]:
    """Return the files that are meant: those of a folder, or those that are named.

    Args:
        typed: A folder, or paths as a shell takes them.

    Raises:
        UsageError: There are none, or too many, or they cannot be listed.
    """
    try:
        whole = Path(typed.strip()).expanduser()
        if typed.strip() and whole.is_dir():
            return _in_folder(whole)
        paths = shlex.split(typed)
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError("That is no folder and no list of files.", hint=str(error)) from None
    if not paths:
        raise UsageError("Name a folder of encrypted data keys, or the files.")
    return _bounded(paths)


def _in_folder(folder: Path) -> list[str]:
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
                names.append(entry.name)
                if len(names) > MOST_FILES:
                    break
    if not names:
        raise UsageError(f"{folder} has no files.")
    return _bounded([str(folder / name) for name in sorted(names)])


def _bounded(paths: Sequence[str]) -> list[str]:
    if len(paths) > MOST_FILES:
        raise UsageError(f"More than {MOST_FILES:,} files.", hint="Take a part of them at a time.")
    return list(paths)


def read(path: str) -> DataKeyFile:
    """Read a file, in Base64 or not.

    Raises:
        UsageError: It cannot be read, or is too long for an encrypted data key.
    """
    data = read_file(path, _MOST_BYTES, "An encrypted data key is shorter.")
    if data.startswith(_MAGIC):
        return DataKeyFile(path, data, encoded=False)
    try:
        return DataKeyFile(path, base64.b64decode(b"".join(data.split()), validate=True), True)
    except (binascii.Error, ValueError):
        # The engine says what is wrong with it.
        return DataKeyFile(path, data[:CIPHERTEXT_BYTES], encoded=False)


def write(folder: str, file: DataKeyFile, blob: bytes) -> Path:
    """Write a new ciphertext beside the original's name, in another folder, in the same form.

    Raises:
        UsageError: There is such a file already, or it cannot be written.
    """
    data = base64.b64encode(blob) + b"\n" if file.encoded else blob
    return write_file(str(Path(folder).expanduser() / Path(file.path).name), data)


def make_folder(typed: str) -> Path:
    """Make the folder for the new files, which only its owner enters, or take one that is there.

    Raises:
        UsageError: It cannot be made.
    """
    try:
        folder = Path(typed.strip()).expanduser()
        folder.mkdir(mode=0o700, exist_ok=True)
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{typed} cannot be made: {(reason or 'unknown').lower()}.") from None
    return folder


def proposed_folder(typed: str) -> str:
    """Return a name for the folder of the new files, beside the old one."""
    plain = typed.strip().rstrip("/")
    try:
        parts = shlex.split(plain) or [""]
    except ValueError:
        parts = [plain]
    first = parts[0] if len(parts) == 1 else str(Path(parts[0]).parent)
    return f"{first}.rewrapped" if first not in {"", "."} else "rewrapped"
