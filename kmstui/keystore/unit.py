"""The unit of work: one call's changes, seen by that call at once and by all others together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

from kmstui.core.errors import KMSInternalException
from kmstui.core.position import TrailPosition
from kmstui.hsm.base import UnlockSlot
from kmstui.keystore.codec import (
    ALIASES,
    DUE,
    KEY_STORES,
    KEYS,
    LINKS,
    OUTBOX,
    SETTINGS,
    USAGE,
    Fields,
    alias_fields,
    due_fields,
    key_fields,
    outbox_fields,
    scoped_id,
    setting_fields,
    usage_fields,
)
from kmstui.keystore.documents import SealedDocuments
from kmstui.keystore.header import KeystoreHeader
from kmstui.keystore.key_stores import CustomKeyStoreRecord, store_ends, store_fields
from kmstui.keystore.ledger import Ledger
from kmstui.keystore.names import link_scope
from kmstui.keystore.principal_reads import Decoder
from kmstui.keystore.principal_writes import PrincipalWrites
from kmstui.keystore.reads import Reads, StoredReads
from kmstui.keystore.records import (
    AliasRecord,
    KeyRecord,
    OutboxRecord,
    SettingRecord,
    UsageRecord,
)

_Record = TypeVar("_Record")


class UnitOfWork(PrincipalWrites, Reads):
    """Changes that become durable together, or not at all; use as a context manager.

    Its reads see its own changes. Leaving without :meth:`commit` drops everything. It belongs to
    the generation it began at: once another unit has committed, it can only be dropped.
    """

    def __init__(self, ledger: Ledger, stored: StoredReads) -> None:
        super().__init__(ledger)
        self._stored = stored
        self._base = ledger.require_head().generation
        self._changes: dict[tuple[str, str], Fields | None] = {}
        self._header: KeystoreHeader | None = None
        self._events = 0
        self._ended = False
        self._documents = SealedDocuments(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = True
        self._changes.clear()

    @property
    def documents(self) -> SealedDocuments:
        """The documents as this unit sees them, as a TinyDB database that it may change."""
        return self._documents

    @property
    def changed(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self._changes) or self._header is not None

    def find(self, table: str, row_id: str, decode: Decoder[_Record]) -> _Record | None:
        """Return the record of a row as this unit sees it, if there is one."""
        place = (table, row_id)
        if place not in self._changes:
            return self._stored.find(table, row_id, decode)
        fields = self._changes[place]
        return None if fields is None else decode(fields, row_id)

    def every(self, table: str, scope: str, decode: Decoder[_Record]) -> tuple[_Record, ...]:
        """Return all records of a scope as this unit sees them, by row id."""
        if not self._staged(table, scope):
            return self._stored.every(table, scope, decode)
        return tuple(self.page(table, scope, decode, after=None, limit=-1))

    def page(
        self, table: str, scope: str, decode: Decoder[_Record], *, after: str | None, limit: int
    ) -> list[_Record]:
        """Return at most ``limit`` records of a scope as this unit sees them."""
        staged = self._staged(table, scope)
        if not staged:
            return self._stored.page(table, scope, decode, after=after, limit=limit)
        # As many as are staged may be gone from what is stored.
        wanted = limit if limit < 0 else limit + len(staged)
        found = dict(self._stored.page(table, scope, _identified, after=after, limit=wanted))
        found |= {row: fields for row, fields in staged.items() if row > (after or "")}
        kept = [(row, fields) for row, fields in sorted(found.items()) if fields is not None]
        return [decode(fields, row) for row, fields in kept[: None if limit < 0 else limit]]

    def _staged(self, table: str, scope: str) -> dict[str, Fields | None]:
        start = f"{scope}/" if scope else ""
        return {
            row_id: fields
            for (changed, row_id), fields in self._changes.items()
            if changed == table and row_id.startswith(start)
        }

    def put_key(self, key: KeyRecord) -> None:
        """Write a key, and keep the index of what time will change in step with it."""
        row_id = scoped_id(key.account, key.region, key.key_id)
        self._documents.sealed(KEYS).put(row_id, key_fields(key))
        for place in self._store_links(key):
            if self.document(LINKS, place) is None:
                self._documents.sealed(LINKS).put(place, {"to": row_id})
        due = due_fields(key)
        if due is None:
            self._documents.sealed(DUE).drop(row_id)
        else:
            self._documents.sealed(DUE).put(row_id, due)

    def delete_key(self, account: str, region: str, key_id: str) -> None:
        """Remove a key with its material, aliases, grants, last use and due date."""
        key = self.key(account, region, key_id)
        if key is None:
            return
        for grant in self.grants_of_key(account, region, key_id, limit=-1):
            self.delete_grant(account, region, key_id, grant.grant_id)
        for name in key.aliases:
            self.delete_alias(account, region, name)
        for place in self._store_links(key):
            self._documents.sealed(LINKS).drop(place)
        row_id = scoped_id(account, region, key_id)
        for table in (KEYS, USAGE, DUE):
            self._documents.sealed(table).drop(row_id)

    def _store_links(self, key: KeyRecord) -> list[str]:
        """Return the ids of the links that lead from a custom key store to a key in it."""
        row_id = scoped_id(key.account, key.region, key.key_id)
        return [f"{link_scope(self._ledger, *ends)}/{row_id}" for ends in store_ends(key)]

    def put_key_store(self, store: CustomKeyStoreRecord) -> None:
        """Write a custom key store."""
        row_id = scoped_id(store.account, store.region, store.store_id)
        self._documents.sealed(KEY_STORES).put(row_id, store_fields(store))

    def delete_key_store(self, account: str, region: str, store_id: str) -> None:
        """Remove a custom key store. That no key is in it is the caller's to see to."""
        self._documents.sealed(KEY_STORES).drop(scoped_id(account, region, store_id))

    def put_alias(self, alias: AliasRecord) -> None:
        """Write an alias. The key's own list of aliases is the caller's to keep."""
        row_id = self._ledger.alias_row_id(alias.account, alias.region, alias.name)
        self._documents.sealed(ALIASES).put(row_id, alias_fields(alias))

    def delete_alias(self, account: str, region: str, name: str) -> None:
        """Remove an alias. The key's own list of aliases is the caller's to keep."""
        row_id = self._ledger.alias_row_id(account, region, name)
        self._documents.sealed(ALIASES).drop(row_id)

    def put_usage(self, usage: UsageRecord) -> None:
        """Write the last use of a key."""
        row_id = scoped_id(usage.account, usage.region, usage.key_id)
        self._documents.sealed(USAGE).put(row_id, usage_fields(usage))

    def put_setting(self, setting: SettingRecord) -> None:
        """Write a setting."""
        self._documents.sealed(SETTINGS).put(setting.name, setting_fields(setting))

    def delete_setting(self, name: str) -> None:
        """Remove a setting if it is there."""
        self._documents.sealed(SETTINGS).drop(name)

    def add_outbox(self, record: OutboxRecord) -> None:
        """Keep a trail event until the trail has it durably."""
        # Generation and place in the commit put events back in the order they were added.
        order = (self._base + 1) * 1_000_000 + self._events
        self._events += 1
        self._documents.sealed(OUTBOX).put(record.event_id, outbox_fields(record, order))

    def drop_outbox(self, event_ids: Iterable[str]) -> None:
        """Let go of trail events that the trail has durably."""
        for event_id in event_ids:
            self._documents.sealed(OUTBOX).drop(event_id)

    def replace_slots(self, slots: tuple[UnlockSlot, ...]) -> None:
        """Take these ways to open the keystore in the place of the present ones."""
        self._header = replace(self._ledger.header, slots=slots)

    def commit(self, *, clock_mark: datetime, trail: TrailPosition, floor: int = 0) -> int:
        """Make the changes durable and end the unit.

        Args:
            clock_mark: The latest account time seen.
            trail: Where the trail is durable.
            floor: The new generation is above this one too.

        Returns:
            The keystore's new generation.

        Raises:
            KeystoreFullError: No space is left; memory and disk are as before.
            KMSInternalException: The disk failed, memory and disk are as before; or the unit has
                ended, or another was committed since it began.
        """
        head = self._ledger.require_head()
        if self._ended or head.generation != self._base:
            raise KMSInternalException("the unit of work has ended or was overtaken by another")
        generation = self._ledger.commit(
            self._changes, clock_mark=clock_mark, trail=trail, header=self._header, floor=floor
        )
        self._ended = True
        self._changes.clear()
        return generation

    def document(self, table: str, doc_id: str) -> Fields | None:
        """Return a document as this unit sees it; the caller may change it."""
        place = (table, doc_id)
        if place in self._changes:
            return deepcopy(self._changes[place])
        return self._ledger.document(table, doc_id)

    def ids(self, table: str) -> list[str]:
        """Return the ids of a table as this unit sees it, in order."""
        found = set(self._ledger.ids(table))
        for (changed, doc_id), fields in self._changes.items():
            if changed == table:
                (found.discard if fields is None else found.add)(doc_id)
        return sorted(found)

    def stage(self, table: str, changes: Mapping[str, Fields | None]) -> None:
        """Take new documents, and nothing in the place of those that are gone.

        Raises:
            KMSInternalException: The unit has ended.
        """
        if self._ended:
            raise KMSInternalException("the unit of work has ended")
        for doc_id, fields in changes.items():
            self._changes[(table, doc_id)] = fields


def _identified(fields: Fields, row_id: str) -> tuple[str, Fields | None]:
    return row_id, fields
