"""What must be true of a custom key store before it is made or changed."""

from __future__ import annotations

from typing import Final

from kmstui.core.errors import KmsError
from kmstui.core.store_errors import (
    CloudHsmClusterInUseException,
    CloudHsmClusterInvalidConfigurationException,
    CloudHsmClusterNotActiveException,
    CloudHsmClusterNotFoundException,
    CustomKeyStoreNameInUseException,
    DeviceError,
    XksProxyIncorrectAuthenticationCredentialException,
    XksProxyInvalidConfigurationException,
    XksProxyInvalidResponseException,
    XksProxyUriEndpointInUseException,
    XksProxyUriInUseException,
    XksProxyUriUnreachableException,
    XksProxyVpcEndpointServiceInUseException,
    XksProxyVpcEndpointServiceInvalidConfigurationException,
    XksProxyVpcEndpointServiceNotFoundException,
)
from kmstui.hsm.cluster_token import ClusterState, ClusterToken
from kmstui.hsm.key_manager import Credential
from kmstui.keystore.key_stores import CustomKeyStoreRecord
from kmstui.ops.call import Call, Services
from kmstui.ops.kms.stores.members import VPC_ENDPOINT_SERVICE

HSMS_TO_CREATE: Final = 2
"""HSMs that a cluster needs before keys or key stores are made in it."""


def others(call: Call, store: CustomKeyStoreRecord) -> list[CustomKeyStoreRecord]:
    """Return the other custom key stores of the account and Region."""
    found = call.services.keystore.key_stores(store.account, store.region)
    return [other for other in found if other.store_id != store.store_id]


def check_name(call: Call, store: CustomKeyStoreRecord) -> None:
    """Refuse a name that another key store of the Region has.

    Raises:
        CustomKeyStoreNameInUseException: Another one has it.
    """
    if any(other.name == store.name for other in others(call, store)):
        raise CustomKeyStoreNameInUseException(
            f"A custom key store named {store.name} exists already."
        )


def cluster_of(call: Call, store: CustomKeyStoreRecord) -> ClusterToken:
    """Return the cluster of a key store that is to be made or changed.

    Raises:
        CloudHsmClusterNotFoundException: There is none of that id in the account and Region.
        CloudHsmClusterInUseException: It, or a copy of it, belongs to another key store.
        CloudHsmClusterNotActiveException: It is not active.
        CloudHsmClusterInvalidConfigurationException: It has fewer than two HSMs.
    """
    cluster_id = store.cluster_id
    token = call.services.devices.clusters.find(cluster_id)
    here = (store.account, store.region)
    if (
        token is None
        or (token.account, token.region) != here
        or token.state is ClusterState.DETACHED
    ):
        raise CloudHsmClusterNotFoundException(f"Cluster {cluster_id} cannot be found.")
    for other in call.services.keystore.key_stores(store.account):
        if other.store_id == store.store_id or other.is_external:
            continue
        if other.cluster_id == cluster_id or same_anchor(other.trust_anchor, token.certificate):
            raise CloudHsmClusterInUseException(
                f"Cluster {cluster_id}, or one that it shares a certificate with, belongs to "
                f"custom key store {other.store_id}.",
                hint="Every custom key store has a cluster of its own.",
            )
    require_active(token)
    require_hsms(token)
    return token


def require_active(token: ClusterToken) -> None:
    """Refuse a cluster that is not active.

    Raises:
        CloudHsmClusterNotActiveException: It is not.
    """
    if token.state is ClusterState.INITIALIZED:
        raise CloudHsmClusterNotActiveException(f"Cluster {token.cluster_id} is not active.")


def require_hsms(token: ClusterToken) -> None:
    """Refuse a cluster with too few HSMs to make anything in it.

    Raises:
        CloudHsmClusterInvalidConfigurationException: It has fewer than two.
    """
    if token.hsms < HSMS_TO_CREATE:
        raise CloudHsmClusterInvalidConfigurationException(
            f"Cluster {token.cluster_id} has {token.hsms} active HSMs; at least {HSMS_TO_CREATE} "
            "in different Availability Zones are needed."
        )


def same_anchor(left: str, right: str) -> bool:
    """Tell whether two texts are one certificate; white space does not matter."""
    return left.split() == right.split()


def check_address(call: Call, store: CustomKeyStoreRecord) -> None:
    """Refuse an address that another external key store of the Region has.

    Raises:
        XksProxyUriInUseException: Another one has the same endpoint and path.
        XksProxyUriEndpointInUseException: The endpoint is a VPC endpoint service's, here or there.
        XksProxyVpcEndpointServiceInUseException: Another one has the service.
    """
    for other in others(call, store):
        if not other.is_external:
            continue
        if (other.endpoint, other.path) == (store.endpoint, store.path):
            raise XksProxyUriInUseException(
                f"{store.endpoint}{store.path} belongs to custom key store {other.store_id}."
            )
        if store.service and other.service == store.service:
            raise XksProxyVpcEndpointServiceInUseException(
                f"{store.service} belongs to custom key store {other.store_id}."
            )
        private = VPC_ENDPOINT_SERVICE in {store.connectivity, other.connectivity}
        if private and other.endpoint == store.endpoint:
            raise XksProxyUriEndpointInUseException(
                f"{store.endpoint} belongs to custom key store {other.store_id}, and an endpoint "
                "of a VPC endpoint service is not shared."
            )


def check_service(services: Services, store: CustomKeyStoreRecord) -> None:
    """Refuse a VPC endpoint service that is not there or leads elsewhere.

    Raises:
        XksProxyVpcEndpointServiceNotFoundException: There is none of that name.
        XksProxyVpcEndpointServiceInvalidConfigurationException: It leads to another endpoint.
    """
    for manager in services.devices.managers.every(store.account, store.region):
        if manager.service == store.service:
            if manager.endpoint == store.endpoint:
                return
            raise XksProxyVpcEndpointServiceInvalidConfigurationException(
                f"{store.service} has the private DNS name of {manager.endpoint}, not of "
                f"{store.endpoint}."
            )
    raise XksProxyVpcEndpointServiceNotFoundException(
        f"There is no VPC endpoint service {store.service}.",
        hint="kmstui:ListKeyManagers shows the services that lead to key managers.",
    )


def check_proxy(services: Services, store: CustomKeyStoreRecord, credential: Credential) -> None:
    """Refuse a proxy that does not answer as it should.

    Raises:
        XksProxyUriUnreachableException: Nothing answers there, or not in time.
        XksProxyIncorrectAuthenticationCredentialException: It does not accept the credential.
        XksProxyInvalidResponseException: Its answer cannot be understood.
        XksProxyInvalidConfigurationException: It has no access to its key manager.
    """
    try:
        services.devices.proxy(store.endpoint, store.path, credential).health()
    except DeviceError as error:
        raise _PROXY_ERRORS[error.connection](error.message) from error


_PROXY_ERRORS: Final[dict[str, type[KmsError]]] = {
    "XKS_PROXY_NOT_REACHABLE": XksProxyUriUnreachableException,
    "XKS_PROXY_TIMED_OUT": XksProxyUriUnreachableException,
    "XKS_PROXY_INVALID_RESPONSE": XksProxyInvalidResponseException,
    "XKS_PROXY_ACCESS_DENIED": XksProxyInvalidConfigurationException,
    "INVALID_CREDENTIALS": XksProxyIncorrectAuthenticationCredentialException,
}
