"""Custom key stores with what a person wants to see of them, as an operation of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from kmstui.core.errors import KmsError
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.hsm.cluster_token import ClusterToken
from kmstui.hsm.key_manager import KeyManager, manager_name
from kmstui.keystore.key_stores import CustomKeyStoreRecord
from kmstui.ops.call import Call, Services

_Device = TypeVar("_Device")


@operation(
    "kmstui",
    "ListKeyStoreSummaries",
    doc="List custom key stores with how many keys they have, and how what is behind them is.",
    answer=(
        Member("KeyStores", Kind.LIST),
        Member("SpareClusters", Kind.INTEGER),
        Member("SpareKeyManagers", Kind.INTEGER),
    ),
    needs=(
        Needs("kms:DescribeCustomKeyStores", ResourceKind.ACCOUNT, member="", role="stores"),
        Needs("kmstui:ListClusters", ResourceKind.ACCOUNT, member="", role="clusters"),
        Needs("kmstui:ListKeyManagers", ResourceKind.ACCOUNT, member="", role="managers"),
    ),
    while_verifying=True,
)
def list_key_store_summaries(call: Call) -> Answer:
    """Return every key store by name, and how many devices belong to none."""
    caller, services = call.caller, call.services
    place = (caller.account, caller.region)
    stores = services.keystore.key_stores(*place)
    shown = [_summary(services, store) for store in stores]
    clusters = {store.cluster_id for store in services.keystore.key_stores(caller.account)}
    addresses = {(store.endpoint, store.path) for store in stores}
    return {
        "KeyStores": sorted(shown, key=lambda each: (each["Name"].lower(), each["Id"])),
        "SpareClusters": sum(
            (each.account, each.region) == place and each.cluster_id not in clusters
            for each in _sound(services.devices.clusters.find, services.devices.clusters.names())
        ),
        "SpareKeyManagers": sum(
            (each.account, each.region) == place and (each.endpoint, each.path) not in addresses
            for each in _sound(services.devices.managers.find, services.devices.managers.names())
        ),
    }


def _sound(find: Callable[[str], _Device | None], names: Iterable[str]) -> Iterator[_Device]:
    """Yield the devices that can be read; of the others doctor says what is wrong."""
    for name in names:
        with suppress(KmsError):
            found = find(name)
            if found is not None:
                yield found


def _summary(services: Services, store: CustomKeyStoreRecord) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "Id": store.store_id,
        "Name": store.name,
        "Type": str(store.kind),
        "ConnectionState": str(store.state),
        "ConnectionErrorCode": store.error,
        "KeyCount": len(services.keystore.keys_of_store(store)),
    }
    try:
        return summary | _behind(services, store)
    except KmsError as error:
        return summary | {"Trouble": error.message}


def _behind(services: Services, store: CustomKeyStoreRecord) -> dict[str, Any]:
    """Return how what is behind a key store is; nothing of what is not there."""
    devices = services.devices
    if not store.is_external:
        token = devices.clusters.find(store.cluster_id)
        return {"ClusterId": store.cluster_id} | ({} if token is None else _cluster(token))
    address = {"UriEndpoint": store.endpoint, "UriPath": store.path}
    name = manager_name(store.endpoint)
    manager = devices.managers.find(name) if name else None
    here = manager is not None and manager.path == store.path
    return address | (_manager(manager) if manager is not None and here else {})


def _cluster(token: ClusterToken) -> dict[str, Any]:
    return {
        "ClusterState": str(token.state),
        "HsmCount": token.hsms,
        "CryptoUser": str(token.user),
    }


def _manager(manager: KeyManager) -> dict[str, Any]:
    return {
        "KeyManager": manager.name,
        "Condition": str(manager.condition),
        "ExternalKeys": [
            {"XksKeyId": key.key_id, "Enabled": key.enabled} for key in manager.keys.values()
        ],
    }
