"""Format versions: a made-up version 0 becomes the present one, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kmstui.core.errors import KeystoreFormatError, KeystoreTamperedError
from kmstui.keystore import FORMAT_VERSION
from kmstui.keystore.codec import Fields, key_fields, scoped_id
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


NEW_IN_3 = (
    "rotation_period_days",
    "next_rotation",
    "primary_region",
    "replica_regions",
    "custom_key_store_id",
    "xks_key_id",
)


def test_keys_of_aws_services_get_their_schedule(place: Place) -> None:
    """Version 3 rotates them every year, counted from when they were made; others are left."""
    place.fill(2)
    with place.unlock() as keystore:
        managed, own = replace(make_key(1), key_manager="AWS"), make_key(2)
        changes: dict[tuple[str, str], Fields | None] = {}
        for key in (managed, own):
            kept = {name: value for name, value in key_fields(key).items() if name not in NEW_IN_3}
            changes["key", scoped_id(key.account, key.region, key.key_id)] = kept
        keystore._ledger.commit(
            changes,
            clock_mark=keystore.head.clock_mark,
            trail=keystore.head.trail,
            header=replace(keystore.header, format_version=2),
        )
    due = managed.created + timedelta(days=365)
    with place.unlock() as keystore:
        expected = replace(managed, rotation_period_days=365, next_rotation=due)
        assert expected == keystore.key(ACCOUNT, REGION, managed.key_id)
        assert own == keystore.key(ACCOUNT, REGION, own.key_id)
        assert [(entry.key_id, entry.when) for entry in keystore.due_keys()] == [
            (managed.key_id, due)
        ]


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
