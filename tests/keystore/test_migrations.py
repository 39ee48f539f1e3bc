"""Format versions: a made-up version 0 becomes the present one, whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kmstui.core.errors import KeystoreFormatError, KeystoreTamperedError
from kmstui.keystore import FORMAT_VERSION
from kmstui.keystore.codec import Fields
from kmstui.keystore.migrations import MIGRATIONS, Migration
from tests.helpers.keystores import ACCOUNT, REGION, Place, key_id, make_key


def _make_version_0(place: Place) -> None:
    """Leave a keystore as the made-up version 0 wrote it: keys had no tags."""
    place.fill(3)
    with place.unlock() as keystore:
        head = keystore.head
        with keystore.begin() as unit:
            table = unit.documents.sealed("key")
            for number in (1, 2, 3):
                row_id = f"{ACCOUNT}/{REGION}/{key_id(number)}"
                fields = table.fetch(row_id)
                assert fields is not None
                table.put(row_id, {name: fields[name] for name in fields if name != "tags"})
            keystore._ledger.commit(
                dict(unit._changes),
                clock_mark=head.clock_mark,
                trail=head.trail,
                header=replace(keystore.header, format_version=0),
            )


def _add_tags(table: str, fields: Fields) -> Fields:
    return {**fields, "tags": [["from", "0"]]} if table == "key" else fields


def test_an_earlier_version_is_migrated_at_unlock(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys get what the new version wants, once; header, head and database state the present."""
    _make_version_0(place)
    monkeypatch.setitem(MIGRATIONS, 0, Migration(_add_tags))
    with place.unlock() as keystore:
        assert keystore.header.format_version == FORMAT_VERSION
        assert keystore.verification == "verified"
        generation = keystore.head.generation
    monkeypatch.delitem(MIGRATIONS, 0)
    with place.unlock() as keystore:
        keystore.verify()
        assert generation == keystore.head.generation
        key = keystore.key(ACCOUNT, REGION, key_id(2))
        assert key is not None
        assert key.tags == (("from", "0"),)
        assert key.description == make_key(2).description


def test_a_failing_migration_changes_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a step fails the keystore stays at the earlier version, locked."""
    _make_version_0(place)

    def fail(table: str, fields: Fields) -> Fields:
        raise KeystoreTamperedError(f"{table} {len(fields)}")

    before = place.database.read_bytes()
    monkeypatch.setitem(MIGRATIONS, 0, Migration(fail))
    with pytest.raises(KeystoreTamperedError):
        place.unlock()
    assert not place.hsm.unlocked
    assert before == place.database.read_bytes()


def test_a_version_without_a_way_on_is_refused_before_any_passphrase(place: Place) -> None:
    """An earlier version that no step begins at does not open."""
    _make_version_0(place)
    with pytest.raises(KeystoreFormatError, match="version 0"):
        place.open()
