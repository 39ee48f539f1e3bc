"""Encrypted data keys in files: finding, reading and writing them."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from kmstui.core.errors import UsageError
from kmstui.tui.places.keys.guides.data_keys import (
    find,
    make_folder,
    proposed_folder,
    read,
    write,
)

BLOB = b"KMT\x01" + bytes(range(200))


def test_find_a_folder(tmp_path: Path) -> None:
    """The plain files of a folder are meant, in order: no hidden ones, no links, no folders."""
    for name in ("b.bin", "a.bin", ".hidden"):
        (tmp_path / name).write_bytes(BLOB)
    (tmp_path / "link").symlink_to("/etc/hostname")
    (tmp_path / "inner").mkdir()
    assert [str(tmp_path / "a.bin"), str(tmp_path / "b.bin")] == find(str(tmp_path))


def test_find_files() -> None:
    """Paths are taken as a shell takes them."""
    assert ["/keys/a b.bin", "c.bin"] == find("'/keys/a b.bin' c.bin")


@pytest.mark.parametrize("typed", ["", "   ", "'open"])
def test_find_nothing(typed: str) -> None:
    """Nothing, and what is no list, is refused."""
    with pytest.raises(UsageError):
        find(typed)


def test_find_in_an_empty_folder(tmp_path: Path) -> None:
    """A folder without files is refused."""
    with pytest.raises(UsageError, match="has no files"):
        find(str(tmp_path))


@pytest.mark.parametrize("encoded", [True, False])
def test_round_trip(tmp_path: Path, encoded: bool) -> None:
    """A file is written in the form in which it was read, under its name, for its owner alone."""
    path = tmp_path / "key.bin"
    path.write_bytes(base64.encodebytes(BLOB) if encoded else BLOB)
    file = read(str(path))
    assert (BLOB, encoded) == (file.blob, file.encoded)
    folder = make_folder(str(tmp_path / "new"))
    written = write(str(folder), file, BLOB)
    assert BLOB == read(str(written)).blob
    assert (0o600, 0o700) == tuple(stat.S_IMODE(each.stat().st_mode) for each in (written, folder))
    with pytest.raises(UsageError):
        write(str(folder), file, BLOB)


def test_too_long(tmp_path: Path) -> None:
    """A file that is no data key is not read."""
    path = tmp_path / "data.bin"
    path.write_bytes(b"x" * 20_000)
    with pytest.raises(UsageError, match="is longer than"):
        read(str(path))


@pytest.mark.parametrize(
    ("typed", "folder"),
    [
        ("/keys", "/keys.rewrapped"),
        ("/keys/", "/keys.rewrapped"),
        ("a.bin b.bin", "rewrapped"),
        ("/keys/a.bin /keys/b.bin", "/keys.rewrapped"),
    ],
)
def test_proposed_folder(typed: str, folder: str) -> None:
    """New files go beside the old folder, never into it."""
    assert folder == proposed_folder(typed)
