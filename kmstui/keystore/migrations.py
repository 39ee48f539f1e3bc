"""From one format version to the next, at unlock, in one transaction.

A step says what becomes of each document. Before any step runs, every row has been verified;
afterwards header, head and rows are written together under the new version, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kmstui.core.errors import KeystoreFormatError
from kmstui.core.limits import ROTATION_PERIOD_DAYS
from kmstui.keystore.codec import DUE, KEYS, TABLES, Fields, due_fields, key_record
from kmstui.keystore.header import FORMAT_VERSION
from kmstui.keystore.ledger import Ledger, Verification
from kmstui.keystore.verify import verify_rows


@dataclass(frozen=True, slots=True)
class Migration:
    """The step from one format version to the next.

    Attributes:
        document: Returns what a document of a table becomes; itself if nothing changes.
    """

    document: Callable[[str, Fields], Fields]


def _unchanged(_table: str, fields: Fields) -> Fields:
    return fields


def _with_lifecycle(table: str, fields: Fields) -> Fields:
    """Give keys what version 3 knows of rotation, imports, Regions and key stores."""
    if table != KEYS:
        return fields
    new: Fields = {
        "rotation_period_days": None,
        "next_rotation": None,
        "primary_region": fields["region"] if fields["multi_region"] else "",
        "replica_regions": [],
        "custom_key_store_id": "",
        "xks_key_id": "",
    }
    if fields["key_manager"] == "AWS":
        new |= {
            "rotation_period_days": ROTATION_PERIOD_DAYS,
            "next_rotation": _days_after(fields["created"], ROTATION_PERIOD_DAYS),
        }
    unrotated: Fields = {"rotated": None, "rotation_type": "", "description": "", "expires": None}
    materials = [material | unrotated for material in fields["materials"]]
    return fields | new | {"materials": materials}


def _days_after(moment: str, days: int) -> str:
    return (datetime.fromisoformat(moment) + timedelta(days=days)).isoformat()


MIGRATIONS: dict[int, Migration] = {1: Migration(_unchanged), 2: Migration(_with_lifecycle)}
"""Steps by the version they begin at.

Version 2 has tables that version 1 had not. They begin empty: an account that nothing is known of
is like any other.
"""


def check_version(version: int) -> None:
    """Refuse a format version that no chain of steps leads on from.

    Raises:
        KeystoreFormatError: There is no such chain.
    """
    if any(step not in MIGRATIONS for step in range(version, FORMAT_VERSION)):
        raise KeystoreFormatError(
            f"the keystore has format version {version}, which this kmstui cannot bring to "
            f"{FORMAT_VERSION}"
        )


def _due(key: Fields, row_id: str) -> Fields | None:
    return due_fields(key_record(key, row_id))


def migrate(ledger: Ledger) -> None:
    """Bring an unlocked keystore to the present format version, if it has an earlier one.

    Raises:
        KeystoreFormatError: No chain of steps leads there.
        KeystoreTamperedError: A row does not verify; nothing was changed.
    """
    version = ledger.header.format_version
    if version == FORMAT_VERSION:
        return
    check_version(version)
    head = ledger.require_head()
    verify_rows(ledger.database, ledger.hsm, head)
    # The index is made anew, from what the keys become.
    changes: dict[tuple[str, str], Fields | None] = {(DUE, row): None for row in ledger.ids(DUE)}
    for table in TABLES:
        if table == DUE:
            continue
        for row_id in ledger.ids(table):
            before = ledger.document(table, row_id)
            after = before
            for step in range(version, FORMAT_VERSION):
                after = None if after is None else MIGRATIONS[step].document(table, dict(after))
            if after != before:
                changes[(table, row_id)] = after
            due = _due(after, row_id) if table == KEYS and after is not None else None
            if due is not None:
                changes[(DUE, row_id)] = due
    header = replace(ledger.header, format_version=FORMAT_VERSION)
    ledger.commit(changes, clock_mark=head.clock_mark, trail=head.trail, header=header)
    ledger.verification = Verification.VERIFIED
