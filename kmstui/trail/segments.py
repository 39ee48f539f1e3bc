"""The files of a trail: ``000001.jsonl``, ``000002.jsonl`` and so on in one directory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from kmstui.core.disk import HOST_DISK, Disk, write_all
from kmstui.core.errors import TrailTamperedError
from kmstui.core.files import Directory

MAX_SEGMENTS = 999_999
"""As many as six digits name."""

_NAME = re.compile(r"([0-9]{6})\.jsonl", re.ASCII)


def segment_name(number: int) -> str:
    """The file name of a segment."""
    return f"{number:06}.jsonl"


class Segment:
    """One open segment file.

    Attributes:
        number: The segment's number, from 1.
        fd: Its descriptor.
    """

    __slots__ = ("_disk", "fd", "number")

    def __init__(self, number: int, fd: int, disk: Disk) -> None:
        self.number = number
        self.fd = fd
        self._disk = disk

    def read(self, length: int, offset: int) -> bytes:
        """Up to ``length`` bytes at ``offset``."""
        return self._disk.pread(self.fd, length, offset)

    def size(self) -> int:
        """The file's length in bytes, now."""
        return self._disk.fstat(self.fd).st_size

    def write(self, data: bytes) -> None:
        """Append all of ``data``, however little the system takes at a time."""
        write_all(self._disk, self.fd, data)

    def cut(self, length: int) -> None:
        """Drop everything from an offset on, durably."""
        self._disk.ftruncate(self.fd, length)
        self._disk.fsync(self.fd)

    def sync(self) -> None:
        """Make what has been written durable."""
        self._disk.fdatasync(self.fd)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            self._disk.close(fd)


class Segments:
    """The directory of a trail.

    Every method may raise what :class:`~kmstui.core.files.Directory` raises, and
    :class:`OSError`.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    @classmethod
    def create(cls, path: Path, *, disk: Disk = HOST_DISK) -> Self:
        """The directory at a path, made if it is not there."""
        return cls(Directory.create(path, disk=disk))

    @classmethod
    def open(cls, path: Path, *, disk: Disk = HOST_DISK) -> Self:
        """The directory at a path.

        Raises:
            FileNotFoundError: There is none.
        """
        return cls(Directory.open(path, disk=disk))

    def close(self) -> None:
        """Close the directory; segments opened from it stay open."""
        self._directory.close()

    def numbers(self) -> list[int]:
        """The numbers of the segments that are there, in order; other files are passed over."""
        found = (_NAME.fullmatch(name) for name in self._directory.names())
        return sorted(int(match[1]) for match in found if match and int(match[1]))

    def last(self) -> int:
        """The number of the last segment.

        Raises:
            TrailTamperedError: There is none, or one before it is missing.
        """
        numbers = self.numbers()
        if numbers != list(range(1, len(numbers) + 1)) or not numbers:
            missing = next(n for n in range(1, len(numbers) + 2) if n not in numbers)
            raise TrailTamperedError(f"Segment {segment_name(missing)} of the trail is missing.")
        return numbers[-1]

    def add(self, number: int) -> Segment:
        """Create an empty segment, open for appending.

        Raises:
            FileExistsError: There is one of that number.
        """
        fd = self._directory.create_file(segment_name(number), os.O_RDWR | os.O_APPEND)
        return Segment(number, fd, self._directory.disk)

    def appending(self, number: int) -> Segment:
        """Open a segment for appending.

        Raises:
            FileNotFoundError: There is none of that number.
        """
        fd = self._directory.open_file(segment_name(number), os.O_RDWR | os.O_APPEND)
        return Segment(number, fd, self._directory.disk)

    @contextmanager
    def reading(self, number: int) -> Iterator[Segment]:
        """Open a segment for reading, and close it.

        Raises:
            FileNotFoundError: There is none of that number.
        """
        segment = Segment(
            number, self._directory.open_file(segment_name(number)), self._directory.disk
        )
        try:
            yield segment
        finally:
            segment.close()

    def remove(self, number: int) -> None:
        """Remove a segment durably."""
        self._directory.discard(segment_name(number))
        self._directory.sync()

    def sync(self) -> None:
        """Make the names in the directory durable."""
        self._directory.sync()
