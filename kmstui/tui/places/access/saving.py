"""Writing a page of text to a new file."""

from __future__ import annotations

import os
from pathlib import Path

from kmstui.core.errors import KmstuiError, UsageError
from kmstui.core.files import Directory


class TextExportError(KmstuiError):
    """A page could not be written to a file."""


def path_problem(typed: str) -> str | None:
    """Say what is wrong with a file's name, or None."""
    path = Path(typed.strip()).expanduser()
    if not typed.strip():
        return "Name a file."
    if "\0" in typed or len(path.name.encode(errors="replace")) > 255:
        return "That is no name of a file."
    if path.exists() or path.is_symlink():
        return "There is such a file already."
    return None if path.parent.is_dir() else "There is no such folder."


def write_text(typed: str, page: str) -> Path:
    """Write a page to a new file that only its owner can read.

    Raises:
        UsageError: The name will not do.
        TextExportError: The file could not be written.
    """
    wrong = path_problem(typed)
    if wrong is not None:
        raise UsageError(wrong)
    path = Path(typed.strip()).expanduser().absolute()
    try:
        with Directory.open(path.parent.resolve(), private=False) as directory:
            fd = directory.create_file(path.name, os.O_WRONLY)
            with os.fdopen(fd, "wb") as file:
                file.write(page.encode(errors="backslashreplace"))
    except OSError as error:
        raise TextExportError(f"{path} could not be written: {error.strerror}.") from error
    return path
