"""Files that hold keys: how they are opened, created, replaced and locked.

Every path rule of the program is here. A :class:`Directory` is an open descriptor; everything
inside it is reached relative to that descriptor, without following links, and is refused unless
it is a regular file of ours with one name. Directories are 0700 and files 0600 whatever the
umask is, from the instant they exist.

All system calls go through a :class:`~kmstui.core.disk.Disk`, so that a test can make any one
of them fail.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from kmstui.core.disk import HOST_DISK, Disk, write_all
from kmstui.core.errors import KeystoreBusyError, UnsafePathError, UnsafePermissionsError

__all__ = [
    "HOST_DISK",
    "Directory",
    "Disk",
    "FileLock",
    "check_store_name",
    "write_all",
]

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600
NAME_BYTES = 200
"""Longest file name, in UTF-8; leaves room for what is added to it."""

HOLDER_BYTES = 256
"""Longest text that a lock file's holder may leave."""

_STORE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_SAFE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


def check_store_name(name: str) -> None:
    """Refuse what may not name a keystore or a checkpoint.

    Raises:
        UnsafePathError: Not 1 to 64 of ``a-z 0-9 _ -``, beginning with a letter or digit.
    """
    if not _STORE_NAME.fullmatch(name):
        raise UnsafePathError(
            f"{name[:80]!r} is not a name for a keystore or checkpoint",
            hint="Use 1 to 64 lower-case letters, digits, _ or -, beginning with one of the "
            "first two.",
        )


