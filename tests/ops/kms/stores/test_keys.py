"""Keys in custom key stores: how they are made, and what is done with them."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest

from kmstui.hsm import read_blob_header
from tests.helpers.engines import Answer, Bench, arn_of
from tests.helpers.stores import (
    cloud,
    cloud_key,
    edit_token,
    external,
    external_key,
    key_state,
    token_file,
)

CLOUD = {"Origin": "AWS_CLOUDHSM"}
EXTERNAL = {"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "k1"}


def refused(bench: Bench, **members: Any) -> str:
    """Return the code that CreateKey is refused with; no key is made."""
    before = bench.core.keystore.head.key_count
    code = bench.refusal("CreateKey", members).code
    assert before == bench.core.keystore.head.key_count
    return code


@pytest.fixture(params=["cloud", "external"])
def key(bench: Bench, request: pytest.FixtureRequest) -> str:
    """Return the id of a key in a key store of each type."""
    if request.param == "cloud":
        return cloud_key(bench, cloud(bench)[0])
    return external_key(bench, external(bench))


def test_metadata_names_the_store_and_what_is_behind_it(bench: Bench) -> None:
    """The cluster or the external key, and no key material id."""
    store, cluster_id = cloud(bench)
    made = bench.call("CreateKey", {"CustomKeyStoreId": store, **CLOUD})["KeyMetadata"]
    assert (made["CustomKeyStoreId"], made["CloudHsmClusterId"]) == (store, cluster_id)
    assert (made["KeyState"], made["Origin"]) == ("Enabled", "AWS_CLOUDHSM")
    assert "CurrentKeyMaterialId" not in made
    assert made == bench.call("DescribeKey", KeyId=made["KeyId"])["KeyMetadata"]
    outside = external(bench)
    other = bench.call("CreateKey", {"CustomKeyStoreId": outside, **EXTERNAL})["KeyMetadata"]
    assert other["XksKeyConfiguration"] == {"Id": "k1"}
    assert "CloudHsmClusterId" not in other
    rows = bench.call("kmstui:ListKeySummaries")["Keys"]
    assert {(row["CustomKeyStoreId"], row.get("XksKeyId")) for row in rows} == {
        (store, None),
        (outside, "k1"),
    }


def test_the_trail_names_store_and_backing_key(bench: Bench) -> None:
    """CreateKey shows the backing key, and each use of a key its store and external key."""
    store, _ = cloud(bench)
    cloud_key(bench, store)
    shown = bench.last_event()["additionalEventData"]
    assert shown["customKeyStoreId"] == store
    assert len(shown["backingKey"]) == 64
    outside = external(bench)
    key = external_key(bench, outside)
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    expected = {"customKeyStoreId": outside, "xksKeyId": "k1"}
    assert bench.last_event()["additionalEventData"] == expected


def test_origin_and_store_go_together(bench: Bench) -> None:
    """Each needs the other, of the right type; XksKeyId is for external keys only."""
    inside, outside = cloud(bench)[0], external(bench)
    for members in (
        {"CustomKeyStoreId": inside},
        {"CustomKeyStoreId": inside, "Origin": "EXTERNAL"},
        CLOUD,
        EXTERNAL,
        {**CLOUD, "CustomKeyStoreId": inside, "XksKeyId": "k1"},
        {"XksKeyId": "k1"},
        {**CLOUD, "CustomKeyStoreId": outside},
        {**EXTERNAL, "CustomKeyStoreId": inside},
        {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": outside},
    ):
        assert refused(bench, **members) == "ValidationException", members
    unknown = {**CLOUD, "CustomKeyStoreId": "cks-1"}
    assert refused(bench, **unknown) == "CustomKeyStoreNotFoundException"


@pytest.mark.parametrize(
    "members",
    [
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"MultiRegion": True},
    ],
    ids=str,
)
def test_only_single_region_symmetric_keys(bench: Bench, members: Answer) -> None:
    """Anything else is not supported in a custom key store."""
    store, _ = cloud(bench)
    code = refused(bench, CustomKeyStoreId=store, **CLOUD, **members)
    assert code == "UnsupportedOperationException"


def test_keys_are_made_in_a_connected_store_only(bench: Bench) -> None:
    """Disconnected and failed ones refuse."""
    store, cluster_id = cloud(bench, connected=False)
    request = {"CustomKeyStoreId": store, **CLOUD}
    assert refused(bench, **request) == "CustomKeyStoreInvalidStateException"
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="DETACHED")
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    assert refused(bench, **request) == "CustomKeyStoreInvalidStateException"


def test_a_cluster_makes_keys_with_two_hsms(bench: Bench) -> None:
    """With one it is misconfigured; without an answer it is a time-out. Use needs one only."""
    store, cluster_id = cloud(bench)
    request = {"CustomKeyStoreId": store, **CLOUD}
    key = cloud_key(bench, store)
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, HsmCount=1)
    assert refused(bench, **request) == "CloudHsmClusterInvalidConfigurationException"
    assert bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="DETACHED")
    assert refused(bench, **request) == "DependencyTimeoutException"


def test_an_external_key_must_be_there_enabled_and_free(bench: Bench) -> None:
    """Each has its error; an external key is free again once its KMS key is gone."""
    store = external(bench)
    request = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store}
    key = external_key(bench, store)
    assert refused(bench, **request, XksKeyId="k1") == "XksKeyAlreadyInUseException"
    assert refused(bench, **request, XksKeyId="k9") == "XksKeyNotFoundException"
    bench.call("kmstui:UpdateKeyManager", Name="vault", DisableKey="k2")
    code = refused(bench, **request, XksKeyId="k2")
    assert code == "XksKeyInvalidConfigurationException"
    bench.call("kmstui:UpdateKeyManager", Name="vault", Condition="OFFLINE")
    assert refused(bench, **request, XksKeyId="k2") == "DependencyTimeoutException"
    bench.call("kmstui:UpdateKeyManager", Name="vault", Condition="ONLINE")
    keystore = bench.core.keystore
    with keystore.begin() as unit:
        unit.delete_key("111122223333", "us-east-1", key)
        unit.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)
    assert external_key(bench, store)


def test_everything_a_symmetric_key_does(bench: Bench, key: str) -> None:
    """Encrypt, Decrypt, data keys, ReEncrypt, contexts: as with any other key."""
    context = {"a": "b"}
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"plain", EncryptionContext=context)
    request = {"CiphertextBlob": blob["CiphertextBlob"]}
    opened = bench.call("Decrypt", **request, EncryptionContext=context)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"plain", arn_of(key))
    assert bench.refusal("Decrypt", request).code in {
        "InvalidCiphertextException",
        "KMSInvalidStateException",
    }
    made = bench.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")
    assert (
        bench.call("Decrypt", CiphertextBlob=made["CiphertextBlob"])["Plaintext"]
        == (made["Plaintext"])
    )
    bare = bench.call("GenerateDataKeyWithoutPlaintext", KeyId=key, NumberOfBytes=24)
    assert len(bench.call("Decrypt", CiphertextBlob=bare["CiphertextBlob"])["Plaintext"]) == 24
    again = bench.call(
        "ReEncrypt",
        CiphertextBlob=blob["CiphertextBlob"],
        SourceEncryptionContext=context,
        DestinationKeyId=key,
    )
    moved = bench.call("Decrypt", CiphertextBlob=again["CiphertextBlob"])
    assert moved["Plaintext"] == b"plain"
    error = bench.refusal("Encrypt", KeyId=key, Plaintext=b"x", DryRun=True)
    assert error.code == "DryRunOperationException"
    longest = bench.call("Encrypt", KeyId=key, Plaintext=bytes(4096))["CiphertextBlob"]
    assert len(longest) <= 6144
    assert bench.call("Decrypt", CiphertextBlob=longest)["Plaintext"] == bytes(4096)


def test_ciphertexts_move_between_stores_and_kinds_of_keys(bench: Bench) -> None:
    """Every pair of the keystore's HSM, two clusters, an external store and an RSA key."""
    rsa = bench.key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    outside = external(bench)
    keys = {
        bench.key(): "SYMMETRIC_DEFAULT",
        cloud_key(bench, cloud(bench, "one")[0]): "SYMMETRIC_DEFAULT",
        cloud_key(bench, cloud(bench, "two")[0]): "SYMMETRIC_DEFAULT",
        external_key(bench, outside): "SYMMETRIC_DEFAULT",
        external_key(bench, outside, "k2"): "SYMMETRIC_DEFAULT",
        rsa: "RSAES_OAEP_SHA_256",
    }
    for source, before in keys.items():
        blob = bench.call("Encrypt", KeyId=source, Plaintext=b"plain", EncryptionAlgorithm=before)[
            "CiphertextBlob"
        ]
        for target, after in keys.items():
            moved = bench.call(
                "ReEncrypt",
                CiphertextBlob=blob,
                SourceKeyId=source,
                SourceEncryptionAlgorithm=before,
                DestinationKeyId=target,
                DestinationEncryptionAlgorithm=after,
            )
            opened = bench.call(
                "Decrypt",
                CiphertextBlob=moved["CiphertextBlob"],
                KeyId=target,
                EncryptionAlgorithm=after,
            )
            assert opened["Plaintext"] == b"plain"


