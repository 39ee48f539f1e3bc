"""Sealed backups: proven when made, verified when opened, restored without the destroyed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kmstui.core.errors import (
    BackupError,
    KeystoreExistsError,
    KeystoreLockedError,
    KeystoreTamperedError,
    KmsError,
    UnsafePathError,
    UnsafePermissionsError,
    WrongPassphraseError,
)
from kmstui.core.secret import Secret
from kmstui.hsm.software import SoftwareHsm
from kmstui.keystore import Keystore, RollbackProtection
from kmstui.keystore.backup import Backup
from tests.helpers.keystores import (
    ACCOUNT,
    HOLDER,
    REGION,
    SLOT,
    START,
    TRAIL,
    Place,
    commit,
    key_id,
    make_key,
)


def _export(place: Place, count: int = 3) -> Path:
    """Leave a closed keystore and a backup of it."""
    path = place.root / "my backup.kmstui"
    place.fill(count)
    with place.unlock() as keystore:
        keystore.export_backup(path, created=START + timedelta(days=1))
    return path


def _restore(path: Path, place: Place, drop: frozenset[str] = frozenset()) -> None:
    with Backup.open(path, place.hsm) as backup:
        backup.unlock(SLOT, place.passphrase)
        backup.restore_to(
            place.directory,
            drop=drop,
            anchor_dir=place.anchor_dir,
            holder=HOLDER,
            clock_mark=START,
            trail=TRAIL,
        )


def test_a_backup_restores_on_another_machine(place: Place, tmp_path: Path) -> None:
    """All records come back in an empty place, from the file and the passphrase alone."""
    path = _export(place)
    elsewhere = Place(tmp_path / "elsewhere", hsm=SoftwareHsm())
    _restore(path, elsewhere)
    with place.unlock() as keystore:
        expected = keystore.keys(ACCOUNT, REGION, limit=10)
    with elsewhere.unlock() as keystore:
        keystore.verify()
        assert expected == keystore.keys(ACCOUNT, REGION, limit=10)
        assert keystore.head.generation == 3
        assert keystore.rollback_protection is RollbackProtection.ANCHOR
    assert not (elsewhere.directory / "keystore.db.new").exists()


def test_what_is_dropped_is_gone_with_its_aliases(place: Place, tmp_path: Path) -> None:
    """Keys to drop, and their aliases, are not in the restored keystore nor in its file."""
    path = _export(place)
    elsewhere = Place(tmp_path / "elsewhere")
    with Backup.open(path, elsewhere.hsm) as backup:
        backup.unlock(SLOT, elsewhere.passphrase)
        found = backup.keys()
        assert [key_id(1), key_id(2), key_id(3)] == [key.key_id for key in found]
        row = backup._ledger.database.row("key", f"{ACCOUNT}/{REGION}/{key_id(2)}")
        assert row is not None
    _restore(path, elsewhere, frozenset({key_id(2)}))
    for leftover in elsewhere.directory.iterdir():
        data = leftover.read_bytes()
        assert all(row.sealed[at : at + 16] not in data for at in range(0, len(row.sealed), 16))
    with elsewhere.unlock() as keystore:
        keystore.verify()
        assert keystore.key(ACCOUNT, REGION, key_id(2)) is None
        assert keystore.alias(ACCOUNT, REGION, "alias/key-2") is None
        assert keystore.key_count(ACCOUNT, REGION) == 2


def test_a_restore_is_not_a_rollback(place: Place) -> None:
    """A keystore restored where newer generations were seen is above them all."""
    path = _export(place)
    with place.unlock() as keystore:
        for number in range(10, 15):
            with keystore.begin() as unit:
                unit.put_key(make_key(number))
                commit(unit)
    place.directory.rename(place.root / "aside")
    _restore(path, place)
    with place.unlock() as keystore:
        assert keystore.head.generation == 8
        assert keystore.rollback_protection is RollbackProtection.ANCHOR


def test_a_trial_restore_leaves_the_original_as_it_was(place: Place) -> None:
    """A copy restored elsewhere and changed there does not make the original look rolled back."""
    path = _export(place)
    copy = place.root / "copy"
    hsm = SoftwareHsm()
    with Backup.open(path, hsm) as backup:
        backup.unlock(SLOT, place.passphrase)
        backup.restore_to(
            copy, drop=(), anchor_dir=place.anchor_dir, holder=HOLDER, clock_mark=START
        )
    with Keystore.open(copy, hsm, anchor_dir=place.anchor_dir, holder=HOLDER) as restored:
        restored.unlock(SLOT, place.passphrase)
        assert restored.rollback_protection is RollbackProtection.ANCHOR
        for number in range(10, 15):
            with restored.begin() as unit:
                unit.put_key(make_key(number))
                commit(unit)
    with place.unlock() as keystore:
        assert keystore.rollback_protection is RollbackProtection.ANCHOR


def test_a_backup_says_when_it_was_made(place: Place) -> None:
    """Header before unlock; time, head and keys after."""
    path = _export(place)
    with Backup.open(path, place.hsm) as backup:
        assert backup.created is None
        assert [slot.slot_id for slot in backup.header.slots] == [SLOT]
        with pytest.raises(KeystoreLockedError):
            backup.keys()
        with pytest.raises(WrongPassphraseError):
            backup.unlock(SLOT, Secret.from_text("wrong"))
        backup.unlock(SLOT, place.passphrase)
        assert backup.created == START + timedelta(days=1)
        assert backup.head.generation == 2


def test_a_backup_overwrites_nothing(place: Place) -> None:
    """An existing file, and a keystore in the place to restore to, stay as they are."""
    path = _export(place)
    before = path.read_bytes()
    with place.unlock() as keystore, pytest.raises(BackupError):
        keystore.export_backup(path, created=START)
    assert before == path.read_bytes()
    with pytest.raises(KeystoreExistsError):
        _restore(path, place)


def test_a_keystore_that_does_not_verify_makes_no_backup(place: Place) -> None:
    """The proof fails where the keystore itself has lost a row; no file is left."""
    place.fill(2)
    with place.unlock() as keystore:
        keystore._ledger.database.connection.execute("DELETE FROM rows WHERE tbl = 'alias'")
        with pytest.raises(BackupError):
            keystore.export_backup(place.root / "backup", created=START)
    assert list(place.root.glob("backup*")) == []


def test_flipped_bits_of_a_backup_never_restore_something_else(place: Place) -> None:
    """A flip in each 97th byte is refused, or the restored keys are the same."""
    path = _export(place, 1)
    whole = path.read_bytes()
    with place.unlock() as keystore:
        expected = keystore.keys(ACCOUNT, REGION, limit=10)
    detected = 0
    for offset in range(0, len(whole), 97):
        flipped = bytearray(whole)
        flipped[offset] ^= 1 << (offset % 8)
        path.write_bytes(flipped)
        try:
            with Backup.open(path, place.hsm) as backup:
                backup.unlock(SLOT, place.passphrase)
                assert expected == backup.keys()
        except KmsError:
            detected += 1
    assert detected > 20


def test_a_keystore_is_not_taken_for_a_backup(place: Place) -> None:
    """A keystore's own database, a missing file and other bytes are no backups."""
    place.fill(1)
    with pytest.raises(KeystoreTamperedError):
        Backup.open(place.database, place.hsm)
    with pytest.raises(BackupError):
        Backup.open(place.root / "none", place.hsm)


def test_where_others_can_exchange_files_no_backup_is_made(place: Place) -> None:
    """A world-writable directory is refused, a link in the place of a backup too."""
    path = _export(place)
    link = place.root / "link"
    link.symlink_to(path)
    with pytest.raises(UnsafePathError):
        Backup.open(link, place.hsm)
    shared = place.root / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with place.unlock() as keystore, pytest.raises(UnsafePermissionsError):
        keystore.export_backup(shared / "backup", created=START)
