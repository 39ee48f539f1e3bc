"""A child for the tests of the nursery: three steps on one file."""

from __future__ import annotations

import os
from pathlib import Path

from tests.helpers.nursery import Watch


def child(watch: Watch, directory: str, first: str) -> None:
    """Write a file, sync it, and rename it."""
    path = Path(directory) / "file"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)

    def write() -> None:
        os.write(descriptor, b"one")
        os.write(descriptor, b"two")

    def rename() -> None:
        path.rename(path.with_name("file2"))

    for number, step in enumerate((write, lambda: os.fsync(descriptor), rename)):
        if number == int(first):
            watch()
        step()
        os.write(1, b"%d\n" % number)
