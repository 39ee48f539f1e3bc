"""Clusters as operations: made, copied, changed, listed and destroyed."""

from __future__ import annotations

import re

import pytest

from tests.helpers.engines import Answer, Bench
from tests.helpers.stores import (
    OTHER_PASSWORD,
    PASSWORD,
    cloud,
    cloud_key,
    cluster,
    edit_token,
    token_file,
)

CHANGE = "kmstui:UpdateCluster"


def only(bench: Bench) -> Answer:
    """Return the one cluster as it is listed."""
    (found,) = bench.call("kmstui:ListClusters")["Clusters"]
    entry: Answer = found
    return entry


def test_a_cluster_is_made(bench: Bench) -> None:
    """With an id of AWS's form, a certificate, two HSMs, and a file of its own."""
    made = cluster(bench)
    assert re.fullmatch("cluster-[2-7a-z]{11}", made["ClusterId"])
    assert made["TrustAnchorCertificate"].startswith("-----BEGIN CERTIFICATE-----\n")
    assert only(bench) == {
        "ClusterId": made["ClusterId"],
        "State": "ACTIVE",
        "HsmCount": 2,
        "CryptoUser": "READY",
        "FailedLogins": 0,
        "KeyCount": 0,
        "CreationDate": bench.clock.wall(),
        "TrustAnchorCertificate": made["TrustAnchorCertificate"],
    }
    assert token_file(bench, made["ClusterId"]).stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in str(bench.events())


def test_an_id_may_be_chosen_once(bench: Bench) -> None:
    """The second of that id is refused, and so is what is none."""
    cluster(bench, ClusterId="cluster-aaaaaaaaaaa")
    request = {"Password": PASSWORD, "ClusterId": "cluster-aaaaaaaaaaa"}
    assert bench.refusal("kmstui:CreateCluster", request).code == "AlreadyExistsException"
    request["ClusterId"] = "cluster-../../etc/pa"
    assert bench.refusal("kmstui:CreateCluster", request).code == "ValidationException"


def test_a_cluster_has_a_password_or_a_source(bench: Bench) -> None:
    """Neither and both are refused; so is an unknown source."""
    made = cluster(bench)["ClusterId"]
    for request, code in (
        ({}, "ValidationException"),
        ({"Password": PASSWORD, "SourceClusterId": made}, "ValidationException"),
        ({"SourceClusterId": "cluster-zzzzzzzzzzz"}, "CloudHsmClusterNotFoundException"),
    ):
        assert bench.refusal("kmstui:CreateCluster", request).code == code


def test_a_listed_cluster_names_its_store(bench: Bench) -> None:
    """And how many keys are in it."""
    store, _ = cloud(bench)
    cloud_key(bench, store)
    found = only(bench)
    assert (found["CustomKeyStoreId"], found["KeyCount"]) == (store, 1)


def test_clusters_belong_to_a_region(bench: Bench) -> None:
    """In another Region they are neither listed nor changed nor destroyed."""
    named = {"ClusterId": cluster(bench)["ClusterId"]}
    bench.session = bench.engine.switch_region(bench.session, "eu-west-1")
    assert bench.call("kmstui:ListClusters")["Clusters"] == []
    for operation, request in (
        (CHANGE, {**named, "HsmCount": 1}),
        ("kmstui:DeleteCluster", named),
    ):
        code = bench.refusal(operation, request).code
        assert code == "CloudHsmClusterNotFoundException"


@pytest.mark.parametrize(
    "changes",
    [{}, {"NewPassword": OTHER_PASSWORD}, {"Password": PASSWORD}],
    ids=str,
)
def test_a_change_is_a_whole_one(bench: Bench, changes: Answer) -> None:
    """Nothing to change, and half a change of the password, are refused."""
    named = {"ClusterId": cluster(bench)["ClusterId"]}
    assert bench.refusal(CHANGE, named | changes).code == "ValidationException"


def test_the_password_changes_for_who_knows_it(bench: Bench) -> None:
    """A wrong one is refused and changes nothing; neither is in the trail."""
    cluster_id = cluster(bench)["ClusterId"]
    before = token_file(bench, cluster_id).read_bytes()
    request = {"ClusterId": cluster_id, "NewPassword": OTHER_PASSWORD}
    error = bench.refusal(CHANGE, request, Password="not the password")
    assert error.code == "WrongPassphraseError"
    assert before == token_file(bench, cluster_id).read_bytes()
    bench.call(CHANGE, request, Password=PASSWORD)
    assert bench.refusal(CHANGE, request, Password=PASSWORD).code == "WrongPassphraseError"
    shown = str(bench.events())
    assert PASSWORD not in shown
    assert OTHER_PASSWORD not in shown


def test_a_locked_out_user_is_let_in_again(bench: Bench) -> None:
    """Setting the account READY forgets the wrong passwords."""
    cluster_id = cluster(bench)["ClusterId"]
    edit_token(bench, cluster_id, user="LOCKED_OUT", failures=5)
    assert only(bench)["CryptoUser"] == "LOCKED_OUT"
    bench.call(CHANGE, ClusterId=cluster_id, CryptoUser="READY")
    found = only(bench)
    assert (found["CryptoUser"], found["FailedLogins"]) == ("READY", 0)


def test_a_cluster_is_destroyed_with_its_keys(bench: Bench) -> None:
    """Its file is gone; the second time there is none."""
    named = {"ClusterId": cluster(bench)["ClusterId"]}
    bench.call("kmstui:DeleteCluster", named)
    assert not token_file(bench, named["ClusterId"]).exists()
    assert bench.call("kmstui:ListClusters")["Clusters"] == []
    code = bench.refusal("kmstui:DeleteCluster", named).code
    assert code == "CloudHsmClusterNotFoundException"


def test_a_damaged_cluster_is_named_when_clusters_are_listed(bench: Bench) -> None:
    """Listing says that a token file is damaged rather than leaving it out."""
    cluster_id = cluster(bench)["ClusterId"]
    token_file(bench, cluster_id).write_text("{}")
    assert bench.refusal("kmstui:ListClusters").code == "KeystoreTamperedError"
