"""CreateCustomKeyStore and DeleteCustomKeyStore."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.helpers.engines import REGION, Bench
from tests.helpers.stores import (
    PASSWORD,
    cloud,
    cloud_key,
    cloud_request,
    cluster,
    connection,
    credential,
    described,
    external,
    external_request,
    manager,
)

CREATE = "CreateCustomKeyStore"
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
OTHER_SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0fedcba9876543210"


def refused(bench: Bench, request: dict[str, Any], **changes: Any) -> str:
    """Return the code that a request is refused with; nothing is made by it."""
    before = bench.call("DescribeCustomKeyStores")
    members = {name: value for name, value in (request | changes).items() if value is not None}
    code = bench.refusal(CREATE, members).code
    assert before == bench.call("DescribeCustomKeyStores")
    return code


def test_a_store_over_a_cluster_begins_disconnected(bench: Bench) -> None:
    """It has an id of AWS's form, and says everything but its password."""
    made = cluster(bench)
    store = bench.call(CREATE, cloud_request(made))["CustomKeyStoreId"]
    assert re.fullmatch("cks-[0-9a-f]{17}", store)
    assert described(bench, store) == {
        "CustomKeyStoreId": store,
        "CustomKeyStoreName": "cellar",
        "CustomKeyStoreType": "AWS_CLOUDHSM",
        "ConnectionState": "DISCONNECTED",
        "CreationDate": bench.clock.wall(),
        "CloudHsmClusterId": made["ClusterId"],
        "TrustAnchorCertificate": made["TrustAnchorCertificate"],
    }


def test_an_external_store_begins_disconnected(bench: Bench) -> None:
    """It says where its proxy is and never the secret."""
    made = manager(bench)
    store = bench.call(CREATE, external_request(made))["CustomKeyStoreId"]
    entry = described(bench, store)
    assert entry["XksProxyConfiguration"] == {
        "Connectivity": "PUBLIC_ENDPOINT",
        "AccessKeyId": made["AccessKeyId"],
        "UriEndpoint": "https://vault.localhost",
        "UriPath": "/kms/xks/v1",
    }
    assert "CloudHsmClusterId" not in entry
    assert made["RawSecretAccessKey"] not in str(entry)
    assert connection(bench, store) == ("DISCONNECTED", "")


def test_the_trail_shows_names_and_no_secret(bench: Bench) -> None:
    """Names, cluster and address are recorded; password, certificate and credential are not."""
    made = cluster(bench)
    store = bench.call(CREATE, cloud_request(made))["CustomKeyStoreId"]
    event = bench.last_event()
    assert event["requestParameters"] == {
        "customKeyStoreName": "cellar",
        "customKeyStoreType": "AWS_CLOUDHSM",
        "cloudHsmClusterId": made["ClusterId"],
    }
    assert event["responseElements"] == {"customKeyStoreId": store}
    outside = manager(bench)
    bench.call(CREATE, external_request(outside))
    bench.refusal(CREATE, external_request(outside))
    shown = str(bench.events())
    for secret in (PASSWORD, outside["RawSecretAccessKey"], outside["AccessKeyId"]):
        assert secret not in shown


@pytest.mark.parametrize(
    "missing", ["CloudHsmClusterId", "TrustAnchorCertificate", "KeyStorePassword"]
)
def test_a_store_over_a_cluster_needs_all_of_it(bench: Bench, missing: str) -> None:
    """A member that the type needs is asked for by name."""
    error = bench.refusal(CREATE, {**cloud_request(cluster(bench)), missing: None})
    assert (error.code, missing in error.message) == ("ValidationException", True)


@pytest.mark.parametrize(
    "missing",
    [
        "XksProxyConnectivity",
        "XksProxyUriEndpoint",
        "XksProxyUriPath",
        "XksProxyAuthenticationCredential",
    ],
)
def test_an_external_store_needs_all_of_it(bench: Bench, missing: str) -> None:
    """A member that the type needs is asked for by name."""
    error = bench.refusal(CREATE, {**external_request(manager(bench)), missing: None})
    assert (error.code, missing in error.message) == ("ValidationException", True)


