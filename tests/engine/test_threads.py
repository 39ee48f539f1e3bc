"""Many threads at once: no lost update, no call that hangs, no verification that is skipped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kmstui.core.errors import (
    KeystoreTamperedError,
    KeystoreVerifyingError,
    KmsError,
    SessionError,
)
from kmstui.core.secret import Secret
from kmstui.engine import EngineEvent
from kmstui.keystore import Keystore
from kmstui.trail.log import SyncPolicy
from kmstui.trail.verify import verify
from tests.conftest import MakeBench
from tests.helpers.engines import PASSPHRASE, Bench

THREADS = 8
CALLS = 1_000
WAIT = 20.0
"""Seconds after which a thread counts as hanging."""


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run ``work`` in so many threads at once and return what each returned."""
    gate = threading.Barrier(count)

    def enter(number: int) -> Any:
        gate.wait(WAIT)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(enter, range(count), timeout=WAIT * 3))


def test_no_update_is_lost(make_bench: MakeBench) -> None:
    """8 threads make 1,000 mixed calls each on shared keys: all that was answered is there."""
    bench = make_bench(sync=SyncPolicy.INTERVAL)
    shared = [bench.key(f"alias/shared-{number}") for number in range(4)]
    before = bench.sequence()

    def work(number: int) -> int:
        mutations = 0
        for turn in range(CALLS):
            key = shared[(number + turn) % len(shared)]
            match turn % 100:
                case 0:
                    tag = {"TagKey": f"t{number}", "TagValue": str(turn)}
                    bench.call("TagResource", KeyId=key, Tags=[tag])
                    mutations += 1
                case 50:
                    name = f"alias/own-{number}-{turn}"
                    bench.call("CreateAlias", AliasName=name, TargetKeyId=key)
                    mutations += 1
                case _ if turn % 3 == 0:
                    bench.call("DescribeKey", KeyId=key)
                case _ if turn % 3 == 1:
                    context = {"thread": str(number)}
                    sealed = bench.call(
                        "Encrypt", KeyId=key, Plaintext=b"x", EncryptionContext=context
                    )
                    opened = bench.call(
                        "Decrypt",
                        CiphertextBlob=sealed["CiphertextBlob"],
                        EncryptionContext=context,
                    )
                    assert opened["Plaintext"] == b"x"
                case _:
                    bench.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")
        return mutations

    assert together(THREADS, work) == [20] * THREADS
    aliases = {name for key in shared for name in bench.record(key).aliases}
    own = {f"alias/own-{n}-{turn}" for n in range(THREADS) for turn in range(50, CALLS, 100)}
    assert own <= aliases
    assert len(aliases) == len(own) + 4
    for key in shared:
        assert {name for name, _ in bench.record(key).tags} <= {f"t{n}" for n in range(THREADS)}
    assert sum(len(bench.record(key).tags) for key in shared) >= THREADS
    events = bench.events(after=before)
    calls = THREADS * (
        CALLS + sum(turn % 100 not in {0, 50} and turn % 3 == 1 for turn in range(CALLS))
    )
    assert calls == len(events)
    assert len({event["eventID"] for event in events}) == calls
    bench.reopen()
    bench.core.keystore.verify()
    assert verify(bench.directory / "trail").ok


def test_only_one_thread_gets_an_alias(bench: Bench) -> None:
    """Of many that create the same alias exactly one succeeds."""
    keys = [bench.key() for _ in range(THREADS)]

    def work(number: int) -> str:
        try:
            bench.call("CreateAlias", AliasName="alias/one", TargetKeyId=keys[number])
        except KmsError as error:
            return error.code
        return ""

    outcomes = sorted(together(THREADS, work))
    assert outcomes == ["", *["AlreadyExistsException"] * (THREADS - 1)]
    assert sum(len(bench.record(key).aliases) for key in keys) == 1


