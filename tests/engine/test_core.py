"""The engine's state before the first unlock, and what cannot happen through its facade."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kmstui.core.errors import (
    DryRunOperationException,
    KeystoreLockedError,
    KmsError,
    KMSInternalException,
    SessionError,
)
from kmstui.core.secret import Secret
from kmstui.core.spec import Kind, Member
from kmstui.engine import Engine, Session
from kmstui.engine.calls import Dispatcher
from kmstui.engine.core import internal
from kmstui.engine.opening import NewKeystore, Opener
from kmstui.engine.pipeline import make_plan, prepare, run
from kmstui.engine.shown import needs_trimming, shown
from kmstui.hsm import CHEAPEST
from kmstui.hsm.software import SoftwareHsm
from kmstui.ops import load
from kmstui.ops.call import Call
from tests.helpers.engines import ACCOUNT, PASSPHRASE, REGION, START, Bench


def call_of(bench: Bench, name: str, request: dict[str, Any]) -> Call:
    """Return a call that has not entered the pipeline."""
    dispatcher = bench.engine._dispatcher
    assert isinstance(dispatcher, Dispatcher)
    spec = load()[name]
    standing = bench.core.standings[bench.session]
    services = dispatcher._services
    return Call(spec, request, standing.caller, standing, services, START, "r", "e")


def test_there_is_no_time_and_no_trail_before_the_first_unlock(bench: Bench) -> None:
    """An engine that was only opened has neither."""
    bench.close()
    bench.engine = Engine.open(bench.directory, host=bench.host)
    for ask in (bench.core.now, bench.core.require_trail, bench.core.keystore.begin):
        with pytest.raises(KeystoreLockedError):
            ask()
    assert bench.engine.maintain() == []


def test_a_creation_that_fails_half_way_gives_the_keystore_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing stays locked or loaded in the process; the keystore can be opened."""
    directory = bench.directory.parent / "other"
    new = NewKeystore(ACCOUNT, REGION, CHEAPEST, test_profile=True)
    passphrase = Secret.from_text(PASSPHRASE)

    def fail(_opener: Opener, _slot: object) -> Session:
        raise KMSInternalException("a test")

    with monkeypatch.context() as patched:
        patched.setattr(Opener, "begin_session", fail)
        with pytest.raises(KMSInternalException):
            Engine.create(directory, host=bench.host, new=new, passphrase=passphrase)
    engine = Engine.open(directory, host=bench.host)
    try:
        assert engine.unlock(passphrase).account == ACCOUNT
    finally:
        engine.close()


def test_a_session_that_ends_while_it_switches_gets_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the recorded call and the new handle the session may end."""
    real = bench.engine.call

    def and_end(*arguments: Any) -> Any:
        answer = real(*arguments)
        bench.engine.sign_out(bench.session)
        return answer

    monkeypatch.setattr(bench.engine, "call", and_end)
    with pytest.raises(SessionError):
        bench.engine.switch_region(bench.session, "eu-west-1")


def test_a_new_slot_that_does_not_open_is_not_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A passphrase is changed only after the new slot was proven."""
    before, opens = bench.core.keystore.header, SoftwareHsm.opens
    answers = iter([True, False])

    with monkeypatch.context() as patched:
        patched.setattr(SoftwareHsm, "opens", lambda *_args, **_named: next(answers))
        with pytest.raises(KMSInternalException):
            bench.engine.change_passphrase(
                bench.session, Secret.from_text(PASSPHRASE), Secret.from_text("new passphrase")
            )
    assert before == bench.core.keystore.header
    assert opens is SoftwareHsm.opens


def test_only_mutating_operations_write(bench: Bench) -> None:
    """An operation whose spec does not say that it mutates has no unit of work."""
    with pytest.raises(KMSInternalException):
        _ = call_of(bench, "kms:DescribeKey", {}).writer


def test_a_dry_run_of_a_change_does_not_run(bench: Bench) -> None:
    """An operation that changes something is not carried out to find out whether it would."""
    ran: list[str] = []

    def note(_call: Call) -> dict[str, Any]:
        ran.append("ran")
        return {}

    member = Member("DryRun", Kind.BOOLEAN)
    spec = replace(
        load()["kms:DisableKey"], dry_run=True, members=(member,), logged=(), needs=(), run=note
    )
    plan = make_plan(spec)
    for dry in (True, False):
        call = call_of(bench, "kms:DisableKey", {"DryRun": dry})
        prepare(plan, call)
        if dry:
            with pytest.raises(DryRunOperationException):
                run(plan, call)
        else:
            assert run(plan, call) == {}
    assert ran == ["ran"]


def test_a_pair_without_a_key_is_not_a_pass(bench: Bench) -> None:
    """If an operation forgot to insist on its key, authorisation fails and is not skipped."""
    spec = replace(load()["kms:Decrypt"], check=None)
    with pytest.raises(LookupError):
        prepare(make_plan(spec), call_of(bench, "kms:Decrypt", {}))


def test_internal_failures_name_no_values() -> None:
    """The type of the fault and the request id, and nothing of its text."""
    error = internal(ValueError("canary"), "request-1")
    assert isinstance(error, KmsError)
    assert error.message == "Internal failure in request request-1 (ValueError)."


TAGS = Member(
    "Tags",
    Kind.LIST,
    item=Member("Tag", Kind.STRUCTURE, members=(Member("TagKey", Kind.TEXT),)),
)
TEXT = Member("Text", Kind.TEXT)
BLOB = Member("Blob", Kind.BLOB)
PAIRS = Member("Pairs", Kind.TEXT_MAP)
WHEN = Member("When", Kind.TIMESTAMP)


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [
        (TEXT, "a", "a"),
        (TEXT, None, None),
        (TEXT, 5, 5),
        (TEXT, b"canary", "[6 bytes]"),
        (TEXT, bytearray(b"ab"), "[2 bytes]"),
        (TEXT, ["a"], "[list]"),
        (TEXT, {"a": "b"}, "[dict]"),
        (BLOB, b"canary", "[6 bytes]"),
        (BLOB, "canary", "[str]"),
        (PAIRS, {"a": "b", "c": None}, {"a": "b", "c": None}),
        (PAIRS, {"a": b"canary", 5: "x"}, {"a": "[6 bytes]", "[int]": "x"}),
        (PAIRS, ["a"], "[list]"),
        (TAGS, [{"TagKey": "a", "Other": "canary"}], [{"TagKey": "a"}]),
        (TAGS, ({"TagKey": b"canary"}, b"xy", 5), [{"TagKey": "[6 bytes]"}, "[2 bytes]", 5]),
        (TAGS, {"TagKey": "a"}, "[dict]"),
        (TAGS, [{"TagKey": "a"}] * 1_001, "[1001 entries]"),
        (WHEN, START, START),
        (WHEN, START.replace(tzinfo=None), "[datetime]"),
        (WHEN, object(), "[object]"),
    ],
)
def test_what_is_shown_has_the_form_of_its_spec(
    member: Member, value: object, expected: object
) -> None:
    """Nothing foreign to a member reaches the trail but its size or type."""
    assert expected == shown(member, value)


def test_only_structures_need_trimming_when_valid() -> None:
    """A valid text or map holds nothing that its spec does not name."""
    assert needs_trimming(TAGS)
    assert not any(needs_trimming(member) for member in (TEXT, BLOB, PAIRS, WHEN))