def test_a_type_has_no_members_of_the_other(bench: Bench) -> None:
    """What belongs to the other type is refused."""
    inside, outside = cloud_request(cluster(bench)), external_request(manager(bench))
    for name in ("XksProxyUriEndpoint", "XksProxyConnectivity"):
        assert refused(bench, inside, **{name: outside[name]}) == "ValidationException"
    for name in ("KeyStorePassword", "CloudHsmClusterId"):
        assert refused(bench, outside, **{name: inside[name]}) == "ValidationException"


def test_names_are_unique_in_a_region(bench: Bench) -> None:
    """A second key store of the same name is refused, whatever its type; case tells apart."""
    cloud(bench, "one", connected=False)
    request = external_request(manager(bench), "one")
    assert refused(bench, request) == "CustomKeyStoreNameInUseException"
    bench.call(CREATE, request | {"CustomKeyStoreName": "One"})
    bench.session = bench.engine.switch_region(bench.session, "eu-west-1")
    bench.call(CREATE, cloud_request(cluster(bench), "one"))


def test_there_are_ten_stores_at_most(bench: Bench) -> None:
    """The eleventh of a Region is refused, connected or not."""
    for number in range(10):
        host = manager(bench, f"vault{number}")
        bench.call(CREATE, external_request(host, f"store {number}"))
    eleventh = external_request(manager(bench, "vault10"), "one more")
    assert refused(bench, eleventh) == "LimitExceededException"
    gone = bench.call("DescribeCustomKeyStores")["CustomKeyStores"][0]["CustomKeyStoreId"]
    bench.call("DeleteCustomKeyStore", CustomKeyStoreId=gone)
    bench.call(CREATE, eleventh)


def test_a_cluster_has_to_be_there(bench: Bench) -> None:
    """An unknown, a detached, and another Region's cluster are not found."""
    request = cloud_request(cluster(bench))
    unknown = {"CloudHsmClusterId": "cluster-zzzzzzzzzzz"}
    assert refused(bench, request, **unknown) == "CloudHsmClusterNotFoundException"
    cluster_id = request["CloudHsmClusterId"]
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="DETACHED")
    assert refused(bench, request) == "CloudHsmClusterNotFoundException"
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="ACTIVE")
    bench.session = bench.engine.switch_region(bench.session, "eu-west-1")
    assert refused(bench, request) == "CloudHsmClusterNotFoundException"


def test_a_cluster_has_to_be_ready(bench: Bench) -> None:
    """One that is not active, and one with a single HSM, are refused as what they are."""
    request = cloud_request(cluster(bench))
    cluster_id = request["CloudHsmClusterId"]
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="INITIALIZED")
    assert refused(bench, request) == "CloudHsmClusterNotActiveException"
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="ACTIVE", HsmCount=1)
    assert refused(bench, request) == "CloudHsmClusterInvalidConfigurationException"
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, HsmCount=2)
    bench.call(CREATE, request)


def test_a_cluster_belongs_to_one_store(bench: Bench) -> None:
    """Neither it nor a copy of it is taken a second time."""
    _, cluster_id = cloud(bench, connected=False)
    copy = bench.call("kmstui:CreateCluster", SourceClusterId=cluster_id)
    for made in (copy, copy | {"ClusterId": cluster_id}):
        assert refused(bench, cloud_request(made, "two")) == "CloudHsmClusterInUseException"


