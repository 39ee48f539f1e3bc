"""Custom key stores as the console lists them."""

from __future__ import annotations

from tests.helpers.engines import Bench
from tests.helpers.stores import (
    cloud,
    cloud_key,
    cluster,
    external,
    external_key,
    manager,
    token_file,
)

LIST = "kmstui:ListKeyStoreSummaries"


def test_a_summary_says_what_is_behind_a_store(bench: Bench) -> None:
    """By name: state, number of keys, and how the cluster or the key manager is."""
    inside, cluster_id = cloud(bench, "beta")
    outside = external(bench, "Alpha")
    cloud_key(bench, inside)
    external_key(bench, outside)
    cluster(bench)
    manager(bench, "spare")
    manager(bench, "another")
    bench.call("kmstui:UpdateKeyManager", Name="vault", DisableKey="k2", Condition="SLOW")
    assert bench.call(LIST) == {
        "KeyStores": [
            {
                "Id": outside,
                "Name": "Alpha",
                "Type": "EXTERNAL_KEY_STORE",
                "ConnectionState": "CONNECTED",
                "ConnectionErrorCode": "",
                "KeyCount": 1,
                "UriEndpoint": "https://vault.localhost",
                "UriPath": "/kms/xks/v1",
                "KeyManager": "vault",
                "Condition": "SLOW",
                "ExternalKeys": [
                    {"XksKeyId": "k1", "Enabled": True},
                    {"XksKeyId": "k2", "Enabled": False},
                ],
            },
            {
                "Id": inside,
                "Name": "beta",
                "Type": "AWS_CLOUDHSM",
                "ConnectionState": "CONNECTED",
                "ConnectionErrorCode": "",
                "KeyCount": 1,
                "ClusterId": cluster_id,
                "ClusterState": "ACTIVE",
                "HsmCount": 2,
                "CryptoUser": "READY",
            },
        ],
        "SpareClusters": 1,
        "SpareKeyManagers": 2,
    }


def test_what_is_missing_or_unsafe_is_said(bench: Bench) -> None:
    """A device that is gone has no condition; one that others can read is trouble."""
    _, cluster_id = cloud(bench, connected=False)
    external(bench, connected=False)
    token_file(bench, cluster_id).unlink()
    path = bench.directory / "key-managers" / "vault.json"
    data = path.read_bytes()
    path.unlink()
    first, second = bench.call(LIST)["KeyStores"]
    assert (first["ClusterId"], first.get("ClusterState")) == (cluster_id, None)
    assert (second["UriEndpoint"], second.get("Condition")) == ("https://vault.localhost", None)
    path.write_bytes(data)
    path.chmod(0o644)
    unsafe = bench.call(LIST)["KeyStores"][1]
    assert "others can reach" in unsafe["Trouble"]
