"""External key managers as operations: made, changed, listed and destroyed."""

from __future__ import annotations

import re

import pytest

from tests.helpers.engines import Answer, Bench
from tests.helpers.stores import external, manager

CHANGE = "kmstui:UpdateKeyManager"
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"


def only(bench: Bench) -> Answer:
    """Return the one key manager as it is listed."""
    (found,) = bench.call("kmstui:ListKeyManagers")["KeyManagers"]
    entry: Answer = found
    return entry


def test_a_key_manager_is_made(bench: Bench) -> None:
    """Its credential is of AWS's form and shown once; the trail has neither half."""
    made = manager(bench, XksProxyUriPath="/prefix/kms/xks/v1")
    assert re.fullmatch("[A-Z2-7]{20}", made["AccessKeyId"])
    assert re.fullmatch("[a-zA-Z0-9/+=]{43,64}", made["RawSecretAccessKey"])
    assert only(bench) == {
        "Name": "vault",
        "XksProxyUriEndpoint": "https://vault.localhost",
        "XksProxyUriPath": "/prefix/kms/xks/v1",
        "Condition": "ONLINE",
        "Keys": [],
    }
    shown = str(bench.events())
    assert made["AccessKeyId"] not in shown
    assert made["RawSecretAccessKey"] not in shown


@pytest.mark.parametrize("name", ["-vault", "vault-", "Vault", "va ult", "../vault", "a.b", ""])
def test_a_name_is_that_of_a_host(bench: Bench, name: str) -> None:
    """Anything else is refused, and no file is made."""
    assert bench.refusal("kmstui:CreateKeyManager", Name=name).code == "ValidationException"
    assert not (bench.directory / "key-managers").exists()


def test_names_and_services_are_unique(bench: Bench) -> None:
    """A second key manager of either is refused."""
    manager(bench, XksProxyVpcEndpointServiceName=SERVICE)
    for request in (
        {"Name": "vault"},
        {"Name": "other", "XksProxyVpcEndpointServiceName": SERVICE},
    ):
        assert bench.refusal("kmstui:CreateKeyManager", request).code == "AlreadyExistsException"
    assert only(bench)["XksProxyVpcEndpointServiceName"] == SERVICE


def test_keys_are_added_switched_and_removed(bench: Bench) -> None:
    """Each change is listed; the key store it belongs to is named."""
    store = external(bench, connected=False)
    bench.call(CHANGE, Name="vault", DisableKey="k2")
    found = only(bench)
    assert found["CustomKeyStoreId"] == store
    assert found["Keys"] == [
        {"XksKeyId": "k1", "Enabled": True},
        {"XksKeyId": "k2", "Enabled": False},
    ]
    bench.call(CHANGE, Name="vault", EnableKey="k2")
    bench.call(CHANGE, Name="vault", RemoveKey="k1")
    assert only(bench)["Keys"] == [{"XksKeyId": "k2", "Enabled": True}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "ValidationException"),
        ({"AddKey": "a", "RemoveKey": "k1"}, "ValidationException"),
        ({"AddKey": "a b"}, "ValidationException"),
        ({"AddKey": "k1"}, "AlreadyExistsException"),
        ({"EnableKey": "a"}, "NotFoundException"),
        ({"DisableKey": "a"}, "NotFoundException"),
        ({"RemoveKey": "a"}, "NotFoundException"),
        ({"Condition": "ASLEEP"}, "ValidationException"),
    ],
    ids=str,
)
def test_a_change_has_to_make_sense(bench: Bench, changes: Answer, code: str) -> None:
    """What does not is refused, and nothing changes."""
    manager(bench, "vault", "k1")
    before = only(bench)
    assert bench.refusal(CHANGE, {"Name": "vault", **changes}).code == code
    assert before == only(bench)


def test_a_new_credential_is_shown_once(bench: Bench) -> None:
    """It is another one; any other change shows none."""
    made = manager(bench)
    fresh = bench.call(CHANGE, Name="vault", NewCredential=True)
    assert set(fresh) == {"AccessKeyId", "RawSecretAccessKey"}
    assert made["RawSecretAccessKey"] != fresh["RawSecretAccessKey"]
    assert bench.call(CHANGE, Name="vault", Condition="SLOW") == {}


def test_key_managers_belong_to_a_region(bench: Bench) -> None:
    """In another Region they are neither listed nor changed nor destroyed."""
    manager(bench)
    bench.session = bench.engine.switch_region(bench.session, "eu-west-1")
    assert bench.call("kmstui:ListKeyManagers")["KeyManagers"] == []
    for operation, request in (
        (CHANGE, {"Name": "vault", "AddKey": "a"}),
        ("kmstui:DeleteKeyManager", {"Name": "vault"}),
        ("kmstui:DeleteKeyManager", {"Name": "-"}),
    ):
        assert bench.refusal(operation, request).code == "NotFoundException"


def test_only_a_free_key_manager_is_destroyed(bench: Bench) -> None:
    """One that a key store has stays; afterwards its file is gone."""
    store = external(bench, connected=False)
    named = {"Name": "vault"}
    assert bench.refusal("kmstui:DeleteKeyManager", named).code == "DeleteConflict"
    bench.call("DeleteCustomKeyStore", CustomKeyStoreId=store)
    bench.call("kmstui:DeleteKeyManager", named)
    assert list((bench.directory / "key-managers").iterdir()) == []
