"""Keys in clusters are destroyed in the cluster, too."""

from __future__ import annotations

import json

import pytest

from tests.helpers.engines import Bench

WAITING = 8 * 86400
PASSWORD = "kmsuser password"


def make_store(bench: Bench) -> tuple[str, str]:
    """Make a cluster and connect a key store to it; return the ids of both."""
    made = bench.call("kmstui:CreateCluster", Password=PASSWORD)
    store = bench.call(
        "CreateCustomKeyStore",
        CustomKeyStoreName="cellar",
        CloudHsmClusterId=made["ClusterId"],
        TrustAnchorCertificate=made["TrustAnchorCertificate"],
        KeyStorePassword=PASSWORD,
    )["CustomKeyStoreId"]
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    return made["ClusterId"], store


@pytest.mark.parametrize("reached", [True, False])
def test_material_goes_from_the_cluster_with_its_key(training: Bench, reached: bool) -> None:
    """It is in no file and no session any more; a cluster out of reach is named in the event."""
    cluster, store = make_store(training)
    kept, gone = (training.key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store) for _ in range(2))
    blob = training.call("Encrypt", KeyId=kept, Plaintext=b"x")["CiphertextBlob"]
    training.call("Encrypt", KeyId=gone, Plaintext=b"x")
    label = training.record(gone).current.token.hex()
    clusters = training.core.devices.clusters
    before = clusters.answering(cluster).objects[label]
    training.call("ScheduleKeyDeletion", KeyId=gone, PendingWindowInDays=7)
    if not reached:
        training.call("kmstui:UpdateCluster", ClusterId=cluster, State="DETACHED")
    training.call("kmstui:AdvanceClock", Seconds=WAITING)
    assert training.refusal("DescribeKey", KeyId=gone).code == "NotFoundException"
    (event,) = [each for each in training.events() if each["eventName"] == "DeleteKey"]
    status = "SUCCESS" if reached else "FAILURE"
    assert event["additionalEventData"] == {
        "customKeyStoreId": store,
        "clusterId": cluster,
        "backingKeys": json.dumps([{"backingKeyId": label}], separators=(",", ":")),
        "backingKeysDeletionStatus": json.dumps(
            [{"backingKeyId": label, "deletionStatus": status}], separators=(",", ":")
        ),
    }
    training.call("kmstui:UpdateCluster", ClusterId=cluster, State="ACTIVE")
    left = clusters.answering(cluster).objects
    assert (None if reached else before) == left.get(label)
    session = clusters.session(cluster)
    assert session is not None
    if reached:
        assert session.status().cached_materials == 1
    assert training.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"