def test_blobs_of_both_kinds_name_their_key(bench: Bench, key: str) -> None:
    """Decrypt needs no key id: the header leads to the key, and to its store."""
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    header = read_blob_header(blob)
    assert header.key_id == key
    assert header.external is (bench.record(key).origin == "EXTERNAL_KEY_STORE")


def test_there_are_no_pairs_and_no_rotation(bench: Bench, key: str) -> None:
    """Both are not supported in a custom key store."""
    for operation, members in (
        ("GenerateDataKeyPair", {"KeyPairSpec": "ECC_NIST_P256"}),
        ("GenerateDataKeyPairWithoutPlaintext", {"KeyPairSpec": "ECC_NIST_P256"}),
        ("EnableKeyRotation", {}),
        ("DisableKeyRotation", {}),
        ("GetKeyRotationStatus", {}),
        ("RotateKeyOnDemand", {}),
        ("ListKeyRotations", {}),
    ):
        code = bench.refusal(operation, {"KeyId": key, **members}).code
        assert code == "UnsupportedOperationException", operation


def test_an_unavailable_key_is_refused_as_that(bench: Bench, key: str) -> None:
    """Cryptographic calls say so; looking, tagging, grants' revocation and policies go on."""
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    grant = bench.call(
        "CreateGrant",
        KeyId=key,
        GranteePrincipal="arn:aws:iam::111122223333:root",
        Operations=["Encrypt"],
    )["GrantId"]
    store = bench.record(key).custom_key_store_id
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    for operation, members in (
        ("Encrypt", {"KeyId": key, "Plaintext": b"x"}),
        ("Decrypt", {"CiphertextBlob": blob}),
        ("GenerateDataKey", {"KeyId": key, "KeySpec": "AES_256"}),
        ("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": bench.key()}),
    ):
        error = bench.refusal(operation, members)
        assert (error.code, error.message) == (
            "KMSInvalidStateException",
            f"{arn_of(key)} is unavailable.",
        )
    bench.call("TagResource", KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])
    bench.call("RevokeGrant", KeyId=key, GrantId=grant)
    bench.call("ScheduleKeyDeletion", KeyId=key)
    assert key_state(bench, key) == "PendingDeletion"
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    bench.call("CancelKeyDeletion", KeyId=key)
    bench.call("EnableKey", KeyId=key)
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "DETACHED"}, "cannot be found"),
        ({"hsms": 0}, "no active HSM"),
        ({"objects": {}}, "not in cluster"),
        ({"format": 9}, "unknown version"),
    ],
    ids=str,
)
def test_a_cluster_that_stops_answering(bench: Bench, changes: Answer, words: str) -> None:
    """The store stays CONNECTED and the key Enabled, but its use fails and says why."""
    store, cluster_id = cloud(bench)
    key = cloud_key(bench, store)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    before = token_file(bench, cluster_id).read_text()
    edit_token(bench, cluster_id, **changes)
    for error in (
        bench.refusal("Encrypt", KeyId=key, Plaintext=b"x"),
        bench.refusal("Decrypt", CiphertextBlob=blob),
    ):
        assert (error.code, words in error.message) == ("KMSInvalidStateException", True)
    assert key_state(bench, key) == "Enabled"
    token_file(bench, cluster_id).write_text(before)
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_key_manager_off_line(bench: Bench) -> None:
    """Use fails with the reason while the key stays Enabled, and comes back by itself."""
    store = external(bench)
    key = external_key(bench, store)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    for change, back, words in (
        ({"Condition": "OFFLINE"}, {"Condition": "ONLINE"}, "cannot be reached"),
        ({"Condition": "SLOW"}, {"Condition": "ONLINE"}, "250 ms"),
        ({"DisableKey": "k1"}, {"EnableKey": "k1"}, "disabled"),
    ):
        bench.call("kmstui:UpdateKeyManager", {"Name": "vault", **change})
        error = bench.refusal("Decrypt", CiphertextBlob=blob)
        assert (error.code, words in error.message) == ("KMSInvalidStateException", True)
        assert key_state(bench, key) == "Enabled"
        bench.call("kmstui:UpdateKeyManager", {"Name": "vault", **back})
        assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"


