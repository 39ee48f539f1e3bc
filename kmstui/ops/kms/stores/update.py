"""UpdateCustomKeyStore."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kmstui.core.errors import ValidationException
from kmstui.core.spec import Answer, Needs, ResourceKind, operation
from kmstui.core.store_errors import (
    CloudHsmClusterNotRelatedException,
    CustomKeyStoreInvalidStateException,
)
from kmstui.keystore.key_stores import ConnectionState, CustomKeyStoreRecord
from kmstui.ops.call import Call
from kmstui.ops.kms.stores import members as m
from kmstui.ops.kms.stores.creation import check_connectivity, given_credential, note_store
from kmstui.ops.kms.stores.lookup import credential_of, named_store, seal_credential
from kmstui.ops.kms.stores.rules import (
    check_address,
    check_name,
    check_proxy,
    check_service,
    cluster_of,
    same_anchor,
)

_NEW_NAME: Final = "NewCustomKeyStoreName"
_WHILE_CONNECTED: Final = frozenset({_NEW_NAME, m.CREDENTIAL.name, m.PATH.name})
"""What a connected key store lets change."""

_CHANGES: Final = (_NEW_NAME, m.CLUSTER.name, m.PASSWORD.name, *m.EXTERNAL_MEMBERS)


def _check_update(call: Call) -> None:
    if not any(call.has(name) for name in _CHANGES):
        raise ValidationException("Name at least one property to change.")


def _check_members(call: Call, store: CustomKeyStoreRecord) -> None:
    """Refuse what the key store's type does not have, or its state does not let change."""
    foreign = m.CLOUD_MEMBERS if store.is_external else m.EXTERNAL_MEMBERS
    given = [name for name in _CHANGES if call.has(name)]
    for name in given:
        if name in foreign:
            raise ValidationException(
                f"{name} is not valid for a custom key store of type {store.kind}."
            )
    if store.state is ConnectionState.DISCONNECTED or given == [_NEW_NAME]:
        return
    allowed = _WHILE_CONNECTED if store.connected else frozenset({_NEW_NAME})
    refused = [name for name in given if name not in allowed]
    if refused:
        raise CustomKeyStoreInvalidStateException(
            f"{refused[0]} can be changed only while custom key store {store.store_id} is "
            f"DISCONNECTED; it is {store.state}.",
            hint="Disconnect it first; its keys are unavailable meanwhile.",
        )


def _changed(call: Call, store: CustomKeyStoreRecord) -> CustomKeyStoreRecord:
    """Return the key store with what the request changes, but for its credential."""
    changed = replace(
        store,
        name=call.text(_NEW_NAME, store.name),
        cluster_id=call.text(m.CLUSTER.name, store.cluster_id),
        connectivity=call.text(m.CONNECTIVITY.name, store.connectivity),
        endpoint=call.text(m.ENDPOINT.name, store.endpoint),
        path=call.text(m.PATH.name, store.path),
        service=call.text(m.SERVICE.name, store.service),
        service_owner=call.text(m.SERVICE_OWNER.name, store.service_owner),
    )
    if call.has(m.CREDENTIAL.name):
        changed = replace(changed, access_key_id=given_credential(call).access_key_id)
    if changed.connectivity == m.PUBLIC_ENDPOINT:
        return replace(changed, service="", service_owner="")
    if changed.service and not changed.service_owner:
        return replace(changed, service_owner=store.account)
    return changed


def _check_way(call: Call, store: CustomKeyStoreRecord) -> None:
    """Refuse another connectivity without what goes with it."""
    wanted = call.text(m.CONNECTIVITY.name, store.connectivity)
    if wanted != store.connectivity:
        if not call.has(m.ENDPOINT.name):
            raise ValidationException(
                f"{m.ENDPOINT.name} must change together with {m.CONNECTIVITY.name}."
            )
        check_connectivity(call, wanted)
    elif wanted == m.PUBLIC_ENDPOINT:
        check_connectivity(call, wanted)


def _fits_update(call: Call) -> None:
    store = named_store(call)
    _check_members(call, store)
    if store.is_external:
        _check_way(call, store)
    changed = _changed(call, store)
    check_name(call, changed)
    if store.is_external:
        _check_external(call, store, changed)
    elif call.has(m.CLUSTER.name):
        token = cluster_of(call, changed)
        if not same_anchor(token.certificate, store.trust_anchor):
            raise CloudHsmClusterNotRelatedException(
                f"Cluster {token.cluster_id} has another certificate than {store.cluster_id}."
            )


def _check_external(
    call: Call, store: CustomKeyStoreRecord, changed: CustomKeyStoreRecord
) -> None:
    if not any(call.has(name) for name in m.EXTERNAL_MEMBERS):
        return
    services = call.services
    check_address(call, changed)
    if changed.service:
        check_service(services, changed)
    if changed.connected or not changed.service:
        given = call.has(m.CREDENTIAL.name)
        credential = given_credential(call) if given else credential_of(services, store)
        check_proxy(services, changed, credential)


@operation(
    "kms",
    "UpdateCustomKeyStore",
    doc="Change a custom key store: its name, or how what is behind it is reached.",
    members=(
        m.store_id(),
        m.store_name(_NEW_NAME),
        m.PASSWORD,
        m.CLUSTER,
        m.ENDPOINT,
        m.PATH,
        m.SERVICE,
        m.SERVICE_OWNER,
        m.CREDENTIAL,
        m.CONNECTIVITY,
    ),
    needs=(Needs("kms:UpdateCustomKeyStore", ResourceKind.ACCOUNT, member=""),),
    mutates=True,
    check=_check_update,
    fits=_fits_update,
    logged=("CustomKeyStoreId", _NEW_NAME, *m.LOGGED),
    errors=(
        "CustomKeyStoreNotFoundException",
        "CustomKeyStoreNameInUseException",
        "CloudHsmClusterNotFoundException",
        "CloudHsmClusterNotRelatedException",
        "CustomKeyStoreInvalidStateException",
        "KMSInternalException",
        "CloudHsmClusterNotActiveException",
        "CloudHsmClusterInvalidConfigurationException",
        "XksProxyUriInUseException",
        "XksProxyUriEndpointInUseException",
        "XksProxyUriUnreachableException",
        "XksProxyIncorrectAuthenticationCredentialException",
        "XksProxyVpcEndpointServiceInUseException",
        "XksProxyVpcEndpointServiceNotFoundException",
        "XksProxyVpcEndpointServiceInvalidConfigurationException",
        "XksProxyInvalidResponseException",
        "XksProxyInvalidConfigurationException",
    ),
)
def update_custom_key_store(call: Call) -> Answer:
    """Store the changes; a new password or credential is sealed, and not tried out here."""
    store = named_store(call)
    changed, hsm = _changed(call, store), call.services.hsm
    secret: bytes | None = None
    if call.has(m.CREDENTIAL.name):
        secret = given_credential(call).encode()
    elif call.has(m.PASSWORD.name):
        secret = call.text(m.PASSWORD.name).encode()
    if secret is not None:
        changed = replace(changed, credential=seal_credential(hsm, changed, secret))
    call.writer.put_key_store(changed)
    note_store(call, changed)
    return {}
