"""Creating, opening, unlocking, reading, locking."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kmstui.core.errors import (
    KeystoreBusyError,
    KeystoreExistsError,
    KeystoreFormatError,
    KeystoreLockedError,
    KeystoreMissingError,
    KeystoreRollbackError,
    KeystoreTamperedError,
    UnsafePathError,
    UnsafePermissionsError,
    WrongPassphraseError,
)
from kmstui.core.secret import Secret
from kmstui.keystore import (
    KeyState,
    OutboxRecord,
    RollbackProtection,
    SettingRecord,
    UsageRecord,
)
from tests.helpers.keystores import (
    ACCOUNT,
    PASSPHRASE,
    REGION,
    SLOT,
    START,
    TRAIL,
    Place,
    commit,
    key_id,
    make_alias,
    make_key,
)


def test_what_is_committed_is_found_after_a_restart(place: Place) -> None:
    """Every kind of record reads back equal from a new process's point of view."""
    key = make_key(
        state=KeyState.PENDING_DELETION,
        deletion_date=START + timedelta(days=7),
        pending_window_days=7,
        deletion_due_seen=12.5,
        deletion_due_boot="boot-1",
        aliases=("alias/payments",),
    )
    alias = make_alias("alias/payments")
    usage = UsageRecord(ACCOUNT, REGION, key.key_id, "Encrypt", START, "event-1", "request-1")
    setting = SettingRecord("pattern", '{"a":1}')
    with place.create() as keystore, keystore.begin() as unit:
        unit.put_key(key)
        unit.put_alias(alias)
        unit.put_usage(usage)
        unit.put_setting(setting)
        unit.add_outbox(OutboxRecord("b-first", b'{"eventID":"b-first"}'))
        unit.add_outbox(OutboxRecord("a-second", b'{"eventID":"a-second"}'))
        commit(unit)
    with place.unlock() as keystore:
        assert key == keystore.key(ACCOUNT, REGION, key.key_id)
        assert alias == keystore.alias(ACCOUNT, REGION, "alias/payments")
        assert usage == keystore.usage(ACCOUNT, REGION, key.key_id)
        assert setting == keystore.setting("pattern")
        assert [record.event_id for record in keystore.outbox()] == ["b-first", "a-second"]
        assert keystore.outbox()[0].event == b'{"eventID":"b-first"}'
        assert [key.key_id] == [due.key_id for due in keystore.due_keys()]


def test_what_does_not_exist_is_none(place: Place) -> None:
    """A lookup of what is not there answers None, for every kind of record."""
    with place.create() as keystore:
        assert keystore.key(ACCOUNT, REGION, key_id(1)) is None
        assert keystore.alias(ACCOUNT, REGION, "alias/x") is None
        assert keystore.usage(ACCOUNT, REGION, key_id(1)) is None
        assert keystore.setting("x") is None


def test_keys_are_listed_in_id_order_by_page(place: Place) -> None:
    """Pages of any size put together are all keys of that account and Region, in id order."""
    numbers = [7, 3, 9, 1, 5]
    elsewhere = make_key(4, region="eu-west-1")
    with place.create() as keystore:
        with keystore.begin() as unit:
            for number in numbers:
                unit.put_key(make_key(number))
            unit.put_key(elsewhere)
            commit(unit)
        for size in range(1, 7):
            found: list[str] = []
            while page := keystore.keys(
                ACCOUNT, REGION, after=found[-1] if found else None, limit=size
            ):
                assert len(page) <= size
                found += [key.key_id for key in page]
            assert [key_id(number) for number in sorted(numbers)] == found
        assert [elsewhere] == keystore.keys(ACCOUNT, "eu-west-1", limit=10)
        assert keystore.key_count(ACCOUNT, REGION) == 5
        assert keystore.head.key_count == 6


