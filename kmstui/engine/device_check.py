"""Examining what is behind custom key stores: clusters and external key managers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from kmstui.core.errors import KmsError
from kmstui.engine.core import Core
from kmstui.keystore import CustomKeyStoreRecord

SUBJECT: Final = "devices"


class DeviceFinding(NamedTuple):
    """What was found about one device: its level as in a report, and in words."""

    level: str
    text: str


def examine_devices(core: Core) -> list[DeviceFinding]:
    """Return what is found about every cluster and key manager; nothing if there is none.

    No password is used: keys are compared by their labels.

    Raises:
        KeystoreLockedError: The keystore is locked.
    """
    with core.lock:
        stores = core.keystore.key_stores()
        return [*_clusters(core, stores), *_managers(core, stores)]


def _clusters(core: Core, stores: tuple[CustomKeyStoreRecord, ...]) -> Iterator[DeviceFinding]:
    clusters = core.devices.clusters
    owners = {store.cluster_id: store for store in stores if store.cluster_id}
    for cluster_id in sorted({*clusters.names(), *owners}):
        try:
            token = clusters.find(cluster_id)
        except KmsError as error:
            yield DeviceFinding("bad", f"{cluster_id}: {error.message}")
            continue
        store = owners.get(cluster_id)
        if token is None:
            yield DeviceFinding("bad", f"{cluster_id} of {owners[cluster_id].store_id} is missing")
        elif store is None:
            yield DeviceFinding("note", f"{cluster_id} belongs to no custom key store")
        else:
            yield _compared(cluster_id, set(token.objects), _labels(core, store))


def _compared(cluster_id: str, found: set[str], wanted: set[str]) -> DeviceFinding:
    """Compare the keys in a token with those that the keystore has there."""
    missing, orphans = len(wanted - found), len(found - wanted)
    if missing:
        return DeviceFinding("bad", f"{cluster_id} lacks the material of {_keys(missing)}")
    if orphans:
        noun = _keys(orphans)
        return DeviceFinding("note", f"{cluster_id} has {noun} that the keystore does not know")
    return DeviceFinding("ok", f"{cluster_id} has the material of {_keys(len(wanted))}")


def _keys(number: int) -> str:
    return f"{number:,} key" if number == 1 else f"{number:,} keys"


def _labels(core: Core, store: CustomKeyStoreRecord) -> set[str]:
    """Return the labels of the material that a key store's keys have in their cluster."""
    keystore = core.keystore
    found = [
        keystore.key(store.account, store.region, key_id)
        for key_id in keystore.keys_of_store(store)
    ]
    return {material.token.hex() for key in found if key is not None for material in key.materials}


def _managers(core: Core, stores: tuple[CustomKeyStoreRecord, ...]) -> Iterator[DeviceFinding]:
    for name in core.devices.managers.names():
        try:
            core.devices.managers.find(name)
        except KmsError as error:
            yield DeviceFinding("bad", f"key manager {name}: {error.message}")
        else:
            yield DeviceFinding("ok", f"key manager {name} authenticates")
    for store in stores:
        if store.is_external and not _answers(core, store):
            text = f"no key manager answers at {store.endpoint}{store.path} of {store.store_id}"
            yield DeviceFinding("note", text)


def _answers(core: Core, store: CustomKeyStoreRecord) -> bool:
    try:
        core.devices.managers.answering(store.endpoint, store.path)
    except KmsError:
        return False
    return True
