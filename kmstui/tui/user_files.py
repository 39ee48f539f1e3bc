"""Files that a person names: read within bounds, hashed with progress, written for them alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kmstui.core.errors import KmsError, UsageError
from kmstui.core.files import Directory
from kmstui.core.message_digests import MessageDigest
from kmstui.tui import text

_PIECE = 1 << 20
"""Bytes hashed at a time."""

_OFFERED = 2_000
"""Entries of a folder that are looked at to complete a path."""


@dataclass(slots=True)
class Reading:
    """How far a file has been read, shared between the thread that reads and the screen.

    Attributes:
        done: Bytes read.
        size: Bytes it has; 0 before it is open.
        stopped: Set to have the reading end.
    """

    done: int = 0
    size: int = 0
    stopped: bool = False

    @property
    def percent(self) -> int:
        """How much of it has been read."""
        return min(self.done * 100 // self.size, 100) if self.size else 0


@contextmanager
def _opened(path: str) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file for reading, with its size; never a pipe, a device or a folder."""
    try:
        # A pipe without a writer would hold the console up.
        handle = os.open(
            Path(path.strip()).expanduser(), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        )
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise UsageError(f"{path} is no plain file.")
            yield file, found.st_size
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {_reason(error)}.") from None


def size_of(path: str) -> int:
    """Return the bytes of a file.

    Raises:
        UsageError: It cannot be read or is empty.
    """
    with _opened(path) as (_, size):
        if not size:
            raise UsageError(f"{path} is empty.")
        return size


def read_file(path: str, limit: int, hint: str = "") -> bytes:
    """Read a file of at most ``limit`` bytes; its size is looked at first.

    Args:
        path: As it was typed.
        limit: The most it may have.
        hint: What to do with a longer one.

    Raises:
        UsageError: It cannot be read, is empty or too long.
    """
    with _opened(path) as (file, size):
        data = file.read(limit + 1) if size <= limit else b""
    if size > limit or len(data) > limit:
        raise UsageError(f"{path} is longer than {limit:,} bytes.", hint=hint)
    if not data:
        raise UsageError(f"{path} is empty.")
    return data


def hash_file(path: str, digest: MessageDigest, reading: Reading) -> bytes:
    """Hash a file of any size, piece by piece.

    Raises:
        UsageError: It cannot be read, or was stopped.
    """
    with _opened(path) as (file, reading.size):
        while piece := file.read(_PIECE):
            if reading.stopped:
                raise UsageError("Stopped: nothing was sent.")
            digest.feed(piece)
            reading.done += len(piece)
    return digest.digest()


def taken(path: str) -> bool:
    """Tell whether there is something under a path already."""
    return os.path.lexists(Path(path.strip()).expanduser())


def write_file(path: str, data: bytes, *, replace: bool = False) -> Path:
    """Write a file that only its owner can read.

    Args:
        path: As it was typed.
        data: What it is to hold.
        replace: Whether a file that is there already may give way.

    Raises:
        UsageError: There is one already, or it cannot be written.
    """
    try:
        target = Path(path.strip()).expanduser().absolute()
        with Directory.open(target.parent.resolve(), private=False) as folder:
            if replace and target.is_file() and not target.is_symlink():
                folder.replace(target.name, data)
                return target
            handle = folder.create_file(target.name, os.O_WRONLY)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
    except (OSError, RuntimeError, ValueError, KmsError) as error:
        raise UsageError(f"{path} cannot be written: {_reason(error)}.") from None
    return target


def completion(typed: str) -> str:
    """Return a path that begins as typed, the first in order; empty if there is none."""
    try:
        whole = Path(typed).expanduser()
        folder, head = (whole, "") if typed.endswith("/") else (whole.parent, whole.name)
        with os.scandir(folder) as entries:
            names = [
                entry.name + ("/" if entry.is_dir() else "")
                for entry, _ in zip(entries, range(_OFFERED), strict=False)
                if entry.name.startswith(head) and (head or not entry.name.startswith("."))
            ]
    except (OSError, RuntimeError, ValueError):
        return ""
    shown = [name for name in names if text.without_hidden(name) == name]
    return typed[: len(typed) - len(head)] + min(shown) if shown and typed else ""


def _reason(error: Exception) -> str:
    if isinstance(error, KmsError):
        return error.message.rstrip(".").lower()
    said = error.strerror if isinstance(error, OSError) else str(error)
    return (said or "unknown reason").lower()
