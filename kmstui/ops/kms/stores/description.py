"""DescribeCustomKeyStores."""

from __future__ import annotations

from typing import Any

from kmstui.core.errors import ValidationException
from kmstui.core.limits import LIST_KEY_STORES_DEFAULT, LIST_KEY_STORES_MAX
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.core.store_errors import CustomKeyStoreNotFoundException
from kmstui.keystore.key_stores import CustomKeyStoreRecord
from kmstui.ops.call import Call
from kmstui.ops.kms import members as shared
from kmstui.ops.kms.stores import members as m
from kmstui.ops.kms.stores.lookup import find_store
from kmstui.ops.paging import page_limit, paged, read_marker

_CONFIGURATION = (
    "Connectivity",
    "AccessKeyId",
    "UriEndpoint",
    "UriPath",
    "VpcEndpointServiceName",
    "VpcEndpointServiceOwner",
)
_ENTRY = Member(
    "CustomKeyStore",
    Kind.STRUCTURE,
    members=(
        Member("CustomKeyStoreId", Kind.TEXT),
        Member("CustomKeyStoreName", Kind.TEXT),
        Member("CloudHsmClusterId", Kind.TEXT),
        Member("TrustAnchorCertificate", Kind.TEXT),
        Member("ConnectionState", Kind.TEXT),
        Member("ConnectionErrorCode", Kind.TEXT),
        Member("CreationDate", Kind.TIMESTAMP),
        Member("CustomKeyStoreType", Kind.TEXT),
        Member(
            "XksProxyConfiguration",
            Kind.STRUCTURE,
            members=tuple(Member(name, Kind.TEXT) for name in _CONFIGURATION),
        ),
    ),
)


def describe(store: CustomKeyStoreRecord) -> dict[str, Any]:
    """Return a key store's CustomKeyStoresListEntry structure; never a secret."""
    entry: dict[str, Any] = {
        "CustomKeyStoreId": store.store_id,
        "CustomKeyStoreName": store.name,
        "ConnectionState": str(store.state),
        "CreationDate": store.created,
        "CustomKeyStoreType": str(store.kind),
    }
    if store.error:
        entry["ConnectionErrorCode"] = store.error
    if not store.is_external:
        return entry | {
            "CloudHsmClusterId": store.cluster_id,
            "TrustAnchorCertificate": store.trust_anchor,
        }
    configuration = {
        "Connectivity": store.connectivity,
        "AccessKeyId": store.access_key_id,
        "UriEndpoint": store.endpoint,
        "UriPath": store.path,
    }
    if store.service:
        configuration |= {
            "VpcEndpointServiceName": store.service,
            "VpcEndpointServiceOwner": store.service_owner,
        }
    return entry | {"XksProxyConfiguration": configuration}


def _check_filter(call: Call) -> None:
    if call.has("CustomKeyStoreId") and call.has("CustomKeyStoreName"):
        raise ValidationException(
            "You can specify either the CustomKeyStoreId or the CustomKeyStoreName, not both."
        )


@operation(
    "kms",
    "DescribeCustomKeyStores",
    doc="Show the custom key stores of the account in this Region.",
    members=(
        m.store_id(required=False),
        m.store_name("CustomKeyStoreName"),
        shared.LIMIT,
        shared.MARKER,
    ),
    answer=(
        Member("CustomKeyStores", Kind.LIST, item=_ENTRY),
        shared.NEXT_MARKER,
        shared.TRUNCATED,
    ),
    needs=(Needs("kms:DescribeCustomKeyStores", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    check=_check_filter,
    logged=("CustomKeyStoreId", "CustomKeyStoreName", "Limit", "Marker"),
    errors=(
        "CustomKeyStoreNotFoundException",
        "InvalidMarkerException",
        "KMSInternalException",
    ),
)
def describe_custom_key_stores(call: Call) -> Answer:
    """Return a page of key stores by id, or the one that was named."""
    limit = page_limit(call, LIST_KEY_STORES_DEFAULT, LIST_KEY_STORES_MAX)
    after = read_marker(call)
    found = [store for store in _chosen(call) if after is None or store.store_id > after]
    return paged(
        call,
        "CustomKeyStores",
        found,
        limit,
        place=lambda store: store.store_id,
        show=describe,
    )


def _chosen(call: Call) -> tuple[CustomKeyStoreRecord, ...]:
    """Return every key store, or only the one that the request names."""
    if call.has("CustomKeyStoreId"):
        return (find_store(call, call.text("CustomKeyStoreId")),)
    caller = call.caller
    every = call.services.keystore.key_stores(caller.account, caller.region)
    if not call.has("CustomKeyStoreName"):
        return every
    name = call.text("CustomKeyStoreName")
    found = tuple(store for store in every if store.name == name)
    if not found:
        raise CustomKeyStoreNotFoundException(
            f"There is no custom key store named {name} in {caller.region}."
        )
    return found
