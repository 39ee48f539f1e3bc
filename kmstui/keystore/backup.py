"""Sealed backups: one file that any of the keystore's slots opens, on any machine."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from kmstui.core.canonical import encode
from kmstui.core.errors import (
    BackupError,
    KeystoreFormatError,
    KeystoreMissingError,
    KmsError,
    WrongPassphraseError,
)
from kmstui.core.files import HOST_DISK, Directory, Disk
from kmstui.core.position import TrailPosition
from kmstui.core.secret import Secret
from kmstui.hsm.base import Hsm, Purpose
from kmstui.keystore.anchor import Anchor
from kmstui.keystore.codec import KEYS, key_record
from kmstui.keystore.database import Database, copy_database
from kmstui.keystore.head import Head
from kmstui.keystore.header import KeystoreHeader
from kmstui.keystore.ledger import Ledger, Verification
from kmstui.keystore.migrations import check_version, migrate
from kmstui.keystore.place import (
    DATABASE,
    NEW_DATABASE,
    discard_database,
    own,
    read_header,
    require_empty,
)
from kmstui.keystore.reads import StoredReads
from kmstui.keystore.records import KeyRecord
from kmstui.keystore.sqlite import translated
from kmstui.keystore.unit import UnitOfWork
from kmstui.keystore.verify import Progress, verify_rows

LABEL = "backup"
"""The row of ``meta`` that only backups have."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a backup has beside the rows of its keystore.

    Attributes:
        created: When it was made.
        files: The files of the keystore's devices, by their paths in its directory.
    """

    created: datetime
    files: Mapping[str, bytes] = field(repr=False)


def export(ledger: Ledger, path: Path, created: datetime, files: Mapping[str, bytes]) -> None:
    """Write a backup and prove it; see ``Keystore.export_backup``."""
    head = ledger.require_head()
    try:
        directory = Directory.open(path.parent, private=False, disk=ledger.anchor.disk)
    except OSError as error:
        raise BackupError(f"the backup cannot be written to {path.parent}") from error
    with directory:
        if directory.exists(path.name):
            raise BackupError(f"{path} exists; a backup never overwrites a file")
        new = f"{path.name}.new"
        discard_database(directory, new)
        try:
            copy_database(ledger.database, directory, new, _label(ledger, head, created, files))
            _prove(ledger, directory, new, files)
            directory.rename(new, path.name)
        except (OSError, KmsError) as error:
            discard_database(directory, new)
            raise BackupError(f"the backup could not be made: {error}") from error


class Backup:
    """A backup file, opened read-only; use as a context manager.

    Args:
        ledger: Its rows, locked.
        directory: Where it is.
    """

    def __init__(self, ledger: Ledger, directory: Directory) -> None:
        self._ledger = ledger
        self._directory = directory
        self._label: Label | None = None

    @classmethod
    def open(cls, path: Path, hsm: Hsm, *, disk: Disk = HOST_DISK) -> Self:
        """Open a backup, locked: only :attr:`header` can be read.

        Raises:
            BackupError: There is none, or it is not a backup.
            KeystoreTamperedError: It is damaged.
            UnsafePathError: It is a link, not a regular file or not ours.
            UnsafePermissionsError: Others can read it.
        """
        try:
            directory = Directory.open(path.parent, private=False, disk=disk)
        except OSError as error:
            raise BackupError(f"there is no backup {path}") from error
        try:
            database = Database.open(directory, path.name, read_only=True)
            try:
                database.meta(LABEL)
                header = read_header(database)
                check_version(header.format_version)
            except BaseException:
                database.close()
                raise
        except (KeystoreMissingError, KeystoreFormatError) as error:
            directory.close()
            raise BackupError(f"{path} is not a backup: {error}") from error
        except BaseException:
            directory.close()
            raise
        return cls(Ledger(database, hsm, header, Anchor(None, "", disk)), directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. The HSM keeps its keys: they are those of what was restored."""
        self._ledger.database.close()
        self._directory.close()

    @property
    def header(self) -> KeystoreHeader:
        """What can be read before unlock; authentic only afterwards."""
        return self._ledger.header

    @property
    def head(self) -> Head:
        """The keystore's head when the backup was made.

        Raises:
            KeystoreLockedError: No slot is open.
        """
        return self._ledger.require_head()

    @property
    def created(self) -> datetime | None:
        """When the backup was made, once it is unlocked."""
        return None if self._label is None else self._label.created

    @property
    def files(self) -> Mapping[str, bytes]:
        """The files of the keystore's devices, by their paths; nothing before it is unlocked."""
        return {} if self._label is None else self._label.files

    def unlock(self, slot_id: str, passphrase: Secret, progress: Progress | None = None) -> None:
        """Open a slot, and authenticate and verify all of the backup.

        Raises:
            WrongPassphraseError: The passphrase does not open the slot, or there is no such slot.
            KeystoreTamperedError: Something does not authenticate or verify.
        """
        ledger = self._ledger
        slot = ledger.header.slot(slot_id)
        if slot is None:
            raise WrongPassphraseError("there is no such slot")
        ledger.hsm.open(
            ledger.header.store_id,
            slot,
            passphrase,
            ledger.header.domain_keys,
            test_profile=ledger.header.test_profile,
        )
        try:
            self._label = authenticate(ledger, progress)
        except BaseException:
            ledger.hsm.lock()
            ledger.head = None
            raise

    def keys(self) -> list[KeyRecord]:
        """Return every key in the backup, by account, Region and id."""
        return self._ledger.records(KEYS, key_record)

    def restore_to(
        self,
        directory: Path,
        *,
        drop: Collection[str],
        anchor_dir: Path | None,
        holder: str,
        clock_mark: datetime,
        trail: TrailPosition | None = None,
        disk: Disk = HOST_DISK,
    ) -> None:
        """Make a keystore of the backup; open it with ``Keystore.open`` afterwards.

        It appears under its name only once it is whole, durable and without what is dropped. Its
        generation is above both the backup's and the anchor's, so that restoring is not taken
        for a rollback.

        Args:
            directory: Where; it must not have a keystore.
            drop: Ids of keys to leave out, with their aliases: those destroyed since.
            anchor_dir: Where rollback anchors are kept; None for none.
            holder: One line naming this process.
            clock_mark: The latest account time seen.
            trail: Where the trail is; where it was when the backup was made if None.
            disk: The system calls.

        Raises:
            KeystoreExistsError: There is a keystore already.
            KeystoreBusyError: Another process owns the directory.
            KeystoreLockedError: The backup has not been unlocked.
        """
        head = self.head
        with translated(), Directory.create(directory, disk=disk) as owned:
            lock = own(owned, holder)
            try:
                require_empty(owned)
                copy_database(self._ledger.database, owned, NEW_DATABASE)
                anchor = Anchor(anchor_dir, self.header.store_id, disk, owned.path)
                self._rewrite(owned, anchor, drop, clock_mark, trail or head.trail)
                owned.rename(NEW_DATABASE, DATABASE)
            finally:
                lock.release()

    def _rewrite(
        self,
        directory: Directory,
        anchor: Anchor,
        drop: Collection[str],
        clock_mark: datetime,
        trail: TrailPosition,
    ) -> None:
        """Turn the copy of the backup into a keystore."""
        hsm = self._ledger.hsm
        database = Database.open(directory, NEW_DATABASE)
        try:
            with database.transaction():
                database.drop_meta(LABEL)
            # The anchor is only read here; it is written once there is something to anchor.
            ledger = Ledger(database, hsm, self.header, Anchor(None, "", anchor.disk), self.head)
            migrate(ledger)
            with UnitOfWork(ledger, StoredReads(ledger)) as unit:
                for account, region, key_id in _places(ledger):
                    if key_id in drop:
                        unit.delete_key(account, region, key_id)
                floor = anchor.read(hsm) or 0
                generation = unit.commit(clock_mark=clock_mark, trail=trail, floor=floor)
            database.checkpoint()
        finally:
            database.close()
        anchor.write(hsm, generation)


