"""After a key is destroyed no byte of its material is left in any file."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from kmstui.core.errors import KeystoreBusyError
from kmstui.keystore import KeyState, Keystore
from tests.helpers.keystores import (
    ACCOUNT,
    REGION,
    START,
    Place,
    commit,
    key_id,
    make_alias,
    make_key,
)

PIECE = 16
"""Bytes in a row that count as a trace."""


def _forms(secret: bytes) -> set[bytes]:
    """A secret's pieces as they could stand in a file: raw, hexadecimal, base64, JSON text."""
    pieces = [secret[at : at + PIECE] for at in range(0, len(secret) - PIECE + 1, 6)]
    found: set[bytes] = set()
    for piece in pieces:
        encoded = base64.b64encode(piece)[:-4]
        found |= {piece, piece.hex().encode(), piece.hex().upper().encode(), encoded}
        found.add(encoded.decode().encode("utf-16-le"))
    return found


def _files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def _assert_absent(root: Path, secrets: list[bytes]) -> None:
    files = _files(root)
    assert any(name.endswith("keystore.db") for name in files)
    for secret in secrets:
        for form in _forms(secret):
            for name, data in files.items():
                assert form not in data, name


def _sealed(keystore: Keystore, number: int) -> bytes:
    row = keystore._ledger.database.row("key", f"{ACCOUNT}/{REGION}/{key_id(number)}")
    assert row is not None
    return row.sealed


def test_no_byte_of_destroyed_material_is_left(place: Place) -> None:
    """Neither the token nor any sealed row that ever held it is in any file once answered."""
    doomed = make_key(20)
    token = doomed.materials[0].token
    remains = [token, doomed.materials[0].check]
    with place.create() as keystore:
        for number in range(1, 40):
            with keystore.begin() as unit:
                unit.put_key(doomed if number == 20 else make_key(number))
                commit(unit)
        for round_number in range(12):
            with keystore.begin() as unit:
                # Rows that grow and shrink make SQLite move their neighbours between pages.
                text = "x" * (round_number * 400)
                unit.put_key(replace(doomed, description=text))
                unit.put_key(make_key(19, description=text))
                commit(unit)
            remains.append(_sealed(keystore, 20))
        with keystore.begin() as unit:
            unit.delete_key(ACCOUNT, REGION, key_id(20))
            commit(unit)
        keystore.checkpoint_wal()
        _assert_absent(place.root, remains)
        keystore.verify()
    _assert_absent(place.root, remains)


def test_no_byte_of_removed_material_is_left_of_a_key_that_stays(place: Place) -> None:
    """Imported material that was deleted leaves no trace, while its key lives on."""
    key = make_key(20, origin="EXTERNAL")
    token = key.materials[0].token
    emptied = replace(
        key,
        state=KeyState.PENDING_IMPORT,
        materials=(replace(key.materials[0], token=b""),),
    )
    with place.create() as keystore:
        for number in range(1, 40):
            with keystore.begin() as unit:
                unit.put_key(key if number == 20 else make_key(number))
                commit(unit)
        remains = [token, _sealed(keystore, 20)]
        with keystore.begin() as unit:
            unit.put_key(emptied)
            commit(unit)
        keystore.checkpoint_wal()
        _assert_absent(place.root, remains)
        found = keystore.key(ACCOUNT, REGION, key_id(20))
        assert found is not None
        assert found.materials[0].missing
    _assert_absent(place.root, remains)


def test_the_canary_test_would_find_them(place: Place) -> None:
    """Before destruction the same search finds the sealed row, so the test above can fail."""
    with place.create() as keystore:
        with keystore.begin() as unit:
            unit.put_key(make_key(20))
            commit(unit)
        remains = [_sealed(keystore, 20)]
        with pytest.raises(AssertionError):
            _assert_absent(place.root, remains)


def test_destruction_does_not_answer_while_the_log_is_read(place: Place) -> None:
    """While a reader holds the log it cannot be emptied, and that is an error."""
    place.fill(1)
    with place.unlock() as keystore:
        connection = keystore._ledger.database.connection
        connection.execute("PRAGMA busy_timeout = 1")
        reader = keystore._ledger.database.reader()
        with reader.reading():
            reader.meta("head")
            with keystore.begin() as unit:
                unit.delete_key(ACCOUNT, REGION, key_id(1))
                commit(unit)
            with pytest.raises(KeystoreBusyError):
                keystore.checkpoint_wal()
        reader.close()
        keystore.checkpoint_wal()


def test_no_name_or_text_stands_in_any_file(place: Place) -> None:
    """Aliases, descriptions, tags and policies are in no file in any form, open or closed."""
    canaries = [f"canary-{word}-0123456789abcdef" for word in ("alias", "text", "tag", "policy")]
    with place.create(training=True) as keystore:
        with keystore.begin() as unit:
            unit.put_key(
                make_key(
                    1,
                    description=canaries[1],
                    tags=(("owner", canaries[2]),),
                    policy=canaries[3],
                    aliases=(f"alias/{canaries[0]}",),
                )
            )
            unit.put_alias(make_alias(f"alias/{canaries[0]}"))
            commit(unit)
        keystore.snapshot_to(place.directory / "checkpoints" / "first.db")
        keystore.export_backup(place.root / "backup", created=START)
        _assert_absent(place.root, [canary.encode() for canary in canaries])
    _assert_absent(place.root, [canary.encode() for canary in canaries])
