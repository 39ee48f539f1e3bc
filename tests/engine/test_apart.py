"""What changes while a call does its long work without the lock does not go by it unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from kmstui.core.spec import OperationSpec
from kmstui.engine import calls
from kmstui.hsm import read_blob_header
from kmstui.keystore import UnitOfWork
from kmstui.ops.call import Call
from tests.helpers.engines import Bench, arn_of

PASSWORD = "kmsuser password"
CLUSTER = "cluster-aaaaaaaaaaa"

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Have something happen between the long work of the next such call and the rest of it."""
    work = calls._do_apart

    def plan(act: Callable[[], object]) -> None:
        def done(spec: OperationSpec, call: Call) -> KmsError | None:
            failure = work(spec, call)
            monkeypatch.setattr(calls, "_do_apart", work)
            act()
            return failure

        monkeypatch.setattr(calls, "_do_apart", done)

    return plan


def make_store(bench: Bench) -> str:
    """Make a cluster and a key store that is not connected to it yet; return its id."""
    made = bench.call("kmstui:CreateCluster", ClusterId=CLUSTER, Password=PASSWORD)
    store: str = bench.call(
        "CreateCustomKeyStore",
        CustomKeyStoreName="cellar",
        CloudHsmClusterId=CLUSTER,
        TrustAnchorCertificate=made["TrustAnchorCertificate"],
        KeyStorePassword=PASSWORD,
    )["CustomKeyStoreId"]
    return store


def connection(bench: Bench) -> tuple[str, str]:
    """Return the state of the one key store, and its error."""
    (store,) = bench.call("DescribeCustomKeyStores")["CustomKeyStores"]
    return store["ConnectionState"], store.get("ConnectionErrorCode", "")


def test_a_key_store_is_connected_with_the_password_that_it_has(
    bench: Bench, meanwhile: Meanwhile
) -> None:
    """One that was replaced while its cluster was logged in to does not count."""
    store = make_store(bench)
    members = {"CustomKeyStoreId": store, "KeyStorePassword": "a wrong password"}
    meanwhile(lambda: bench.call("UpdateCustomKeyStore", members))
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    assert connection(bench) == ("FAILED", "INVALID_CREDENTIALS")
    assert bench.core.devices.clusters.session(CLUSTER) is None


def test_a_key_store_is_connected_to_the_cluster_that_it_has(
    bench: Bench, meanwhile: Meanwhile
) -> None:
    """Keys are made in the cluster that it leads to by then, not in the one that it led to."""
    store, clusters = make_store(bench), bench.core.devices.clusters
    copy = bench.call("kmstui:CreateCluster", SourceClusterId=CLUSTER)["ClusterId"]
    members = {"CustomKeyStoreId": store, "CloudHsmClusterId": copy}
    meanwhile(lambda: bench.call("UpdateCustomKeyStore", members))
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    assert connection(bench) == ("CONNECTED", "")
    bench.key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)
    assert [0, 1] == [len(clusters.answering(each).objects) for each in (CLUSTER, copy)]


def test_a_pair_is_encrypted_under_the_key_that_the_answer_names(
    bench: Bench, meanwhile: Meanwhile
) -> None:
    """Where an alias leads elsewhere by the end, the key that it led to is not used."""
    before, after = bench.key("alias/moving"), bench.key()

    def move() -> None:
        bench.call("UpdateAlias", AliasName="alias/moving", TargetKeyId=after)
        bench.call("DisableKey", KeyId=before)

    meanwhile(move)
    made = bench.call(
        "GenerateDataKeyPairWithoutPlaintext", KeyId="alias/moving", KeyPairSpec="RSA_2048"
    )
    assert arn_of(after) == made["KeyId"]
    assert after == read_blob_header(made["PrivateKeyCiphertextBlob"]).key_id


def test_a_clusters_password_is_changed_by_who_knows_the_present_one(
    bench: Bench, meanwhile: Meanwhile
) -> None:
    """Not by who knew the last one, nor that of a cluster that had the same id."""
    make_store(bench)
    change = {"ClusterId": CLUSTER, "Password": PASSWORD, "NewPassword": "mine from now on"}
    other = {**change, "NewPassword": "another password"}
    meanwhile(lambda: bench.call("kmstui:UpdateCluster", other))
    assert bench.refusal("kmstui:UpdateCluster", change).code == "WrongPassphraseError"
    clusters = bench.core.devices.clusters
    assert clusters.log_in(CLUSTER, Secret(b"another password")).unlocked


def test_nothing_is_destroyed_before_the_trail_has_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the commit fails, every cluster, key manager and external key is as it was."""
    devices = bench.core.devices
    bench.call("kmstui:CreateCluster", ClusterId=CLUSTER, Password=PASSWORD)
    bench.call("kmstui:CreateKeyManager", Name="vault")
    bench.call("kmstui:UpdateKeyManager", Name="vault", AddKey="external-1")
    before = (devices.clusters.find(CLUSTER), devices.managers.find("vault"))

    def full(*_: object, **__: object) -> int:
        raise KmsError("the disk is full")

    monkeypatch.setattr(UnitOfWork, "commit", full)
    for operation, members in (
        ("DeleteCluster", {"ClusterId": CLUSTER}),
        ("UpdateCluster", {"ClusterId": CLUSTER, "HsmCount": 0}),
        ("CreateCluster", {"ClusterId": "cluster-bbbbbbbbbbb", "Password": PASSWORD}),
        ("UpdateKeyManager", {"Name": "vault", "RemoveKey": "external-1"}),
        ("DeleteKeyManager", {"Name": "vault"}),
        ("CreateKeyManager", {"Name": "other"}),
    ):
        assert bench.refusal(f"kmstui:{operation}", members).message == "the disk is full"
    assert before == (devices.clusters.find(CLUSTER), devices.managers.find("vault"))
    assert ([CLUSTER], ["vault"]) == (devices.clusters.names(), devices.managers.names())
