"""ConnectCustomKeyStore and DisconnectCustomKeyStore.

Both are done when they answer: AWS's CONNECTING and DISCONNECTING are passed through unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmstui.core.errors import KmsError
from kmstui.core.spec import Answer, Apart, Needs, ResourceKind, operation
from kmstui.core.store_errors import (
    CustomKeyStoreInvalidStateException,
    DeviceError,
    XksProxyVpcEndpointServiceInvalidConfigurationException,
    XksProxyVpcEndpointServiceNotFoundException,
)
from kmstui.keystore.key_stores import ConnectionState, CustomKeyStoreRecord
from kmstui.ops.call import Call
from kmstui.ops.kms.stores import members as m
from kmstui.ops.kms.stores.creation import note_store
from kmstui.ops.kms.stores.lookup import named_store, password_of, proxy_of
from kmstui.ops.kms.stores.rules import check_service, require_active

if TYPE_CHECKING:
    from kmstui.hsm.cluster import ClusterHsm


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of connecting.

    Attributes:
        store: The key store, as it was then.
        error: AWS's ConnectionErrorCode; empty if it succeeded.
        opened: The cluster, logged in to.
    """

    store: CustomKeyStoreRecord
    error: str = ""
    opened: ClusterHsm | None = None


def _fits_connect(call: Call) -> None:
    store = named_store(call)
    if store.state is ConnectionState.FAILED:
        raise CustomKeyStoreInvalidStateException(
            f"Custom key store {store.store_id} is FAILED: {store.error}.",
            hint="Disconnect it, remove the cause, and connect it again.",
        )
    if store.is_external:
        return
    token = call.services.devices.clusters.find(store.cluster_id)
    if token is not None:
        require_active(token)


def _logs_in(call: Call) -> bool:
    """Tell whether a key derivation is needed."""
    store = named_store(call)
    return not store.is_external and not store.connected


def _attempt(call: Call) -> Attempt:
    """Try to reach what is behind the key store."""
    store, services = named_store(call), call.services
    try:
        if store.is_external:
            if store.service:
                check_service(services, store)
            proxy_of(services, store).health()
            return Attempt(store)
        password = password_of(services, store)
        opened = services.devices.clusters.log_in(store.cluster_id, password)
        return Attempt(store, opened=opened)
    except DeviceError as error:
        return Attempt(store, error.connection)
    except XksProxyVpcEndpointServiceNotFoundException:
        return Attempt(store, "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND")
    except XksProxyVpcEndpointServiceInvalidConfigurationException:
        return Attempt(store, "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION")
    except KmsError:
        # A file that others can reach, or that is damaged: doctor says which.
        return Attempt(store, "INTERNAL_ERROR")


@operation(
    "kms",
    "ConnectCustomKeyStore",
    doc="Connect a custom key store to what is behind it, so that its keys can be used.",
    members=(m.store_id(),),
    needs=(Needs("kms:ConnectCustomKeyStore", ResourceKind.ACCOUNT, member=""),),
    mutates=True,
    fits=_fits_connect,
    apart=Apart(wanted=_logs_in, work=_attempt),
    logged=("CustomKeyStoreId",),
    errors=(
        "CloudHsmClusterNotActiveException",
        "CustomKeyStoreInvalidStateException",
        "CustomKeyStoreNotFoundException",
        "KMSInternalException",
        "CloudHsmClusterInvalidConfigurationException",
    ),
)
def connect_custom_key_store(call: Call) -> Answer:
    """Store whether connecting succeeded; a failure is an answer, with its code in the record."""
    store = named_store(call)
    note_store(call, store)
    if store.connected:
        return {}
    attempt: Attempt | None = call.made
    if attempt is None or attempt.store != store:
        # It leads elsewhere by now, or with another password.
        if attempt is not None and attempt.opened is not None:
            attempt.opened.lock()
        attempt = _attempt(call)
    state = ConnectionState.FAILED if attempt.error else ConnectionState.CONNECTED
    call.writer.put_key_store(replace(store, state=state, error=attempt.error))
    call.extra["ConnectionState"] = str(state)
    if attempt.error:
        call.extra["ConnectionErrorCode"] = attempt.error
    opened, clusters = attempt.opened, call.services.devices.clusters
    if opened is not None:
        call.afterwards.append(lambda: clusters.keep(store.cluster_id, opened))
    return {}


def _fits_disconnect(call: Call) -> None:
    store = named_store(call)
    if store.state is ConnectionState.DISCONNECTED:
        raise CustomKeyStoreInvalidStateException(
            f"Custom key store {store.store_id} is DISCONNECTED already."
        )


@operation(
    "kms",
    "DisconnectCustomKeyStore",
    doc="Disconnect a custom key store; its keys are unavailable until it is connected again.",
    members=(m.store_id(),),
    needs=(Needs("kms:DisconnectCustomKeyStore", ResourceKind.ACCOUNT, member=""),),
    mutates=True,
    fits=_fits_disconnect,
    logged=("CustomKeyStoreId",),
    errors=(
        "CustomKeyStoreInvalidStateException",
        "CustomKeyStoreNotFoundException",
        "KMSInternalException",
    ),
)
def disconnect_custom_key_store(call: Call) -> Answer:
    """Store that the key store is disconnected, then drop its cluster's keys."""
    store = named_store(call)
    note_store(call, store)
    call.writer.put_key_store(disconnected(store))
    if store.cluster_id:
        clusters = call.services.devices.clusters
        call.afterwards.append(lambda: clusters.log_out(store.cluster_id))
    return {}


def disconnected(store: CustomKeyStoreRecord) -> CustomKeyStoreRecord:
    """Return a key store that is disconnected, and has no error any more."""
    return replace(store, state=ConnectionState.DISCONNECTED, error="")
