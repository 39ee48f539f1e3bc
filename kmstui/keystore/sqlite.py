"""SQLite itself: errors, connections, and what makes a database one of ours."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from kmstui.core.errors import (
    KeystoreBusyError,
    KeystoreFormatError,
    KeystoreFullError,
    KeystoreTamperedError,
    KmsError,
    KMSInternalException,
    UnsafePathError,
)
from kmstui.core.files import Directory
from kmstui.keystore.header import FORMAT_VERSION

APPLICATION_ID = 0x4B4D5331
"""``KMS1`` in the database header, so that ``file`` and doctor know what it is."""

_ROWS = (
    "CREATE TABLE rows (tbl TEXT NOT NULL, id TEXT NOT NULL, generation INTEGER NOT NULL, "
    "sealed BLOB NOT NULL)"
)
SCHEMA = (
    "CREATE TABLE meta (name TEXT NOT NULL, generation INTEGER NOT NULL, value BLOB NOT NULL)",
    "CREATE UNIQUE INDEX meta_by_name ON meta (name)",
    _ROWS,
    "CREATE UNIQUE INDEX rows_by_id ON rows (tbl, id)",
)
"""Row tables with a unique index beside them: random ids do not scatter the rows themselves."""

SIDES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database, by what is added to its name."""

_PRAGMAS = (
    # Only verification reads beside us; a commit or checkpoint may have to wait for it.
    "PRAGMA busy_timeout = 2000",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",
)
_NO_SPACE = "the keystore could not be written: no space is left"
_CHECK_DISK = "Check the disk and its permissions, then try again."
_FULL = {sqlite3.SQLITE_FULL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_SCHEMA}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def translate(error: sqlite3.Error) -> KmsError:
    """Return the error of ours that stands for an SQLite error."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in _FULL:
        return KeystoreFullError(_NO_SPACE)
    if primary in _BUSY:
        return KeystoreBusyError("another process has the keystore's database open")
    if primary is None or primary in _DAMAGED or primary == sqlite3.SQLITE_ERROR:
        return KeystoreTamperedError("the keystore's database is damaged")
    return KMSInternalException(
        f"the keystore could not be read or written ({getattr(error, 'sqlite_errorname', '?')})",
        hint=_CHECK_DISK,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of SQLite and of the disk, and values that are none, into errors of ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise KeystoreFullError(_NO_SPACE) from error
        raise KMSInternalException(
            f"the keystore could not be read or written ({error.strerror})", hint=_CHECK_DISK
        ) from error
    except (OverflowError, UnicodeDecodeError) as error:
        raise KeystoreTamperedError("the keystore's database is damaged") from error


def connect(directory: Directory, name: str, mode: str) -> sqlite3.Connection:
    """Return a connection with our settings.

    Args:
        directory: Where the database is.
        name: Its name there.
        mode: ``rw`` or ``ro``; neither makes a database.
    """
    # SQLite opens by path: a directory that only its owner can enter stands in for a descriptor.
    uri = uri_of(directory.path / name, mode)
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def uri_of(path: Path, mode: str) -> str:
    """Return SQLite's name of a file, whatever characters its path has."""
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def set_up(connection: sqlite3.Connection) -> None:
    """Make commits durable, each with one sync of the write-ahead log.

    Raises:
        KMSInternalException: The file system does not allow a write-ahead log.
    """
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise KMSInternalException(f"SQLite keeps a {mode} journal here, not a write-ahead log")
    connection.execute("PRAGMA synchronous = FULL")


def check_same(directory: Directory, name: str, before: os.stat_result) -> None:
    """Refuse a name that has become another file's while SQLite opened it.

    Raises:
        UnsafePathError: It has.
    """
    after = directory.check(name)
    if (before.st_dev, before.st_ino) != (after.st_dev, after.st_ino):
        raise UnsafePathError(f"{directory.path / name} changed while it was opened")


def check_identity(connection: sqlite3.Connection, name: str) -> None:
    """Refuse a database that is not a keystore's, before any of its rows is read.

    Raises:
        KeystoreFormatError: It is another program's, or of a later format version.
        KeystoreTamperedError: Its tables are not exactly a keystore's.
    """
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise KeystoreFormatError(f"{name} is not a kmstui keystore")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if not 0 <= version <= FORMAT_VERSION:
        raise KeystoreFormatError(
            f"the keystore has format version {version}; this kmstui knows up to {FORMAT_VERSION}"
        )
    # A trigger or view planted in the schema would run inside our own transactions.
    schema = connection.execute(
        "SELECT sql FROM sqlite_schema ORDER BY rowid LIMIT ?", (len(SCHEMA) + 1,)
    ).fetchall()
    if tuple(sql for (sql,) in schema) != SCHEMA:
        raise KeystoreTamperedError("the keystore's database does not have a keystore's tables")
