"""The directory of a keystore: its files, who owns it, and how a new database gets its name."""

from __future__ import annotations

from pathlib import Path

from kmstui.core.errors import KeystoreExistsError, KeystoreMissingError
from kmstui.core.files import Directory, Disk, FileLock
from kmstui.core.locations import DATABASE_NAME
from kmstui.hsm.base import Hsm, Purpose
from kmstui.keystore.database import Database
from kmstui.keystore.head import Head
from kmstui.keystore.header import KeystoreHeader
from kmstui.keystore.ledger import HEAD, HEADER, HEADER_MAC
from kmstui.keystore.migrations import check_version
from kmstui.keystore.sqlite import SIDES

DATABASE = DATABASE_NAME
NEW_DATABASE = f"{DATABASE}.new"
"""A database that is not whole yet; whoever makes the next one removes it."""

LOCK = "keystore.lock"
"""The file whose lock says that a process owns the keystore."""


def find(path: Path, disk: Disk) -> Directory:
    """Open the directory of an existing keystore.

    Raises:
        KeystoreMissingError: There is none; nothing was made.
    """
    try:
        directory = Directory.open(path, disk=disk)
    except FileNotFoundError:
        raise KeystoreMissingError(f"there is no keystore in {path}") from None
    if directory.exists(DATABASE):
        return directory
    directory.close()
    raise KeystoreMissingError(f"there is no keystore in {path}")


def open_database(directory: Directory) -> tuple[Database, KeystoreHeader]:
    """Open a keystore's database and read its header, of a version that is known."""
    database = Database.open(directory, DATABASE)
    try:
        header = read_header(database)
        check_version(header.format_version)
    except BaseException:
        database.close()
        raise
    return database, header


def own(directory: Directory, holder: str) -> FileLock:
    """Take a keystore's lock; on failure the directory is closed.

    Raises:
        KeystoreBusyError: Another process has it; the message names the holder.
    """
    try:
        return directory.lock(LOCK, holder)
    except BaseException:
        directory.close()
        raise


def require_empty(directory: Directory) -> None:
    """Refuse a directory that has a keystore; clear away what is left of others.

    Raises:
        KeystoreExistsError: There is a keystore.
    """
    if directory.exists(DATABASE):
        raise KeystoreExistsError(f"there is a keystore in {directory.path} already")
    discard_database(directory, NEW_DATABASE)
    # A log without its database would be taken for that of the one to come.
    for side in SIDES:
        directory.discard(DATABASE + side)


def discard_database(directory: Directory, name: str) -> None:
    """Remove a database and what SQLite keeps beside it, if they are there."""
    for side in ("", *SIDES):
        directory.discard(name + side)


def build(directory: Directory, hsm: Hsm, header: KeystoreHeader, head: Head) -> None:
    """Write a keystore without rows, whole and durable before it has its name."""
    database = Database.create(directory, NEW_DATABASE)
    try:
        with database.transaction():
            database.set_format(header.format_version)
            database.set_meta(HEADER, head.generation, header.encode())
            mac = hsm.mac(Purpose.HEADER, header.authenticated())
            database.set_meta(HEADER_MAC, head.generation, mac)
            database.set_meta(HEAD, head.generation, head.seal(hsm, header.store_id))
        database.checkpoint()
    finally:
        database.close()
    directory.rename(NEW_DATABASE, DATABASE)


def read_header(database: Database) -> KeystoreHeader:
    """Return the header that a database holds, not authenticated yet."""
    return KeystoreHeader.decode(database.meta(HEADER)[1])