def test_a_certificate_must_be_the_clusters(bench: Bench) -> None:
    """Another certificate is refused; white space around the right one does not matter."""
    one, two = cluster(bench), cluster(bench)
    request = cloud_request(one)
    other = two["TrustAnchorCertificate"]
    code = refused(bench, request, TrustAnchorCertificate=other)
    assert code == "IncorrectTrustAnchorException"
    text = "\n " + one["TrustAnchorCertificate"].replace("\n", "\r\n") + "\n"
    bench.call(CREATE, request | {"TrustAnchorCertificate": text})


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("OFFLINE", "XksProxyUriUnreachableException"),
        ("SLOW", "XksProxyUriUnreachableException"),
        ("GARBLED", "XksProxyInvalidResponseException"),
        ("REFUSING", "XksProxyInvalidConfigurationException"),
    ],
)
def test_a_proxy_has_to_answer(bench: Bench, condition: str, code: str) -> None:
    """What is wrong with it is the error."""
    request = external_request(manager(bench))
    bench.call("kmstui:UpdateKeyManager", Name="vault", Condition=condition)
    assert refused(bench, request) == code


def test_a_proxy_has_to_be_there_and_accept_the_credential(bench: Bench) -> None:
    """Nobody at the address, and another credential, are told apart."""
    made = manager(bench)
    request = external_request(made)
    nobody = {"XksProxyUriEndpoint": "https://nobody.localhost"}
    assert refused(bench, request, **nobody) == "XksProxyUriUnreachableException"
    elsewhere = {"XksProxyUriPath": "/prefix/kms/xks/v1"}
    assert refused(bench, request, **elsewhere) == "XksProxyUriUnreachableException"
    wrong = credential(made) | {"RawSecretAccessKey": "A" * 43}
    code = refused(bench, request, XksProxyAuthenticationCredential=wrong)
    assert code == "XksProxyIncorrectAuthenticationCredentialException"


def test_an_address_belongs_to_one_store(bench: Bench) -> None:
    """The same endpoint and path are refused; so is an endpoint of a VPC endpoint service."""
    made = manager(bench, XksProxyVpcEndpointServiceName=SERVICE)
    private = {
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyVpcEndpointServiceName": SERVICE,
    }
    request = external_request(made)
    bench.call(CREATE, request)
    again = request | {"CustomKeyStoreName": "two"}
    assert refused(bench, again) == "XksProxyUriInUseException"
    shared = again | private | {"XksProxyUriPath": "/more/kms/xks/v1"}
    assert refused(bench, shared) == "XksProxyUriEndpointInUseException"


def test_a_vpc_endpoint_service_leads_to_one_endpoint(bench: Bench) -> None:
    """It must exist, lead to the endpoint, and belong to no other key store."""
    made = manager(bench, XksProxyVpcEndpointServiceName=SERVICE)
    request = external_request(made) | {"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE"}
    assert refused(bench, request) == "ValidationException"
    request["XksProxyVpcEndpointServiceName"] = OTHER_SERVICE
    assert refused(bench, request) == "XksProxyVpcEndpointServiceNotFoundException"
    request["XksProxyVpcEndpointServiceName"] = SERVICE
    other = {"XksProxyUriEndpoint": "https://other.localhost"}
    code = refused(bench, request, **other)
    assert code == "XksProxyVpcEndpointServiceInvalidConfigurationException"
    # A proxy behind a VPC endpoint service is first reached when it is connected to.
    bench.call("kmstui:UpdateKeyManager", Name="vault", Condition="OFFLINE")
    store = bench.call(CREATE, request)["CustomKeyStoreId"]
    configuration = described(bench, store)["XksProxyConfiguration"]
    assert configuration["VpcEndpointServiceName"] == SERVICE
    assert configuration["VpcEndpointServiceOwner"] == "111122223333"
    again = request | {"CustomKeyStoreName": "two", "XksProxyUriPath": "/more/kms/xks/v1"}
    assert refused(bench, again) == "XksProxyVpcEndpointServiceInUseException"


