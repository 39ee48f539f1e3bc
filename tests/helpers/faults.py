"""A disk that fails on purpose, for every test that asks what a failing system call leaves."""

from __future__ import annotations

import errno
import os
from collections import Counter
from threading import Lock

from kmstui.core.disk import HostDisk
from kmstui.core.files import DIRECTORY_MODE, FILE_MODE

WRITING = (
    "open",
    "fchmod",
    "write",
    "fsync",
    "fdatasync",
    "ftruncate",
    "mkdir",
    "rename",
    "unlink",
)
READING = ("open", "pread", "read", "fstat", "lstat", "listdir")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EINTR, errno.EROFS, errno.EMFILE, errno.EDQUOT)


class FaultyDisk(HostDisk):
    """The host's disk, except that one call fails, and every call is counted.

    Args:
        fail_at: Which of the calls named by ``calls`` fails, from 1; 0 for none.
        error: The errno it fails with; None makes a write short instead (half is written), and
            lets other calls succeed.
        calls: The names that count towards ``fail_at``.
        sticky: Whether every later call of those names fails too, as on a full disk.

    Attributes:
        counts: How often each call was made.
        failed: Whether the fault has happened.
    """

    def __init__(
        self,
        *,
        fail_at: int = 0,
        error: int | None = errno.EIO,
        calls: tuple[str, ...] = WRITING,
        sticky: bool = False,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.failed = False
        self._fail_at = fail_at
        self._error = error
        self._calls = frozenset(calls)
        self._sticky = sticky
        self._seen = 0
        self._lock = Lock()

    def _is_due(self, name: str) -> bool:
        with self._lock:
            self.counts[name] += 1
            if name not in self._calls:
                return False
            self._seen += 1
            due = self._seen == self._fail_at or (self._sticky and self.failed)
            self.failed = self.failed or due
        return due

    def _enter(self, name: str) -> None:
        if self._is_due(name) and self._error is not None:
            raise OSError(self._error, os.strerror(self._error))

    def open(
        self, path: str, flags: int, mode: int = FILE_MODE, *, dir_fd: int | None = None
    ) -> int:
        """Open, or fail."""
        self._enter("open")
        return super().open(path, flags, mode, dir_fd=dir_fd)

    def read(self, fd: int, length: int) -> bytes:
        """Read, or fail."""
        self._enter("read")
        return super().read(fd, length)

    def pread(self, fd: int, length: int, offset: int) -> bytes:
        """Read at an offset, or fail."""
        self._enter("pread")
        return super().pread(fd, length, offset)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Write, write half, or fail."""
        if self._is_due("write"):
            if self._error is not None:
                raise OSError(self._error, os.strerror(self._error))
            return super().write(fd, memoryview(data)[: len(data) // 2])
        return super().write(fd, data)

    def fsync(self, fd: int) -> None:
        """Sync, or fail."""
        self._enter("fsync")
        super().fsync(fd)

    def fdatasync(self, fd: int) -> None:
        """Sync the data, or fail."""
        self._enter("fdatasync")
        super().fdatasync(fd)

    def fstat(self, fd: int) -> os.stat_result:
        """Describe a file, or fail."""
        self._enter("fstat")
        return super().fstat(fd)

    def lstat(self, path: str, *, dir_fd: int | None = None) -> os.stat_result:
        """Describe a name, or fail."""
        self._enter("lstat")
        return super().lstat(path, dir_fd=dir_fd)

    def fchmod(self, fd: int, mode: int) -> None:
        """Change permissions, or fail."""
        self._enter("fchmod")
        super().fchmod(fd, mode)

    def ftruncate(self, fd: int, length: int) -> None:
        """Cut, or fail."""
        self._enter("ftruncate")
        super().ftruncate(fd, length)

    def mkdir(self, path: str, mode: int = DIRECTORY_MODE, *, dir_fd: int | None = None) -> None:
        """Make a directory, or fail."""
        self._enter("mkdir")
        super().mkdir(path, mode, dir_fd=dir_fd)

    def rename(self, source: str, target: str, *, dir_fd: int) -> None:
        """Rename, or fail."""
        self._enter("rename")
        super().rename(source, target, dir_fd=dir_fd)

    def unlink(self, path: str, *, dir_fd: int) -> None:
        """Remove, or fail."""
        self._enter("unlink")
        super().unlink(path, dir_fd=dir_fd)

    def listdir(self, fd: int) -> list[str]:
        """List, or fail."""
        self._enter("listdir")
        return super().listdir(fd)
