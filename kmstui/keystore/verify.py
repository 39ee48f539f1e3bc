"""Verification: every row against the set hash that the sealed head states."""

from __future__ import annotations

import struct
from collections.abc import Callable

from kmstui.core.errors import KeystoreTamperedError
from kmstui.hsm.base import Hsm
from kmstui.keystore.database import Database
from kmstui.keystore.head import EMPTY_SET, Head, xor
from kmstui.keystore.rows import set_items

Progress = Callable[[int, int], None]
"""Called with how many rows are done and how many there are."""

CHUNK = 4096
"""Rows between two calls of the progress callback."""


def verify_rows(
    database: Database,
    hsm: Hsm,
    head: Head,
    progress: Progress | None = None,
    schema: str = "main",
) -> None:
    """Compare all rows with what the head says of them.

    The rows are read in the order of the index that lookups use, and each is fetched through it:
    a lookup later finds exactly what was verified here. Ids must ascend, since a row listed twice
    would cancel out of the set hash.

    Args:
        database: Where the rows are, inside a transaction if others may write.
        hsm: What the set hash is keyed by.
        head: The head to compare with.
        progress: Told how far it is.
        schema: The attached database to read.

    Raises:
        KeystoreTamperedError: A row is missing, extra, replayed, swapped or altered.
    """
    database.check_structure(schema)
    total = EMPTY_SET
    done = 0
    last = ("", "")
    for chunk in database.tags(CHUNK, schema):
        try:
            for table, doc_id, _, _ in chunk:
                if (table, doc_id) <= last:
                    raise KeystoreTamperedError("the keystore's rows are out of order")
                last = (table, doc_id)
            total = xor(total, hsm.set_hash(set_items(chunk)))
        except (TypeError, AttributeError, struct.error) as error:
            raise KeystoreTamperedError("a row of the keystore is damaged") from error
        done += len(chunk)
        if progress is not None:
            progress(done, head.row_count)
    if done != head.row_count or total != head.set_hash:
        raise KeystoreTamperedError(
            "the keystore's rows are not those of its last commit: one is missing, extra, "
            "replayed or altered"
        )
