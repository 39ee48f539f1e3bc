"""Sealed backups: writing one and proving that it opens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kmstui.engine.core import Core


def write_backup(core: Core, destination: Path) -> Mapping[str, Any]:
    """Write a sealed backup to a new file and prove that it opens.

    Raises:
        BackupError: The file exists, cannot be written, or does not prove.
    """
    core.store_position()
    core.keystore.export_backup(destination)
    return {"Keys": core.keystore.head.key_count, "Bytes": destination.stat().st_size}
