"""CreateCustomKeyStore and DeleteCustomKeyStore."""

from __future__ import annotations

from dataclasses import replace

from kmstui.core.errors import LimitExceededException, ValidationException
from kmstui.core.limits import KEY_STORES_PER_REGION
from kmstui.core.secret import Secret
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.core.store_errors import (
    CustomKeyStoreHasCMKsException,
    CustomKeyStoreInvalidStateException,
    IncorrectTrustAnchorException,
)
from kmstui.hsm.key_manager import Credential
from kmstui.keystore.key_stores import ConnectionState, CustomKeyStoreRecord, StoreKind
from kmstui.ops.call import Call
from kmstui.ops.kms.stores import members as m
from kmstui.ops.kms.stores.lookup import named_store, seal_credential
from kmstui.ops.kms.stores.rules import (
    check_address,
    check_name,
    check_proxy,
    check_service,
    cluster_of,
    same_anchor,
)

_ID_DIGITS = 17
_REQUIRED = {
    StoreKind.AWS_CLOUDHSM: m.CLOUD_MEMBERS,
    StoreKind.EXTERNAL_KEY_STORE: m.EXTERNAL_MEMBERS[:4],
}
_FOREIGN = {
    StoreKind.AWS_CLOUDHSM: m.EXTERNAL_MEMBERS,
    StoreKind.EXTERNAL_KEY_STORE: m.CLOUD_MEMBERS,
}


def _kind(call: Call) -> StoreKind:
    return StoreKind(call.text("CustomKeyStoreType", StoreKind.AWS_CLOUDHSM))


def _check_create(call: Call) -> None:
    """Refuse members that the type lacks, or does not have."""
    kind = _kind(call)
    for name in _REQUIRED[kind]:
        if not call.has(name):
            raise ValidationException(
                f"{name} is required for custom key stores of type {kind}.",
                hint="CustomKeyStoreType is AWS_CLOUDHSM unless you say otherwise.",
            )
    for name in _FOREIGN[kind]:
        if call.has(name):
            raise ValidationException(
                f"{name} is not valid for a custom key store of type {kind}."
            )
    check_connectivity(call, call.text("XksProxyConnectivity"))


def check_connectivity(call: Call, connectivity: str) -> None:
    """Refuse a VPC endpoint service where there is none to be, and the lack of one.

    Raises:
        ValidationException: Connectivity and service do not go together.
    """
    private = connectivity == m.VPC_ENDPOINT_SERVICE
    if private and not call.has(m.SERVICE.name):
        raise ValidationException(f"{m.SERVICE.name} is required for {m.VPC_ENDPOINT_SERVICE}.")
    if connectivity == m.PUBLIC_ENDPOINT:
        for name in (m.SERVICE.name, m.SERVICE_OWNER.name):
            if call.has(name):
                raise ValidationException(f"{name} is not valid for {m.PUBLIC_ENDPOINT}.")


def given_credential(call: Call) -> Credential:
    """Return the proxy's credential of a request."""
    given = call.request[m.CREDENTIAL.name]
    return Credential(given["AccessKeyId"], Secret(given["RawSecretAccessKey"].encode()))


def _planned(call: Call) -> CustomKeyStoreRecord:
    """Return the key store that a request asks for, still without its credential."""
    caller, kind = call.caller, _kind(call)
    plan = CustomKeyStoreRecord(
        caller.account,
        caller.region,
        "cks-" + call.services.ids.uuid().replace("-", "")[:_ID_DIGITS],
        call.text("CustomKeyStoreName"),
        kind,
        call.now,
        b"",
    )
    if kind is StoreKind.AWS_CLOUDHSM:
        return replace(
            plan,
            cluster_id=call.text(m.CLUSTER.name),
            trust_anchor=call.text(m.TRUST_ANCHOR.name),
        )
    service = call.text(m.SERVICE.name)
    return replace(
        plan,
        connectivity=call.text(m.CONNECTIVITY.name),
        endpoint=call.text(m.ENDPOINT.name),
        path=call.text(m.PATH.name),
        access_key_id=given_credential(call).access_key_id,
        service=service,
        service_owner=call.text(m.SERVICE_OWNER.name, caller.account) if service else "",
    )


