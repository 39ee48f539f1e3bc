"""ConnectCustomKeyStore and DisconnectCustomKeyStore."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.engines import Bench
from tests.helpers.stores import (
    OTHER_PASSWORD,
    PASSWORD,
    cloud,
    cloud_key,
    connection,
    edit_token,
    external,
    external_request,
    key_state,
    manager,
    token_file,
)

SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"


def connect(bench: Bench, store: str) -> tuple[str, str]:
    """Connect a key store; return its state and error."""
    assert bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store) == {}
    return connection(bench, store)


def test_connecting_is_done_when_it_answers(bench: Bench) -> None:
    """Both types are CONNECTED after the call, and connecting again changes nothing."""
    for store in (cloud(bench, connected=False)[0], external(bench, connected=False)):
        assert connect(bench, store) == ("CONNECTED", "")
        generation = bench.core.keystore.head.generation
        assert connect(bench, store) == ("CONNECTED", "")
        # The event alone.
        assert bench.core.keystore.head.generation == generation + 1


def test_the_trail_shows_what_was_connected(bench: Bench) -> None:
    """Name and cluster stand beside the call, and what came of it."""
    store, cluster_id = cloud(bench)
    event = bench.last_event()
    assert event["requestParameters"] == {"customKeyStoreId": store}
    assert event["additionalEventData"] == {
        "customKeyStoreName": "cellar",
        "clusterId": cluster_id,
        "connectionState": "CONNECTED",
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"State": "DETACHED"}, "CLUSTER_NOT_FOUND"),
        ({"HsmCount": 0}, "INSUFFICIENT_CLOUDHSM_HSMS"),
        ({"CryptoUser": "LOGGED_IN"}, "USER_LOGGED_IN"),
        ({"CryptoUser": "LOCKED_OUT"}, "USER_LOCKED_OUT"),
        ({"CryptoUser": "MISSING"}, "USER_NOT_FOUND"),
        ({"Password": PASSWORD, "NewPassword": OTHER_PASSWORD}, "INVALID_CREDENTIALS"),
    ],
    ids=str,
)
def test_a_cluster_that_lets_nobody_in(bench: Bench, changes: dict[str, Any], code: str) -> None:
    """The call succeeds and the key store is FAILED, with AWS's ConnectionErrorCode."""
    store, cluster_id = cloud(bench, connected=False)
    bench.call("kmstui:UpdateCluster", {"ClusterId": cluster_id, **changes})
    assert connect(bench, store) == ("FAILED", code)
    assert bench.last_event()["eventName"] == "DescribeCustomKeyStores"
    events = [e for e in bench.events() if e["eventName"] == "ConnectCustomKeyStore"]
    assert events[-1]["additionalEventData"]["connectionErrorCode"] == code


def test_a_failed_store_is_disconnected_before_it_is_connected(bench: Bench) -> None:
    """FAILED refuses to connect; after disconnecting the error is gone, and it connects."""
    store, cluster_id = cloud(bench, connected=False)
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="DETACHED")
    connect(bench, store)
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="ACTIVE")
    error = bench.refusal("ConnectCustomKeyStore", CustomKeyStoreId=store)
    assert error.code == "CustomKeyStoreInvalidStateException"
    assert "CLUSTER_NOT_FOUND" in error.message
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    assert connection(bench, store) == ("DISCONNECTED", "")
    assert connect(bench, store) == ("CONNECTED", "")


def test_a_cluster_that_is_not_active_is_refused_at_once(bench: Bench) -> None:
    """That is an error of the call, and the key store stays as it was."""
    store, cluster_id = cloud(bench, connected=False)
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="INITIALIZED")
    error = bench.refusal("ConnectCustomKeyStore", CustomKeyStoreId=store)
    assert error.code == "CloudHsmClusterNotActiveException"
    assert connection(bench, store) == ("DISCONNECTED", "")


def test_files_that_are_damaged_or_open_to_others(bench: Bench) -> None:
    """A token file that others can read is not used; nor is a damaged one."""
    store, cluster_id = cloud(bench, connected=False)
    edit_token(bench, cluster_id, domain_keys=[])
    assert connect(bench, store) == ("FAILED", "INTERNAL_ERROR")
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    token_file(bench, cluster_id).chmod(0o644)
    error = bench.refusal("ConnectCustomKeyStore", CustomKeyStoreId=store)
    assert error.code == "UnsafePermissionsError"
    assert connection(bench, store) == ("DISCONNECTED", "")


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("OFFLINE", "XKS_PROXY_NOT_REACHABLE"),
        ("SLOW", "XKS_PROXY_TIMED_OUT"),
        ("GARBLED", "XKS_PROXY_INVALID_RESPONSE"),
        ("REFUSING", "XKS_PROXY_ACCESS_DENIED"),
    ],
)
def test_a_proxy_that_does_not_answer(bench: Bench, condition: str, code: str) -> None:
    """The key store is FAILED with AWS's ConnectionErrorCode, and comes back."""
    store = external(bench, connected=False)
    bench.call("kmstui:UpdateKeyManager", Name="vault", Condition=condition)
    assert connect(bench, store) == ("FAILED", code)
    bench.call("kmstui:UpdateKeyManager", Name="vault", Condition="ONLINE")
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    assert connect(bench, store) == ("CONNECTED", "")


