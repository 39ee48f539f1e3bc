"""What long and durable calls cost beside what they cannot do without."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from kmstui.engine import Host
from kmstui.keystore import SettingRecord
from kmstui.ops.kms.crypto import current
from tests.bench.conftest import Say
from tests.helpers.engines import Bench

ROUNDS = 40


@pytest.fixture
def working(tmp_path: Path) -> Iterator[Bench]:
    """Return an engine that writes its trail as the program does."""
    base = tmp_path / "working"
    base.mkdir(mode=0o700)
    bench = Bench.make(base)
    bench.engine.close()
    bench.host = Host(anchor_dir=bench.host.anchor_dir, background=False)
    bench.restart()
    yield bench
    bench.close()


def _best(**actions: Callable[[], object]) -> dict[str, float]:
    """Return the least seconds of each action; they take turns, so that noise is shared."""
    best = dict.fromkeys(actions, float("inf"))
    for _ in range(ROUNDS):
        for name, action in actions.items():
            began = time.perf_counter()
            action()
            best[name] = min(best[name], time.perf_counter() - began)
    return best


def test_rsa_4096_sign(working: Bench, say: Say) -> None:
    """Sign costs at most 1.05 bare signatures with a loaded key, and policy and trail."""
    made = working.call("CreateKey", KeySpec="RSA_4096", KeyUsage="SIGN_VERIFY")
    key_id = made["KeyMetadata"]["KeyId"]
    token, binding = current(working.record(key_id))
    hsm, engine, session = working.core.hsm, working.engine, working.session
    bare = rsa.generate_private_key(public_exponent=65537, key_size=4096)
    digest, scheme = os.urandom(32), padding.PKCS1v15()
    algorithm = "RSASSA_PKCS1_V1_5_SHA_256"
    request = {
        "KeyId": key_id,
        "Message": digest,
        "MessageType": "DIGEST",
        "SigningAlgorithm": algorithm,
    }
    cost = _best(
        call=lambda: engine.call(session, "kms:Sign", request),
        hsm=lambda: hsm.sign(token, binding, digest, "DIGEST", algorithm),
        bare=lambda: bare.sign(digest, scheme, Prehashed(hashes.SHA256())),
        describe=lambda: engine.call(session, "kms:DescribeKey", {"KeyId": key_id}),
    )
    say(", ".join(f"{name} {seconds * 1e6:.0f} us" for name, seconds in cost.items()))
    # Checks run before and after the work without the lock, so their cost counts twice.
    assert cost["call"] <= 1.05 * cost["bare"] + 2 * cost["describe"]


def test_create_key(working: Bench, say: Say) -> None:
    """CreateKey of a symmetric key costs at most two durable writes."""
    core = working.core

    def write() -> None:
        with core.lock, core.keystore.begin() as changes:
            changes.put_setting(SettingRecord("bench", '"value"'))
            changes.commit(clock_mark=core.now(), trail=core.keystore.head.trail)

    cost = _best(call=lambda: working.call("CreateKey"), write=write)
    say(", ".join(f"{name} {seconds * 1e6:.0f} us" for name, seconds in cost.items()))
    assert cost["call"] <= 2 * cost["write"]
