"""Units of work: against a model, and what TinyDB sees of them."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tinydb import Query
from tinydb.table import Document

from kmstui.core.errors import KMSInternalException
from kmstui.keystore import AliasRecord, KeyRecord, KeyState, Keystore, OutboxRecord, UnitOfWork
from tests.helpers.keystores import (
    ACCOUNT,
    REGION,
    SLOT,
    START,
    Place,
    commit,
    key_id,
    make_alias,
    make_key,
)

NUMBERS = st.integers(1, 6)
NAMES = st.sampled_from([f"alias/{letter}" for letter in "abcd"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
STATES = st.sampled_from(list(KeyState))


class UnitAgainstModel(RuleBasedStateMachine):
    """The keystore as two dicts: what is committed, and what one unit sees."""

    def __init__(self) -> None:
        super().__init__()
        self.scratch = tempfile.TemporaryDirectory()
        self.place = Place(Path(self.scratch.name))
        self.keystore: Keystore = self.place.create()
        self.keys: dict[int, KeyRecord] = {}
        self.aliases: dict[str, AliasRecord] = {}
        self.unit: UnitOfWork | None = None
        self.seen_keys: dict[int, KeyRecord] = {}
        self.seen_aliases: dict[str, AliasRecord] = {}

    def teardown(self) -> None:
        """Give the scratch directory back."""
        self.keystore.close()
        self.scratch.cleanup()

    @precondition(lambda self: self.unit is None)
    @rule()
    def begin(self) -> None:
        """Begin a unit."""
        self.unit = self.keystore.begin()
        self.seen_keys = dict(self.keys)
        self.seen_aliases = dict(self.aliases)

    @precondition(lambda self: self.unit is not None)
    @rule(number=NUMBERS, description=TEXTS, state=STATES)
    def put_key(self, number: int, description: str, state: KeyState) -> None:
        """Write a key."""
        key = make_key(number, description=description, state=state)
        if state is KeyState.PENDING_DELETION:
            key = replace(key, deletion_date=START + timedelta(days=number))
        self._unit.put_key(key)
        self.seen_keys[number] = key

    @precondition(lambda self: self.unit is not None)
    @rule(number=NUMBERS)
    def delete_key(self, number: int) -> None:
        """Remove a key, which may not be there."""
        self._unit.delete_key(ACCOUNT, REGION, key_id(number))
        self.seen_keys.pop(number, None)

    @precondition(lambda self: self.unit is not None)
    @rule(name=NAMES, number=NUMBERS)
    def put_alias(self, name: str, number: int) -> None:
        """Write an alias."""
        self._unit.put_alias(make_alias(name, number))
        self.seen_aliases[name] = make_alias(name, number)

    @precondition(lambda self: self.unit is not None)
    @rule(name=NAMES)
    def delete_alias(self, name: str) -> None:
        """Remove an alias, which may not be there."""
        self._unit.delete_alias(ACCOUNT, REGION, name)
        self.seen_aliases.pop(name, None)

    @precondition(lambda self: self.unit is not None)
    @rule()
    def commit(self) -> None:
        """Make the unit's changes everyone's."""
        before = self.keystore.head.generation
        assert before + 1 == commit(self._unit)
        self.keys, self.aliases = self.seen_keys, self.seen_aliases
        self.unit = None

    @precondition(lambda self: self.unit is not None)
    @rule()
    def leave(self) -> None:
        """Drop the unit's changes."""
        with self._unit:
            pass
        self.unit = None

    @precondition(lambda self: self.unit is None)
    @rule()
    def restart(self) -> None:
        """Close and open the keystore."""
        self.keystore.close()
        self.keystore = self.place.open()
        self.keystore.unlock(SLOT, self.place.passphrase)

    @precondition(lambda self: self.unit is None)
    @rule()
    def verify(self) -> None:
        """Verify all rows."""
        self.keystore.verify()

    @invariant()
    def unit_sees_its_changes(self) -> None:
        """A unit reads what it wrote over what is committed."""
        if self.unit is not None:
            _assert_reads(self.unit, self.seen_keys, self.seen_aliases)

    @invariant()
    def keystore_sees_what_is_committed(self) -> None:
        """The keystore reads and lists what is committed, and nothing of an open unit."""
        _assert_reads(self.keystore, self.keys, self.aliases)
        listed = self.keystore.keys(ACCOUNT, REGION, limit=100)
        assert [self.keys[number] for number in sorted(self.keys)] == listed
        assert len(self.keys) == self.keystore.key_count(ACCOUNT, REGION)
        pending = [
            key.key_id for key in self.keys.values() if key.state is KeyState.PENDING_DELETION
        ]
        assert sorted(pending) == [due.key_id for due in self.keystore.due_keys()]

    @property
    def _unit(self) -> UnitOfWork:
        assert self.unit is not None
        return self.unit