def test_aliases_are_listed_in_row_order_by_page(place: Place) -> None:
    """Pages of one alias put together are all aliases, each once."""
    names = [f"alias/name-{number}" for number in range(6)]
    with place.create() as keystore:
        with keystore.begin() as unit:
            for name in names:
                unit.put_alias(make_alias(name))
            commit(unit)
        found: list[str] = []
        after = None
        while page := keystore.aliases(ACCOUNT, REGION, after=after, limit=1):
            found.append(page[0].name)
            after = page[0].row_id
        assert sorted(names) == sorted(found)


def test_a_record_that_was_read_is_remembered(place: Place) -> None:
    """A second read of a record gives the very same object."""
    place.fill(1)
    with place.unlock() as keystore:
        first = keystore.key(ACCOUNT, REGION, key_id(1))
        assert first is keystore.key(ACCOUNT, REGION, key_id(1))


def test_the_waiting_period_index_follows_the_keys(place: Place) -> None:
    """A key is due exactly while it is pending deletion, across restarts."""
    with place.create() as keystore, keystore.begin() as unit:
        for number, days in ((1, 30), (2, 7), (3, 9)):
            unit.put_key(
                make_key(
                    number,
                    state=KeyState.PENDING_DELETION,
                    deletion_date=START + timedelta(days=days),
                )
            )
        unit.put_key(make_key(4))
        commit(unit)
    with place.unlock() as keystore:
        assert [key_id(2), key_id(3), key_id(1)] == [due.key_id for due in keystore.due_keys()]
        with keystore.begin() as unit:
            unit.put_key(make_key(2, state=KeyState.DISABLED))
            unit.delete_key(ACCOUNT, REGION, key_id(3))
            commit(unit)
    with place.unlock() as keystore:
        assert [key_id(1)] == [due.key_id for due in keystore.due_keys()]


def test_deleting_a_key_takes_its_aliases_and_last_use(place: Place) -> None:
    """After a key is deleted nothing refers to it, and the count says so."""
    with place.create() as keystore:
        with keystore.begin() as unit:
            unit.put_key(make_key(1, aliases=("alias/a", "alias/b")))
            unit.put_alias(make_alias("alias/a"))
            unit.put_alias(make_alias("alias/b"))
            unit.put_usage(UsageRecord(ACCOUNT, REGION, key_id(1), "Encrypt", START, "e", "r"))
            commit(unit)
        with keystore.begin() as unit:
            unit.delete_key(ACCOUNT, REGION, key_id(1))
            commit(unit)
        assert keystore.head.row_count == 0
        assert keystore.head.key_count == 0
        assert keystore.key(ACCOUNT, REGION, key_id(1)) is None
        assert keystore.alias(ACCOUNT, REGION, "alias/a") is None


def test_the_clock_mark_never_goes_down(place: Place) -> None:
    """A commit with an earlier account time keeps the later mark."""
    with place.create() as keystore, keystore.begin() as unit:
        unit.put_key(make_key())
        unit.commit(clock_mark=START - timedelta(days=1), trail=TRAIL)
        assert keystore.head.clock_mark == START


def test_a_locked_keystore_reads_nothing_but_its_header(place: Place) -> None:
    """Before unlock, and after lock, every read but the header is refused."""
    place.fill(1)
    with place.open() as keystore:
        assert [slot.slot_id for slot in keystore.header.slots] == [SLOT]
        for _ in range(2):
            with pytest.raises(KeystoreLockedError):
                keystore.key(ACCOUNT, REGION, key_id(1))
            with pytest.raises(KeystoreLockedError):
                keystore.keys(ACCOUNT, REGION, limit=1)
            with pytest.raises(KeystoreLockedError):
                keystore.begin()
            with pytest.raises(KeystoreLockedError):
                _ = keystore.head
            with pytest.raises(KeystoreLockedError):
                keystore.verify()
            keystore.unlock(SLOT, place.passphrase)
            assert keystore.key(ACCOUNT, REGION, key_id(1)) is not None
            keystore.lock()
            assert not place.hsm.unlocked