def test_a_public_endpoint_has_no_service(bench: Bench) -> None:
    """A VPC endpoint service with PUBLIC_ENDPOINT makes no sense."""
    request = external_request(manager(bench))
    for extra in (
        {"XksProxyVpcEndpointServiceName": SERVICE},
        {"XksProxyVpcEndpointServiceOwner": "111122223333"},
    ):
        assert refused(bench, request, **extra) == "ValidationException"


def test_only_an_empty_disconnected_store_is_deleted(bench: Bench) -> None:
    """Connected, or with a key that is only pending deletion, it stays."""
    store, cluster_id = cloud(bench)
    named = {"CustomKeyStoreId": store}
    code = bench.refusal("DeleteCustomKeyStore", named).code
    assert code == "CustomKeyStoreInvalidStateException"
    key = cloud_key(bench, store)
    bench.call("ScheduleKeyDeletion", KeyId=key)
    bench.call("DisconnectCustomKeyStore", named)
    error = bench.refusal("DeleteCustomKeyStore", named)
    assert error.code == "CustomKeyStoreHasCMKsException"
    assert error.message.endswith("contains 1 KMS key.")
    code = bench.refusal("kmstui:DeleteCluster", ClusterId=cluster_id).code
    assert code == "DeleteConflict"


def test_deleting_a_store_leaves_what_is_behind_it(bench: Bench) -> None:
    """The cluster stays and can be given to another key store; the id is unknown at once."""
    store, cluster_id = cloud(bench, connected=False)
    bench.call("DeleteCustomKeyStore", CustomKeyStoreId=store)
    event = bench.last_event()
    assert event["additionalEventData"] == {
        "customKeyStoreName": "cellar",
        "clusterId": cluster_id,
    }
    for operation in ("DeleteCustomKeyStore", "DescribeCustomKeyStores"):
        code = bench.refusal(operation, CustomKeyStoreId=store).code
        assert code == "CustomKeyStoreNotFoundException"
    (left,) = bench.call("kmstui:ListClusters")["Clusters"]
    assert "CustomKeyStoreId" not in left
    certificate = left["TrustAnchorCertificate"]
    made = {"ClusterId": cluster_id, "TrustAnchorCertificate": certificate}
    bench.call(CREATE, cloud_request(made, "next"))


def test_stores_are_listed_by_page_and_found_by_name(bench: Bench) -> None:
    """Pages follow each other by id; an id and a name at once, and unknown ones, are refused."""
    ids = sorted(
        [cloud(bench, "one", connected=False)[0], external(bench, "two", connected=False)]
    )
    first = bench.call("DescribeCustomKeyStores", Limit=1)
    assert (first["Truncated"], first["CustomKeyStores"][0]["CustomKeyStoreId"]) == (True, ids[0])
    last = bench.call("DescribeCustomKeyStores", Limit=1, Marker=first["NextMarker"])
    assert (last["Truncated"], last["CustomKeyStores"][0]["CustomKeyStoreId"]) == (False, ids[1])
    (named,) = bench.call("DescribeCustomKeyStores", CustomKeyStoreName="two")["CustomKeyStores"]
    assert named["CustomKeyStoreType"] == "EXTERNAL_KEY_STORE"
    for request, code in (
        ({"CustomKeyStoreName": "three"}, "CustomKeyStoreNotFoundException"),
        ({"CustomKeyStoreId": "cks-1"}, "CustomKeyStoreNotFoundException"),
        ({"CustomKeyStoreId": ids[0], "CustomKeyStoreName": "one"}, "ValidationException"),
        ({"Marker": first["NextMarker"][:-4] + "AAAA"}, "InvalidMarkerException"),
    ):
        assert bench.refusal("DescribeCustomKeyStores", request).code == code
    bench.session = bench.engine.switch_region(bench.session, "eu-west-1")
    assert bench.call("DescribeCustomKeyStores")["CustomKeyStores"] == []
    message = bench.refusal("DescribeCustomKeyStores", CustomKeyStoreId=ids[0]).message
    assert REGION not in message
