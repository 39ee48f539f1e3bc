"""Writing records to a file: one JSON document a line, as CloudTrail's tools take them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from kmstui.core.errors import KmstuiError, UsageError
from kmstui.core.files import Directory
from kmstui.tui.places.trail.events import TrailEvent

SUFFIXES = (".jsonl", ".json", ".log")


class TrailExportError(KmstuiError):
    """Records could not be written to a file."""


def problem(typed: str) -> str | None:
    """Say what is wrong with a file's name, or None."""
    path = Path(typed.strip()).expanduser()
    if path.suffix.lower() not in SUFFIXES:
        return f"The name ends in {', '.join(SUFFIXES)}."
    if path.exists() or path.is_symlink():
        return "There is such a file already."
    if not path.parent.is_dir():
        return "There is no such folder."
    return None


def write(typed: str, events: Iterable[TrailEvent]) -> Path:
    """Write records, oldest first, to a new file that only its owner can read.

    Raises:
        UsageError: The name will not do.
        TrailExportError: The file could not be written.
    """
    wrong = problem(typed)
    if wrong is not None:
        raise UsageError(wrong)
    path = Path(typed.strip()).expanduser().absolute()
    oldest_first = sorted(events, key=lambda event: event.sequence)
    try:
        with Directory.open(path.parent.resolve(), private=False) as directory:
            fd = directory.create_file(path.name, os.O_WRONLY)
            with os.fdopen(fd, "wb") as file:
                for event in oldest_first:
                    # ASCII escapes keep every character that a terminal would obey written out.
                    file.write(json.dumps(event.record, separators=(",", ":")).encode() + b"\n")
    except OSError as error:
        raise TrailExportError(f"{path} could not be written: {error.strerror}.") from error
    return path
