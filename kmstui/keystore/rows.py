"""How one document becomes one sealed row, and how a row counts in the set hash."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson

from kmstui.core.errors import KeystoreTamperedError
from kmstui.hsm.base import Hsm, Purpose
from kmstui.keystore.codec import Fields

TAG_BYTES = 16
"""The authentication tag at the end of a sealed row."""

_U32 = struct.Struct(">I").pack
_GENERATION = struct.Struct(">IQ").pack
_TAG_PREFIX = _U32(TAG_BYTES)


class Row(NamedTuple):
    """A sealed row as it is stored."""

    table: str
    doc_id: str
    generation: int
    sealed: bytes


class RowTag(NamedTuple):
    """What of a row goes into the set hash: its place, its generation, its tag."""

    table: str
    doc_id: str
    generation: int
    tag: bytes


def seal_row(hsm: Hsm, table: str, doc_id: str, generation: int, fields: Fields) -> Row:
    """Return a document sealed for its place and generation."""
    aad = _place(table, doc_id, generation)
    return Row(table, doc_id, generation, hsm.seal(Purpose.ROW, orjson.dumps(fields), aad))


def unseal_row(hsm: Hsm, row: Row) -> Fields:
    """Return the document of a row.

    Raises:
        KeystoreTamperedError: The row is not what was sealed for its place and generation.
    """
    try:
        aad = _place(row.table, row.doc_id, row.generation)
        fields: Fields = orjson.loads(hsm.unseal(Purpose.ROW, row.sealed, aad))
    except (struct.error, TypeError) as error:
        raise KeystoreTamperedError("a row of the keystore is damaged") from error
    return fields


def row_tag(row: Row) -> RowTag:
    """Return what of a row goes into the set hash."""
    return RowTag(row.table, row.doc_id, row.generation, row.sealed[-TAG_BYTES:])


def set_items(tags: Iterable[RowTag]) -> Iterator[bytes]:
    """Yield the set hash's items: ``canonical.encode`` of each tag's four fields.

    Written out, because verification makes one for every row there is.
    """
    for table, doc_id, generation, tag in tags:
        yield _place(table, doc_id, generation) + _TAG_PREFIX + tag


def _place(table: str, doc_id: str, generation: int) -> bytes:
    name = table.encode()
    place = doc_id.encode()
    return b"".join((_U32(len(name)), name, _U32(len(place)), place, _GENERATION(8, generation)))
