"""Expiry of imported key material: on time, on the record, and without a trace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kmstui.core.errors import KeystoreBusyError
from kmstui.core.secret import Secret
from kmstui.engine.status import EngineEvent
from kmstui.keystore import Keystore
from tests.helpers.engines import OTHER_REGION, PASSPHRASE, START, Bench, arn_of
from tests.helpers.imports import Importer

DAY = timedelta(days=1)
OLD, NEW = bytes(range(32)), bytes(range(32, 64))


@pytest.fixture
def importer(bench: Bench) -> Importer:
    """Return something that imports into keys of a keystore."""
    return Importer(bench)


def expired(bench: Bench) -> list[str]:
    """Return the keys that the trail says have lost expired material."""
    events = bench.events()
    return [
        event["resources"][0]["ARN"]
        for event in events
        if event["eventName"] == "DeleteExpiredKeyMaterial"
    ]


def test_material_is_deleted_when_its_time_is_up(importer: Importer) -> None:
    """Not a second before; then the key is pending import, with an event of the service."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + DAY)
    told: list[EngineEvent] = []
    bench.engine.subscribe(told.append)
    bench.clock.advance(DAY - timedelta(seconds=1))
    assert bench.engine.maintain() == []
    assert expired(bench) == []
    bench.clock.advance(1)
    assert bench.engine.maintain() == []
    assert bench.record(key).state == "PendingImport"
    assert bench.record(key).materials[0].missing
    assert expired(bench) == [arn_of(key)]
    assert EngineEvent("service", "DeleteExpiredKeyMaterial", resources=(arn_of(key),)) in told
    event = bench.last_event()
    assert (event["eventType"], event["eventSource"]) == ("AwsServiceEvent", "kms.amazonaws.com")
    assert event["serviceEventDetails"] == {"keyId": arn_of(key)}
    assert event["userIdentity"] == {"accountId": "111122223333", "invokedBy": "AWS Internal"}
    bench.engine.maintain()
    assert expired(bench) == [arn_of(key)]


def test_expired_material_is_used_by_nobody_before_it_is_deleted(importer: Importer) -> None:
    """Between its end and the next maintenance a key is as good as pending import."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + DAY)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    bench.clock.advance(DAY)
    error = bench.refusal("Decrypt", CiphertextBlob=blob)
    text = f"{arn_of(key)} is pending import."
    assert (error.code, error.message) == ("KMSInvalidStateException", text)


def test_a_key_is_not_rotated_to_material_that_has_expired(importer: Importer) -> None:
    """Nor in any other Region; it goes on with what it has."""
    bench, key = importer.bench, importer.key(MultiRegion=True)
    importer.put(key, OLD)
    bench.call("ReplicateKey", KeyId=key, ReplicaRegion=OTHER_REGION)
    importer.put(key, NEW, ImportType="NEW_KEY_MATERIAL")
    with importer.elsewhere(OTHER_REGION) as there:
        there.put(key, OLD)
        there.put(key, NEW, expires=START + DAY)
    assert "PENDING_ROTATION" in {each.state for each in bench.record(key).materials}
    bench.clock.advance(DAY)
    error = bench.refusal("RotateKeyOnDemand", KeyId=key)
    assert (error.code, error.message[:25]) == (
        "KMSInvalidStateException",
        "No available key material",
    )
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")


def test_material_expires_while_nobody_looks(importer: Importer) -> None:
    """What ended while the keystore was closed is deleted when it is opened."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + DAY)
    bench.engine.close()
    bench.clock.advance(30 * DAY)
    bench.restart()
    bench.engine.wait_verified()
    bench.engine.maintain()
    assert expired(bench) == [arn_of(key)]
    assert bench.record(key).state == "PendingImport"


def test_a_clock_that_goes_back_prolongs_nothing(importer: Importer) -> None:
    """Material that has expired stays deleted, and is refused from then on."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + DAY)
    bench.clock.advance(DAY)
    bench.clock.step_wall(-30 * DAY)
    bench.engine.maintain()
    assert bench.record(key).state == "PendingImport"


def test_the_same_material_comes_back_and_decrypts(importer: Importer) -> None:
    """After an import of the same bytes old ciphertext is readable again."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + timedelta(hours=1))
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    bench.clock.advance(timedelta(hours=1))
    bench.engine.maintain()
    assert importer.refused(key, NEW).code == "IncorrectKeyMaterialException"
    importer.put(key, OLD)
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"


def test_pending_material_expires_without_harm(importer: Importer) -> None:
    """What waits for rotation goes; the key does not change its state."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD)
    importer.put(key, NEW, expires=START + DAY, ImportType="NEW_KEY_MATERIAL")
    bench.clock.advance(DAY)
    bench.engine.maintain()
    assert expired(bench) == [arn_of(key)]
    assert [str(bench.record(key).state), len(bench.record(key).materials)] == ["Enabled", 1]


def test_a_scheduled_key_loses_expired_material_and_keeps_its_date(importer: Importer) -> None:
    """The waiting period goes on, and ends with the key."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + DAY)
    bench.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    bench.clock.advance(DAY)
    bench.engine.maintain()
    record = bench.record(key)
    assert (record.state, record.deletion_date) == ("PendingDeletion", START + 7 * DAY)
    assert record.materials[0].missing


@pytest.mark.parametrize("way", ["expired", "deleted"])
def test_what_is_gone_is_in_no_file_and_not_in_the_cache(importer: Importer, way: str) -> None:
    """Neither the sealed material nor its unwrapped form is left once it is answered."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD, expires=START + DAY)
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    held = bench.core.hsm.status().cached_materials
    token = bench.record(key).current.token
    row = bench.core.keystore._ledger.database.row("key", f"111122223333/us-east-1/{key}")
    assert row is not None
    remains = [token, row.sealed]
    assert all(_found(bench, each) for each in remains[1:])
    if way == "expired":
        bench.clock.advance(DAY)
        bench.engine.maintain()
    else:
        bench.call("DeleteImportedKeyMaterial", KeyId=key)
    assert bench.core.hsm.status().cached_materials == held - 1
    assert not any(_found(bench, each) for each in remains)
    bench.engine.lock()
    bench.session = bench.engine.unlock(Secret.from_text(PASSPHRASE))
    assert not any(_found(bench, each) for each in remains)


def _found(bench: Bench, secret: bytes) -> bool:
    """Tell whether a piece of some bytes is in any file of the keystore."""
    pieces = [secret[at : at + 16] for at in range(0, len(secret) - 15, 6)]
    files = [path.read_bytes() for path in bench.directory.rglob("*") if path.is_file()]
    return any(piece in data for piece in pieces for data in files)


def test_what_could_not_be_scrubbed_is_scrubbed_later(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deletion is durable and says that something may be left; maintenance tries again."""
    bench, key = importer.bench, importer.key()
    importer.put(key, OLD)

    def busy(_self: Keystore) -> None:
        raise KeystoreBusyError("the log is being read")

    with monkeypatch.context() as patched:
        patched.setattr(Keystore, "checkpoint_wal", busy)
        assert isinstance(bench.refusal("DeleteImportedKeyMaterial", KeyId=key), KeystoreBusyError)
    assert bench.core.unscrubbed
    assert bench.record(key).state == "PendingImport"
    bench.engine.maintain()
    assert not bench.core.unscrubbed
