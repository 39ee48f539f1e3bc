"""The open keystore's state and the one way to change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from kmstui.core.arn import alias_arn
from kmstui.core.errors import (
    KeystoreFormatError,
    KeystoreLockedError,
    KeystoreTamperedError,
    KmsError,
    KMSInternalException,
)
from kmstui.core.position import TrailPosition
from kmstui.hsm.base import Hsm, Purpose
from kmstui.keystore.anchor import Anchor
from kmstui.keystore.cache import RecordCache
from kmstui.keystore.codec import KEYS, Fields, scoped_id
from kmstui.keystore.database import Database
from kmstui.keystore.head import Head, xor
from kmstui.keystore.header import KeystoreHeader
from kmstui.keystore.rows import RowTag, row_tag, seal_row, set_items, unseal_row

HEAD = "head"
HEADER = "header"
HEADER_MAC = "header_mac"

Changes = Mapping[tuple[str, str], Fields | None]
"""New documents by table and row id; nothing in the place of those that are gone."""

_Record = TypeVar("_Record")


class Verification(StrEnum):
    """Whether all rows have been compared with the set hash since the last unlock."""

    PENDING = "pending"
    VERIFIED = "verified"
    FAILED = "failed"


class RollbackProtection(StrEnum):
    """What tells an old copy of the whole keystore from the present one."""

    ANCHOR = "anchor"
    NONE = "none"


@dataclass(slots=True)
class Ledger:
    """Database, keys and head of one keystore, and what is remembered of its rows.

    Attributes:
        database: The sealed rows.
        hsm: What seals them.
        header: The header as it is stored.
        anchor: Where generations are anchored.
        head: The head as it is stored; None while locked.
        verification: Whether all rows have been verified.
        protection: What guards against rollback.
        unlocks: How often it was unlocked; a verification speaks for the unlock it began in.
        cache: Decoded records.
    """

    database: Database
    hsm: Hsm
    header: KeystoreHeader
    anchor: Anchor
    head: Head | None = None
    verification: Verification = Verification.PENDING
    protection: RollbackProtection = RollbackProtection.NONE
    unlocks: int = 0
    cache: RecordCache = field(default_factory=RecordCache)

    def require_head(self) -> Head:
        """Return the head of a keystore that may be read.

        Raises:
            KeystoreLockedError: No slot is open.
            KeystoreTamperedError: Verification failed; the keystore is sealed.
        """
        if self.verification is Verification.FAILED:
            raise KeystoreTamperedError("the keystore failed verification and is sealed")
        if self.head is None:
            raise KeystoreLockedError("the keystore is locked")
        return self.head

    def read_head(self, database: Database, schema: str = "main") -> Head:
        """Return the head that a database holds.

        Raises:
            KeystoreTamperedError: It is missing or does not authenticate.
        """
        return Head.unseal(self.hsm, self.header.store_id, *database.meta(HEAD, schema))

    def authenticate_head(self, database: Database, *, schema: str = "main") -> Head:
        """Return the head of a database whose header is :attr:`header`, both authentic.

        Raises:
            KeystoreTamperedError: Header or head do not authenticate, or not together.
            KeystoreFormatError: Header and database state different format versions.
        """
        mac = database.meta(HEADER_MAC, schema)[1]
        if not self.hsm.verify_mac(Purpose.HEADER, self.header.authenticated(), mac):
            raise KeystoreTamperedError("the keystore's header does not authenticate")
        head = self.read_head(database, schema)
        if head.header_digest != self.header.digest():
            raise KeystoreTamperedError("the keystore's header is not that of its last commit")
        if self.header.format_version != database.format_version:
            raise KeystoreFormatError("the keystore does not agree on its format version")
        return head

    def document(self, table: str, row_id: str) -> Fields | None:
        """Return the stored document of that id, if there is one.

        Raises:
            KeystoreTamperedError: It does not authenticate; the keystore is sealed from now on.
        """
        self.require_head()
        try:
            row = self.database.row(table, row_id)
            return None if row is None else unseal_row(self.hsm, row)
        except KeystoreTamperedError:
            self.seal_off()
            raise

    def records(
        self,
        table: str,
        decode: Callable[[Fields, str], _Record],
        *,
        scope: str = "",
        after: str | None = None,
        until: str | None = None,
        limit: int = -1,
    ) -> list[_Record]:
        """Return records of a table in the order of their ids, without holding them.

        Args:
            table: The table.
            decode: Makes a record of a document and its row id.
            scope: ``account/region`` to stay in; empty for the whole table.
            after: Row id to begin behind.
            until: Row id to end with.
            limit: Most records to return; negative for all.
        """
        self.require_head()
        # "0" is the character after "/", so it ends the ids that begin with "scope/".
        low, high = (f"{scope}/", f"{scope}0") if scope else ("", "\U0010ffff")
        if until is not None:
            high = f"{until}\0"
        try:
            rows = self.database.rows(table, max(low, after or ""), high, limit)
            return [decode(unseal_row(self.hsm, row), row.doc_id) for row in rows]
        except KeystoreTamperedError:
            self.seal_off()
            raise

    def count(self, table: str, scope: str) -> int:
        """Return how many rows of a table have ids that begin with a scope and a slash."""
        self.require_head()
        return self.database.count(table, f"{scope}/", f"{scope}0")

    def ids(self, table: str) -> list[str]:
        """Return every id of a table, in order."""
        self.require_head()
        return self.database.ids(table)

    def alias_row_id(self, account: str, region: str, name: str) -> str:
        """Return the row id of an alias, which does not give its name away."""
        place = f"{account}/{region}/{name}"
        known = self.cache.get("alias-id", place)
        if isinstance(known, str):
            return known
        digest = self.hsm.mac(Purpose.ALIAS_ID, alias_arn(account, region, name).encode())
        row_id = scoped_id(account, region, digest.hex())
        self.cache.put("alias-id", place, row_id)
        return row_id

    def seal_off(self) -> None:
        """Refuse everything from now on, until the keystore is opened again."""
        self.verification = Verification.FAILED
        self.cache.clear()

    def commit(
        self,
        changes: Changes,
        *,
        clock_mark: datetime,
        trail: TrailPosition,
        header: KeystoreHeader | None = None,
        floor: int = 0,
    ) -> int:
        """Make changes durable, all or none, with one durable write.

        Args:
            changes: What to write and what to remove.
            clock_mark: The latest account time seen; the stored mark never goes down.
            trail: Where the trail is durable.
            header: A new header, if it changes.
            floor: The new generation is above this one.

        Returns:
            The new generation.

        Raises:
            KeystoreFullError: No space is left. Memory and disk are as before.
            KMSInternalException: The disk failed. Memory and disk are as before.
            KeystoreTamperedError: Someone else changed the database.
        """
        before = self.require_head()
        generation = max(before.generation, floor) + 1
        with self.transaction():
            counts = RowCounts(before)
            for (table, row_id), fields in changes.items():
                self.write_row(counts, table, row_id, generation, fields)
            head = replace(
                before,
                generation=generation,
                clock_mark=max(before.clock_mark, clock_mark),
                trail=trail,
                set_hash=xor(before.set_hash, self.hsm.set_hash(set_items(counts.tags))),
                row_count=counts.rows,
                key_counts=counts.key_counts(),
                header_digest=before.header_digest if header is None else header.digest(),
            )
            self.write_meta(before.generation, head, header)
        self.adopt(head, header)
        for table, row_id in changes:
            self._forget(table, row_id)
        return generation

    def _forget(self, table: str, row_id: str) -> None:
        """Drop a record from memory, and every list that it may be in."""
        place = row_id
        self.cache.forget(table, place)
        while place:
            place = place.rpartition("/")[0]
            self.cache.forget(table, place)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside, or undo it and make sure that it was undone."""
        before = self.require_head()
        try:
            with self.database.transaction():
                yield
        except KmsError:
            self._compare_after_failure(before)
            raise

    def write_meta(self, expected: int, head: Head, header: KeystoreHeader | None) -> None:
        """Write head and header inside a transaction.

        Raises:
            KeystoreTamperedError: The stored head is not the one that memory has.
        """
        if self.database.meta(HEAD)[0] != expected:
            self.seal_off()
            raise KeystoreTamperedError("someone else changed the keystore while it was open")
        if header is not None:
            mac = self.hsm.mac(Purpose.HEADER, header.authenticated())
            self.database.set_format(header.format_version)
            self.database.set_meta(HEADER, head.generation, header.encode())
            self.database.set_meta(HEADER_MAC, head.generation, mac)
        sealed = head.seal(self.hsm, self.header.store_id)
        self.database.set_meta(HEAD, head.generation, sealed)

    def adopt(self, head: Head, header: KeystoreHeader | None = None) -> None:
        """Take a durable head, and perhaps header, as the present one, and anchor it."""
        self.head = head
        if header is not None:
            self.header = header
        if not self.anchor.write(self.hsm, head.generation):
            self.protection = RollbackProtection.NONE

    def write_row(
        self, counts: RowCounts, table: str, row_id: str, generation: int, fields: Fields | None
    ) -> None:
        """Write or remove one row inside a transaction, and count it."""
        found = self.database.place(table, row_id)
        rowid, old = (None, None) if found is None else found
        new: RowTag | None = None
        if fields is not None:
            row = seal_row(self.hsm, table, row_id, generation, fields)
            new = row_tag(row)
            self.database.put(row, rowid)
        elif rowid is not None:
            self.database.drop(rowid)
        counts.replace(old, new)

    def _compare_after_failure(self, before: Head) -> None:
        """Make sure that a failed commit left the disk as memory has it."""
        try:
            stored = self.database.meta(HEAD)[0]
        except KmsError as error:
            self.seal_off()
            raise KMSInternalException(
                "the keystore cannot be read after a failed write; it is sealed until restarted"
            ) from error
        if stored != before.generation:
            self.seal_off()


class RowCounts:
    """What a commit does to set hash and counts.

    Args:
        head: The head whose counts the commit begins with.
    """

    def __init__(self, head: Head) -> None:
        self.tags: list[RowTag] = []
        self.rows = head.row_count
        self._keys = Counter(dict(head.key_counts))

    def replace(self, old: RowTag | None, new: RowTag | None) -> None:
        """Count a row out, another in, or one in the place of the other."""
        for tag, change in ((old, -1), (new, 1)):
            if tag is not None:
                self.tags.append(tag)
                self.rows += change
                if tag.table == KEYS:
                    self._keys[tag.doc_id.rpartition("/")[0]] += change

    def key_counts(self) -> tuple[tuple[str, int], ...]:
        """Return how many keys each account and Region has now."""
        return tuple(sorted((scope, count) for scope, count in self._keys.items() if count))