def test_locking_under_load_ends_every_call(make_bench: MakeBench) -> None:
    """Calls that meet the lock end with a session error; unlock and close still work."""
    bench = make_bench(background=True, sync=SyncPolicy.INTERVAL)
    key = bench.key()
    session = bench.session

    def work(number: int) -> str:
        if number == 0:
            bench.engine.lock()
            return "SessionError"
        while True:
            try:
                bench.engine.call(session, "kms:Encrypt", {"KeyId": key, "Plaintext": b"x"})
            except SessionError as error:
                return error.code

    assert together(4, work) == ["SessionError"] * 4
    bench.session = bench.engine.unlock(Secret.from_text(PASSPHRASE))
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize("turn", range(5))
def test_locking_right_after_unlocking_does_not_hang(make_bench: MakeBench, turn: int) -> None:
    """The maintenance thread leaves, however early the lock comes."""
    bench = make_bench(background=True, seed=turn + 1)
    for _ in range(5):
        bench.engine.lock()
        bench.session = bench.engine.unlock(Secret.from_text(PASSPHRASE))
    bench.close()
    names = {thread.name for thread in threading.enumerate()}
    assert "kmstui-maintenance" not in names


class SlowVerification:
    """Holds the verification of a keystore until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.count = 0
        real = Keystore.verify

        def slow(keystore: Keystore, progress: Any = None) -> None:
            self.count += 1
            self.begun.release()
            assert self.let_go.wait(WAIT)
            real(keystore, progress)

        monkeypatch.setattr(Keystore, "verify", slow)


def test_calls_wait_for_verification_and_lists_do_not(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until all rows are verified lists answer, and use of a key waits."""
    bench = make_bench(background=True)
    key = bench.key()
    slow = SlowVerification(monkeypatch)
    bench.reopen()
    assert slow.begun.acquire(timeout=WAIT)
    assert len(bench.call("ListKeys")["Keys"]) == 1
    assert bench.call("kmstui:GetStatus")["Status"]["Verification"] == "pending"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bench.call, "Encrypt", KeyId=key, Plaintext=b"x")
        with pytest.raises(TimeoutError):
            waiting.result(0.05)
        slow.let_go.set()
        assert waiting.result(WAIT)["KeyId"]


def test_locking_during_verification_does_not_skip_the_next_one(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verification that outlives a lock does not stand for the one of the next unlock."""
    bench = make_bench(background=True)
    key = bench.key()
    slow = SlowVerification(monkeypatch)
    bench.reopen()
    assert slow.begun.acquire(timeout=WAIT)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bench.call, "Encrypt", KeyId=key, Plaintext=b"x")
        bench.engine.lock()
        with pytest.raises(KmsError):
            waiting.result(WAIT)
    bench.session = bench.engine.unlock(Secret.from_text(PASSPHRASE))
    assert slow.begun.acquire(timeout=WAIT)
    slow.let_go.set()
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    assert slow.count == 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (KeystoreTamperedError("a row"), KeystoreTamperedError),
        (KmsError("a disk"), KeystoreVerifyingError),
    ],
)
def test_an_unverified_keystore_does_not_act(
    make_bench: MakeBench,
    monkeypatch: pytest.MonkeyPatch,
    error: KmsError,
    expected: type[KmsError],
) -> None:
    """A verification that fails, for whatever reason, lets nothing use a key."""
    bench = make_bench(background=True)
    key = bench.key()
    heard: list[EngineEvent] = []

    def fail(keystore: Keystore, _progress: Any = None) -> None:
        if isinstance(error, KeystoreTamperedError):
            keystore._ledger.seal_off()
        raise error

    monkeypatch.setattr(Keystore, "verify", fail)
    bench.engine.lock()
    bench.engine.subscribe(heard.append)
    bench.session = bench.engine.unlock(Secret.from_text(PASSPHRASE))
    for operation, members in (
        ("Encrypt", {"KeyId": key, "Plaintext": b"x"}),
        ("DisableKey", {"KeyId": key}),
    ):
        assert isinstance(bench.refusal(operation, members), expected)
    assert EngineEvent("verification", "failed", error.code) in heard


def test_signing_in_again_does_not_stop_calls(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a second sign-in derives its key, calls of the first go on."""
    deriving, go_on = threading.Event(), threading.Event()
    kind = type(bench.core.hsm)
    opens = kind.opens

    def slow(*arguments: Any, **members: Any) -> Any:
        deriving.set()
        assert go_on.wait(WAIT)
        return opens(*arguments, **members)

    monkeypatch.setattr(kind, "opens", slow)
    with ThreadPoolExecutor(2) as pool:
        second = pool.submit(bench.engine.unlock, Secret.from_text(PASSPHRASE))
        assert deriving.wait(WAIT)
        calling = pool.submit(bench.call, "ListKeys")
        try:
            assert calling.result(WAIT)["Keys"] == []
        finally:
            go_on.set()
        assert second.result(WAIT).principal == bench.session.principal