def test_a_proxy_with_another_credential(bench: Bench) -> None:
    """Once the key manager has a new one, the old one is INVALID_CREDENTIALS."""
    store = external(bench, connected=False)
    bench.call("kmstui:UpdateKeyManager", Name="vault", NewCredential=True)
    assert connect(bench, store) == ("FAILED", "INVALID_CREDENTIALS")


def test_a_key_manager_whose_file_is_gone(bench: Bench) -> None:
    """It cannot be reached."""
    store = external(bench, connected=False)
    (bench.directory / "key-managers" / "vault.json").unlink()
    assert connect(bench, store) == ("FAILED", "XKS_PROXY_NOT_REACHABLE")


def test_a_vpc_endpoint_service_that_is_gone_or_leads_elsewhere(bench: Bench) -> None:
    """Both have a ConnectionErrorCode of their own."""
    made = manager(bench, XksProxyVpcEndpointServiceName=SERVICE)
    request = external_request(made) | {
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyVpcEndpointServiceName": SERVICE,
    }
    store = bench.call("CreateCustomKeyStore", request)["CustomKeyStoreId"]
    (bench.directory / "key-managers" / "vault.json").unlink()
    assert connect(bench, store) == ("FAILED", "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND")
    manager(bench, "elsewhere", XksProxyVpcEndpointServiceName=SERVICE)
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    code = "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION"
    assert connect(bench, store) == ("FAILED", code)


def test_only_what_is_not_disconnected_is_disconnected(bench: Bench) -> None:
    """A second time it is refused; an unknown id is not found, for both operations."""
    store, _ = cloud(bench)
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    error = bench.refusal("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    assert error.code == "CustomKeyStoreInvalidStateException"
    for operation in ("ConnectCustomKeyStore", "DisconnectCustomKeyStore"):
        code = bench.refusal(operation, CustomKeyStoreId="cks-1").code
        assert code == "CustomKeyStoreNotFoundException"


def test_disconnecting_drops_the_clusters_keys(bench: Bench) -> None:
    """No session is left, and nothing in memory that could be used."""
    store, cluster_id = cloud(bench)
    clusters = bench.core.devices.clusters
    session = clusters.session(cluster_id)
    assert session is not None
    assert session.unlocked
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    assert clusters.session(cluster_id) is None
    assert not session.unlocked


def test_keys_are_unavailable_while_their_store_is_not_connected(bench: Bench) -> None:
    """They come back as they were, also what was changed meanwhile; deletions go on."""
    store, _ = cloud(bench)
    used, off, going, switched = (cloud_key(bench, store) for _ in range(4))
    bench.call("DisableKey", KeyId=off)
    bench.call("ScheduleKeyDeletion", KeyId=going)
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    shown = [key_state(bench, key) for key in (used, off, going, switched)]
    assert shown == ["Unavailable", "Unavailable", "PendingDeletion", "Unavailable"]
    bench.call("DisableKey", KeyId=switched)
    assert key_state(bench, switched) == "Unavailable"
    bench.call("CancelKeyDeletion", KeyId=going)
    assert key_state(bench, going) == "Unavailable"
    error = bench.refusal("CancelKeyDeletion", KeyId=used)
    assert error.message.endswith("is not pending deletion.")
    connect(bench, store)
    shown = [key_state(bench, key) for key in (used, off, going, switched)]
    assert shown == ["Enabled", "Disabled", "Disabled", "Disabled"]


def test_keys_of_a_failed_store_are_unavailable(bench: Bench) -> None:
    """A connection that fails brings nothing back."""
    store, cluster_id = cloud(bench)
    key = cloud_key(bench, store)
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="DETACHED")
    assert connect(bench, store) == ("FAILED", "CLUSTER_NOT_FOUND")
    assert key_state(bench, key) == "Unavailable"


def test_two_stores_do_not_mind_each_other(bench: Bench) -> None:
    """Disconnecting one leaves the keys of the other alone."""
    one, _ = cloud(bench, "one")
    two, _ = cloud(bench, "two")
    keys = cloud_key(bench, one), cloud_key(bench, two)
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=one)
    assert [key_state(bench, key) for key in keys] == ["Unavailable", "Enabled"]
    assert bench.call("Encrypt", KeyId=keys[1], Plaintext=b"x")
