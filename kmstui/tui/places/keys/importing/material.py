"""Where imported material comes from: a file, or fresh bytes of which a copy is kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kmstui.core.errors import UsageError
from kmstui.core.secret import Secret
from kmstui.engine.wrapping import MaterialForm, generate_material, is_pair, read_material
from kmstui.tui.user_files import read_file, write_file

FILE, FRESH = "file", "fresh"
MOST_BYTES = 16_384
"""Bytes of a file of material at most; an RSA-4096 private key in PEM has 3,300."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the material comes from.

    Attributes:
        kind: :data:`FILE` or :data:`FRESH`.
        path: The file to read; or the new one that keeps a copy of fresh material.
        form: How the file is written.
    """

    kind: str
    path: str
    form: MaterialForm = "raw"


def obtain(source: Source, key_spec: str) -> Secret:
    """Read the material, or make it and keep the copy; blocking, RSA keys take a while.

    Raises:
        UsageError: The file cannot be read or written, or is not material of the key spec.
    """
    if source.kind == FILE:
        data = read_file(source.path, MOST_BYTES, "Key material is short: look what file it is.")
        form: MaterialForm = "pkcs8" if is_pair(key_spec) else source.form
        return Secret(read_material(data, key_spec, form))
    material = generate_material(key_spec)
    # The copy is all that brings the key back after its material is gone: it is on disk first.
    _sync(write_file(source.path, material))
    return Secret(material)


def _sync(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise UsageError(f"{path} cannot be written: {reason}.") from None


def proposed_copy(label: str, key_id: str) -> str:
    """Return a name for the copy of fresh material."""
    plain = "".join(each if each.isascii() and each.isalnum() else "-" for each in label)
    return f"{plain.strip('-') or key_id[-8:]}.material"
