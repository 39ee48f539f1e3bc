"""UpdateCustomKeyStore."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.engines import Answer, Bench
from tests.helpers.stores import (
    OTHER_PASSWORD,
    PASSWORD,
    cloud,
    cloud_key,
    cluster,
    connection,
    credential,
    described,
    external,
    external_key,
    manager,
)

SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"


def update(bench: Bench, store: str, **members: Any) -> None:
    """Change a key store."""
    assert bench.call("UpdateCustomKeyStore", CustomKeyStoreId=store, **members) == {}


def refused(bench: Bench, store: str, **members: Any) -> str:
    """Return the code that a change is refused with; it changes nothing."""
    before = described(bench, store)
    code = bench.refusal("UpdateCustomKeyStore", CustomKeyStoreId=store, **members).code
    assert before == described(bench, store)
    return code


def test_a_name_changes_in_every_state(bench: Bench) -> None:
    """Connected, failed or not; but not to one that is taken."""
    store, cluster_id = cloud(bench)
    external(bench, "taken", connected=False)
    update(bench, store, NewCustomKeyStoreName="attic")
    assert described(bench, store)["CustomKeyStoreName"] == "attic"
    event = next(e for e in reversed(bench.events()) if e["eventName"] == "UpdateCustomKeyStore")
    assert event["additionalEventData"]["customKeyStoreName"] == "attic"
    code = refused(bench, store, NewCustomKeyStoreName="taken")
    assert code == "CustomKeyStoreNameInUseException"
    update(bench, store, NewCustomKeyStoreName="attic")
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="DETACHED")
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    update(bench, store, NewCustomKeyStoreName="loft")
    assert connection(bench, store) == ("FAILED", "CLUSTER_NOT_FOUND")


def test_something_has_to_change(bench: Bench) -> None:
    """A request without a property is refused; so is an unknown key store."""
    store, _ = cloud(bench, connected=False)
    assert refused(bench, store) == "ValidationException"
    error = bench.refusal(
        "UpdateCustomKeyStore", CustomKeyStoreId="cks-1", NewCustomKeyStoreName="x"
    )
    assert error.code == "CustomKeyStoreNotFoundException"


def test_a_new_password_brings_a_store_back(bench: Bench) -> None:
    """After kmsuser's password has changed the key store has to be told, disconnected."""
    store, cluster_id = cloud(bench)
    key = cloud_key(bench, store)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    passwords = {"Password": PASSWORD, "NewPassword": OTHER_PASSWORD}
    bench.call("kmstui:UpdateCluster", {"ClusterId": cluster_id, **passwords})
    code = refused(bench, store, KeyStorePassword=OTHER_PASSWORD)
    assert code == "CustomKeyStoreInvalidStateException"
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    assert connection(bench, store) == ("FAILED", "INVALID_CREDENTIALS")
    code = refused(bench, store, KeyStorePassword=OTHER_PASSWORD)
    assert code == "CustomKeyStoreInvalidStateException"
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    update(bench, store, KeyStorePassword=OTHER_PASSWORD)
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_copy_takes_the_place_of_a_cluster(bench: Bench) -> None:
    """A cluster made of a backup has the keys; one with another certificate is not related."""
    store, cluster_id = cloud(bench)
    key = cloud_key(bench, store)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    copy = bench.call("kmstui:CreateCluster", SourceClusterId=cluster_id)["ClusterId"]
    unrelated = cluster(bench)["ClusterId"]
    code = refused(bench, store, CloudHsmClusterId=copy)
    assert code == "CustomKeyStoreInvalidStateException"
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    code = refused(bench, store, CloudHsmClusterId=unrelated)
    assert code == "CloudHsmClusterNotRelatedException"
    code = refused(bench, store, CloudHsmClusterId="cluster-zzzzzzzzzzz")
    assert code == "CloudHsmClusterNotFoundException"
    bench.call("kmstui:UpdateCluster", ClusterId=copy, HsmCount=1)
    code = refused(bench, store, CloudHsmClusterId=copy)
    assert code == "CloudHsmClusterInvalidConfigurationException"
    bench.call("kmstui:UpdateCluster", ClusterId=copy, State="INITIALIZED")
    code = refused(bench, store, CloudHsmClusterId=copy)
    assert code == "CloudHsmClusterNotActiveException"
    bench.call("kmstui:UpdateCluster", ClusterId=copy, HsmCount=2, State="ACTIVE")
    update(bench, store, CloudHsmClusterId=copy)
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="DETACHED")
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"


