"""The files of a keystore's devices in one, as a checkpoint keeps them. Values only."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final

from kmstui.core.errors import CheckpointError, StrictJsonError
from kmstui.core.strictjson import JsonValue, dumps, loads

DEVICES_BYTES: Final = 256 * 1024 * 1024
"""Longest file that keeps those of devices."""

_FORMAT: Final = 1
_PATH: Final = re.compile(r"clusters/[\w-]+\.token|key-managers/[\w-]+\.json", re.ASCII)


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Return the files of devices, by their paths, in one."""
    packed: JsonValue = {path: b64encode(data).decode() for path, data in files.items()}
    return dumps({"format": _FORMAT, "files": packed})


def unpack_files(data: bytes) -> dict[str, bytes]:
    """Return what :func:`pack_files` packed.

    Raises:
        CheckpointError: It is something else.
    """
    try:
        found: Any = loads(data, max_bytes=DEVICES_BYTES)
        if found["format"] != _FORMAT:
            raise CheckpointError("The checkpoint's devices are of an unknown version.")
        files = {path: b64decode(text, validate=True) for path, text in found["files"].items()}
    except (StrictJsonError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError("The checkpoint's devices are damaged.") from error
    if not all(map(_PATH.fullmatch, files)):
        raise CheckpointError("The checkpoint's devices are damaged.")
    return files
