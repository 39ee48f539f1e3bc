"""TinyDB over sealed rows: its tables and queries, none of its whole-file reads and writes.

TinyDB's ``Table`` has one path for reading and one for writing. Reading gets a mapping that
fetches and unseals a document only when it is asked for; writing runs TinyDB's own updater on a
copy-on-touch view and stages just the documents that it changed. Nothing reaches the disk before
the unit of work commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from copy import deepcopy
from typing import Any, Protocol, cast

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Document, Table

from kmstui.keystore.codec import TABLES, Fields


class DocumentSource(Protocol):
    """Where documents come from and where changes are staged."""

    def document(self, table: str, doc_id: str) -> Fields | None:
        """Return a document that the caller may change, or nothing."""

    def ids(self, table: str) -> list[str]:
        """Return the ids of a table, in order."""

    def stage(self, table: str, changes: Mapping[str, Fields | None]) -> None:
        """Take new documents, and nothing in the place of those that are gone."""


class LazyTable(Mapping[str, Fields]):
    """A table as TinyDB reads it; a document is fetched when it is looked at."""

    def __init__(self, source: DocumentSource, name: str) -> None:
        self._source = source
        self._name = name

    def __getitem__(self, doc_id: str) -> Fields:
        fields = self._source.document(self._name, doc_id)
        if fields is None:
            raise KeyError(doc_id)
        return fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._source.ids(self._name))

    def __len__(self) -> int:
        return len(self._source.ids(self._name))


class TableChanges(MutableMapping[str, Fields]):
    """A table as TinyDB writes it; remembers which documents differ afterwards."""

    def __init__(self, before: Mapping[str, Fields]) -> None:
        self._before = before
        self._touched: dict[str, Fields | None] = {}

    def __getitem__(self, doc_id: str) -> Fields:
        if doc_id not in self._touched:
            self._touched[doc_id] = deepcopy(self._before[doc_id])
        fields = self._touched[doc_id]
        if fields is None:
            raise KeyError(doc_id)
        return fields

    def __setitem__(self, doc_id: str, fields: Fields) -> None:
        self._touched[doc_id] = fields

    def __delitem__(self, doc_id: str) -> None:
        if doc_id not in self:
            raise KeyError(doc_id)
        self._touched[doc_id] = None

    def __iter__(self) -> Iterator[str]:
        before = self._before
        for doc_id in before:
            if self._touched.get(doc_id, True) is not None:
                yield doc_id
        for doc_id, fields in self._touched.items():
            if fields is not None and doc_id not in before:
                yield doc_id

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def changed(self) -> dict[str, Fields | None]:
        """Return the documents that differ from before, nothing for those that are gone."""
        return {
            doc_id: fields
            for doc_id, fields in self._touched.items()
            if fields != self._before.get(doc_id)
        }


class SealedStorage(Storage):
    """TinyDB's storage interface over a source of sealed documents."""

    def __init__(self, source: DocumentSource) -> None:
        self.source = source

    def read(self) -> dict[str, dict[str, Any]]:
        """Return every table as a lazy mapping."""
        tables = {name: LazyTable(self.source, name) for name in TABLES}
        # TinyDB only reads from these; its annotation asks for dicts.
        return cast("dict[str, dict[str, Any]]", tables)

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Refuse: documents change through their tables, never all at once.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError


class SealedTable(Table):
    """A TinyDB table whose ids are text and whose writes cost what they change."""

    # TinyDB's annotations know numbered ids only; its code takes any.
    document_id_class = cast("type[int]", str)

    def __init__(self, storage: SealedStorage, name: str) -> None:
        # Query results are not cached: every commit would have to throw them away.
        super().__init__(storage, name, cache_size=0)
        self._source = storage.source
        self._lazy = LazyTable(self._source, name)

    def fetch(self, doc_id: str) -> Document | None:
        """Return the document of that id, if there is one."""
        return self.get(doc_id=cast("int", doc_id))

    def put(self, doc_id: str, fields: Fields) -> None:
        """Write a whole document, new or in the place of another."""
        self._source.stage(self.name, {doc_id: fields})

    def drop(self, doc_id: str) -> None:
        """Remove a document if it is there."""
        if doc_id in self._lazy:
            self._source.stage(self.name, {doc_id: None})

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return cast("dict[str, Mapping[str, Any]]", self._lazy)

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        changes = TableChanges(self._lazy)
        updater(cast("dict[int, Mapping[str, Any]]", changes))
        self._source.stage(self.name, changes.changed())


class SealedDocuments(TinyDB):
    """The keystore's documents as a TinyDB database."""

    table_class = cast("type[Table]", SealedTable)

    def __init__(self, source: DocumentSource) -> None:
        super().__init__(source, storage=SealedStorage)

    def sealed(self, name: str) -> SealedTable:
        """Return a table with its text-id methods."""
        return cast("SealedTable", self.table(name))
