"""Access keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from tests.helpers.engines import START, Bench
from tests.helpers.iam_requests import KEY_ID


def refused(bench: Bench, operation: str, **members: Any) -> tuple[str, str]:
    """Return code and text of a refusal."""
    error = bench.refusal(f"iam:{operation}", members)
    return error.code, error.message


def test_a_secret_is_shown_once_and_nowhere_else(people: Bench) -> None:
    """CreateAccessKey answers the secret; neither the trail nor the file nor a list has it."""
    key = people.call("iam:CreateAccessKey", UserName="bob")["AccessKey"]
    secret = key.pop("SecretAccessKey")
    assert len(secret) == 40
    assert key == {
        "UserName": "bob",
        "AccessKeyId": key["AccessKeyId"],
        "Status": "Active",
        "CreateDate": START,
    }
    assert (key["AccessKeyId"][:4], len(key["AccessKeyId"])) == ("AKIA", 20)
    assert people.call("iam:ListAccessKeys", UserName="bob")["AccessKeyMetadata"] == [key]
    event = people.last_event()
    assert event["eventName"] == "ListAccessKeys"
    created = people.events()[-2]
    assert created["additionalEventData"] == {"accessKeyId": key["AccessKeyId"]}
    assert secret not in orjson.dumps(people.events()).decode()
    record = people.core.keystore.access_key(key["AccessKeyId"])
    assert record is not None
    assert secret.encode() not in record.token


def test_a_user_has_two_access_keys_at_most(people: Bench) -> None:
    """Inactive ones count."""
    people.call("iam:CreateAccessKey", UserName="ada")
    people.call("iam:UpdateAccessKey", UserName="ada", AccessKeyId=KEY_ID, Status="Inactive")
    found = refused(people, "CreateAccessKey", UserName="ada")
    assert found == ("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")


def test_the_status_of_an_access_key(people: Bench) -> None:
    """It is made inactive and active again; only AWS makes keys expire."""
    for status in ("Inactive", "Active"):
        people.call("iam:UpdateAccessKey", UserName="ada", AccessKeyId=KEY_ID, Status=status)
        (key,) = people.call("iam:ListAccessKeys", UserName="ada")["AccessKeyMetadata"]
        assert status == key["Status"]
    found = refused(
        people, "UpdateAccessKey", UserName="ada", AccessKeyId=KEY_ID, Status="Expired"
    )
    assert found[0] == "InvalidInput"


def test_an_access_key_is_its_users_alone(people: Bench) -> None:
    """Under another user's name it is not found; deleted, it is gone."""
    text = f"The Access Key with id {KEY_ID} cannot be found."
    members = {"UserName": "bob", "AccessKeyId": KEY_ID}
    assert refused(people, "DeleteAccessKey", **members) == ("NoSuchEntity", text)
    found = refused(people, "UpdateAccessKey", **members, Status="Inactive")
    assert found == ("NoSuchEntity", text)
    people.call("iam:DeleteAccessKey", UserName="ada", AccessKeyId=KEY_ID)
    assert people.call("iam:ListAccessKeys", UserName="ada")["AccessKeyMetadata"] == []
    assert refused(people, "GetAccessKeyLastUsed", AccessKeyId=KEY_ID) == ("NoSuchEntity", text)


def test_the_last_use_of_an_access_key(people: Bench) -> None:
    """Without a use AWS's N/A stands; with one its time, service and Region."""
    shown = people.call("iam:GetAccessKeyLastUsed", AccessKeyId=KEY_ID)
    never = {"ServiceName": "N/A", "Region": "N/A"}
    assert shown == {"UserName": "ada", "AccessKeyLastUsed": never}
    keystore = people.core.keystore
    key = keystore.access_key(KEY_ID)
    assert key is not None
    with keystore.begin() as unit:
        unit.put_access_key(
            replace(key, last_used=START, last_service="kms", last_region="eu-west-1")
        )
        unit.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)
    used = people.call("iam:GetAccessKeyLastUsed", AccessKeyId=KEY_ID)["AccessKeyLastUsed"]
    assert used == {"LastUsedDate": START, "ServiceName": "kms", "Region": "eu-west-1"}


def test_access_keys_page(people: Bench) -> None:
    """Pages list each key once, by id."""
    made = people.call("iam:CreateAccessKey", UserName="ada")["AccessKey"]["AccessKeyId"]
    page = people.call("iam:ListAccessKeys", UserName="ada", MaxItems=1)
    rest = people.call("iam:ListAccessKeys", UserName="ada", Marker=page["Marker"])
    found = [key["AccessKeyId"] for key in page["AccessKeyMetadata"] + rest["AccessKeyMetadata"]]
    assert sorted((KEY_ID, made)) == found
