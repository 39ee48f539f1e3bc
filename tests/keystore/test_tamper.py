"""Whoever writes the files without the keys: everything is detected, or changes no answer."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from kmstui.core.errors import KeystoreTamperedError, KmsError
from kmstui.hsm.software import SoftwareHsm
from kmstui.keystore import AliasRecord, DueRecord, KeyRecord, Keystore, SettingRecord
from tests.helpers.keystores import (
    ACCOUNT,
    REGION,
    SLOT,
    Place,
    commit,
    key_id,
    make_alias,
    make_key,
)

EVERY_BIT = os.environ.get("KMSTUI_EVERY_BIT") == "1"
"""Whether to flip every bit of the file: some minutes instead of seconds."""

Answers = tuple[
    list[KeyRecord],
    list[AliasRecord],
    list[DueRecord],
    KeyRecord | None,
    AliasRecord | None,
    SettingRecord | None,
    int,
]


def answers(keystore: Keystore) -> Answers:
    """Return all that can be asked of the small keystore."""
    return (
        keystore.keys(ACCOUNT, REGION, limit=100),
        keystore.aliases(ACCOUNT, REGION, limit=100),
        keystore.due_keys(),
        keystore.key(ACCOUNT, REGION, key_id(2)),
        keystore.alias(ACCOUNT, REGION, "alias/key-1"),
        keystore.setting("none"),
        keystore.head.generation,
    )


def read_all(place: Place) -> Answers:
    """Return what a keystore answers once it is verified."""
    with place.unlock() as keystore:
        keystore.verify()
        return answers(keystore)


def test_every_flipped_bit_is_detected_or_changes_no_answer(tmp_path: Path, place: Place) -> None:
    """With any bit of the file flipped, opening and verifying fails or answers are the same."""
    place.fill(2)
    expected = read_all(place)
    whole = place.database.read_bytes()
    copy = Place(tmp_path / "copy", anchored=False, hsm=place.hsm)
    copy.directory.mkdir(mode=0o700, parents=True)
    detected = 0
    flips = _flips(whole)
    for offset, bit in flips:
        flipped = bytearray(whole)
        flipped[offset] ^= 1 << bit
        _replace_database(copy, flipped)
        try:
            found = read_all(copy)
        except KmsError:
            detected += 1
        else:
            assert expected == found, (offset, bit)
    assert detected > len(flips) // 8


def test_every_truncation_is_detected(tmp_path: Path, place: Place) -> None:
    """A database cut at any 64th byte, or grown by a page, does not open and verify."""
    place.fill(2)
    whole = place.database.read_bytes()
    copy = Place(tmp_path / "copy", anchored=False, hsm=place.hsm)
    copy.directory.mkdir(mode=0o700, parents=True)
    for length in range(0, len(whole), 64):
        _replace_database(copy, whole[:length])
        with pytest.raises(KmsError):
            read_all(copy)


def _replace_database(place: Place, data: bytes | bytearray) -> None:
    for leftover in place.directory.iterdir():
        leftover.unlink()
    place.database.write_bytes(data)
    place.database.chmod(0o600)


def _flips(data: bytes) -> list[tuple[int, int]]:
    """Every bit, or one bit of every third used byte and of each 64th unused one."""
    if EVERY_BIT:
        return [(offset, bit) for offset in range(len(data)) for bit in range(8)]
    used = [offset for offset in range(len(data)) if data[offset]]
    unused = [offset for offset in range(0, len(data), 64) if not data[offset]]
    return [(offset, offset % 8) for offset in used[::3] + unused]


Row = tuple[str, str, int, bytes]


def _tamper(place: Place, statement: str, *values: object) -> int:
    connection = sqlite3.connect(place.database)
    try:
        with connection:
            return connection.execute(statement, values).rowcount
    finally:
        connection.close()


def _rows(place: Place) -> list[Row]:
    connection = sqlite3.connect(place.database)
    try:
        return connection.execute(
            "SELECT tbl, id, generation, sealed FROM rows ORDER BY tbl, id"
        ).fetchall()
    finally:
        connection.close()


def _two_generations(place: Place) -> tuple[list[Row], list[Row]]:
    """Leave a keystore whose keys were written twice; return its rows of then and of now."""
    place.fill(3)
    old = _rows(place)
    with place.unlock() as keystore, keystore.begin() as unit:
        for number in (1, 2, 3):
            unit.put_key(make_key(number, description="changed"))
        commit(unit)
    return old, _rows(place)


def _replay(place: Place, old: list[Row], _new: list[Row]) -> None:
    _, row_id, generation, sealed = next(row for row in old if row[0] == "key")
    changed = _tamper(
        place,
        "UPDATE rows SET generation = ?, sealed = ? WHERE tbl = 'key' AND id = ?",
        generation,
        sealed,
        row_id,
    )
    assert changed == 1


def _remove(place: Place, _old: list[Row], new: list[Row]) -> None:
    assert _tamper(place, "DELETE FROM rows WHERE tbl = 'alias' AND id = ?", new[0][1]) == 1


def _swap(place: Place, _old: list[Row], new: list[Row]) -> None:
    first, second, *_ = (row for row in new if row[0] == "key")
    for (_, row_id, _, _), (_, _, generation, sealed) in ((first, second), (second, first)):
        _tamper(
            place,
            "UPDATE rows SET generation = ?, sealed = ? WHERE tbl = 'key' AND id = ?",
            generation,
            sealed,
            row_id,
        )


def _add(place: Place, old: list[Row], _new: list[Row]) -> None:
    _, _, generation, sealed = old[0]
    _tamper(place, "INSERT INTO rows VALUES ('setting', 'x', ?, ?)", generation, sealed)


def _exchange(place: Place, _old: list[Row], new: list[Row]) -> None:
    """Remove one row and add another, so that the number of rows is right."""
    _remove(place, _old, new)
    _add(place, _old, new)


def _zero_generation(place: Place, _old: list[Row], _new: list[Row]) -> None:
    assert _tamper(place, "UPDATE rows SET generation = -1 WHERE tbl = 'key'") == 3


def _text_for_bytes(place: Place, _old: list[Row], _new: list[Row]) -> None:
    assert _tamper(place, "UPDATE rows SET sealed = 'text' WHERE tbl = 'key'") == 3


@pytest.mark.parametrize(
    "tamper",
    [_replay, _remove, _swap, _add, _exchange, _zero_generation, _text_for_bytes],
    ids=lambda function: function.__name__.strip("_"),
)
def test_rows_that_are_not_those_of_the_last_commit_seal_the_keystore(
    place: Place, tamper: Callable[[Place, list[Row], list[Row]], None]
) -> None:
    """A row replayed, removed, swapped, added or retyped fails verification and nothing acts."""
    old, new = _two_generations(place)
    assert place.anchor_dir is not None
    tamper(place, old, new)
    with place.unlock() as keystore:
        with pytest.raises(KeystoreTamperedError):
            keystore.verify()
        assert keystore.verification == "failed"
        with pytest.raises(KeystoreTamperedError):
            keystore.begin()
        with pytest.raises(KeystoreTamperedError):
            keystore.key(ACCOUNT, REGION, key_id(1))
        with pytest.raises(KeystoreTamperedError):
            keystore.keys(ACCOUNT, REGION, limit=1)
        keystore.lock()
        keystore.unlock(SLOT, place.passphrase)
        with pytest.raises(KeystoreTamperedError):
            keystore.verify()


def test_a_row_moved_to_another_place_is_refused_when_read(place: Place) -> None:
    """Each row put in the place of each other one is refused by the read itself: 30 swaps."""
    place.fill(3)
    rows = _rows(place)
    for _, _, generation, sealed in rows:
        for table, row_id, own_generation, own in rows:
            if own == sealed:
                continue
            statement = "UPDATE rows SET generation = ?, sealed = ? WHERE tbl = ? AND id = ?"
            _tamper(place, statement, generation, sealed, table, row_id)
            with place.unlock() as keystore:
                with pytest.raises(KeystoreTamperedError):
                    keystore.documents.sealed(table).fetch(row_id)
                assert keystore.verification == "failed"
            _tamper(place, statement, own_generation, own, table, row_id)
    with place.unlock() as keystore:
        keystore.verify()


def test_another_keystores_rows_are_refused(place: Place, tmp_path: Path) -> None:
    """A row of another keystore, at the same place and generation, does not authenticate."""
    place.fill(1)
    other = Place(tmp_path / "other", hsm=SoftwareHsm())
    other.root.mkdir()
    other.fill(1)
    (row,) = (row for row in _rows(other) if row[0] == "key")
    _tamper(place, "UPDATE rows SET sealed = ? WHERE tbl = 'key'", row[3])
    with place.unlock() as keystore, pytest.raises(KeystoreTamperedError):
        keystore.key(ACCOUNT, REGION, key_id(1))


def test_an_old_head_over_new_rows_is_found_without_an_anchor(place: Place) -> None:
    """An old head over new rows fails verification even where there is no anchor."""
    place = Place(place.root, anchored=False, hsm=place.hsm)
    place.fill(1)
    old = _meta(place)
    with place.unlock() as keystore, keystore.begin() as unit:
        unit.put_alias(make_alias("alias/second"))
        commit(unit)
    for name, generation, value in old:
        _tamper(
            place,
            "UPDATE meta SET generation = ?, value = ? WHERE name = ?",
            generation,
            value,
            name,
        )
    with place.unlock() as keystore, pytest.raises(KeystoreTamperedError):
        keystore.verify()


def _meta(place: Place) -> list[tuple[str, int, bytes]]:
    connection = sqlite3.connect(place.database)
    try:
        return connection.execute("SELECT name, generation, value FROM meta").fetchall()
    finally:
        connection.close()


def test_a_change_by_someone_else_while_open_is_found_at_the_next_commit(place: Place) -> None:
    """A head that someone else wrote meanwhile is not overwritten; the keystore is sealed."""
    with place.create() as keystore:
        _tamper(place, "UPDATE meta SET generation = generation + 1 WHERE name = 'head'")
        with keystore.begin() as unit:
            unit.put_key(make_key())
            with pytest.raises(KeystoreTamperedError):
                commit(unit)
        assert keystore.verification == "failed"