@pytest.mark.parametrize(
    "members",
    [
        {"XksProxyUriPath": "/kms/xks/v1"},
        {"XksProxyConnectivity": "PUBLIC_ENDPOINT"},
        {"NewCustomKeyStoreName": "attic", "XksProxyVpcEndpointServiceOwner": "111122223333"},
    ],
    ids=str,
)
def test_a_store_over_a_cluster_has_no_proxy(bench: Bench, members: Answer) -> None:
    """Members of the other type are refused."""
    store, _ = cloud(bench, connected=False)
    assert refused(bench, store, **members) == "ValidationException"


def test_an_external_store_has_no_cluster(bench: Bench) -> None:
    """Members of the other type are refused."""
    store = external(bench, connected=False)
    assert refused(bench, store, KeyStorePassword=PASSWORD) == "ValidationException"


def test_a_connected_store_takes_a_new_credential(bench: Bench) -> None:
    """Its keys can be used again at once; a credential that is not accepted is refused."""
    store = external(bench)
    key = external_key(bench, store)
    fresh = bench.call("kmstui:UpdateKeyManager", Name="vault", NewCredential=True)
    error = bench.refusal("Encrypt", KeyId=key, Plaintext=b"x")
    assert (error.code, "credential" in error.message) == ("KMSInvalidStateException", True)
    wrong = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "A" * 43}
    code = refused(bench, store, XksProxyAuthenticationCredential=wrong)
    assert code == "XksProxyIncorrectAuthenticationCredentialException"
    update(bench, store, XksProxyAuthenticationCredential=credential(fresh))
    assert bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    configuration = described(bench, store)["XksProxyConfiguration"]
    assert configuration["AccessKeyId"] == fresh["AccessKeyId"]


def test_endpoint_and_connectivity_change_while_disconnected(bench: Bench) -> None:
    """From public to private and back, each time with what goes with it."""
    store = external(bench)
    other = manager(bench, "other", XksProxyVpcEndpointServiceName=SERVICE)
    there = {
        "XksProxyUriEndpoint": other["XksProxyUriEndpoint"],
        "XksProxyAuthenticationCredential": credential(other),
    }
    private = {
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyVpcEndpointServiceName": SERVICE,
    }
    code = refused(bench, store, **there)
    assert code == "CustomKeyStoreInvalidStateException"
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    assert refused(bench, store, **private) == "ValidationException"
    without = {"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE"}
    assert refused(bench, store, **there, **without) == "ValidationException"
    assert refused(bench, store, XksProxyVpcEndpointServiceName=SERVICE) == "ValidationException"
    update(bench, store, **there, **private)
    configuration = described(bench, store)["XksProxyConfiguration"]
    assert configuration["VpcEndpointServiceOwner"] == "111122223333"
    assert refused(bench, store, XksProxyConnectivity="PUBLIC_ENDPOINT") == "ValidationException"
    update(
        bench,
        store,
        XksProxyConnectivity="PUBLIC_ENDPOINT",
        XksProxyUriEndpoint=other["XksProxyUriEndpoint"],
    )
    assert "VpcEndpointServiceName" not in described(bench, store)["XksProxyConfiguration"]


def test_an_address_of_another_store_is_refused(bench: Bench) -> None:
    """Endpoint and path stay unique; a proxy has to answer before it is moved to."""
    one = external(bench, "one", "vault", connected=False)
    external(bench, "two", "safe", connected=False)
    code = refused(bench, one, XksProxyUriEndpoint="https://safe.localhost")
    assert code == "XksProxyUriInUseException"
    code = refused(bench, one, XksProxyUriEndpoint="https://nobody.localhost")
    assert code == "XksProxyUriUnreachableException"
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=one)
    code = refused(bench, one, XksProxyUriPath="/more/kms/xks/v1")
    assert code == "XksProxyUriUnreachableException"
    update(bench, one, XksProxyUriPath="/kms/xks/v1")
