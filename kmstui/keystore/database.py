"""SQLite as the keystore uses it: one schema, sealed rows, one durable write a commit.

Nothing but SQLite opens the database while it is open: POSIX drops a process's locks on a file
when any of its descriptors is closed. What the file system shows is therefore checked by name,
before and after SQLite opens it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kmstui.core.errors import KeystoreBusyError, KeystoreMissingError, KeystoreTamperedError
from kmstui.core.files import Directory
from kmstui.keystore.rows import TAG_BYTES, Row, RowTag
from kmstui.keystore.sqlite import (
    APPLICATION_ID,
    SCHEMA,
    SIDES,
    check_identity,
    check_same,
    connect,
    set_up,
    translated,
    uri_of,
)


@dataclass(slots=True)
class Database:
    """An open keystore database.

    Attributes:
        directory: Where it is.
        name: Its name there.
        connection: The one connection; guarded by the caller.
    """

    directory: Directory
    name: str
    connection: sqlite3.Connection

    @classmethod
    def create(cls, directory: Directory, name: str) -> Database:
        """Make an empty database, mode 0600, that must not be there yet.

        Raises:
            FileExistsError: The name is taken.
        """
        directory.disk.close(directory.create_file(name))
        with translated():
            connection = connect(directory, name, "rw")
            try:
                connection.execute("PRAGMA page_size = 4096")
                set_up(connection)
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                for statement in SCHEMA:
                    connection.execute(statement)
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
        return cls(directory, name, connection)

    @classmethod
    def open(cls, directory: Directory, name: str, *, read_only: bool = False) -> Database:
        """Open an existing database.

        Raises:
            KeystoreMissingError: There is none.
            KeystoreFormatError: It is not a keystore, or of a version not known here.
            KeystoreTamperedError: Its structure is damaged or not ours.
            UnsafePathError: See :meth:`~kmstui.core.files.Directory.check`.
            UnsafePermissionsError: See :meth:`~kmstui.core.files.Directory.check`.
        """
        try:
            before = directory.check(name)
        except FileNotFoundError:
            raise KeystoreMissingError(f"there is no keystore in {directory.path}") from None
        for side in SIDES:
            if directory.exists(name + side):
                directory.check(name + side)
        with translated():
            connection = connect(directory, name, "ro" if read_only else "rw")
            try:
                check_identity(connection, name)
                if not read_only:
                    set_up(connection)
                check_same(directory, name, before)
            except BaseException:
                connection.close()
                raise
        return cls(directory, name, connection)

    def reader(self) -> Database:
        """Open a second, read-only connection, for another thread."""
        with translated():
            return Database(self.directory, self.name, connect(self.directory, self.name, "ro"))

    def close(self) -> None:
        """Close the connection; the last one folds the write-ahead log into the database."""
        with translated():
            self.connection.close()

    @property
    def format_version(self) -> int:
        """The format version that the database states."""
        with translated():
            return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    def set_format(self, version: int) -> None:
        """State a format version, inside a transaction."""
        self.connection.execute(f"PRAGMA user_version = {version:d}")

    def meta(self, name: str, schema: str = "main") -> tuple[int, bytes]:
        """Return generation and value of the header, its MAC or the head.

        Raises:
            KeystoreTamperedError: It is missing or not bytes.
        """
        with translated():
            found = self.connection.execute(
                f"SELECT generation, value FROM {schema}.meta WHERE name = ?",  # noqa: S608 - ours
                (name,),
            ).fetchone()
        if found is None or type(found[0]) is not int or type(found[1]) is not bytes:
            raise KeystoreTamperedError(f"the keystore's {name} is missing")
        return found[0], found[1]

    def set_meta(self, name: str, generation: int, value: bytes) -> None:
        """Write the header, its MAC or the head, inside a transaction."""
        cursor = self.connection.execute(
            "UPDATE meta SET generation = ?, value = ? WHERE name = ?", (generation, value, name)
        )
        if cursor.rowcount == 0:
            self.connection.execute(
                "INSERT INTO meta (name, generation, value) VALUES (?, ?, ?)",
                (name, generation, value),
            )

    def drop_meta(self, name: str) -> None:
        """Remove one of them, inside a transaction."""
        self.connection.execute("DELETE FROM meta WHERE name = ?", (name,))

    def row(self, table: str, doc_id: str) -> Row | None:
        """Return the row of that id, if there is one."""
        with translated():
            found = self.connection.execute(
                "SELECT tbl, id, generation, sealed FROM rows WHERE tbl = ? AND id = ?",
                (table, doc_id),
            ).fetchone()
        return None if found is None else _row(found)

    def rows(self, table: str, low: str, high: str, limit: int) -> list[Row]:
        """Return at most ``limit`` rows with ``low < id < high``, by id."""
        with translated():
            found = self.connection.execute(
                "SELECT tbl, id, generation, sealed FROM rows "
                "WHERE tbl = ? AND id > ? AND id < ? ORDER BY id LIMIT ?",
                (table, low, high, limit),
            ).fetchall()
        return [_row(values) for values in found]

    def count(self, table: str, low: str, high: str) -> int:
        """Return how many rows have ``low < id < high``, from the index alone."""
        with translated():
            found = self.connection.execute(
                "SELECT count(*) FROM rows WHERE tbl = ? AND id > ? AND id < ?", (table, low, high)
            ).fetchone()
        return int(found[0])

    def ids(self, table: str) -> list[str]:
        """Return every id of a table, in order, from the index alone."""
        with translated():
            found = self.connection.execute(
                "SELECT id FROM rows WHERE tbl = ? ORDER BY id", (table,)
            ).fetchall()
        return [doc_id for (doc_id,) in found]

    def place(self, table: str, doc_id: str) -> tuple[int, RowTag] | None:
        """Return a row's number and what of it is in the set hash, if there is such a row."""
        found = self.connection.execute(
            f"SELECT rowid, generation, substr(sealed, -{TAG_BYTES}) "  # noqa: S608 - a constant
            "FROM rows WHERE tbl = ? AND id = ?",
            (table, doc_id),
        ).fetchone()
        return None if found is None else (found[0], RowTag(table, doc_id, found[1], found[2]))

    def put(self, row: Row, rowid: int | None) -> None:
        """Write a row, over the one with that number or as a new one, inside a transaction."""
        if rowid is None:
            self.connection.execute(
                "INSERT INTO rows (tbl, id, generation, sealed) VALUES (?, ?, ?, ?)", row
            )
        else:
            self.connection.execute(
                "UPDATE rows SET generation = ?, sealed = ? WHERE rowid = ?",
                (row.generation, row.sealed, rowid),
            )

    def drop(self, rowid: int) -> None:
        """Remove a row, inside a transaction."""
        self.connection.execute("DELETE FROM rows WHERE rowid = ?", (rowid,))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside with one durable write, or undo all of it.

        Raises:
            KeystoreFullError: No space is left; nothing was changed.
            KMSInternalException: The disk failed; nothing was changed.
        """
        with translated():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state of the database throughout, whatever others commit meanwhile."""
        with translated():
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self.connection.execute("ROLLBACK")

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the database and cut it to nothing.

        Raises:
            KeystoreBusyError: A reader is still in the log; nothing is lost, try again.
        """
        with translated():
            busy, _, _ = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise KeystoreBusyError("the keystore's log is being read and could not be emptied")

    def check_structure(self, schema: str = "main") -> None:
        """Check the B-trees and that every page is used once, the free ones included.

        That indexes agree with tables is for :meth:`tags` to show, which reads through them.

        Raises:
            KeystoreTamperedError: Something does not add up.
        """
        with translated():
            found = self.connection.execute(f"PRAGMA {schema}.quick_check(1)").fetchone()
        if found is None or found[0] != "ok":
            raise KeystoreTamperedError("the keystore's database is damaged")

    def tags(self, size: int, schema: str = "main") -> Iterator[list[RowTag]]:
        """Yield what of every row is in the set hash, by id, ``size`` rows at a time.

        The rows come in the order of the index that lookups use, each fetched through it. Their
        types are as the file has them, which need not be those of a row.
        """
        with translated():
            found = self.connection.execute(
                f"SELECT tbl, id, generation, substr(sealed, -{TAG_BYTES}) "  # noqa: S608 - constants
                f"FROM {schema}.rows INDEXED BY rows_by_id ORDER BY tbl, id"
            )
            while chunk := found.fetchmany(size):
                yield chunk

    def table_tags(self, table: str, schema: str = "main") -> list[RowTag]:
        """Return what of a table's rows is in the set hash."""
        with translated():
            found = self.connection.execute(
                f"SELECT tbl, id, generation, substr(sealed, -{TAG_BYTES}) "  # noqa: S608 - constants
                f"FROM {schema}.rows WHERE tbl = ?",
                (table,),
            ).fetchall()
        return [RowTag(*values) for values in found]

    @contextmanager
    def attached(self, path: Path, schema: str) -> Iterator[None]:
        """See another database's tables, read-only, under a schema name of ours."""
        with translated():
            self.connection.execute(f"ATTACH DATABASE ? AS {schema}", (uri_of(path, "ro"),))
            try:
                yield
            finally:
                self.connection.execute(f"DETACH DATABASE {schema}")

    def take_rows(self, schema: str, *, besides: str) -> None:
        """Make the rows those of an attached database, but for one table.

        Only rows that differ are touched. Inside a transaction.
        """
        same = "a.tbl = b.tbl AND a.id = b.id"
        self.connection.execute(
            "DELETE FROM main.rows WHERE rowid IN (SELECT a.rowid FROM main.rows a "  # noqa: S608 - a constant
            f"LEFT JOIN {schema}.rows b ON {same} AND a.sealed = b.sealed "
            "AND a.generation = b.generation WHERE a.tbl <> ? AND b.id IS NULL)",
            (besides,),
        )
        self.connection.execute(
            "INSERT INTO main.rows (tbl, id, generation, sealed) "  # noqa: S608 - a constant
            f"SELECT b.tbl, b.id, b.generation, b.sealed FROM {schema}.rows b "
            f"LEFT JOIN main.rows a ON {same} WHERE b.tbl <> ? AND a.id IS NULL",
            (besides,),
        )


def copy_database(
    source: Database, directory: Directory, name: str, label: tuple[str, int, bytes] | None = None
) -> None:
    """Copy the committed state into one new, durable file without a write-ahead log.

    Args:
        source: What to copy.
        directory: Where to.
        name: The file's name; it must not be there yet.
        label: A row of ``meta`` to add: name, generation and value.
    """
    directory.disk.close(directory.create_file(name))
    with translated():
        target = Database(directory, name, connect(directory, name, "rw"))
        try:
            source.connection.backup(target.connection)
            target.connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            if label is not None:
                with target.transaction():
                    target.set_meta(*label)
        finally:
            target.connection.close()


def _row(values: tuple[object, ...]) -> Row:
    table, doc_id, generation, sealed = values
    if (
        type(table) is not str
        or type(doc_id) is not str
        or type(generation) is not int
        or type(sealed) is not bytes
        or generation < 0
    ):
        raise KeystoreTamperedError("a row of the keystore is damaged")
    return Row(table, doc_id, generation, sealed)