def authenticate(ledger: Ledger, progress: Progress | None = None) -> Label:
    """Authenticate and verify all of a backup whose slot is open, and take its head.

    Returns:
        What only backups have.

    Raises:
        KeystoreTamperedError: Something does not authenticate or verify.
    """
    head = ledger.authenticate_head(ledger.database)
    sealed = ledger.database.meta(LABEL)[1]
    label = orjson.loads(ledger.hsm.unseal(Purpose.BACKUP, sealed, _aad(ledger, head)))
    with ledger.database.reading():
        verify_rows(ledger.database, ledger.hsm, head, progress)
    ledger.head = head
    ledger.verification = Verification.VERIFIED
    # Backups of keystores without devices, and of earlier versions, have no files.
    files = {path: b64decode(data) for path, data in label.get("files", {}).items()}
    return Label(datetime.fromisoformat(label["created"]), files)


def _prove(ledger: Ledger, directory: Directory, name: str, files: Mapping[str, bytes]) -> None:
    """Read a backup back and compare it with the keystore it was made of."""
    database = Database.open(directory, name, read_only=True)
    try:
        copy = Ledger(
            database, ledger.hsm, read_header(database), Anchor(None, "", directory.disk)
        )
        label = authenticate(copy)
        same = copy.head == ledger.head and copy.header == ledger.header
        if not same or label.files != files:
            raise BackupError("what was read back is not what was written")
    finally:
        database.close()


def _label(
    ledger: Ledger, head: Head, created: datetime, files: Mapping[str, bytes]
) -> tuple[str, int, bytes]:
    label: dict[str, object] = {"created": created.isoformat()}
    if files:
        label["files"] = {path: b64encode(data).decode() for path, data in files.items()}
    data = orjson.dumps(label)
    sealed = ledger.hsm.seal(Purpose.BACKUP, data, _aad(ledger, head))
    return LABEL, head.generation, sealed


def _aad(ledger: Ledger, head: Head) -> bytes:
    return encode("backup", ledger.header.store_id, head.generation)


def _places(ledger: Ledger) -> Iterator[tuple[str, str, str]]:
    for row_id in ledger.ids(KEYS):
        account, region, key_id = row_id.split("/")
        yield account, region, key_id
