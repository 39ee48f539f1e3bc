"""Files that a person names: read within bounds, hashed piece by piece, written for them alone."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from kmstui.core.errors import UsageError
from kmstui.core.message_digests import HashedMessage
from kmstui.tui.user_files import (
    Reading,
    completion,
    hash_file,
    read_file,
    size_of,
    taken,
    write_file,
)


class TestReading:
    """Reading."""

    def test_bytes(self, tmp_path: Path) -> None:
        """A file is read as it is, up to the limit."""
        path = tmp_path / "file"
        path.write_bytes(b"x" * 10)
        assert (b"x" * 10, 10) == (read_file(f" {path} ", 10), size_of(str(path)))

    def test_refused(self, tmp_path: Path) -> None:
        """What is missing, empty, too long, a folder or a pipe is refused with the reason."""
        (tmp_path / "empty").write_bytes(b"")
        (tmp_path / "long").write_bytes(b"x" * 11)
        os.mkfifo(tmp_path / "pipe")
        reasons = {
            "missing": "no such file",
            "empty": "is empty",
            "long": "longer than 10 bytes",
            ".": "no plain file|is a directory",
            "pipe": "no plain file",
            "nul\0": "cannot be read",
        }
        for name, reason in reasons.items():
            with pytest.raises(UsageError, match=reason):
                read_file(f"{tmp_path}/{name}", 10)

    def test_hashing(self, tmp_path: Path) -> None:
        """A file of several pieces has the hash of its bytes, and the reading counts them."""
        data = bytes(range(256)) * 10_000
        (tmp_path / "file").write_bytes(data)
        reading = Reading()
        found = hash_file(str(tmp_path / "file"), HashedMessage("SHA_256"), reading)
        assert hashlib.sha256(data).digest() == found
        assert (len(data), 100) == (reading.done, reading.percent)

    def test_stopping(self, tmp_path: Path) -> None:
        """Hashing ends as soon as it is stopped."""
        (tmp_path / "file").write_bytes(b"x")
        with pytest.raises(UsageError, match="Stopped"):
            hash_file(str(tmp_path / "file"), HashedMessage("SHA_256"), Reading(stopped=True))


class TestWriting:
    """Writing."""

    def test_new(self, tmp_path: Path) -> None:
        """A new file is its owner's alone."""
        path = write_file(str(tmp_path / "new"), b"data")
        assert (b"data", 0o600) == (path.read_bytes(), path.stat().st_mode & 0o777)

    def test_never_over_another(self, tmp_path: Path) -> None:
        """A file that is there stays unless it may be replaced; a link is never followed."""
        path, link = tmp_path / "there", tmp_path / "link"
        path.write_bytes(b"mine")
        link.symlink_to(path)
        for each, replace in ((path, False), (link, False), (link, True)):
            assert taken(str(each))
            with pytest.raises(UsageError, match="cannot be written"):
                write_file(str(each), b"data", replace=replace)
        assert path.read_bytes() == b"mine"
        write_file(str(path), b"data", replace=True)
        assert (b"data", 0o600) == (path.read_bytes(), path.stat().st_mode & 0o777)

    def test_no_folder(self, tmp_path: Path) -> None:
        """A folder that is missing is refused."""
        with pytest.raises(UsageError, match="cannot be written"):
            write_file(str(tmp_path / "missing" / "file"), b"data")


class TestCompletion:
    """Completing a path."""

    def test_names(self, tmp_path: Path) -> None:
        """The first name that begins as typed completes it; a folder gets a slash."""
        for name in ("alpha", "alps", ".hidden"):
            (tmp_path / name).write_bytes(b"")
        (tmp_path / "beta").mkdir()
        base = str(tmp_path)
        assert f"{base}/alpha" == completion(f"{base}/al")
        assert f"{base}/beta/" == completion(f"{base}/b")
        assert f"{base}/alpha" == completion(f"{base}/")
        assert f"{base}/.hidden" == completion(f"{base}/.h")
        for nothing in ("", f"{base}/x", f"{base}/missing/x", "~nobody-of-this-name/x", "\0"):
            assert completion(nothing) == ""

    def test_hostile_names(self, tmp_path: Path) -> None:
        """A name that holds what a terminal obeys is not offered."""
        (tmp_path / "a\x1b[31m").write_bytes(b"")
        assert completion(f"{tmp_path}/a") == ""
