"""The system calls that files are made of, in one place where a test can make them fail."""

from __future__ import annotations

import fcntl
import os
import sys
from typing import Protocol


class Disk(Protocol):
    """The system calls that this package makes, each as :mod:`os` has it."""

    def open(self, path: str, flags: int, mode: int = ..., *, dir_fd: int | None = ...) -> int:
        """Open a file; see :func:`os.open`."""

    def close(self, fd: int) -> None:
        """Close a descriptor."""

    def read(self, fd: int, length: int) -> bytes:
        """Read up to ``length`` bytes at the descriptor's place."""

    def pread(self, fd: int, length: int, offset: int) -> bytes:
        """Read up to ``length`` bytes at ``offset``."""

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Write, perhaps less than all; return how much."""

    def fsync(self, fd: int) -> None:
        """Make data and metadata durable."""

    def fdatasync(self, fd: int) -> None:
        """Make data durable, and its length."""

    def fstat(self, fd: int) -> os.stat_result:
        """Describe an open file."""

    def lstat(self, path: str, *, dir_fd: int | None = ...) -> os.stat_result:
        """Describe a name without following a link."""

    def fchmod(self, fd: int, mode: int) -> None:
        """Set an open file's permissions."""

    def ftruncate(self, fd: int, length: int) -> None:
        """Cut or extend a file."""

    def mkdir(self, path: str, mode: int = ..., *, dir_fd: int | None = ...) -> None:
        """Make a directory."""

    def rename(self, source: str, target: str, *, dir_fd: int) -> None:
        """Rename inside one directory, replacing the target."""

    def unlink(self, path: str, *, dir_fd: int) -> None:
        """Remove a name."""

    def listdir(self, fd: int) -> list[str]:
        """Names in an open directory."""

    def flock(self, fd: int, operation: int) -> None:
        """Lock or unlock a whole file; see :func:`fcntl.flock`."""


class HostDisk:
    """The operating system's own calls."""

    def open(self, path: str, flags: int, mode: int = 0o600, *, dir_fd: int | None = None) -> int:
        """Open a file; see :func:`os.open`."""
        return os.open(path, flags, mode, dir_fd=dir_fd)

    def close(self, fd: int) -> None:
        """Close a descriptor."""
        os.close(fd)

    def read(self, fd: int, length: int) -> bytes:
        """Read up to ``length`` bytes at the descriptor's place."""
        return os.read(fd, length)

    def pread(self, fd: int, length: int, offset: int) -> bytes:
        """Read up to ``length`` bytes at ``offset``."""
        return os.pread(fd, length, offset)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Write, perhaps less than all; return how much."""
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        """Make data and metadata durable."""
        os.fsync(fd)

    def fdatasync(self, fd: int) -> None:
        """Make data durable, and its length."""
        if sys.platform == "darwin":
            os.fsync(fd)
        else:
            os.fdatasync(fd)

    def fstat(self, fd: int) -> os.stat_result:
        """Describe an open file."""
        return os.fstat(fd)

    def lstat(self, path: str, *, dir_fd: int | None = None) -> os.stat_result:
        """Describe a name without following a link."""
        return os.stat(path, dir_fd=dir_fd, follow_symlinks=False)

    def fchmod(self, fd: int, mode: int) -> None:
        """Set an open file's permissions."""
        os.fchmod(fd, mode)

    def ftruncate(self, fd: int, length: int) -> None:
        """Cut or extend a file."""
        os.ftruncate(fd, length)

    def mkdir(self, path: str, mode: int = 0o700, *, dir_fd: int | None = None) -> None:
        """Make a directory."""
        os.mkdir(path, mode, dir_fd=dir_fd)

    def rename(self, source: str, target: str, *, dir_fd: int) -> None:
        """Rename inside one directory, replacing the target."""
        os.replace(source, target, src_dir_fd=dir_fd, dst_dir_fd=dir_fd)

    def unlink(self, path: str, *, dir_fd: int) -> None:
        """Remove a name."""
        os.unlink(path, dir_fd=dir_fd)

    def listdir(self, fd: int) -> list[str]:
        """Names in an open directory."""
        return os.listdir(fd)

    def flock(self, fd: int, operation: int) -> None:
        """Lock or unlock a whole file; see :func:`fcntl.flock`."""
        fcntl.flock(fd, operation)


HOST_DISK = HostDisk()


def write_all(disk: Disk, fd: int, data: bytes) -> None:
    """Write all of ``data``, however little the system accepts at a time."""
    view = memoryview(data)
    while view:
        view = view[disk.write(fd, view) :]