@dataclass(slots=True)
class FileLock:
    """An exclusive lock on a keystore, held until :meth:`release` or the process's end."""

    disk: Disk
    fd: int

    def release(self) -> None:
        """Give the lock up; a second call does nothing."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            self.disk.close(fd)


@dataclass(slots=True)
class Directory:
    """An open directory of ours; use as a context manager or :meth:`close` it.

    Attributes:
        path: Where it was found; for messages, and for SQLite, which opens by path.
        fd: Its descriptor; everything inside is opened relative to it.
        disk: The system calls.
    """

    path: Path
    fd: int
    disk: Disk = field(default=HOST_DISK)

    @classmethod
    def open(cls, path: Path, *, private: bool = True, disk: Disk = HOST_DISK) -> Self:
        """Open an existing directory.

        Args:
            path: Where it is.
            private: Whether it must be ours alone, as every directory that we make is. Where an
                operator puts a backup, it is enough that others cannot exchange files.
            disk: The system calls.

        Raises:
            FileNotFoundError: There is none.
            UnsafePathError: It is a link or not a directory, or belongs to someone else.
            UnsafePermissionsError: Others may read or write it; the message has the remedy.
        """
        try:
            fd = disk.open(str(path), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.ENOTDIR}:
                raise UnsafePathError(f"{path} is a link or not a directory") from error
            raise
        try:
            if private:
                _check_owner_and_mode(disk.fstat(fd), path, DIRECTORY_MODE)
            else:
                _check_shared(disk.fstat(fd), path)
        except BaseException:
            disk.close(fd)
            raise
        return cls(path, fd, disk)

    @classmethod
    def create(cls, path: Path, *, disk: Disk = HOST_DISK) -> Self:
        """Open a directory, made with mode 0700 if it is not there; so are its parents.

        Raises:
            UnsafePathError: See :meth:`open`.
            UnsafePermissionsError: See :meth:`open`.
        """
        missing: list[Path] = []
        place = path
        while not os.path.lexists(place):
            missing.append(place)
            place = place.parent
        for made in reversed(missing):
            try:
                disk.mkdir(str(made), DIRECTORY_MODE)
            except FileExistsError:
                continue
            fd = disk.open(str(made), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                # Some umasks take even the owner's bits away.
                disk.fchmod(fd, DIRECTORY_MODE)
            finally:
                disk.close(fd)
        return cls.open(path, disk=disk)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the descriptor; a second call does nothing."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            self.disk.close(fd)

    def names(self) -> list[str]:
        """Names inside, sorted."""
        return sorted(self.disk.listdir(self.fd))

    def exists(self, name: str) -> bool:
        """Tell whether a name is taken, by whatever it is."""
        _check_name(name)
        try:
            self.disk.lstat(name, dir_fd=self.fd)
        except FileNotFoundError:
            return False
        return True

    def check(self, name: str) -> os.stat_result:
        """Refuse a name that is not a regular file of ours, without opening it.

        For files that another library opens: closing a second descriptor of a database would
        drop the locks that SQLite holds on it.

        Raises:
            FileNotFoundError: There is none.
            UnsafePathError: A link, a FIFO, a device, someone else's, or with a second name.
            UnsafePermissionsError: Others may read or write it.
        """
        _check_name(name)
        found = self.disk.lstat(name, dir_fd=self.fd)
        self._check_file(found, name)
        return found

    def open_file(self, name: str, flags: int = os.O_RDONLY) -> int:
        """Open an existing file of ours; the caller closes the descriptor.

        Args:
            name: A plain name in this directory.
            flags: ``O_RDONLY``, ``O_RDWR``, ``O_APPEND`` ...; safe ones are added.

        Raises:
            FileNotFoundError: There is none.
            UnsafePathError: See :meth:`check`.
            UnsafePermissionsError: See :meth:`check`.
        """
        _check_name(name)
        try:
            fd = self.disk.open(name, flags | _SAFE, dir_fd=self.fd)
        except OSError as error:
            # ENXIO is a FIFO without a reader, or a socket; EISDIR a directory.
            if error.errno in {errno.ELOOP, errno.ENXIO, errno.EISDIR, errno.ENODEV}:
                raise UnsafePathError(f"{self.path / name} is not a regular file") from error
            raise
        try:
            self._check_file(self.disk.fstat(fd), name)
        except BaseException:
            self.disk.close(fd)
            raise
        return fd

    def create_file(self, name: str, flags: int = os.O_RDWR) -> int:
        """Create a file that must not be there yet, mode 0600; the caller closes it.

        Raises:
            FileExistsError: The name is taken, even by a dangling link.
        """
        _check_name(name)
        fd = self.disk.open(
            name, flags | _SAFE | os.O_CREAT | os.O_EXCL, FILE_MODE, dir_fd=self.fd
        )
        try:
            self.disk.fchmod(fd, FILE_MODE)
        except BaseException:
            self.disk.close(fd)
            raise
        return fd

    def read(self, name: str, max_bytes: int) -> bytes:
        """Return a file's bytes.

        Raises:
            FileNotFoundError: There is none.
            UnsafePathError: See :meth:`check`; also if it is longer than ``max_bytes``.
            UnsafePermissionsError: See :meth:`check`.
        """
        fd = self.open_file(name)
        try:
            parts: list[bytes] = []
            total = 0
            while data := self.disk.read(fd, max_bytes + 1 - total):
                parts.append(data)
                total += len(data)
            if total > max_bytes:
                raise UnsafePathError(f"{self.path / name} is longer than {max_bytes} bytes")
            return b"".join(parts)
        finally:
            self.disk.close(fd)

    def replace(self, name: str, data: bytes, *, durable: bool = True) -> None:
        """Put a file in the place of another, or of none, in one step.

        A reader, and a crash, sees the old bytes or the new ones. On failure the old ones stay.

        Args:
            name: A plain name in this directory.
            data: The new bytes.
            durable: Whether to wait until the new bytes and the name survive power loss.
        """
        _check_name(name)
        temporary = f"{name}.new"
        self.discard(temporary)
        fd = self.create_file(temporary, os.O_WRONLY)
        try:
            try:
                write_all(self.disk, fd, data)
                if durable:
                    self.disk.fsync(fd)
            finally:
                self.disk.close(fd)
            self.disk.rename(temporary, name, dir_fd=self.fd)
        except BaseException:
            self.discard(temporary)
            raise
        if durable:
            self.disk.fsync(self.fd)

    def rename(self, source: str, target: str) -> None:
        """Rename durably inside the directory, replacing the target."""
        _check_name(source)
        _check_name(target)
        self.disk.rename(source, target, dir_fd=self.fd)
        self.disk.fsync(self.fd)

    def discard(self, name: str) -> None:
        """Remove a name if it is there."""
        _check_name(name)
        try:
            self.disk.unlink(name, dir_fd=self.fd)
        except FileNotFoundError:
            return

    def sync(self) -> None:
        """Make the names inside durable."""
        self.disk.fsync(self.fd)

    def lock(self, name: str, holder: str) -> FileLock:
        """Take the exclusive lock that the file ``name`` stands for, without waiting.

        The lock belongs to the open file: the system releases it when the process ends, however
        it ends. The file stays behind.

        Args:
            name: The lock file; made if it is not there.
            holder: One line that names this process to those who come second.

        Raises:
            KeystoreBusyError: Another process holds it; the message names it.
            UnsafePathError: See :meth:`check`.
        """
        try:
            fd = self.create_file(name)
        except FileExistsError:
            fd = self.open_file(name, os.O_RDWR)
        try:
            self.disk.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.disk.ftruncate(fd, 0)
            write_all(self.disk, fd, holder.encode()[:HOLDER_BYTES])
        except BlockingIOError as error:
            other = _printable(self.disk.pread(fd, HOLDER_BYTES, 0))
            self.disk.close(fd)
            raise KeystoreBusyError(f"{self.path} is in use by {other}") from error
        except BaseException:
            self.disk.close(fd)
            raise
        return FileLock(self.disk, fd)

    def holder(self, name: str) -> str:
        """The last text that a holder left in a lock file; empty if there is no file."""
        try:
            return _printable(self.read(name, HOLDER_BYTES))
        except FileNotFoundError:
            return ""

    def _check_file(self, found: os.stat_result, name: str) -> None:
        path = self.path / name
        if not stat.S_ISREG(found.st_mode):
            raise UnsafePathError(f"{path} is not a regular file")
        if found.st_nlink != 1:
            raise UnsafePathError(f"{path} has a second name (a hard link)")
        _check_owner_and_mode(found, path, FILE_MODE)


def _printable(data: bytes) -> str:
    text = "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in data)
    return text or "a process that left no name"


def _check_name(name: str) -> None:
    plain = name.isprintable() and "/" not in name and not name.startswith((".", "-"))
    if not name or not plain or len(name.encode()) > NAME_BYTES:
        raise UnsafePathError(f"{name[:80]!a} is not a plain file name")


def _check_shared(found: os.stat_result, path: Path) -> None:
    if found.st_uid not in {os.geteuid(), 0}:
        raise UnsafePathError(f"{path} belongs to another user (uid {found.st_uid})")
    if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
        raise UnsafePermissionsError(
            f"others can exchange files in {path} (mode {stat.S_IMODE(found.st_mode):04o})",
            hint="Choose a directory that only you can write to.",
        )


def _check_owner_and_mode(found: os.stat_result, path: Path, wanted: int) -> None:
    if found.st_uid != os.geteuid():
        raise UnsafePathError(f"{path} belongs to another user (uid {found.st_uid})")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise UnsafePermissionsError(
            f"others can reach {path} (mode {stat.S_IMODE(found.st_mode):04o})",
            hint=f"If you trust what is in it: chmod {wanted:o} {path}",
        )
