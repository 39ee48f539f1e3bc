"""Editing a text in a person's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from kmstui.core.errors import UsageError

_SUFFIX = ".json"


def editor_command() -> list[str]:
    """Return the editor that ``$VISUAL`` or ``$EDITOR`` names, with its arguments.

    Raises:
        UsageError: Neither names one.
    """
    try:
        command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    except ValueError:
        command = []
    if not command:
        raise UsageError(
            "No editor is set.", hint="Set $VISUAL or $EDITOR; here the text can be edited too."
        )
    return command


def edited(command: list[str], source: str) -> str:
    """Have a text edited, in a file for oneself alone that is gone afterwards.

    Raises:
        UsageError: The editor could not be run, failed, or left no text.
    """
    handle, name = tempfile.mkstemp(prefix="policy-", suffix=_SUFFIX)
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(source)
        subprocess.run([*command, name], check=True)  # noqa: S603 - the person's own command
        return path.read_text(encoding="utf-8")
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The editor {command[0]} did not bring the text back.",
            hint="Nothing was changed; the text is as it was.",
        ) from error
    finally:
        path.unlink(missing_ok=True)
