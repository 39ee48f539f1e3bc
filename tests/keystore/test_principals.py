"""Accounts, principals, policies, credentials and grants in the keystore."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kmstui.keystore import Keystore
from kmstui.keystore.codec import LINKS, TABLES
from kmstui.keystore.ledger import Ledger
from tests.helpers.identities import (
    ACCESS_KEY,
    ACCESS_KEY_ID,
    DEVICE,
    DEVICE_ARN,
    GROUP,
    POLICY,
    ROLE,
    ROLE_ARN,
    USER,
    USER_ARN,
    assert_each,
    make_grant,
    put_each,
)
from tests.helpers.keystores import ACCOUNT, REGION, SLOT, Place, commit, key_id, make_key

OTHER = "444455556666"


@pytest.fixture
def keystore(place: Place) -> Iterator[Keystore]:
    """A new keystore, unlocked."""
    with place.create() as made:
        yield made


def test_each_kind_is_found_before_and_after_the_commit_and_a_restart(place: Place) -> None:
    """What was put is read back whole: by the unit, by everyone, and from the disk."""
    with place.create() as keystore, keystore.begin() as unit:
        put_each(unit)
        assert_each(unit)
        commit(unit)
        assert_each(keystore)
    with place.open() as keystore:
        keystore.unlock(SLOT, place.passphrase)
        keystore.verify()
        assert_each(keystore)


def test_what_was_not_put_is_absent(keystore: Keystore) -> None:
    """An empty keystore knows nobody and nothing, not even its own account."""
    assert keystore.account(ACCOUNT) is None
    assert keystore.accounts() == ()
    assert keystore.user(ACCOUNT, "Ada") is None
    assert keystore.users(ACCOUNT) == ()
    assert keystore.access_keys(ACCOUNT, "Ada") == ()
    assert keystore.mfa_devices(ACCOUNT, USER_ARN) == ()
    assert keystore.grants_for(ACCOUNT, REGION, key_id(1), ROLE_ARN) == ()


def test_each_kind_can_be_deleted_with_its_links(keystore: Keystore) -> None:
    """After deleting everything nothing is found, and no row but of those that departed stays."""
    with keystore.begin() as unit:
        put_each(unit)
        commit(unit)
    assert_each(keystore)
    with keystore.begin() as unit:
        unit.delete_account(ACCOUNT)
        unit.delete_user(ACCOUNT, "Ada")
        unit.delete_group(ACCOUNT, "Keepers")
        unit.delete_role(ACCOUNT, "Deploy")
        unit.delete_managed_policy(ACCOUNT, "Use")
        unit.delete_access_key(ACCESS_KEY_ID)
        unit.delete_mfa_device(DEVICE_ARN)
        unit.delete_recovery_codes(USER_ARN)
        unit.delete_grant(ACCOUNT, REGION, key_id(1), make_grant().grant_id)
        commit(unit)
        left = {table for table in TABLES if keystore.documents.sealed(table).all()}
    assert left == {"departed"}
    assert keystore.users(ACCOUNT) == ()
    assert keystore.access_keys(ACCOUNT, "Ada") == ()
    assert keystore.grants_retirable(USER_ARN, region=REGION, limit=5) == []


def test_case_does_not_tell_names_apart(keystore: Keystore) -> None:
    """A user is found, overwritten and deleted under any spelling, and keeps the one it has."""
    with keystore.begin() as unit:
        unit.put_user(USER)
        unit.put_user(replace(USER, name="ADA"))
        commit(unit)
    assert [user.name for user in keystore.users(ACCOUNT)] == ["ADA"]
    found = keystore.user(ACCOUNT, "ada")
    assert found is not None
    assert found.arn == f"arn:aws:iam::{ACCOUNT}:user/team/ADA"


def test_names_are_kept_apart_by_kind_and_account(keystore: Keystore) -> None:
    """A group, a role and another account's user may all have a user's name."""
    with keystore.begin() as unit:
        unit.put_user(replace(USER, name="x"))
        unit.put_group(replace(GROUP, name="x"))
        unit.put_role(replace(ROLE, name="x"))
        unit.put_user(replace(USER, name="x", account=OTHER, unique_id="AIDAOTHER"))
        commit(unit)
    found = keystore.user(OTHER, "x")
    assert found is not None
    assert found.unique_id == "AIDAOTHER"
    assert len(keystore.users(ACCOUNT)) == len(keystore.users(OTHER)) == 1


def test_lists_are_in_the_order_of_names(keystore: Keystore) -> None:
    """Users come by name without regard to case, and a remembered list follows a change."""
    names = ["bob", "Alice", "carol"]
    with keystore.begin() as unit:
        for name in names:
            unit.put_user(replace(USER, name=name))
        commit(unit)
    assert [user.name for user in keystore.users(ACCOUNT)] == ["Alice", "bob", "carol"]
    with keystore.begin() as unit:
        unit.put_user(replace(USER, name="Bill"))
        unit.delete_user(ACCOUNT, "carol")
        assert [user.name for user in unit.users(ACCOUNT)] == ["Alice", "Bill", "bob"]
        assert [user.name for user in keystore.users(ACCOUNT)] == ["Alice", "bob", "carol"]
        commit(unit)
    assert [user.name for user in keystore.users(ACCOUNT)] == ["Alice", "Bill", "bob"]


def test_an_accounts_principals_are_counted_without_reading_them(keystore: Keystore) -> None:
    """Counts are of one account's committed rows of one kind."""
    with keystore.begin() as unit:
        put_each(unit)
        unit.put_user(replace(USER, name="x"))
        unit.put_user(replace(USER, name="x", account=OTHER))
        commit(unit)
    counts = (
        keystore.user_count(ACCOUNT),
        keystore.group_count(ACCOUNT),
        keystore.role_count(ACCOUNT),
        keystore.policy_count(ACCOUNT),
    )
    assert counts == (2, 1, 1, 1)
    assert keystore.role_count(OTHER) == 0