def _fits_create(call: Call) -> None:
    plan, services = _planned(call), call.services
    check_name(call, plan)
    if len(services.keystore.key_stores(plan.account, plan.region)) >= KEY_STORES_PER_REGION:
        raise LimitExceededException(
            f"There are {KEY_STORES_PER_REGION} custom key stores in {plan.region} already."
        )
    if plan.is_external:
        check_address(call, plan)
        if plan.service:
            check_service(services, plan)
        else:
            check_proxy(services, plan, given_credential(call))
        return
    token = cluster_of(call, plan)
    if not same_anchor(plan.trust_anchor, token.certificate):
        raise IncorrectTrustAnchorException(
            f"The certificate is not the trust anchor of cluster {plan.cluster_id}."
        )


@operation(
    "kms",
    "CreateCustomKeyStore",
    doc="Set up a place for key material outside the keystore's own HSM.",
    members=(
        m.store_name("CustomKeyStoreName", required=True),
        m.CLUSTER,
        m.TRUST_ANCHOR,
        m.PASSWORD,
        m.TYPE,
        m.ENDPOINT,
        m.PATH,
        m.SERVICE,
        m.SERVICE_OWNER,
        m.CREDENTIAL,
        m.CONNECTIVITY,
    ),
    answer=(Member("CustomKeyStoreId", Kind.TEXT),),
    needs=(Needs("kms:CreateCustomKeyStore", ResourceKind.ACCOUNT, member=""),),
    mutates=True,
    check=_check_create,
    fits=_fits_create,
    logged=("CustomKeyStoreName", "CustomKeyStoreType", *m.LOGGED),
    logged_answer=("CustomKeyStoreId",),
    errors=(
        "CloudHsmClusterInUseException",
        "CustomKeyStoreNameInUseException",
        "CloudHsmClusterNotFoundException",
        "KMSInternalException",
        "CloudHsmClusterNotActiveException",
        "IncorrectTrustAnchorException",
        "CloudHsmClusterInvalidConfigurationException",
        "LimitExceededException",
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
def create_custom_key_store(call: Call) -> Answer:
    """Store the key store, disconnected; its password or credential is sealed."""
    plan = _planned(call)
    if plan.is_external:
        secret = given_credential(call).encode()
    else:
        secret = call.text(m.PASSWORD.name).encode()
    call.writer.put_key_store(
        replace(plan, credential=seal_credential(call.services.hsm, plan, secret))
    )
    return {"CustomKeyStoreId": plan.store_id}


def _fits_delete(call: Call) -> None:
    store = named_store(call)
    if store.state is not ConnectionState.DISCONNECTED:
        raise CustomKeyStoreInvalidStateException(
            f"Custom key store {store.store_id} is {store.state}, not DISCONNECTED.",
            hint="Disconnect it first.",
        )
    keys = len(call.services.keystore.keys_of_store(store))
    if keys:
        noun = "KMS key" if keys == 1 else "KMS keys"
        raise CustomKeyStoreHasCMKsException(
            f"Custom key store {store.store_id} contains {keys} {noun}."
        )


@operation(
    "kms",
    "DeleteCustomKeyStore",
    doc="Remove a disconnected custom key store without keys; what is behind it stays.",
    members=(m.store_id(),),
    needs=(Needs("kms:DeleteCustomKeyStore", ResourceKind.ACCOUNT, member=""),),
    mutates=True,
    fits=_fits_delete,
    logged=("CustomKeyStoreId",),
    errors=(
        "CustomKeyStoreHasCMKsException",
        "CustomKeyStoreInvalidStateException",
        "CustomKeyStoreNotFoundException",
        "KMSInternalException",
    ),
)
def delete_custom_key_store(call: Call) -> Answer:
    """Remove the key store's record."""
    store = named_store(call)
    call.writer.delete_key_store(store.account, store.region, store.store_id)
    note_store(call, store)
    return {}


def note_store(call: Call, store: CustomKeyStoreRecord) -> None:
    """Put what a key store is called and what is behind it on the trail."""
    call.extra["CustomKeyStoreName"] = store.name
    if store.cluster_id:
        call.extra["ClusterId"] = store.cluster_id
