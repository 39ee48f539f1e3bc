"""A custom key store of each type, and a key in each, for tests of what keeps them."""

from __future__ import annotations

from dataclasses import replace

from kmstui.keystore import (
    ConnectionState,
    CustomKeyStoreRecord,
    Keystore,
    StoreKind,
    UnitOfWork,
)
from tests.helpers.keystores import ACCOUNT, REGION, START, key_id, make_key

CLOUD = CustomKeyStoreRecord(
    ACCOUNT,
    REGION,
    "cks-00000000000000001",
    "vault in the cellar",
    StoreKind.AWS_CLOUDHSM,
    START,
    b"sealed password",
    state=ConnectionState.CONNECTED,
    cluster_id="cluster-aaaaaaaaaaa",
    trust_anchor="-----BEGIN CERTIFICATE-----",
)
EXTERNAL = CustomKeyStoreRecord(
    ACCOUNT,
    REGION,
    "cks-00000000000000002",
    "somebody else's keys",
    StoreKind.EXTERNAL_KEY_STORE,
    START,
    b"sealed credential",
    state=ConnectionState.FAILED,
    error="XKS_PROXY_NOT_REACHABLE",
    connectivity="VPC_ENDPOINT_SERVICE",
    endpoint="https://vault.localhost",
    path="/kms/xks/v1",
    access_key_id="A" * 20,
    service="com.amazonaws.vpce.us-east-1.vpce-svc-example",
    service_owner=ACCOUNT,
)
IN_CLOUD = replace(make_key(8), origin="AWS_CLOUDHSM", custom_key_store_id=CLOUD.store_id)
IN_EXTERNAL = replace(
    make_key(9),
    origin="EXTERNAL_KEY_STORE",
    custom_key_store_id=EXTERNAL.store_id,
    xks_key_id="external-1",
)


def put_stores(unit: UnitOfWork) -> None:
    """Write both stores with their keys."""
    for store in (CLOUD, EXTERNAL):
        unit.put_key_store(store)
    for key in (IN_CLOUD, IN_EXTERNAL):
        unit.put_key(key)


def assert_stores(reads: Keystore | UnitOfWork) -> None:
    """Find both by id, in their list, and by what is in them."""
    assert reads.key_store(ACCOUNT, REGION, CLOUD.store_id) == CLOUD
    assert reads.key_stores(ACCOUNT, REGION) == (CLOUD, EXTERNAL)
    assert reads.key_stores(ACCOUNT) == (CLOUD, EXTERNAL)
    assert reads.keys_of_store(CLOUD) == (key_id(8),)
    assert reads.keys_of_store(EXTERNAL) == (key_id(9),)
    assert key_id(9) == reads.key_of_external(EXTERNAL, "external-1")
    assert reads.key_of_external(EXTERNAL, "external-2") == ""
    found = reads.key(ACCOUNT, REGION, key_id(9))
    assert found is not None
    assert (found.custom_key_store_id, found.xks_key_id) == (EXTERNAL.store_id, "external-1")
