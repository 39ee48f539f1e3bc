"""Screens as text, compared with files that a reviewer can read.

``UPDATE_GOLDENS=1`` writes the files instead of comparing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from textual.app import App

from tests._textual_private import screen_text

DIRECTORY = Path(__file__).parent.parent / "goldens"
"""Where the files are."""


def assert_golden(app: App[Any], name: str) -> None:
    """Compare what the screen shows with the golden of a name.

    Args:
        app: The running application.
        name: Name of the file, without its ending; say the size in it.

    Raises:
        AssertionError: They differ, or there is no such golden.
    """
    path = DIRECTORY / f"{name}.txt"
    shown = screen_text(app).rstrip("\n") + "\n"
    if os.environ.get("UPDATE_GOLDENS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
        return
    assert path.is_file(), f"There is no golden {name}; UPDATE_GOLDENS=1 makes it."
    assert path.read_text(encoding="utf-8") == shown
