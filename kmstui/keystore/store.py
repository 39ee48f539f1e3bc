"""The keystore: created, opened, unlocked, read, changed, locked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from kmstui.core.errors import (
    KeystoreRollbackError,
    KeystoreTamperedError,
    WrongPassphraseError,
)
from kmstui.core.files import HOST_DISK, Directory, Disk, FileLock
from kmstui.core.position import TrailPosition
from kmstui.core.secret import Secret
from kmstui.hsm.base import Hsm, UnlockSlot, WrappedDomainKey
from kmstui.keystore.anchor import Anchor
from kmstui.keystore.backup import export
from kmstui.keystore.database import Database
from kmstui.keystore.head import EMPTY_SET, Head
from kmstui.keystore.header import FORMAT_VERSION, KeystoreHeader
from kmstui.keystore.ledger import (
    Ledger,
    RollbackProtection,
    Verification,
)
from kmstui.keystore.migrations import migrate
from kmstui.keystore.place import (
    DATABASE,
    build,
    find,
    open_database,
    own,
    read_header,
    require_empty,
)
from kmstui.keystore.reads import StoredReads
from kmstui.keystore.records import OutboxRecord
from kmstui.keystore.snapshot import restore, snapshot
from kmstui.keystore.sqlite import translated
from kmstui.keystore.unit import UnitOfWork
from kmstui.keystore.verify import verify_rows

TRAIL_START = TrailPosition(segment=0, offset=0, sequence=0, line_hash="0" * 64)
"""Before the first line of any trail."""


class Keystore(StoredReads):
    """A directory of sealed rows, owned by this process while it is open.

    Reads and commits belong to one thread at a time, which the caller sees to; :meth:`verify` may
    run beside them. Use :meth:`create` or :meth:`open`, then :meth:`unlock`; always
    :meth:`close`.
    """

    def __init__(self, ledger: Ledger, directory: Directory, lock: FileLock) -> None:
        super().__init__(ledger)
        self._directory = directory
        self._lock = lock

    @classmethod
    def create(
        cls,
        directory: Path,
        hsm: Hsm,
        *,
        store_id: str,
        account: str,
        region: str,
        training: bool,
        test_profile: bool,
        slots: tuple[UnlockSlot, ...],
        domain_keys: tuple[WrappedDomainKey, ...],
        clock_mark: datetime,
        anchor_dir: Path | None,
        holder: str,
        trail: TrailPosition = TRAIL_START,
        disk: Disk = HOST_DISK,
    ) -> Self:
        """Create a keystore and leave it open and unlocked.

        It appears under its name only once it is whole and durable.

        Args:
            directory: Where; made with mode 0700 if it is not there.
            hsm: Provisioned for ``store_id`` and unlocked.
            store_id: The keystore's id; letters, digits, ``.``, ``_`` and ``-``.
            account: The account it is for.
            region: The Region it opens in.
            training: Whether clocks can be moved and checkpoints restored.
            test_profile: Whether the cheap key-derivation profile is accepted.
            slots: The ways to open it.
            domain_keys: As the HSM made them.
            clock_mark: Account time now.
            anchor_dir: Where rollback anchors are kept, outside ``directory``; None for none.
            holder: One line naming this process: its pid, host and when it began.
            trail: Where the trail is.
            disk: The system calls.

        Raises:
            KeystoreExistsError: There is one already.
            KeystoreBusyError: Another process owns the directory.
            UnsafePathError: The directory is a link or not ours.
            UnsafePermissionsError: Others can reach the directory.
        """
        header = KeystoreHeader(
            FORMAT_VERSION, store_id, test_profile, slots, domain_keys, clock_mark
        )
        head = Head(
            generation=1,
            clock_mark=clock_mark,
            trail=trail,
            set_hash=EMPTY_SET,
            row_count=0,
            key_counts=(),
            account=account,
            region=region,
            training=training,
            header_digest=header.digest(),
        )
        with translated():
            owned = Directory.create(directory, disk=disk)
            lock = own(owned, holder)
            try:
                require_empty(owned)
                build(owned, hsm, header, head)
                database = Database.open(owned, DATABASE)
            except BaseException:
                lock.release()
                owned.close()
                raise
        ledger = Ledger(database, hsm, header, Anchor(anchor_dir, store_id, disk, owned.path))
        keystore = cls(ledger, owned, lock)
        ledger.verification = Verification.VERIFIED
        ledger.protection = RollbackProtection.ANCHOR
        ledger.adopt(head)
        return keystore

    @classmethod
    def open(
        cls,
        directory: Path,
        hsm: Hsm,
        *,
        anchor_dir: Path | None,
        holder: str,
        disk: Disk = HOST_DISK,
    ) -> Self:
        """Open a keystore, locked: nothing but :attr:`header` can be read.

        Args:
            directory: Where it is.
            hsm: What will hold its keys.
            anchor_dir: Where rollback anchors are kept; None for none.
            holder: One line naming this process: its pid, host and when it began.
            disk: The system calls.

        Raises:
            KeystoreMissingError: There is none.
            KeystoreBusyError: Another process owns it; the message names the holder.
            KeystoreFormatError: Its format version is not known.
            KeystoreTamperedError: It is damaged.
            UnsafePathError: A path is a link, not a regular file or not ours.
            UnsafePermissionsError: Others can reach it.
        """
        with translated():
            owned = find(directory, disk)
            lock = own(owned, holder)
            try:
                database, header = open_database(owned)
            except BaseException:
                lock.release()
                owned.close()
                raise
        anchor = Anchor(anchor_dir, header.store_id, disk, owned.path)
        return cls(Ledger(database, hsm, header, anchor), owned, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The keystore's directory."""
        return self._directory.path

    @property
    def header(self) -> KeystoreHeader:
        """What can be read before unlock; authentic only afterwards."""
        return self._ledger.header

    @property
    def head(self) -> Head:
        """What the keystore knows of itself after its last commit.

        Raises:
            KeystoreLockedError: No slot is open.
            KeystoreTamperedError: Verification failed.
        """
        return self._ledger.require_head()

    @property
    def verification(self) -> Verification:
        """Whether all rows have been verified since the last unlock."""
        return self._ledger.verification

    @property
    def rollback_protection(self) -> RollbackProtection:
        """What guards against an old copy; ``none`` also when this unlock found no anchor."""
        return self._ledger.protection

    def unlock(self, slot_id: str, passphrase: Secret, *, accept_rollback: bool = False) -> None:
        """Open a slot and authenticate header, head and anchor. Slow: the slot's KDF runs.

        Args:
            slot_id: The slot to open.
            passphrase: What opens it.
            accept_rollback: Take a keystore that is older than its anchor as the present one.

        Raises:
            WrongPassphraseError: The passphrase does not open the slot, or there is no such slot.
            KdfParametersError: The slot asks for a cost outside the bounds.
            KeystoreTamperedError: Header or head do not authenticate.
            KeystoreRollbackError: The keystore is older than its anchor.
        """
        ledger = self._ledger
        ledger.header = read_header(ledger.database)
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
            self._authenticate(accept_rollback=accept_rollback)
        except BaseException:
            self.lock()
            raise

    def lock(self) -> None:
        """Drop every key and everything that was read; the keystore stays this process's."""
        self._ledger.hsm.lock()
        self._ledger.cache.clear()
        self._ledger.head = None
        self._ledger.verification = Verification.PENDING
        self._ledger.unlocks += 1
        self._ledger.protection = RollbackProtection.NONE

    def close(self) -> None:
        """Lock, close and give the keystore up; a second call does nothing."""
        self.lock()
        if self._lock.fd < 0:
            return
        try:
            self._ledger.database.close()
        finally:
            self._lock.release()
            self._directory.close()

    def verify(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Compare every row with the set hash, on a connection of its own.

        Made for a worker thread, beside reads. It sees one state of the keystore throughout.

        Args:
            progress: Called with the rows done and the rows there are.

        Raises:
            KeystoreTamperedError: A row is missing, extra, replayed, swapped or altered. The
                keystore is sealed: nothing is read or changed any more.
            KeystoreLockedError: The keystore is, or was meanwhile, locked.
        """
        ledger = self._ledger
        ledger.require_head()
        unlock = ledger.unlocks
        reader = ledger.database.reader()
        try:
            with reader.reading():
                verify_rows(reader, ledger.hsm, ledger.read_head(reader), progress)
        except KeystoreTamperedError:
            ledger.seal_off()
            raise
        finally:
            reader.close()
        if unlock == ledger.unlocks and ledger.verification is Verification.PENDING:
            ledger.verification = Verification.VERIFIED

    def snapshot_to(self, path: Path) -> None:
        """Copy the committed state into one file, for :meth:`restore_from`.

        Args:
            path: The file; replaced if it is there. Its directory is made with mode 0700.

        Raises:
            NotTrainingError: The keystore is not a training keystore.
        """
        snapshot(self._ledger, path)

    def restore_from(
        self,
        path: Path,
        *,
        trail: TrailPosition,
        clock_mark: datetime | None = None,
        outbox: Sequence[OutboxRecord] = (),
        dropped: Iterable[str] = (),
    ) -> int:
        """Go back to a snapshot, in one transaction and at a new, higher generation.

        Slots and pending trail events stay as they are now: neither a passphrase nor the trail
        goes back.

        Args:
            path: What :meth:`snapshot_to` wrote.
            trail: Where the trail is durable.
            clock_mark: Account time from now on; that of the snapshot if None.
            outbox: Trail events to keep, in the same transaction.
            dropped: Ids of trail events that the trail has durably.

        Returns:
            The new generation.

        Raises:
            NotTrainingError: The keystore is not a training keystore.
            CheckpointError: There is no such snapshot, or it is another keystore's.
            KeystoreTamperedError: The snapshot does not verify. Nothing was changed.
        """
        return restore(
            self._ledger,
            path,
            trail=trail,
            clock_mark=clock_mark,
            outbox=outbox,
            dropped=dropped,
        )

    def export_backup(
        self, path: Path, *, created: datetime, files: Mapping[str, bytes] | None = None
    ) -> None:
        """Write a sealed backup into one new file, and prove that it opens.

        Args:
            path: The file; it must not be there yet.
            created: When, for whoever restores it.
            files: Files beside the rows to take along, by their paths in the directory.

        Raises:
            BackupError: The file exists, cannot be written, or did not verify when read back;
                nothing is left of it.
        """
        export(self._ledger, path, created, files or {})

    def begin(self) -> UnitOfWork:
        """Return a unit of work on the present state.

        Raises:
            KeystoreLockedError: The keystore is locked.
            KeystoreTamperedError: Verification failed.
        """
        return UnitOfWork(self._ledger, self)

    def replace_slots(self, slots: tuple[UnlockSlot, ...]) -> int:
        """Take these ways to open the keystore, and leave no byte of the old ones.

        Returns:
            The new generation.
        """
        head = self.head
        with self.begin() as unit:
            unit.replace_slots(slots)
            generation = unit.commit(clock_mark=head.clock_mark, trail=head.trail)
        self.checkpoint_wal()
        return generation

    def checkpoint_wal(self) -> None:
        """Leave no byte of removed or overwritten rows in any file of the keystore.

        Raises:
            KeystoreBusyError: Verification is reading; try again after it.
        """
        self._ledger.database.checkpoint()

    def _authenticate(self, *, accept_rollback: bool) -> None:
        ledger = self._ledger
        head = ledger.authenticate_head(ledger.database)
        anchored = ledger.anchor.read(ledger.hsm)
        if anchored is not None and head.generation < anchored and not accept_rollback:
            raise KeystoreRollbackError(
                f"the keystore is at generation {head.generation}, but this machine has seen "
                f"generation {anchored}"
            )
        ledger.verification = Verification.PENDING
        ledger.unlocks += 1
        ledger.head = head
        migrate(ledger)
        head = ledger.require_head()
        if anchored is None:
            ledger.protection = RollbackProtection.NONE
            ledger.anchor.write(ledger.hsm, head.generation)
            return
        ledger.protection = RollbackProtection.ANCHOR
        if head.generation < anchored:
            ledger.commit({}, clock_mark=head.clock_mark, trail=head.trail, floor=anchored)
        elif head.generation > anchored:
            ledger.adopt(head)
