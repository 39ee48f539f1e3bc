"""Custom key stores and the keys in them, as the keystore keeps them."""

from __future__ import annotations

from dataclasses import replace

from kmstui.keystore import KeyState
from tests.helpers.key_stores import (
    CLOUD,
    EXTERNAL,
    IN_CLOUD,
    IN_EXTERNAL,
    assert_stores,
    put_stores,
)
from tests.helpers.keystores import ACCOUNT, REGION, Place, commit, key_id, make_key


def test_stores_are_read_as_they_were_written(place: Place) -> None:
    """Inside the unit of work, after its commit, and after opening anew."""
    with place.create() as keystore:
        with keystore.begin() as unit:
            put_stores(unit)
            assert_stores(unit)
            commit(unit)
        assert_stores(keystore)
    with place.unlock() as keystore:
        keystore.verify()
        assert_stores(keystore)


def test_a_changed_store_is_seen_in_its_lists(place: Place) -> None:
    """What was listed before a change is not what is listed after it."""
    with place.create() as keystore:
        with keystore.begin() as unit:
            put_stores(unit)
            commit(unit)
        assert keystore.key_stores(ACCOUNT)[0].connected
        assert not keystore.key_stores(ACCOUNT)[1].connected
        renamed = replace(CLOUD, name="other")
        with keystore.begin() as unit:
            unit.put_key_store(renamed)
            commit(unit)
        assert keystore.key_stores(ACCOUNT, REGION) == (renamed, EXTERNAL)
        with keystore.begin() as unit:
            unit.delete_key_store(ACCOUNT, REGION, CLOUD.store_id)
            commit(unit)
        assert keystore.key_stores(ACCOUNT) == (EXTERNAL,)
        assert keystore.key_store(ACCOUNT, REGION, CLOUD.store_id) is None


def test_a_key_leaves_its_store_when_it_is_deleted(place: Place) -> None:
    """No link of a deleted key is left, and its external key is free again."""
    with place.create() as keystore:
        with keystore.begin() as unit:
            put_stores(unit)
            commit(unit)
        before = keystore.head.row_count
        with keystore.begin() as unit:
            unit.delete_key(ACCOUNT, REGION, key_id(9))
            unit.delete_key(ACCOUNT, REGION, key_id(8))
            commit(unit)
        assert keystore.keys_of_store(EXTERNAL) == ()
        assert keystore.keys_of_store(CLOUD) == ()
        assert keystore.key_of_external(EXTERNAL, "external-1") == ""
        # Two keys, and the three links to them.
        assert keystore.head.row_count == before - 5


def test_writing_a_key_again_leaves_its_links_alone(place: Place) -> None:
    """A change of a key in a store writes the key, and no link for a second time."""
    with place.create() as keystore:
        with keystore.begin() as unit:
            put_stores(unit)
            commit(unit)
        with keystore.begin() as unit:
            unit.put_key(replace(IN_EXTERNAL, state=KeyState.DISABLED))
            assert "link" not in {table for table, _ in unit._changes}
            commit(unit)
        assert keystore.keys_of_store(EXTERNAL) == (key_id(9),)


def test_other_keys_have_no_links(place: Place) -> None:
    """A key outside custom key stores is in none, whatever its id."""
    with place.create() as keystore:
        with keystore.begin() as unit:
            put_stores(unit)
            unit.put_key(make_key(1))
            commit(unit)
        assert keystore.keys_of_store(CLOUD) == (IN_CLOUD.key_id,)


def test_no_name_of_a_store_is_in_any_file(place: Place) -> None:
    """Names, endpoints and ids of external keys are sealed; only the store's id is not."""
    with place.create() as keystore:
        with keystore.begin() as unit:
            put_stores(unit)
            commit(unit)
        keystore.checkpoint_wal()
    data = place.database.read_bytes()
    hidden = (CLOUD.name, EXTERNAL.name, EXTERNAL.endpoint, "external-1", EXTERNAL.service)
    for text in (*hidden, CLOUD.cluster_id):
        assert text.encode() not in data
    assert CLOUD.store_id.encode() in data


def test_a_store_does_not_show_its_credential() -> None:
    """Neither the sealed credential nor the access key id is in a record's text."""
    assert "sealed" not in repr(CLOUD)
    assert EXTERNAL.access_key_id not in repr(EXTERNAL)
