"""Signing in and out: who may call, and when nobody may."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest

from kmstui.core.errors import (
    KeystoreBusyError,
    KeystoreExistsError,
    KeystoreMissingError,
    SessionError,
    ValidationException,
    WrongPassphraseError,
)
from kmstui.core.secret import Secret
from kmstui.engine import Engine, EngineEvent
from kmstui.engine.opening import NewKeystore
from kmstui.hsm import CHEAPEST, UnlockSlot
from kmstui.hsm.software import SoftwareHsm
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, PASSPHRASE, REGION, ROOT, Bench

NEW = "quite another passphrase"


def secret(text: str = PASSPHRASE) -> Secret:
    """Return a typed passphrase."""
    return Secret.from_text(text)


def test_creating_signs_the_root_user_in(bench: Bench) -> None:
    """The session says who, where and how; the trail begins with the keystore and the sign-in."""
    session = bench.session
    assert (session.principal, session.account, session.region) == (ROOT, ACCOUNT, REGION)
    assert (session.user_name, session.recovery) == ("root", False)
    names = [event["eventName"] for event in bench.events()]
    assert names == ["CreateKeystore", "Unlock"]
    assert bench.engine.status().unlocked


@pytest.mark.parametrize(("account", "region"), [("1", REGION), (ACCOUNT, "nowhere")])
def test_malformed_keystores_are_not_created(bench: Bench, account: str, region: str) -> None:
    """Account and Region are checked before anything is made."""
    directory = bench.directory.parent / "other"
    new = NewKeystore(account, region, CHEAPEST, test_profile=True)
    with pytest.raises(ValidationException):
        Engine.create(directory, host=bench.host, new=new, passphrase=secret())
    assert not directory.exists()


def test_an_existing_keystore_is_not_overwritten(bench: Bench) -> None:
    """Creating over a keystore is refused, whether it is open or not."""
    new = NewKeystore(ACCOUNT, REGION, CHEAPEST, test_profile=True)
    with pytest.raises(KeystoreBusyError):
        Engine.create(bench.directory, host=bench.host, new=new, passphrase=secret())
    bench.close()
    with pytest.raises(KeystoreExistsError):
        Engine.create(bench.directory, host=bench.host, new=new, passphrase=secret())
    bench.restart()


def test_a_second_opener_is_told_who_has_it(bench: Bench) -> None:
    """One process owns a keystore; the refusal names the holder."""
    with pytest.raises(KeystoreBusyError, match="tests"):
        Engine.open(bench.directory, host=bench.host)


def test_a_missing_keystore_is_missing(bench: Bench, tmp_path: Path) -> None:
    """Opening nothing says so."""
    with pytest.raises(KeystoreMissingError):
        Engine.open(tmp_path / "nothing", host=bench.host)


def test_an_opened_engine_is_locked(bench: Bench) -> None:
    """Before unlock the status says so, and no session is accepted."""
    bench.close()
    bench.engine = Engine.open(bench.directory, host=bench.host)
    status = bench.engine.status()
    assert (status.unlocked, status.now, status.key_count) == (False, None, 0)
    with pytest.raises(SessionError):
        bench.call("ListKeys")


@pytest.mark.parametrize(
    "typed", ["", "correct horse battery stapl", f"{PASSPHRASE} ", PASSPHRASE.upper(), "\ud800"]
)
def test_wrong_passphrases_do_not_open(bench: Bench, typed: str) -> None:
    """One text for all; the next success records how often it failed."""
    bench.engine.lock()
    for _ in range(2):
        with pytest.raises(WrongPassphraseError) as refused:
            bench.engine.unlock(secret(typed))
        assert refused.value.message == "The passphrase does not open this keystore."
    assert not bench.engine.status().unlocked
    bench.session = bench.engine.unlock(secret())
    event = bench.last_event()
    assert event["additionalEventData"] == {"failedAttempts": 2}


def test_only_the_named_principals_slots_are_tried(bench: Bench) -> None:
    """A passphrase opens nothing for somebody else."""
    bench.engine.lock()
    with pytest.raises(WrongPassphraseError):
        bench.engine.unlock(secret(), principal="arn:aws:iam::111122223333:user/alice")
    bench.engine.unlock(secret(), principal=ROOT)


def test_the_recovery_code_signs_in_however_it_is_typed(bench: Bench) -> None:
    """Case and separators do not matter; the trail says that it was the recovery code."""
    code = bench.code.reveal().decode()
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("-", "")):
        bench.engine.lock()
        session = bench.engine.unlock(secret(typed))
        assert session.recovery
        assert bench.last_event()["requestParameters"] == {"slotKind": "recovery"}
    bench.session = session
    bench.key()


@pytest.mark.parametrize("unlocked", [False, True])
def test_a_wrong_recovery_code_does_not_sign_in(bench: Bench, unlocked: bool) -> None:
    """One character changed is refused, also while the keys are loaded."""
    if not unlocked:
        bench.engine.lock()
    code = bench.code.reveal().decode()
    changed = ("8" if code[0] != "8" else "9") + code[1:]
    with pytest.raises(WrongPassphraseError):
        bench.engine.unlock(secret(changed))


def test_two_sessions_are_apart(bench: Bench) -> None:
    """A second sign-in works beside the first, and ending one leaves the other."""
    second = bench.engine.unlock(secret())
    assert second is not bench.session
    bench.engine.sign_out(second)
    with pytest.raises(SessionError):
        bench.engine.call(second, "kms:ListKeys")
    bench.engine.sign_out(second)
    bench.call("ListKeys")


def test_a_wrong_passphrase_beside_a_session_changes_nothing(bench: Bench) -> None:
    """A failed second sign-in does not lock the first out."""
    with pytest.raises(WrongPassphraseError):
        bench.engine.unlock(secret("wrong"))
    bench.call("ListKeys")


def test_a_copied_session_is_worth_nothing(bench: Bench) -> None:
    """Copies of every kind, and handles made by hand, are refused."""
    session = bench.session
    for other in (
        copy.copy(session),
        copy.deepcopy(session),
        replace(session),
        pickle.loads(pickle.dumps(session)),  # noqa: S301 - of our own making
    ):
        with pytest.raises(SessionError):
            bench.engine.call(other, "kms:ListKeys")
    with pytest.raises(FrozenInstanceError):
        session.slot_id = "other"  # type: ignore[misc]  # that it cannot be is the point


def test_a_session_of_another_engine_is_refused(make_bench: MakeBench) -> None:
    """Sessions belong to the engine that made them."""
    one, two = make_bench(), make_bench()
    with pytest.raises(SessionError):
        two.engine.call(one.session, "kms:ListKeys")
    with pytest.raises(SessionError):
        two.engine.switch_region(one.session, "eu-west-1")
    with pytest.raises(SessionError):
        two.engine.change_passphrase(one.session, secret(), secret(NEW))


def test_lock_ends_every_session(bench: Bench) -> None:
    """After lock nothing can be called, even once the keystore is unlocked again."""
    old = bench.session
    there = bench.engine.switch_region(old, "eu-west-1")
    bench.key()
    bench.engine.lock()
    status = bench.engine.status()
    assert (status.unlocked, status.key_count, status.account) == (False, 0, "")
    bench.engine.lock()
    bench.session = bench.engine.unlock(secret())
    for session in (old, there):
        with pytest.raises(SessionError):
            bench.engine.call(session, "kms:ListKeys")
    assert len(bench.call("ListKeys")["Keys"]) == 1


def test_close_gives_the_keystore_up(bench: Bench) -> None:
    """After close another engine can open it; closing twice does nothing."""
    bench.close()
    bench.close()
    bench.restart()
    bench.call("ListKeys")


def test_a_changed_passphrase_opens_and_the_old_one_does_not(bench: Bench) -> None:
    """One slot is rewritten, the recovery code stays, and the change is recorded."""
    before = bench.core.keystore.header.slots
    bench.engine.change_passphrase(bench.session, secret(), secret(NEW))
    after = bench.core.keystore.header.slots
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)
    event = bench.last_event()
    assert event["eventName"] == "ChangePassphrase"
    assert event["requestParameters"] == {"slotKind": "passphrase"}
    bench.close()
    bench.engine = Engine.open(bench.directory, host=bench.host)
    with pytest.raises(WrongPassphraseError):
        bench.engine.unlock(secret())
    bench.engine.unlock(secret(NEW))
    bench.engine.lock()
    bench.engine.unlock(Secret(bench.code.reveal()))


def test_who_forgot_the_passphrase_sets_one_with_the_recovery_code(bench: Bench) -> None:
    """Signed in with the recovery code, it stands for the passphrase that nobody knows."""
    code = bench.code.reveal()
    bench.engine.lock()
    session = bench.engine.unlock(Secret(code))
    bench.engine.change_passphrase(session, Secret(code), secret(NEW))
    bench.engine.lock()
    with pytest.raises(WrongPassphraseError):
        bench.engine.unlock(secret())
    bench.engine.unlock(secret(NEW))
    bench.engine.lock()
    bench.engine.unlock(Secret(code))


def test_a_passphrase_is_changed_only_by_who_knows_it(bench: Bench) -> None:
    """A wrong present passphrase changes nothing, and the attempt is in the trail."""
    before = bench.core.keystore.header
    with pytest.raises(WrongPassphraseError):
        bench.engine.change_passphrase(bench.session, secret("wrong"), secret(NEW))
    assert before == bench.core.keystore.header
    event = bench.last_event()
    assert event["eventName"] == "ChangePassphrase"
    assert event["errorCode"] == "WrongPassphraseError"


def test_a_passphrase_changed_meanwhile_is_not_overwritten(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two changes at once, the later one is refused instead of undoing the first."""
    engine, make_slot = bench.engine, SoftwareHsm.make_slot

    def overtaken(hsm: SoftwareHsm, **members: Any) -> UnlockSlot:
        monkeypatch.setattr(SoftwareHsm, "make_slot", make_slot)
        engine.change_passphrase(bench.session, secret(), secret(NEW))
        return make_slot(hsm, **members)

    monkeypatch.setattr(SoftwareHsm, "make_slot", overtaken)
    with pytest.raises(WrongPassphraseError):
        engine.change_passphrase(bench.session, secret(), secret("the later one"))
    engine.lock()
    engine.unlock(secret(NEW))


def test_listeners_hear_every_event_until_they_leave(bench: Bench) -> None:
    """Calls, refusals and the lock are told without their secrets; leaving ends it."""
    heard: list[EngineEvent] = []
    leave = bench.engine.subscribe(heard.append)
    key = bench.key()
    bench.refusal("Encrypt", KeyId=key, Plaintext=b"")
    assert [(event.kind, event.name, event.error) for event in heard] == [
        ("call", "kms:CreateKey", ""),
        ("call", "kms:Encrypt", "ValidationException"),
    ]
    bench.engine.lock()
    assert heard[-1].kind == "locked"
    leave()
    leave()
    bench.session = bench.engine.unlock(secret())
    count = len(heard)
    bench.call("ListKeys")
    assert count == len(heard)


def test_operations_are_the_registry(bench: Bench) -> None:
    """The facade shows every spec by its full name."""
    operations = bench.engine.operations()
    assert operations["kms:Encrypt"].name == "Encrypt"
    assert all(name == spec.full_name for name, spec in operations.items())