def _assert_reads(
    reads: Keystore | UnitOfWork, keys: dict[int, KeyRecord], aliases: dict[str, AliasRecord]
) -> None:
    for number in range(1, 7):
        assert keys.get(number) == reads.key(ACCOUNT, REGION, key_id(number))
    for letter in "abcd":
        name = f"alias/{letter}"
        assert aliases.get(name) == reads.alias(ACCOUNT, REGION, name)


UnitAgainstModel.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestUnitAgainstModel = UnitAgainstModel.TestCase


def test_an_overtaken_unit_cannot_commit(place: Place) -> None:
    """Of two units begun at one generation only the first to commit does."""
    with place.create() as keystore:
        first, second = keystore.begin(), keystore.begin()
        first.put_key(make_key(1))
        second.put_key(make_key(2))
        commit(first)
        with pytest.raises(KMSInternalException):
            commit(second)
        assert keystore.key(ACCOUNT, REGION, key_id(2)) is None


def test_an_ended_unit_changes_nothing(place: Place) -> None:
    """A unit that was left or committed takes no more changes and no second commit."""
    with place.create() as keystore:
        with keystore.begin() as unit:
            unit.put_key(make_key(1))
        with pytest.raises(KMSInternalException):
            commit(unit)
        with pytest.raises(KMSInternalException):
            unit.put_key(make_key(1))
        assert keystore.head.generation == 1


def test_leaving_by_an_error_drops_everything(place: Place) -> None:
    """An error inside a unit leaves disk and memory at the generation before."""
    with place.create() as keystore:
        with pytest.raises(ZeroDivisionError), keystore.begin() as unit:
            _fail_after(unit)
        assert keystore.key(ACCOUNT, REGION, key_id(1)) is None
        assert keystore.head.generation == 1


def _fail_after(unit: UnitOfWork) -> None:
    unit.put_key(make_key(1))
    raise ZeroDivisionError


def test_outbox_rows_leave_in_a_later_commit(place: Place) -> None:
    """Events are added and dropped by id, in order over several commits."""
    with place.create() as keystore:
        for name in ("z", "y", "x"):
            with keystore.begin() as unit:
                unit.add_outbox(OutboxRecord(name, name.encode()))
                commit(unit)
        with keystore.begin() as unit:
            unit.drop_outbox(["y", "never there"])
            commit(unit)
        assert [record.event for record in keystore.outbox()] == [b"z", b"x"]


def test_tinydb_queries_see_the_unit(place: Place) -> None:
    """TinyDB's search, get, count, update, upsert and remove work on a unit's documents."""
    place.fill(3)
    where = Query()
    with place.unlock() as keystore:
        with keystore.begin() as unit:
            table = unit.documents.sealed("key")
            assert table.count(where.state == "Enabled") == 3
            assert table.update({"state": "Disabled"}, where.description == "key 2")
            assert table.remove(where.description == "key 3")
            found = table.search(where.state == "Disabled")
            assert [str(document.doc_id) for document in found] == [
                f"{ACCOUNT}/{REGION}/{key_id(2)}"
            ]
            changed = Document({**found[0], "description": "new"}, found[0].doc_id)
            table.upsert(changed)
            assert len(table) == 2
            assert {"alias", "due", "key", "user", "grant"} < unit.documents.tables()
            commit(unit)
        key = keystore.key(ACCOUNT, REGION, key_id(2))
        assert key is not None
        assert key.state is KeyState.DISABLED
        assert key.description == "new"
        assert keystore.key(ACCOUNT, REGION, key_id(3)) is None
        assert keystore.documents.sealed("key").contains(where.description == "new")


def test_a_query_that_changes_nothing_stages_nothing(place: Place) -> None:
    """An update whose condition looks at every document stages only those that differ."""
    place.fill(3)
    where = Query()
    with place.unlock() as keystore, keystore.begin() as unit:
        unit.documents.sealed("key").update({"state": "Enabled"}, where.description == "key 2")
        assert not unit.changed


def test_documents_change_only_in_a_unit(place: Place) -> None:
    """The keystore's own documents refuse changes, and whole-database writes are refused."""
    place.fill(1)
    with place.unlock() as keystore:
        with pytest.raises(TypeError):
            keystore.documents.sealed("key").drop(f"{ACCOUNT}/{REGION}/{key_id(1)}")
        with pytest.raises(NotImplementedError), keystore.begin() as unit:
            unit.documents.drop_tables()
        assert keystore.key(ACCOUNT, REGION, key_id(1)) is not None
