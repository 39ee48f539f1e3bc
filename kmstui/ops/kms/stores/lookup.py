"""Custom key stores by id, their credentials, and how their keys stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmstui.core.canonical import encode
from kmstui.core.errors import KmsError, KMSInternalException, KMSInvalidStateException
from kmstui.core.secret import Secret
from kmstui.core.store_errors import (
    CustomKeyStoreInvalidStateException,
    CustomKeyStoreNotFoundException,
)
from kmstui.hsm.base import Hsm, Purpose
from kmstui.hsm.key_manager import Credential
from kmstui.keystore.key_stores import CustomKeyStoreRecord, state_in
from kmstui.keystore.reads import Reads
from kmstui.keystore.records import KeyRecord, KeyState
from kmstui.ops.call import Call, Services

if TYPE_CHECKING:
    from kmstui.hsm.xks_proxy import Proxy


def find_store(call: Call, store_id: str) -> CustomKeyStoreRecord:
    """Return a custom key store of the caller's account and Region.

    Raises:
        CustomKeyStoreNotFoundException: There is none of that id.
    """
    caller = call.caller
    store = call.services.keystore.key_store(caller.account, caller.region, store_id)
    if store is None:
        raise CustomKeyStoreNotFoundException(
            f"There is no custom key store {store_id} in {caller.region}."
        )
    return store


def named_store(call: Call) -> CustomKeyStoreRecord:
    """Return the custom key store that a request names."""
    return find_store(call, call.text("CustomKeyStoreId"))


def require_connected(store: CustomKeyStoreRecord) -> None:
    """Refuse what needs a connected key store.

    Raises:
        CustomKeyStoreInvalidStateException: It is not connected.
    """
    if not store.connected:
        raise CustomKeyStoreInvalidStateException(
            f"Custom key store {store.store_id} is {store.state}, not CONNECTED.",
            hint="Connect it with ConnectCustomKeyStore; from FAILED, disconnect it first.",
        )


def store_of(reads: Reads, key: KeyRecord) -> CustomKeyStoreRecord | None:
    """Return the custom key store that a key is in, if it is in one.

    Raises:
        KMSInternalException: The key names one that does not exist.
    """
    if not key.custom_key_store_id:
        return None
    store = reads.key_store(key.account, key.region, key.custom_key_store_id)
    if store is None:
        raise KMSInternalException(f"The custom key store of {key.arn} is missing.")
    return store


def state_of(reads: Reads, key: KeyRecord) -> KeyState:
    """Return a key's state as everybody sees it; see ``state_in``."""
    store = store_of(reads, key)
    return key.state if store is None else state_in(store, key)


def seal_credential(hsm: Hsm, store: CustomKeyStoreRecord, credential: bytes) -> bytes:
    """Return a password or credential, sealed to its key store."""
    return hsm.seal(Purpose.KEY_STORE, credential, credential_place(store))


def password_of(services: Services, store: CustomKeyStoreRecord) -> Secret:
    """Return the crypto user's password that a key store knows."""
    opened = services.hsm.unseal(Purpose.KEY_STORE, store.credential, credential_place(store))
    return Secret(opened)


def credential_of(services: Services, store: CustomKeyStoreRecord) -> Credential:
    """Return the proxy's credential that a key store knows."""
    opened = services.hsm.unseal(Purpose.KEY_STORE, store.credential, credential_place(store))
    return Credential.decode(opened)


def proxy_of(services: Services, store: CustomKeyStoreRecord) -> Proxy:
    """Return the client of the proxy behind an external key store."""
    credential = credential_of(services, store)
    return services.devices.proxy(store.endpoint, store.path, credential)


def hsm_of_store(call: Call, key: KeyRecord) -> Hsm:
    """Return the HSM that holds the material of a key in a custom key store.

    Raises:
        KMSInvalidStateException: What is behind the key store does not answer.
    """
    services = call.services
    store = store_of(services.keystore, key)
    if store is None:
        return services.hsm
    call.extra["CustomKeyStoreId"] = store.store_id
    if store.is_external:
        call.extra["XksKeyId"] = key.xks_key_id
        return services.devices.external(proxy_of(services, store), key.xks_key_id)
    try:
        return open_cluster(services, store)
    except KmsError as error:
        raise KMSInvalidStateException(
            f"Custom key store {store.store_id} cannot be used: {error.message}", hint=error.hint
        ) from error


def open_cluster(services: Services, store: CustomKeyStoreRecord) -> Hsm:
    """Return the cluster behind a key store, logged in to again if locking has ended that.

    Raises:
        DeviceError: It does not let the crypto user in any more.
    """
    clusters = services.devices.clusters
    opened = clusters.session(store.cluster_id)
    return opened or clusters.reopen(store.cluster_id, password_of(services, store))


def credential_place(store: CustomKeyStoreRecord) -> bytes:
    """Return the associated data that a key store's credential is sealed with."""
    return encode("credential", store.account, store.region, store.store_id)
