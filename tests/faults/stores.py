"""The story's part about custom key stores, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kmstui.engine import Engine
from tests.helpers.engines import ACCOUNT, REGION, Bench
from tests.helpers.stores import PASSWORD, cloud_request, credential, external_request

Step = Callable[[Bench, dict[str, str]], Any]

CLUSTER = "cluster-aaaaaaaaaaa"
SPARE = "cluster-bbbbbbbbbbb"
HOST = "vault"


def stores(engine: Engine) -> list[Any]:
    """Return key stores, devices, and whether the cluster has what the keys in it need."""
    core = engine._core
    token = core.devices.clusters.find(CLUSTER)
    manager = core.devices.managers.find(HOST)
    labels = set() if token is None else set(token.objects)
    keys = core.keystore.keys(ACCOUNT, REGION, limit=100)
    inside = [key for key in keys if key.origin == "AWS_CLOUDHSM"]
    return [
        [(store.name, store.state, store.error) for store in core.keystore.key_stores(ACCOUNT)],
        None if token is None else (token.hsms, token.state),
        core.devices.clusters.names(),
        None if manager is None else (manager.condition, sorted(manager.keys)),
        [key.current.token.hex() in labels for key in inside],
    ]


def _create_cluster(bench: Bench, keys: dict[str, str]) -> None:
    made = bench.call("kmstui:CreateCluster", ClusterId=CLUSTER, Password=PASSWORD)
    keys["certificate"] = made["TrustAnchorCertificate"]


def _create_manager(bench: Bench, keys: dict[str, str]) -> None:
    keys.update(bench.call("kmstui:CreateKeyManager", Name=HOST))


def _create_store(bench: Bench, keys: dict[str, str]) -> None:
    made = {"ClusterId": CLUSTER, "TrustAnchorCertificate": keys["certificate"]}
    answer = bench.call("CreateCustomKeyStore", cloud_request(made))
    keys["store"] = answer["CustomKeyStoreId"]


def _create_external(bench: Bench, keys: dict[str, str]) -> None:
    answer = bench.call("CreateCustomKeyStore", external_request(keys))
    keys["outside"] = answer["CustomKeyStoreId"]


def _on(operation: str, store: str, **members: Any) -> Step:
    return lambda bench, keys: bench.call(operation, CustomKeyStoreId=keys[store], **members)


def _own(operation: str, **members: Any) -> Step:
    return lambda bench, _keys: bench.call(f"kmstui:{operation}", members)


def _create_key(bench: Bench, keys: dict[str, str]) -> None:
    bench.key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=keys["store"])


def _renew(bench: Bench, keys: dict[str, str]) -> None:
    """Tell the key store the credential that it has."""
    member = {"XksProxyAuthenticationCredential": credential(keys)}
    bench.call("UpdateCustomKeyStore", member, CustomKeyStoreId=keys["outside"])


STORE_STEPS: tuple[tuple[str, Step], ...] = (
    ("CreateCluster", _create_cluster),
    ("UpdateCluster", _own("UpdateCluster", ClusterId=CLUSTER, HsmCount=3)),
    ("CreateCustomKeyStore", _create_store),
    ("ConnectCustomKeyStore", _on("ConnectCustomKeyStore", "store")),
    ("CreateKey", _create_key),
    ("DisconnectCustomKeyStore", _on("DisconnectCustomKeyStore", "store")),
    ("CreateKeyManager", _create_manager),
    ("UpdateKeyManager", _own("UpdateKeyManager", Name=HOST, AddKey="k1")),
    ("CreateCustomKeyStore again", _create_external),
    ("UpdateCustomKeyStore", _renew),
    ("DeleteCustomKeyStore", _on("DeleteCustomKeyStore", "outside")),
    ("DeleteKeyManager", _own("DeleteKeyManager", Name=HOST)),
    ("CreateCluster again", _own("CreateCluster", ClusterId=SPARE, SourceClusterId=CLUSTER)),
    ("DeleteCluster", _own("DeleteCluster", ClusterId=SPARE)),
)
"""Every operation on key stores and on what is behind them."""