def test_a_wrong_passphrase_leaves_it_locked(place: Place) -> None:
    """A passphrase one bit away and a slot that is not there are both a wrong passphrase."""
    place.fill(1)
    nearly = PASSPHRASE[:-1] + chr(ord(PASSPHRASE[-1]) ^ 1)
    with place.open() as keystore:
        with pytest.raises(WrongPassphraseError):
            keystore.unlock(SLOT, Secret.from_text(nearly))
        with pytest.raises(WrongPassphraseError):
            keystore.unlock("slot-2", place.passphrase)
        assert not place.hsm.unlocked
        keystore.unlock(SLOT, place.passphrase)


def test_slots_are_replaced_and_the_old_passphrase_is_gone(place: Place) -> None:
    """After slots are replaced the old one does not open, and no byte of it is in any file."""
    place.fill(1)
    with place.unlock() as keystore:
        old = keystore.header.slots[0].sealed_root
        keystore.replace_slots((place.slot("slot-2", "another passphrase"),))
        for form in (old, base64.b64encode(old)):
            for path in place.directory.iterdir():
                assert form not in path.read_bytes()
    with place.open() as keystore:
        with pytest.raises(WrongPassphraseError):
            keystore.unlock(SLOT, place.passphrase)
        keystore.unlock("slot-2", Secret.from_text("another passphrase"))
        assert keystore.key(ACCOUNT, REGION, key_id(1)) is not None


def test_nothing_is_created_over_a_keystore(place: Place) -> None:
    """Creating where a keystore is fails and leaves that one as it was."""
    place.fill(1)
    before = place.database.read_bytes()
    with pytest.raises(KeystoreExistsError):
        Place(place.root).create()
    assert before == place.database.read_bytes()


def test_a_missing_keystore_says_so(place: Place) -> None:
    """No directory, and a directory without a keystore, are both a missing keystore."""
    with pytest.raises(KeystoreMissingError):
        place.open()
    place.directory.mkdir(mode=0o700)
    with pytest.raises(KeystoreMissingError):
        place.open()
    assert not list(place.directory.iterdir())


def test_an_interrupted_creation_is_begun_anew(place: Place) -> None:
    """What a crash during creation left is no keystore and stands in no one's way."""
    place.directory.mkdir(mode=0o700)
    for name in ("keystore.db.new", "keystore.db.new-wal"):
        (place.directory / name).write_bytes(b"torn")
        (place.directory / name).chmod(0o600)
    with pytest.raises(KeystoreMissingError):
        place.open()
    place.fill(1)
    with place.unlock() as keystore:
        keystore.verify()


def test_a_later_format_is_refused_by_number(place: Place) -> None:
    """A keystore of a format version not known here is refused and says which it is."""
    import sqlite3

    place.fill(1)
    connection = sqlite3.connect(place.database)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(KeystoreFormatError, match="7"):
        place.open()


def test_what_is_not_a_keystore_is_refused(place: Place) -> None:
    """Another program's database, and bytes that are no database, are refused."""
    import sqlite3

    place.directory.mkdir(mode=0o700)
    connection = sqlite3.connect(place.database)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    place.database.chmod(0o600)
    with pytest.raises(KeystoreFormatError):
        place.open()
    place.database.write_bytes(b"no database at all" * 100)
    with pytest.raises(KeystoreTamperedError):
        place.open()


def test_a_planted_trigger_is_refused(place: Place) -> None:
    """A schema with anything but the keystore's tables does not open."""
    import sqlite3

    place.fill(1)
    connection = sqlite3.connect(place.database)
    connection.execute("CREATE TRIGGER t AFTER INSERT ON rows BEGIN DELETE FROM rows; END")
    connection.commit()
    connection.close()
    with pytest.raises(KeystoreTamperedError):
        place.open()


def test_an_old_copy_is_refused_with_both_generations(place: Place) -> None:
    """Putting back an old database is refused, naming its generation and the anchored one."""
    place.fill(1)
    old = place.database.read_bytes()
    with place.unlock() as keystore, keystore.begin() as unit:
        unit.put_key(make_key(2))
        commit(unit)
    place.database.write_bytes(old)
    with pytest.raises(KeystoreRollbackError, match=r"generation 2\b.*generation 3\b"):
        place.unlock()
    assert not place.hsm.unlocked


