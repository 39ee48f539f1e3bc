"""Unlocking when something else happens at the same time, or fails half-way."""

from __future__ import annotations

import threading

import pytest

from kmstui.core.errors import KeystoreTamperedError, TrailError
from kmstui.core.secret import Secret
from kmstui.keystore import Verification
from tests.conftest import MakeBench
from tests.helpers.engines import PASSPHRASE, Bench
from tests.helpers.faults import FaultyDisk

WAIT = 20.0
"""Seconds after which a thread counts as hanging."""


def test_two_who_unlock_at_once_open_it_once(training: Bench) -> None:
    """The second finds the keys loaded: neither verification nor account time begin anew."""
    engine, core = training.engine, training.core
    engine.lock()
    late = threading.Thread(target=engine.unlock, args=(Secret.from_text(PASSPHRASE),))
    with core.lock:
        late.start()
        while not late.ident:
            late.join(0.01)
        # The late one sees a locked keystore, and waits for its turn to open a slot.
        late.join(0.2)
        training.session = engine.unlock(Secret.from_text(PASSPHRASE))
        opened, clock = core.verified, core.clock
    late.join(WAIT)
    assert not late.is_alive()
    assert opened is core.verified
    assert clock is core.clock
    assert core.keystore.verification is Verification.VERIFIED


def test_an_unlock_that_cannot_be_recorded_leaves_no_key_loaded(make_bench: MakeBench) -> None:
    """No trail, no service: when the sign-in has no event the keys are dropped again."""
    disk = FaultyDisk(calls=("write",), sticky=True)
    bench = make_bench(disk=disk)
    bench.engine.lock()
    disk._fail_at = disk._seen + 1
    with pytest.raises(TrailError):
        bench.engine.unlock(Secret.from_text(PASSPHRASE))
    assert not bench.core.hsm.unlocked
    assert not bench.engine.status().unlocked


def test_a_call_that_meets_a_failed_verification_is_recorded(bench: Bench) -> None:
    """A sealed keystore refuses, and the trail says whom and what."""
    key = bench.key()
    bench.core.keystore._ledger.seal_off()
    before = bench.core.require_trail().position.sequence
    assert bench.refusal("Encrypt", KeyId=key, Plaintext=b"x").code == KeystoreTamperedError.code
    (event,) = bench.events(after=before)
    assert (event["eventName"], event["errorCode"]) == ("Encrypt", KeystoreTamperedError.code)