def test_an_external_key_that_is_gone_takes_the_ciphertext_with_it(bench: Bench) -> None:
    """A new external key of the same name does not open what the old one closed."""
    store = external(bench)
    key = external_key(bench, store)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    bench.call("kmstui:UpdateKeyManager", Name="vault", RemoveKey="k1")
    assert "no key k1" in bench.refusal("Decrypt", CiphertextBlob=blob).message
    bench.call("kmstui:UpdateKeyManager", Name="vault", AddKey="k1")
    error = bench.refusal("Decrypt", CiphertextBlob=blob)
    assert (error.code, "corrupted" in error.message) == ("KMSInvalidStateException", True)


def test_random_bytes_come_from_a_connected_cluster(bench: Bench) -> None:
    """Only a store over a cluster has them, while it is connected and answers."""
    store, cluster_id = cloud(bench)
    request = {"NumberOfBytes": 16, "CustomKeyStoreId": store}
    assert len(bench.call("GenerateRandom", request)["Plaintext"]) == 16
    bench.call("kmstui:UpdateCluster", ClusterId=cluster_id, State="DETACHED")
    assert bench.refusal("GenerateRandom", request).code == "DependencyTimeoutException"
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    code = bench.refusal("GenerateRandom", request).code
    assert code == "CustomKeyStoreInvalidStateException"
    other = request | {"CustomKeyStoreId": external(bench)}
    assert bench.refusal("GenerateRandom", other).code == "UnsupportedOperationException"


def test_no_connection_is_ever_opened(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is done while no socket can be made."""

    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        message = "a socket was asked for"
        raise AssertionError(message)

    for name in ("socket", "create_connection", "getaddrinfo", "socketpair"):
        monkeypatch.setattr(socket, name, refuse)
    store = external(bench)
    key = external_key(bench, store)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"
    bench.call("kmstui:UpdateKeyManager", Name="vault", Condition="OFFLINE")
    bench.refusal("Decrypt", CiphertextBlob=blob)
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    bench.call("ConnectCustomKeyStore", CustomKeyStoreId=store)
