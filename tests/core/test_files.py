"""Path rules, permissions, atomic replacement and locks."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from kmstui.core.errors import KeystoreBusyError, UnsafePathError, UnsafePermissionsError
from kmstui.core.files import HOST_DISK, Directory, check_store_name, write_all
from tests.helpers.faults import WRITING, FaultyDisk

HOSTILE = [
    "",
    ".",
    "..",
    "../keystore.db",
    "/etc/passwd",
    "a/b",
    "a\0b",
    "a\nb",
    "a\tb",
    "a\x1b[31mb",
    "a\x9bb",
    "a\x7fb",
    "-rf",
    ".hidden",
    "a\u202eb",
    "a\u2028b",
    "a\ufeffb",
    "a\udc80b",
    "x" * 201,
    "\u00e9" * 101,
    "~/a/../../b",
]


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    """An open directory of ours."""
    return Directory.create(tmp_path / "ours")


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_reaches_no_system_call(directory: Directory, name: str) -> None:
    """No method takes a name that is not a plain one, and none is passed on."""
    disk = FaultyDisk()
    watched = Directory(directory.path, directory.fd, disk)
    uses: list[Callable[[str], object]] = [
        watched.exists,
        watched.check,
        watched.open_file,
        watched.create_file,
        watched.discard,
        lambda bad: watched.read(bad, 10),
        lambda bad: watched.replace(bad, b""),
        lambda bad: watched.rename(bad, "good"),
        lambda bad: watched.rename("good", bad),
        lambda bad: watched.lock(bad, "me"),
    ]
    for use in uses:
        with pytest.raises(UnsafePathError):
            use(name)
    assert disk.counts.total() == 0


@pytest.mark.parametrize("name", [*HOSTILE, "Upper", "a b", "a.b", "_a", "a" * 65])
def test_a_hostile_store_name_is_refused(name: str) -> None:
    """Stores and checkpoints have short names of lower-case letters, digits, _ and -."""
    with pytest.raises(UnsafePathError):
        check_store_name(name)


@pytest.mark.parametrize("name", ["a", "0", "demo-1_b", "a" * 64])
def test_a_plain_store_name_passes(name: str) -> None:
    """Names within the rule pass."""
    check_store_name(name)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    """Directories, parents too, are 0700 and files 0600 under every umask."""
    before = os.umask(umask)
    try:
        with Directory.create(tmp_path / "a" / "b") as directory:
            os.close(directory.create_file("new"))
            directory.replace("replaced", b"data")
            directory.lock("lock", "me").release()
    finally:
        os.umask(before)
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        assert oct(path.stat().st_mode & 0o777) == oct(0o700)
    for name in ("new", "replaced", "lock"):
        assert oct((tmp_path / "a" / "b" / name).stat().st_mode & 0o777) == oct(0o600)


def _symlink(path: Path, aside: Path) -> None:
    aside.write_bytes(b"")
    path.symlink_to(aside)


def _dangling(path: Path, aside: Path) -> None:
    path.symlink_to(aside)


def _hard_link(path: Path, aside: Path) -> None:
    aside.write_bytes(b"")
    aside.chmod(0o600)
    path.hardlink_to(aside)


def _fifo(path: Path, _aside: Path) -> None:
    os.mkfifo(path, 0o600)


def _socket(path: Path, _aside: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def _directory(path: Path, _aside: Path) -> None:
    path.mkdir(mode=0o700)


KINDS = [_symlink, _dangling, _hard_link, _fifo, _socket, _directory]


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__.strip("_"))
def test_anything_but_a_plain_file_is_refused(
    directory: Directory, tmp_path: Path, make: Callable[[Path, Path], None]
) -> None:
    """Neither reading, writing, checking nor locking takes what is no plain file of one name."""
    make(directory.path / "odd", tmp_path / "aside")
    with pytest.raises(UnsafePathError):
        directory.read("odd", 10)
    with pytest.raises(UnsafePathError):
        directory.open_file("odd", os.O_RDWR)
    with pytest.raises(UnsafePathError):
        directory.check("odd")
    with pytest.raises(UnsafePathError):
        directory.lock("odd", "me")
    with pytest.raises(FileExistsError):
        directory.create_file("odd")
    assert directory.exists("odd")


def test_replacing_a_link_leaves_its_target_alone(directory: Directory, tmp_path: Path) -> None:
    """Replacing a name that is a link replaces the link; planted temporary links do no harm."""
    aside = tmp_path / "aside"
    aside.write_bytes(b"precious")
    (directory.path / "name").symlink_to(aside)
    (directory.path / "name.new").symlink_to(aside)
    directory.replace("name", b"ours")
    assert aside.read_bytes() == b"precious"
    assert directory.read("name", 10) == b"ours"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_file_that_others_reach_is_refused(directory: Directory, mode: int) -> None:
    """Any permission for group or others is refused, with the chmod as the hint."""
    os.close(directory.create_file("file"))
    (directory.path / "file").chmod(mode)
    with pytest.raises(UnsafePermissionsError) as caught:
        directory.read("file", 10)
    assert "chmod 600" in caught.value.hint


def test_a_directory_that_others_reach_is_refused(tmp_path: Path) -> None:
    """An existing directory with permissions for others is neither opened nor taken over."""
    path = tmp_path / "shared"
    path.mkdir()
    path.chmod(0o750)
    for use in (Directory.open, Directory.create):
        with pytest.raises(UnsafePermissionsError) as caught:
            use(path)
        assert f"chmod 700 {path}" in caught.value.hint


def test_a_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """A link to a directory, a dangling link and a file are no directories."""
    real = tmp_path / "real"
    real.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").write_bytes(b"")
    for name in ("link", "dangling", "file"):
        for use in (Directory.open, Directory.create):
            with pytest.raises(UnsafePathError):
                use(tmp_path / name)


def test_a_longer_file_than_asked_for_is_refused(directory: Directory) -> None:
    """A file of the limit is read, one byte more is refused."""
    directory.replace("file", b"12345")
    assert directory.read("file", 5) == b"12345"
    with pytest.raises(UnsafePathError):
        directory.read("file", 4)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS, None])
def test_a_failed_replacement_leaves_the_old_file(tmp_path: Path, error: int | None) -> None:
    """Whichever call fails, or writes short, the file is all the old bytes or all the new."""
    Directory.create(tmp_path / "ours").close()
    for fail_at in range(1, 12):
        disk = FaultyDisk(fail_at=fail_at, error=error, calls=WRITING)
        with Directory.open(tmp_path / "ours") as directory:
            directory.replace("file", b"old bytes")
            faulty = Directory(directory.path, directory.fd, disk)
            try:
                faulty.replace("file", b"new")
            except OSError:
                assert disk.failed
                assert directory.read("file", 20) in {b"old bytes", b"new"}
            else:
                assert directory.read("file", 20) == b"new"
            directory.replace("file", b"again")
            assert directory.names() == ["file"]


def test_a_replacement_waits_for_the_disk_only_if_asked(directory: Directory) -> None:
    """A durable replacement syncs file and directory; the other syncs nothing."""
    disk = FaultyDisk()
    watched = Directory(directory.path, directory.fd, disk)
    watched.replace("file", b"data", durable=False)
    assert disk.counts["fsync"] == 0
    watched.replace("file", b"data")
    assert disk.counts["fsync"] == 2


def test_a_lock_names_its_holder(directory: Directory) -> None:
    """A second taker is refused with the holder's text, unprintable bytes shown as ?."""
    lock = directory.lock("lock", "pid 7 \x1b[31m on host")
    with pytest.raises(KeystoreBusyError, match=r"pid 7 \?\[31m on host"):
        directory.lock("lock", "me")
    assert directory.holder("lock") == "pid 7 ?[31m on host"
    lock.release()
    lock.release()
    directory.lock("lock", "me").release()


def test_a_holder_of_nothing_is_nobody(directory: Directory) -> None:
    """Without a lock file there is no holder's text."""
    assert directory.holder("lock") == ""


def test_closing_twice_does_nothing(directory: Directory) -> None:
    """A directory closes once, whatever its descriptor's number has become since."""
    directory.close()
    other = os.open(directory.path, os.O_RDONLY)
    directory.close()
    os.close(other)


def test_all_bytes_are_written_however_few_at_a_time(directory: Directory) -> None:
    """A short write is continued."""
    disk = FaultyDisk(fail_at=1, error=None, calls=("write",))
    fd = directory.create_file("file")
    write_all(disk, fd, b"0123456789")
    HOST_DISK.close(fd)
    assert directory.read("file", 20) == b"0123456789"
    assert disk.counts["write"] == 2
