"""A change and its event are durable together; without a trail nothing is served."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from kmstui.core.errors import KeystoreFullError, TrailError, TrailTamperedError
from kmstui.core.secret import Secret
from kmstui.engine import Engine
from kmstui.trail.log import SyncPolicy
from tests.conftest import MakeBench
from tests.helpers.engines import PASSPHRASE, Bench
from tests.helpers.faults import FaultyDisk


class Crash(BaseException):
    """The process ends here."""


def crash_before_append(bench: Bench, operation: str, **members: Any) -> None:
    """Make a call whose process dies after its commit, before its event is appended."""

    def die(_event: bytes) -> None:
        raise Crash

    trail: Any = bench.core.require_trail()
    trail.append = die
    with pytest.raises(Crash):
        bench.call(operation, members)
    bench.crash()


def names(bench: Bench) -> list[str]:
    """Return the names of all events but sign-ins."""
    return [e["eventName"] for e in bench.events() if e["eventName"] != "Unlock"]


def test_an_event_that_was_committed_is_appended_once(bench: Bench) -> None:
    """A crash between commit and append loses nothing; no restart repeats it."""
    key = bench.key()
    crash_before_append(bench, "DisableKey", KeyId=key)
    bench.restart()
    assert bench.call("DescribeKey", KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    assert names(bench) == ["CreateKeystore", "CreateKey", "DisableKey", "DescribeKey"]
    for _ in range(2):
        bench.reopen()
    bench.crash()
    bench.restart()
    assert names(bench).count("DisableKey") == 1


def test_events_of_a_crash_keep_their_ids_and_order(bench: Bench) -> None:
    """What is appended late is the event as it was committed."""
    keys = [bench.key() for _ in range(3)]
    crash_before_append(bench, "DisableKey", KeyId=keys[0])
    bench.engine = Engine.open(bench.directory, host=bench.host)
    bench.session = bench.engine.unlock(Secret.from_text(PASSPHRASE))
    created = [e for e in bench.events() if e["eventName"] in {"CreateKey", "DisableKey"}]
    assert [e["resources"][0]["ARN"][-36:] for e in created] == [*keys, keys[0]]
    assert len({e["eventID"] for e in created}) == 4


def cut_to_head(bench: Bench) -> None:
    """Take from the trail what power loss may take: everything after the head's position."""
    position = bench.core.keystore.head.trail
    bench.crash()
    segment = max((bench.directory / "trail").iterdir())
    with segment.open("r+b") as file:
        file.truncate(position.offset)


def test_power_loss_takes_no_mutation(bench: Bench) -> None:
    """With the unsynced tail gone, changes are recorded again from the keystore, in order."""
    first = bench.key("alias/a")
    bench.core.require_trail().sync()
    second = bench.key("alias/b")
    bench.call("Encrypt", KeyId=second, Plaintext=b"x")
    bench.call("DisableKey", KeyId=first)
    before = names(bench)
    cut_to_head(bench)
    bench.restart()
    assert [name for name in before if name != "Encrypt"] == names(bench)


def test_the_outbox_empties_once_the_trail_is_synced(make_bench: MakeBench) -> None:
    """Events leave the keystore inside a later commit, never in one of their own."""
    bench = make_bench(sync=SyncPolicy.EACH)
    bench.key()
    generation = bench.core.keystore.head.generation
    assert len(bench.core.keystore.outbox()) == 1
    bench.key()
    assert len(bench.core.keystore.outbox()) == 1
    assert generation + 1 == bench.core.keystore.head.generation
    bench.reopen()
    assert bench.core.keystore.outbox() == []


@pytest.mark.parametrize("fault", ["before", "during"])
def test_without_a_trail_nothing_is_served(make_bench: MakeBench, fault: str) -> None:
    """After a failed write every call is refused, and lock still works."""
    disk = FaultyDisk(calls=("write",), sticky=True)
    bench = make_bench(disk=disk)
    key = bench.key()
    disk._fail_at = disk._seen + 1
    if fault == "before":
        assert bench.refusal("ListKeys").code == "TrailError"
    else:
        assert bench.refusal("DisableKey", KeyId=key).code == "TrailError"
    for operation, members in (
        ("ListKeys", {}),
        ("Encrypt", {"KeyId": key, "Plaintext": b"x"}),
        ("EnableKey", {"KeyId": key}),
        ("kmstui:ReadTrail", {}),
    ):
        error = bench.refusal(operation, members)
        assert (error.code, error.http_status) == ("TrailError", 500)
    assert bench.engine.status().trail_broken
    generation = bench.core.keystore.head.generation
    bench.engine.lock()
    assert not bench.engine.status().unlocked
    with pytest.raises(TrailError):
        bench.engine.unlock(Secret.from_text(PASSPHRASE))
    assert not bench.engine.status().unlocked
    bench.close()
    bench.restart(disk=FaultyDisk())
    assert bench.core.keystore.head.generation >= generation
    state = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]["KeyState"]
    assert state == ("Enabled" if fault == "before" else "Disabled")
    assert names(bench).count("DisableKey") == (0 if fault == "before" else 1)