def test_an_accepted_rollback_goes_above_the_anchor(place: Place) -> None:
    """An old copy that is accepted deliberately continues above every generation seen."""
    place.fill(1)
    old = place.database.read_bytes()
    with place.unlock() as keystore, keystore.begin() as unit:
        unit.put_key(make_key(2))
        commit(unit)
    place.database.write_bytes(old)
    with place.open() as keystore:
        keystore.unlock(SLOT, place.passphrase, accept_rollback=True)
        assert keystore.head.generation == 4
        assert keystore.rollback_protection is RollbackProtection.ANCHOR
    with place.unlock() as keystore:
        keystore.verify()


def test_without_an_anchor_protection_is_none_and_said_so(place: Place) -> None:
    """A removed, a damaged and a forged anchor each mean no protection, never an error."""
    place.fill(1)
    assert place.anchor_dir is not None
    (anchor,) = place.anchor_dir.iterdir()
    genuine = anchor.read_bytes()
    for left in (None, b"", b"{", b"[]", genuine.replace(b'"generation":2', b'"generation":9')):
        anchor.unlink()
        if left is not None:
            anchor.write_bytes(left)
            anchor.chmod(0o600)
        with place.unlock() as keystore:
            assert keystore.rollback_protection is RollbackProtection.NONE
    with place.unlock() as keystore:
        assert keystore.rollback_protection is RollbackProtection.ANCHOR


def test_a_keystore_without_a_place_for_anchors_has_no_protection(tmp_path: Path) -> None:
    """Without an anchor directory protection is none, at creation as at unlock."""
    place = Place(tmp_path, anchored=False)
    with place.create() as keystore:
        assert keystore.rollback_protection is RollbackProtection.NONE


def test_an_anchor_behind_the_keystore_is_no_alarm(place: Place) -> None:
    """An anchor that a crash left behind is brought up to the keystore."""
    place.fill(1)
    assert place.anchor_dir is not None
    (anchor,) = place.anchor_dir.iterdir()
    behind = anchor.read_bytes()
    with place.unlock() as keystore, keystore.begin() as unit:
        unit.put_key(make_key(2))
        commit(unit)
    current = anchor.read_bytes()
    anchor.write_bytes(behind)
    with place.unlock() as keystore:
        assert keystore.rollback_protection is RollbackProtection.ANCHOR
    assert current == anchor.read_bytes()