def test_row_ids_do_not_give_names_away(place: Place) -> None:
    """Neither ids nor sealed documents in the file hold a name, an owner or a grantee."""
    with place.create() as keystore, keystore.begin() as unit:
        put_each(unit)
        commit(unit)
    stored = place.database.read_bytes()
    for name in (b"Ada", b"Keepers", b"Deploy", b"phone", b"team", b"Payments"):
        assert name not in stored


def test_an_access_key_moves_with_its_user_name(keystore: Keystore) -> None:
    """A key put under another user is listed there and no longer with the first."""
    with keystore.begin() as unit:
        unit.put_access_key(ACCESS_KEY)
        commit(unit)
    with keystore.begin() as unit:
        unit.put_access_key(replace(ACCESS_KEY, user_name="Grace"))
        commit(unit)
    assert keystore.access_keys(ACCOUNT, "Ada") == ()
    assert [key.user_name for key in keystore.access_keys(ACCOUNT, "grace")] == ["Grace"]


def test_an_mfa_device_is_listed_with_its_owner_only_while_it_has_one(
    keystore: Keystore,
) -> None:
    """A device that is given up stays in the account's list."""
    with keystore.begin() as unit:
        unit.put_mfa_device(DEVICE)
        unit.put_mfa_device(replace(DEVICE, owner="", enabled=None))
        commit(unit)
    assert keystore.mfa_devices(ACCOUNT, USER_ARN) == ()
    assert len(keystore.mfa_devices(ACCOUNT)) == 1


def test_grants_page_in_the_order_of_their_ids(keystore: Keystore) -> None:
    """Pages of a key, a Region and a retiring principal give each grant once, in order."""
    with keystore.begin() as unit:
        for key in (1, 2):
            for number in range(1, 4):
                unit.put_grant(make_grant(number, key=key))
        commit(unit)
    ids = [make_grant(number).grant_id for number in range(1, 4)]
    first = keystore.grants_of_key(ACCOUNT, REGION, key_id(1), limit=2)
    rest = keystore.grants_of_key(ACCOUNT, REGION, key_id(1), after=ids[1], limit=2)
    assert ids == [grant.grant_id for grant in (*first, *rest)]
    after = f"{key_id(1)}/{ids[2]}"
    assert len(keystore.grants_in(ACCOUNT, REGION, after=after, limit=9)) == 3
    place = f"{ACCOUNT}/{REGION}/{key_id(1)}/{ids[0]}"
    found = keystore.grants_retirable(USER_ARN, region=REGION, after=place, limit=3)
    assert [(g.key_id, g.grant_id) for g in found] == [
        (key_id(1), ids[1]),
        (key_id(1), ids[2]),
        (key_id(2), ids[0]),
    ]
    assert keystore.grants_retirable(USER_ARN, region="eu-west-9", limit=3) == []


def test_that_a_grantee_has_no_grant_is_remembered(
    keystore: Keystore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second look at a key without grants does not touch the database; a new one is seen."""
    place = (ACCOUNT, REGION, key_id(1), ROLE_ARN)
    assert keystore.grants_for(*place) == ()
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "records", None)
        assert keystore.grants_for(*place) == ()
    with keystore.begin() as unit:
        unit.put_grant(make_grant())
        commit(unit)
    assert keystore.grants_for(*place) == (make_grant(),)


def test_deleting_a_key_deletes_its_grants(keystore: Keystore) -> None:
    """Those of the same unit of work too, with every link to them; other keys keep theirs."""
    with keystore.begin() as unit:
        unit.put_key(make_key(1))
        unit.put_grant(make_grant(1))
        unit.put_grant(make_grant(1, key=2))
        commit(unit)
    with keystore.begin() as unit:
        unit.put_grant(make_grant(2))
        unit.delete_key(ACCOUNT, REGION, key_id(1))
        assert unit.grants_of_key(ACCOUNT, REGION, key_id(1), limit=9) == []
        commit(unit)
    assert keystore.grants_in(ACCOUNT, REGION, limit=9) == [make_grant(1, key=2)]
    assert len(keystore.documents.sealed(LINKS).all()) == 2


def test_pages_of_a_unit_of_work_are_full(keystore: Keystore) -> None:
    """Staged grants are in their place, deleted ones leave room for those behind them."""
    with keystore.begin() as unit:
        for number in range(1, 6):
            unit.put_grant(make_grant(number))
        commit(unit)
    with keystore.begin() as unit:
        for number in (1, 2):
            unit.delete_grant(ACCOUNT, REGION, key_id(1), make_grant(number).grant_id)
        unit.put_grant(make_grant(7))
        found = unit.grants_of_key(ACCOUNT, REGION, key_id(1), limit=2)
        assert [make_grant(3), make_grant(4)] == found
        after = found[-1].grant_id
        found = unit.grants_of_key(ACCOUNT, REGION, key_id(1), after=after, limit=2)
        assert [make_grant(5), make_grant(7)] == found


def test_a_policys_text_is_that_of_its_default_version() -> None:
    """The version in force is found by its id, and a missing one is an error."""
    assert replace(POLICY, default_version="v1").text == "{}"
    with pytest.raises(LookupError, match="v9"):
        assert replace(POLICY, default_version="v9").text


def test_secrets_are_not_shown() -> None:
    """Tokens and hashes of codes are not in the text of their records."""
    assert "sealed secret" not in repr((ACCESS_KEY, DEVICE))
