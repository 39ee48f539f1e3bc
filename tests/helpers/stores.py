"""Custom key stores on a bench, with what is behind them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.helpers.engines import Answer, Bench

PASSWORD = "kmsuser password"
OTHER_PASSWORD = "another password"


def cluster(bench: Bench, **members: Any) -> Answer:
    """Make a cluster of two HSMs; return its id and certificate."""
    return bench.call("kmstui:CreateCluster", {"Password": PASSWORD, **members})


def cloud_request(made: Answer, name: str = "cellar") -> Answer:
    """Return a request that makes a key store over a cluster."""
    return {
        "CustomKeyStoreName": name,
        "CloudHsmClusterId": made["ClusterId"],
        "TrustAnchorCertificate": made["TrustAnchorCertificate"],
        "KeyStorePassword": PASSWORD,
    }


def cloud(bench: Bench, name: str = "cellar", *, connected: bool = True) -> tuple[str, str]:
    """Make a cluster and a key store over it; return the ids of the key store and the cluster."""
    made = cluster(bench)
    store: str = bench.call("CreateCustomKeyStore", cloud_request(made, name))["CustomKeyStoreId"]
    if connected:
        bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    return store, made["ClusterId"]


def manager(bench: Bench, name: str = "vault", *keys: str, **members: Any) -> Answer:
    """Make a key manager with keys; return the answer, which has its credential."""
    made = bench.call("kmstui:CreateKeyManager", {"Name": name, **members})
    for key in keys:
        bench.call("kmstui:UpdateKeyManager", Name=name, AddKey=key)
    return made


def external_request(made: Answer, name: str = "outside") -> Answer:
    """Return a request that makes a key store over a key manager with a public endpoint."""
    return {
        "CustomKeyStoreName": name,
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": made["XksProxyUriEndpoint"],
        "XksProxyUriPath": made["XksProxyUriPath"],
        "XksProxyAuthenticationCredential": credential(made),
    }


def credential(made: Answer) -> Answer:
    """Return the credential in an answer about a key manager."""
    return {name: made[name] for name in ("AccessKeyId", "RawSecretAccessKey")}


def external(
    bench: Bench, name: str = "outside", host: str = "vault", *, connected: bool = True
) -> str:
    """Make a key manager with keys k1 and k2, and a key store over it; return its id."""
    made = manager(bench, host, "k1", "k2")
    request = external_request(made, name)
    store: str = bench.call("CreateCustomKeyStore", request)["CustomKeyStoreId"]
    if connected:
        bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    return store


def cloud_key(bench: Bench, store: str, alias: str = "") -> str:
    """Make a key in a key store over a cluster; return its id."""
    return bench.key(alias, Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)


def external_key(bench: Bench, store: str, xks_key: str = "k1", alias: str = "") -> str:
    """Make a key over an external key; return its id."""
    members = {"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": xks_key, "CustomKeyStoreId": store}
    return bench.key(alias, **members)


def described(bench: Bench, store: str) -> Answer:
    """Return what DescribeCustomKeyStores says of a key store."""
    (found,) = bench.call("DescribeCustomKeyStores", CustomKeyStoreId=store)["CustomKeyStores"]
    entry: Answer = found
    return entry


def connection(bench: Bench, store: str) -> tuple[str, str]:
    """Return a key store's connection state and its error."""
    entry = described(bench, store)
    return entry["ConnectionState"], entry.get("ConnectionErrorCode", "")


def key_state(bench: Bench, key: str) -> str:
    """Return a key's state, in which DescribeKey and the list must agree."""
    metadata = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    (row,) = bench.call("kmstui:ListKeySummaries", KeyIds=[key])["Keys"]
    assert metadata["KeyState"] == row["KeyState"]
    assert metadata["Enabled"] is (metadata["KeyState"] == "Enabled")
    state: str = metadata["KeyState"]
    return state


def token_file(bench: Bench, cluster_id: str) -> Path:
    """Return the path of a cluster's token file."""
    return bench.directory / "clusters" / f"{cluster_id}.token"


def edit_token(bench: Bench, cluster_id: str, **changes: object) -> None:
    """Change what a token file says, past every operation."""
    path = token_file(bench, cluster_id)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