_HOLD = """
import sys
from pathlib import Path
from tests.helpers.keystores import Place
place = Place(Path(sys.argv[1]))
keystore = place.open()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_the_keystore(place: Place) -> None:
    """A second opener is refused in under half a second, naming the holder."""
    place.fill(1)
    with _holder(place):
        began = time.perf_counter()
        with pytest.raises(KeystoreBusyError, match="pid 1 on host since 2026-01-15T09:00:00Z"):
            place.open()
        assert time.perf_counter() - began < 0.5


def test_a_killed_holder_gives_the_keystore_up(place: Place) -> None:
    """After kill -9 of the holder the keystore opens at once."""
    place.fill(1)
    with _holder(place) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with place.unlock() as keystore:
            keystore.verify()


def _holder(place: Place) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(place.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_modes_do_not_depend_on_the_umask(place: Place, umask: int) -> None:
    """Directories are 0700 and files 0600 under every umask, while open and when closed."""
    before = os.umask(umask)
    try:
        with place.create(training=True) as keystore:
            with keystore.begin() as unit:
                unit.put_key(make_key())
                commit(unit)
            keystore.snapshot_to(place.directory / "checkpoints" / "first.db")
            keystore.export_backup(place.directory / "backup", created=START)
            _assert_private(place.root)
        _assert_private(place.root)
    finally:
        os.umask(before)


def _assert_private(root: Path) -> None:
    paths = list(root.rglob("*"))
    assert len(paths) > 4
    for path in paths:
        wanted = 0o700 if path.is_dir() else 0o600
        assert oct(wanted) == oct(path.stat().st_mode & 0o777), path


@pytest.mark.parametrize("name", ["keystore.db", "keystore.lock", "."])
def test_what_others_can_read_is_refused_with_the_remedy(place: Place, name: str) -> None:
    """A keystore that group or others can read does not open; the hint is the chmod."""
    place.fill(1)
    path = place.directory / name
    path.chmod(path.stat().st_mode | 0o040)
    with pytest.raises(UnsafePermissionsError) as caught:
        place.open()
    assert "chmod" in caught.value.hint
    path.chmod(path.stat().st_mode & 0o700)
    place.open().close()


@pytest.mark.parametrize("name", ["keystore.db", "keystore.lock", "keystore.db-wal"])
@pytest.mark.parametrize("kind", ["symlink", "hardlink", "fifo", "directory"])
def test_anything_but_a_plain_file_is_refused(place: Place, name: str, kind: str) -> None:
    """A link, a second name, a FIFO or a directory in the place of a file does not open."""
    place.fill(1)
    path = place.directory / name
    aside = place.root / "aside"
    if path.exists():
        path.rename(aside)
    else:
        aside.write_bytes(b"")
        aside.chmod(0o600)
    match kind:
        case "symlink":
            path.symlink_to(aside)
        case "hardlink":
            os.link(aside, path)
        case "fifo":
            os.mkfifo(path, 0o600)
        case _:
            path.mkdir(mode=0o700)
    with pytest.raises(UnsafePathError):
        place.open()


def test_a_linked_directory_is_refused(place: Place) -> None:
    """A keystore is not opened, and not created, through a symbolic link."""
    place.fill(1)
    link = Place(place.root / "link")
    (place.root / "link").mkdir()
    link.directory.symlink_to(place.directory)
    with pytest.raises(UnsafePathError):
        link.open()


def test_verification_tells_how_far_it_is(place: Place) -> None:
    """Progress ends at the number of rows, and the state goes from pending to verified."""
    place.fill(3)
    seen: list[tuple[int, int]] = []
    with place.unlock() as keystore:
        assert keystore.verification == "pending"
        keystore.verify(lambda done, total: seen.append((done, total)))
        assert keystore.verification == "verified"
        assert seen[-1] == (6, 6)
        keystore.lock()
        assert keystore.verification == "pending"


def test_a_tampered_header_does_not_unlock(place: Place) -> None:
    """A header whose slots were exchanged for an earlier header's does not authenticate."""
    place.fill(1)
    with place.unlock() as keystore:
        old = keystore.header
        mac = keystore._ledger.database.meta("header_mac")
        text = keystore._ledger.database.meta("header")
        keystore.replace_slots((*old.slots, place.slot("slot-2", "another")))
        with keystore._ledger.database.transaction():
            keystore._ledger.database.set_meta("header", *text)
            keystore._ledger.database.set_meta("header_mac", *mac)
    with pytest.raises(KeystoreTamperedError):
        place.unlock()
    assert replace(old, slots=()) != old


def test_the_log_of_a_database_that_is_gone_is_not_taken_for_that_of_a_new_one(
    place: Place,
) -> None:
    """What SQLite left of another database beside the name is removed, never read."""
    log = place.directory / "keystore.db-wal"
    with place.create() as keystore:
        with keystore.begin() as unit:
            unit.put_key(make_key(1))
            commit(unit)
        left = log.read_bytes()
    place.database.unlink()
    log.write_bytes(left)
    log.chmod(0o600)
    with place.create() as keystore, keystore.begin() as unit:
        unit.put_key(make_key(2))
        commit(unit)
    with place.unlock() as keystore:
        keystore.verify()
        assert [key.key_id for key in keystore.keys(ACCOUNT, REGION, limit=9)] == [key_id(2)]
