"""Where kmstui keeps things on this machine. Light to import: start-up asks it first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import platformdirs

DATABASE_NAME: Final = "keystore.db"
"""The file that makes a directory a keystore."""


def default_keystore_dir() -> Path:
    """Return the keystore that is used when none is named: in the user's data directory."""
    return Path(platformdirs.user_data_dir("kmstui")) / "keystore"


def default_demo_dir(seed: int) -> Path:
    """Return where the demo of a seed is kept."""
    return Path(platformdirs.user_data_dir("kmstui")) / f"demo-{seed}"


def default_anchor_dir() -> Path:
    """Return the directory for rollback anchors: the user's state directory."""
    return Path(platformdirs.user_state_dir("kmstui")) / "anchors"


def keystore_exists(directory: Path) -> bool:
    """Tell whether there is a keystore in a directory."""
    return (directory / DATABASE_NAME).is_file()