def test_a_full_keystore_says_so_and_goes_on(bench: Bench) -> None:
    """No space left is its own error, in the trail; nothing changed; the next call works."""
    key = bench.key("alias/a")
    database = bench.core.keystore._ledger.database.connection
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    before = bench.record(key)
    generation = bench.core.keystore.head.generation
    tags = [{"TagKey": f"{n}", "TagValue": "v" * 256} for n in range(50)]
    error = bench.refusal("TagResource", KeyId=key, Tags=tags)
    assert isinstance(error, KeystoreFullError)
    assert bench.last_event()["errorCode"] == "KeystoreFullError"
    assert before == bench.record(key)
    assert generation == bench.core.keystore.head.generation
    bench.call("Encrypt", KeyId="alias/a", Plaintext=b"x")
    database.execute("PRAGMA max_page_count = 1000000")
    bench.call("TagResource", KeyId=key, Tags=tags)
    bench.reopen()
    assert len(bench.record(key).tags) == 50


def test_a_key_that_was_not_stored_is_no_resource(bench: Bench) -> None:
    """A CreateKey that fails at its commit names no key in the trail."""
    database = bench.core.keystore._ledger.database.connection
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    error = bench.refusal("CreateKey", Description="d" * 8000)
    assert error.code == "KeystoreFullError"
    assert bench.last_event()["resources"] == []


@pytest.mark.parametrize(
    "line", [b'{"a":1', b'{"eventID":5', b'{"eventID":"x","eventName":"Encrypt"']
)
def test_foreign_lines_after_the_head_stop_the_unlock(bench: Bench, line: bytes) -> None:
    """A well-chained line that is no record of ours is tampering, and the engine stays locked."""
    bench.core.require_trail().append(line + b"}")
    bench.crash()
    bench.engine = Engine.open(bench.directory, host=bench.host)
    with pytest.raises(TrailTamperedError):
        bench.engine.unlock(Secret.from_text(PASSPHRASE))
    assert not bench.engine.status().unlocked


def test_a_trail_that_lost_its_synced_lines_is_refused(bench: Bench) -> None:
    """What the keystore knows to be durable must be there."""
    bench.key()
    bench.close()
    segment = max((bench.directory / "trail").iterdir())
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:-1]))
    bench.engine = Engine.open(bench.directory, host=bench.host)
    with pytest.raises(TrailTamperedError):
        bench.engine.unlock(Secret.from_text(PASSPHRASE))
    assert not bench.engine.status().unlocked


def test_a_missing_trail_is_refused(bench: Bench) -> None:
    """Without its trail a keystore does not open, and none is begun in its place."""
    bench.close()
    trail: Path = bench.directory / "trail"
    trail.rename(bench.directory / "elsewhere")
    bench.engine = Engine.open(bench.directory, host=bench.host)
    with pytest.raises(TrailTamperedError):
        bench.engine.unlock(Secret.from_text(PASSPHRASE))
    assert not trail.exists()


def test_the_trail_on_disk_is_what_calls_were_answered(bench: Bench) -> None:
    """Every answered call has its line in the file before the answer, whatever the sync policy."""
    for number in range(20):
        bench.call("GenerateRandom", NumberOfBytes=8)
        segment = max((bench.directory / "trail").iterdir())
        last = orjson.loads(segment.read_bytes().splitlines()[-1])
        assert last["eventName"] == "GenerateRandom"
        assert last["kmstui"]["sequence"] == number + 4


def test_what_opening_cuts_from_the_trail_is_recorded(bench: Bench) -> None:
    """The unfinished line of a crash does not go without a trace."""
    bench.key()
    bench.core.require_trail().sync()
    offset = bench.core.require_trail().position.offset
    bench.crash()
    segment = max((bench.directory / "trail").iterdir())
    with segment.open("ab") as file:
        file.write(b'{"eventName":"Encr')
    bench.restart()
    (event,) = [e for e in bench.events() if e["eventName"] == "TrailRecovered"]
    assert event["serviceEventDetails"] == {
        "segment": 1,
        "offset": offset,
        "length": 18,
        "sha256": sha256(b'{"eventName":"Encr').hexdigest(),
    }
    bench.reopen()
    assert len([e for e in bench.events() if e["eventName"] == "TrailRecovered"]) == 1


def test_a_resource_that_is_no_arn_is_found_at_opening(bench: Bench) -> None:
    """A use of what has no ARN is no record of ours: it never reaches a later commit."""
    key = bench.key()
    bench.reopen()
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    position = bench.core.keystore.head.trail
    event = bench.events()[-1]
    del event["kmstui"]
    event["resources"] = [{"ARN": "no arn"}]
    bench.core.require_trail().append(orjson.dumps(event))
    assert position.sequence < bench.sequence()
    bench.crash()
    with pytest.raises(TrailTamperedError):
        bench.restart()
