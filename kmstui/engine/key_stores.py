"""Custom key stores across locking: their clusters are logged in to again after unlock."""

from __future__ import annotations

from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from kmstui.engine.core import Core
from kmstui.engine.status import EngineEvent
from kmstui.hsm import Purpose
from kmstui.keystore import CustomKeyStoreRecord
from kmstui.ops.kms.stores.lookup import credential_place


def reopen_clusters(core: Core) -> None:
    """Log in to the cluster of every connected key store, with the password it was given.

    Key derivations take their time and are done without the engine's lock. A cluster that lets
    nobody in stays shut: the calls that need it say why.
    """
    try:
        wanted = _wanted(core)
    except KmsError as error:
        _tell(core, error)
        return
    for cluster_id, password in wanted:
        try:
            opened = core.devices.clusters.log_in(cluster_id, password)
        except (KmsError, OSError) as error:
            _tell(core, error)
            continue
        with core.lock:
            if core.hsm.unlocked:
                core.devices.clusters.keep(cluster_id, opened)
            else:
                opened.lock()


def _tell(core: Core, error: KmsError | OSError) -> None:
    code = error.code if isinstance(error, KmsError) else type(error).__name__
    core.publish(EngineEvent("service", "ConnectCustomKeyStore", code))


def _wanted(core: Core) -> list[tuple[str, Secret]]:
    """Return the clusters that are to be logged in to, with their passwords."""
    with core.lock:
        if not core.hsm.unlocked or core.keystore.verification != "verified":
            return []
        return [
            (store.cluster_id, _password(core, store))
            for store in core.keystore.key_stores()
            if store.connected
            and not store.is_external
            and core.devices.clusters.session(store.cluster_id) is None
        ]


def _password(core: Core, store: CustomKeyStoreRecord) -> Secret:
    opened = core.hsm.unseal(Purpose.KEY_STORE, store.credential, credential_place(store))
    return Secret(opened)
