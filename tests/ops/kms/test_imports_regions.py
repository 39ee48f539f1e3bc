"""Importing key material into related multi-Region keys, one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.helpers.engines import ACCOUNT, OTHER_REGION, REGION, Bench
from tests.helpers.imports import Importer

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLAINTEXT = b"plaintext"


@pytest.fixture
def importer(bench: Bench) -> Importer:
    """Return something that imports into keys of a keystore."""
    return Importer(bench)


def _states(importer: Importer, key: str) -> dict[str, list[str]]:
    found = {}
    for region in (REGION, OTHER_REGION):
        record = importer.bench.core.keystore.key(ACCOUNT, region, key)
        assert record is not None
        found[region] = [str(record.state), *(each.state for each in record.materials)]
    return found


def _replicated(importer: Importer) -> str:
    key = importer.key(MultiRegion=True)
    importer.put(key, OLD)
    importer.bench.call("ReplicateKey", KeyId=key, ReplicaRegion=OTHER_REGION)
    return key


def test_a_replica_waits_for_the_same_material(importer: Importer) -> None:
    """Material is not copied; imported there it decrypts what the primary encrypted."""
    bench, key = importer.bench, _replicated(importer)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=PLAINTEXT)["CiphertextBlob"]
    with importer.elsewhere(OTHER_REGION) as replica:
        assert replica.refused(key, NEW).code == "IncorrectKeyMaterialException"
        replica.put(key, OLD)
        found = bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"]
    assert found == PLAINTEXT


def test_new_material_is_imported_into_the_primary_first(importer: Importer) -> None:
    """Then into each replica; only then does it wait for its rotation."""
    key = _replicated(importer)
    with importer.elsewhere(OTHER_REGION) as replica:
        replica.put(key, OLD)
        refused = replica.refused(key, NEW, ImportType="NEW_KEY_MATERIAL")
        assert refused.code == "UnsupportedOperationException"
    importer.put(key, NEW, ImportType="NEW_KEY_MATERIAL")
    waiting = ["Enabled", "CURRENT", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"]
    assert _states(importer, key) == {REGION: waiting, OTHER_REGION: waiting}
    with importer.elsewhere(OTHER_REGION) as replica:
        replica.put(key, NEW, ImportType="EXISTING_KEY_MATERIAL")
    ready = ["Enabled", "CURRENT", "PENDING_ROTATION"]
    assert _states(importer, key) == {REGION: ready, OTHER_REGION: ready}


def test_pending_material_goes_from_replicas_too(importer: Importer) -> None:
    """Deleted in the primary it is gone everywhere; in a replica it is missing there."""
    bench, key = importer.bench, _replicated(importer)
    pending = importer.put(key, NEW, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    with importer.elsewhere(OTHER_REGION) as replica:
        replica.put(key, OLD)
        replica.put(key, NEW)
        bench.call("DeleteImportedKeyMaterial", KeyId=key, KeyMaterialId=pending)
    waiting = ["Enabled", "CURRENT", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"]
    assert _states(importer, key) == {REGION: waiting, OTHER_REGION: waiting}
    bench.call("DeleteImportedKeyMaterial", KeyId=key, KeyMaterialId=pending)
    gone = ["Enabled", "CURRENT"]
    assert _states(importer, key) == {REGION: gone, OTHER_REGION: gone}


def test_a_replica_loses_its_material_alone(importer: Importer) -> None:
    """The primary goes on; the replica waits for its import."""
    bench, key = importer.bench, _replicated(importer)
    with importer.elsewhere(OTHER_REGION) as replica:
        replica.put(key, OLD)
        bench.call("DeleteImportedKeyMaterial", KeyId=key)
    assert _states(importer, key) == {
        REGION: ["Enabled", "CURRENT"],
        OTHER_REGION: ["PendingImport", "CURRENT"],
    }


def test_related_keys_rotate_together(importer: Importer) -> None:
    """Once every Region has the new material, a rotation makes it current in all of them."""
    bench, key = importer.bench, _replicated(importer)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=PLAINTEXT)["CiphertextBlob"]
    importer.put(key, NEW, ImportType="NEW_KEY_MATERIAL")
    assert bench.refusal("RotateKeyOnDemand", KeyId=key).code == "KMSInvalidStateException"
    with importer.elsewhere(OTHER_REGION) as replica:
        replica.put(key, OLD)
        replica.put(key, NEW)
    bench.call("RotateKeyOnDemand", KeyId=key)
    bench.engine.maintain()
    rotated = ["Enabled", "NON_CURRENT", "CURRENT"]
    assert _states(importer, key) == {REGION: rotated, OTHER_REGION: rotated}
    later = bench.call("Encrypt", KeyId=key, Plaintext=PLAINTEXT)["CiphertextBlob"]
    with importer.elsewhere(OTHER_REGION):
        for each in (blob, later):
            assert bench.call("Decrypt", CiphertextBlob=each)["Plaintext"] == PLAINTEXT


def test_a_new_replica_is_waited_for(importer: Importer) -> None:
    """What waits for its rotation waits for a Region that came later, and no more once it left."""
    bench, key = importer.bench, importer.key(MultiRegion=True)
    importer.put(key, OLD)
    importer.put(key, NEW, ImportType="NEW_KEY_MATERIAL")
    assert bench.record(key).materials[1].state == "PENDING_ROTATION"
    bench.call("ReplicateKey", KeyId=key, ReplicaRegion=OTHER_REGION)
    assert bench.record(key).materials[1].state == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    with importer.elsewhere(OTHER_REGION):
        bench.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    bench.clock.advance(timedelta(days=7))
    bench.engine.maintain()
    bench.clock.advance(timedelta(hours=1))
    bench.engine.maintain()
    assert bench.core.keystore.key(ACCOUNT, OTHER_REGION, key) is None
    assert bench.record(key).materials[1].state == "PENDING_ROTATION"


def test_pending_material_of_a_primary_expires_everywhere(importer: Importer) -> None:
    """When its time is up in the primary it is gone from the replicas, which go on."""
    bench, key = importer.bench, _replicated(importer)
    end = bench.clock.wall() + timedelta(days=1)
    importer.put(key, NEW, expires=end, ImportType="NEW_KEY_MATERIAL")
    with importer.elsewhere(OTHER_REGION) as replica:
        replica.put(key, OLD)
        replica.put(key, NEW)
    bench.clock.advance(timedelta(days=1))
    bench.engine.maintain()
    left = ["Enabled", "CURRENT"]
    assert _states(importer, key) == {REGION: left, OTHER_REGION: left}


def test_each_region_has_an_expiry_of_its_own(importer: Importer) -> None:
    """What ends in a replica goes on in its primary."""
    bench, key = importer.bench, _replicated(importer)
    with importer.elsewhere(OTHER_REGION) as replica:
        replica.put(key, OLD, expires=bench.clock.wall() + timedelta(days=1))
    bench.clock.advance(timedelta(days=1))
    bench.engine.maintain()
    assert _states(importer, key) == {
        REGION: ["Enabled", "CURRENT"],
        OTHER_REGION: ["PendingImport", "CURRENT"],
    }
