"""Typed reads by natural names, the same for the keystore and for a unit of work."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar, cast

from kmstui.keystore.codec import (
    ALIASES,
    DUE,
    GRANTS,
    GROUPS,
    KEY_STORES,
    KEYS,
    LINKS,
    MANAGED_POLICIES,
    OUTBOX,
    ROLES,
    SETTINGS,
    USAGE,
    USERS,
    Fields,
    alias_record,
    due_record,
    key_record,
    outbox_record,
    scoped_id,
    setting_record,
    usage_record,
)
from kmstui.keystore.documents import SealedDocuments
from kmstui.keystore.key_stores import (
    KEY_OF_EXTERNAL,
    KEYS_OF_STORE,
    CustomKeyStoreRecord,
    store_record,
)
from kmstui.keystore.ledger import Ledger
from kmstui.keystore.names import link_scope
from kmstui.keystore.principal_reads import Decoder, PrincipalReads
from kmstui.keystore.records import (
    AliasRecord,
    DueRecord,
    KeyRecord,
    OutboxRecord,
    SettingRecord,
    UsageRecord,
)

_Record = TypeVar("_Record")


class Reads(PrincipalReads):
    """Records by their natural names. Every lookup is by row id, never by scanning.

    All methods raise ``KeystoreLockedError`` while locked and ``KeystoreTamperedError`` if a row
    does not authenticate or the keystore failed verification.
    """

    @property
    @abstractmethod
    def documents(self) -> SealedDocuments:
        """The documents as a TinyDB database, for queries."""

    def key(self, account: str, region: str, key_id: str) -> KeyRecord | None:
        """Return a key, if there is one."""
        return self.find(KEYS, scoped_id(account, region, key_id), key_record)

    def alias(self, account: str, region: str, name: str) -> AliasRecord | None:
        """Return an alias by its name with ``alias/``, if there is one."""
        row_id = self._ledger.alias_row_id(account, region, name)
        return self.find(ALIASES, row_id, alias_record)

    def usage(self, account: str, region: str, key_id: str) -> UsageRecord | None:
        """Return the last use of a key that was stored, if any was."""
        return self.find(USAGE, scoped_id(account, region, key_id), usage_record)

    def setting(self, name: str) -> SettingRecord | None:
        """Return a setting, if it was put."""
        return self.find(SETTINGS, name, setting_record)

    def key_store(self, account: str, region: str, store_id: str) -> CustomKeyStoreRecord | None:
        """Return a custom key store, if there is one."""
        return self.find(KEY_STORES, scoped_id(account, region, store_id), store_record)

    def key_stores(self, account: str = "", region: str = "") -> tuple[CustomKeyStoreRecord, ...]:
        """Return the custom key stores of all accounts, of one, or of one Region, by id."""
        scope = f"{account}/{region}" if region else account
        return self.every(KEY_STORES, scope, store_record)

    def keys_of_store(self, store: CustomKeyStoreRecord) -> tuple[str, ...]:
        """Return the ids of the keys in a custom key store, in order."""
        return self._keys_at(KEYS_OF_STORE, store)

    def key_of_external(self, store: CustomKeyStoreRecord, xks_key_id: str) -> str:
        """Return the id of the key that an external key belongs to; empty if there is none."""
        return next(iter(self._keys_at(KEY_OF_EXTERNAL, store, xks_key_id)), "")

    def _keys_at(self, relation: str, store: CustomKeyStoreRecord, *ends: str) -> tuple[str, ...]:
        place = (store.account, store.region, store.store_id, *ends)
        scope = link_scope(self._ledger, relation, *place)
        return self.every(LINKS, scope, _linked_key)


class StoredReads(Reads):
    """Reads of what is committed, through the cache of decoded records."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._documents = SealedDocuments(CommittedDocuments(ledger))

    @property
    def documents(self) -> SealedDocuments:
        """The committed documents as a TinyDB database; changes need a unit of work."""
        return self._documents

    def find(self, table: str, row_id: str, decode: Decoder[_Record]) -> _Record | None:
        """Return the record of a row, if there is one."""
        held = self._ledger.cache.get(table, row_id)
        if held is not None:
            # One table only ever has records of one decoder.
            return cast("_Record", held)
        fields = self._documents.sealed(table).fetch(row_id)
        if fields is None:
            return None
        record = decode(fields, row_id)
        self._ledger.cache.put(table, row_id, record)
        return record

    def every(self, table: str, scope: str, decode: Decoder[_Record]) -> tuple[_Record, ...]:
        """Return all records of a scope, by row id, and remember them."""
        held = self._ledger.cache.get(table, scope)
        if held is not None:
            # No row has a scope's id, so what is remembered for a scope is always such a tuple.
            return cast("tuple[_Record, ...]", held)
        found = tuple(self._ledger.records(table, decode, scope=scope))
        self._ledger.cache.put(table, scope, found)
        return found

    def page(
        self, table: str, scope: str, decode: Decoder[_Record], *, after: str | None, limit: int
    ) -> list[_Record]:
        """Return at most ``limit`` records of a scope behind a row id, without holding them."""
        return self._ledger.records(table, decode, scope=scope, after=after, limit=limit)

    def keys(
        self, account: str, region: str, *, after: str | None = None, limit: int
    ) -> list[KeyRecord]:
        """Return at most ``limit`` keys of an account and Region, by key id.

        Args:
            account: Twelve digits.
            region: Such as ``eu-west-1``.
            after: The key id to begin behind.
            limit: Most keys to return.
        """
        place = None if after is None else scoped_id(account, region, after)
        scope = f"{account}/{region}"
        return self._ledger.records(KEYS, key_record, scope=scope, after=place, limit=limit)

    def usages(
        self, account: str, region: str, *, after: str | None, until: str
    ) -> list[UsageRecord]:
        """Return the last uses of the keys behind ``after`` up to ``until``, by key id.

        Args:
            account: Twelve digits.
            region: Such as ``eu-west-1``.
            after: The key id to begin behind; None for the first.
            until: The key id to end with.
        """
        return self._ledger.records(
            USAGE,
            usage_record,
            scope=f"{account}/{region}",
            after=None if after is None else scoped_id(account, region, after),
            until=scoped_id(account, region, until),
        )

    def key_count(self, account: str, region: str) -> int:
        """Return how many keys an account and Region has, without looking at any."""
        return dict(self._ledger.require_head().key_counts).get(f"{account}/{region}", 0)

    def grant_count(self, account: str, region: str, key_id: str) -> int:
        """Return how many grants a key has, without looking at any."""
        return self._ledger.count(GRANTS, scoped_id(account, region, key_id))

    def user_count(self, account: str) -> int:
        """Return how many users an account has, without looking at any."""
        return self._ledger.count(USERS, account)

    def group_count(self, account: str) -> int:
        """Return how many groups an account has, without looking at any."""
        return self._ledger.count(GROUPS, account)

    def role_count(self, account: str) -> int:
        """Return how many roles an account has, without looking at any."""
        return self._ledger.count(ROLES, account)

    def policy_count(self, account: str) -> int:
        """Return how many customer managed policies an account has, without looking at any."""
        return self._ledger.count(MANAGED_POLICIES, account)

    def aliases(
        self, account: str, region: str, *, after: str | None = None, limit: int
    ) -> list[AliasRecord]:
        """Return at most ``limit`` aliases of an account and Region, by row id.

        Args:
            account: Twelve digits.
            region: Such as ``eu-west-1``.
            after: ``row_id`` of the alias to begin behind.
            limit: Most aliases to return.
        """
        scope = f"{account}/{region}"
        return self._ledger.records(ALIASES, alias_record, scope=scope, after=after, limit=limit)

    def due_keys(self) -> list[DueRecord]:
        """Return every key that time will change, the one it changes first in front.

        Read from an index that changes in the same commits as the keys do.
        """
        return sorted(self.every(DUE, "", due_record), key=lambda due: due.when)

    def outbox(self) -> list[OutboxRecord]:
        """Return the trail events that the trail may not have yet, in their order."""
        found = self._ledger.records(OUTBOX, _ordered_event)
        return [record for _, record in sorted(found, key=lambda pair: pair[0])]


class CommittedDocuments:
    """The ledger as a source of documents that nothing can be staged in."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def document(self, table: str, doc_id: str) -> Fields | None:
        """Return a document that the caller may change, or nothing."""
        return self._ledger.document(table, doc_id)

    def ids(self, table: str) -> list[str]:
        """Return the ids of a table, in order."""
        return self._ledger.ids(table)

    def stage(self, table: str, changes: object) -> None:
        """Refuse: changes need a unit of work.

        Raises:
            TypeError: Always.
        """
        del changes
        message = f"{table} can only be changed in a unit of work"
        raise TypeError(message)


def _linked_key(fields: Fields, _row_id: str) -> str:
    return str(fields["to"]).rpartition("/")[2]


def _ordered_event(fields: Fields, row_id: str) -> tuple[int, OutboxRecord]:
    return int(fields["order"]), outbox_record(fields, row_id)
