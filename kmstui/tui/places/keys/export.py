"""Writing a list of keys to a file: CSV for people, JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

from kmstui.core.errors import ExportError, UsageError
from kmstui.core.files import Directory
from kmstui.tui import text, timefmt
from kmstui.tui.keys_model import KeySummary

SUFFIXES = (".csv", ".json")

_HEADINGS = (
    *("key_id", "arn", "aliases", "state", "spec", "usage", "origin", "manager", "description"),
    *("created", "last_used", "last_operation", "deletion_date", "tags"),
)
_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula."""


def problem(typed: str) -> str | None:
    """Say what is wrong with a file's name, or None."""
    path = Path(typed.strip()).expanduser()
    if path.suffix.lower() not in SUFFIXES:
        return "The name ends in .csv or .json."
    if path.exists() or path.is_symlink():
        return "There is such a file already."
    if not path.parent.is_dir():
        return "There is no such folder."
    return None


def write(typed: str, keys: Sequence[KeySummary]) -> Path:
    """Write keys to a new file that only its owner can read.

    Args:
        typed: The file; its ending says the format.
        keys: In order.

    Returns:
        Where they were written.

    Raises:
        UsageError: The name will not do.
        ExportError: The file could not be written.
    """
    wrong = problem(typed)
    if wrong is not None:
        raise UsageError(wrong)
    path = Path(typed.strip()).expanduser().absolute()
    data = (as_json if path.suffix.lower() == ".json" else as_csv)(keys).encode()
    try:
        with Directory.open(path.parent.resolve(), private=False) as directory:
            fd = directory.create_file(path.name, os.O_WRONLY)
            with os.fdopen(fd, "wb") as file:
                file.write(data)
    except OSError as error:
        raise ExportError(f"{path} could not be written: {error.strerror}.") from error
    return path


def as_json(keys: Sequence[KeySummary]) -> str:
    """Write keys as a JSON array, every value exactly as it is."""
    return json.dumps([_record(key) for key in keys], indent=2) + "\n"


def as_csv(keys: Sequence[KeySummary]) -> str:
    """Write keys as CSV.

    What a terminal would obey is written as code points, and what a spreadsheet would calculate
    stands behind an apostrophe: descriptions and tags come from other people.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADINGS)
    for key in keys:
        record = _record(key)
        tags = " ".join(f"{name}={value}" for name, value in key.tags.items())
        record |= {"aliases": " ".join(key.aliases), "tags": tags}
        writer.writerow([_inert(str(record[heading] or "")) for heading in _HEADINGS])
    return out.getvalue()


def _record(key: KeySummary) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "arn": key.arn,
        "aliases": list(key.aliases),
        "state": key.state,
        "spec": key.spec,
        "usage": key.usage,
        "origin": key.origin,
        "manager": key.manager,
        "description": key.description,
        "created": timefmt.exact_stamp(key.created),
        "last_used": None if key.last_used is None else timefmt.exact_stamp(key.last_used),
        "last_operation": key.last_operation or None,
        "deletion_date": (
            None if key.deletion_date is None else timefmt.exact_stamp(key.deletion_date)
        ),
        "tags": dict(key.tags),
    }


def _inert(value: str) -> str:
    shown = text.visible(value)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
