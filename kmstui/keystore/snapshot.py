"""Snapshots of training keystores: the whole state in one file, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from kmstui.core.errors import CheckpointError, KeystoreMissingError, NotTrainingError
from kmstui.core.files import Directory
from kmstui.core.position import TrailPosition
from kmstui.keystore.codec import OUTBOX, outbox_fields
from kmstui.keystore.database import Database, copy_database
from kmstui.keystore.head import Head, xor
from kmstui.keystore.ledger import Ledger, RowCounts
from kmstui.keystore.place import discard_database, read_header
from kmstui.keystore.records import OutboxRecord
from kmstui.keystore.rows import set_items
from kmstui.keystore.sqlite import translated
from kmstui.keystore.verify import verify_rows

SNAPSHOT = "snapshot"
"""The name under which a restore sees the snapshot's tables."""


def snapshot(ledger: Ledger, path: Path) -> None:
    """Copy the committed state into one file; see ``Keystore.snapshot_to``."""
    require_training(ledger)
    with translated(), Directory.create(path.parent, disk=ledger.anchor.disk) as directory:
        new = f"{path.name}.new"
        discard_database(directory, new)
        try:
            copy_database(ledger.database, directory, new)
            directory.rename(new, path.name)
        except BaseException:
            discard_database(directory, new)
            raise


def restore(
    ledger: Ledger,
    path: Path,
    *,
    trail: TrailPosition,
    clock_mark: datetime | None,
    outbox: Sequence[OutboxRecord],
    dropped: Iterable[str],
) -> int:
    """Go back to a snapshot; see ``Keystore.restore_from``."""
    before = require_training(ledger)
    database = ledger.database
    _check_snapshot(ledger, path)
    with database.attached(path, SNAPSHOT), ledger.transaction():
        past = ledger.read_head(database, SNAPSHOT)
        verify_rows(database, ledger.hsm, past, schema=SNAPSHOT)
        # Pending events do not go back: those of the snapshot go out, those of now stay.
        then = database.table_tags(OUTBOX, SNAPSHOT)
        now = database.table_tags(OUTBOX)
        moved = replace(
            past,
            row_count=past.row_count - len(then) + len(now),
            set_hash=xor(past.set_hash, ledger.hsm.set_hash(set_items(then + now))),
        )
        database.take_rows(SNAPSHOT, besides=OUTBOX)
        counts = RowCounts(moved)
        generation = before.generation + 1
        for event_id in dropped:
            ledger.write_row(counts, OUTBOX, event_id, generation, None)
        for order, record in enumerate(outbox):
            fields = outbox_fields(record, generation * 1_000_000 + order)
            ledger.write_row(counts, OUTBOX, record.event_id, generation, fields)
        head = replace(
            before,
            generation=generation,
            clock_mark=past.clock_mark if clock_mark is None else clock_mark,
            trail=trail,
            set_hash=xor(moved.set_hash, ledger.hsm.set_hash(set_items(counts.tags))),
            row_count=counts.rows,
            key_counts=counts.key_counts(),
        )
        ledger.write_meta(before.generation, head, None)
    ledger.cache.clear()
    ledger.adopt(head)
    return generation


def require_training(ledger: Ledger) -> Head:
    """Return the head of a training keystore.

    Raises:
        NotTrainingError: It is a production keystore.
    """
    head = ledger.require_head()
    if not head.training:
        raise NotTrainingError("only a training keystore has checkpoints")
    return head


def _check_snapshot(ledger: Ledger, path: Path) -> None:
    """Refuse what is not a snapshot of this keystore, before it is attached."""
    try:
        with Directory.open(path.parent, disk=ledger.anchor.disk) as directory:
            found = Database.open(directory, path.name, read_only=True)
            try:
                header = read_header(found)
            finally:
                found.close()
    except (FileNotFoundError, KeystoreMissingError) as error:
        raise CheckpointError(f"there is no checkpoint {path.stem}") from error
    if header.store_id != ledger.header.store_id:
        raise CheckpointError("the checkpoint is another keystore's")
    if header.format_version != ledger.header.format_version:
        raise CheckpointError("the checkpoint has another format version")
