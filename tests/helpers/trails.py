"""Small trails for tests."""

from __future__ import annotations

from pathlib import Path

import orjson

from kmstui.core.disk import HOST_DISK, Disk
from kmstui.trail.log import SEGMENT_BYTES, SyncPolicy, Trail

STORE = "store-1"


def event(number: int) -> bytes:
    """A small record that can be told from others."""
    return orjson.dumps({"eventName": "Encrypt", "n": number, "pad": "x" * (number % 97)})


def numbers(lines: list[bytes]) -> list[int]:
    """Which records lines hold."""
    return [orjson.loads(line)["n"] for line in lines]


def filled(
    directory: Path,
    count: int,
    *,
    policy: SyncPolicy = SyncPolicy.NONE,
    disk: Disk = HOST_DISK,
    segment_bytes: int = SEGMENT_BYTES,
) -> Trail:
    """A new trail with records 0 to ``count`` - 1."""
    trail = Trail.create(
        directory, store_id=STORE, policy=policy, disk=disk, segment_bytes=segment_bytes
    )
    for number in range(count):
        trail.append(event(number))
    return trail


def lines_of(directory: Path) -> list[bytes]:
    """Every line of every segment, without newlines."""
    return [
        line
        for path in sorted(directory.glob("*.jsonl"))
        for line in path.read_bytes().split(b"\n")[:-1]
    ]
