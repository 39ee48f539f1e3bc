"""Creating, describing, listing, disabling and deleting keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kmstui.keystore.records import KeyState
from kmstui.ops.kms import creation
from kmstui.ops.kms.members import KEY_SPECS, USAGES_OF_SPEC
from kmstui.ops.kms.usage import TRACKING_START
from tests.helpers.engines import ACCOUNT, OTHER_REGION, REGION, START, Bench, arn_of

METADATA = {
    "AWSAccountId": ACCOUNT,
    "CreationDate": START,
    "Enabled": True,
    "Description": "",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "KeyState": "Enabled",
    "Origin": "AWS_KMS",
    "KeyManager": "CUSTOMER",
    "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
    "MultiRegion": False,
}


def describe(bench: Bench, key_id: str) -> dict[str, Any]:
    """Return a key's metadata."""
    metadata: dict[str, Any] = bench.call("DescribeKey", KeyId=key_id)["KeyMetadata"]
    return metadata


def test_a_plain_key_has_the_metadata_that_aws_gives_it(bench: Bench) -> None:
    """CreateKey without members answers the recorded fields, and DescribeKey the same."""
    created = bench.call("CreateKey")["KeyMetadata"]
    key_id = created["KeyId"]
    expected = METADATA | {
        "KeyId": key_id,
        "Arn": arn_of(key_id),
        "CurrentKeyMaterialId": bench.record(key_id).current.material_id,
    }
    assert expected == created
    assert expected == describe(bench, key_id)


def test_members_of_create_key_are_kept(bench: Bench) -> None:
    """Description, tags and the old name of the spec arrive in the key."""
    tags = [{"TagKey": "b", "TagValue": "2"}, {"TagKey": "a", "TagValue": "1"}]
    created = bench.call(
        "CreateKey",
        Description="words",
        Tags=tags,
        CustomerMasterKeySpec="SYMMETRIC_DEFAULT",
        KeyUsage="ENCRYPT_DECRYPT",
        Origin="AWS_KMS",
    )["KeyMetadata"]
    assert created["Description"] == "words"
    assert bench.record(created["KeyId"]).tags == (("b", "2"), ("a", "1"))


def test_a_multi_region_key_is_a_primary_without_replicas(bench: Bench) -> None:
    """Its id begins with mrk- and its configuration names itself."""
    created = bench.call("CreateKey", MultiRegion=True)["KeyMetadata"]
    assert created["KeyId"].startswith("mrk-")
    assert created["MultiRegion"]
    assert created["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": arn_of(created["KeyId"]), "Region": REGION},
        "ReplicaKeys": [],
    }
    bench.call("Encrypt", KeyId=created["KeyId"], Plaintext=b"x")


REFUSED_CREATIONS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"KeySpec": "RSA_2048"},
        "ValidationException",
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    ),
    (
        {"KeySpec": "RSA_2048", "KeyUsage": "KEY_AGREEMENT"},
        "ValidationException",
        "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
    ),
    (
        {"KeyUsage": "SIGN_VERIFY"},
        "ValidationException",
        "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT",
    ),
    (
        {"KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"},
        "ValidationException",
        (
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated."
        ),
    ),
    (
        {"XksKeyId": "key"},
        "ValidationException",
        "XksKeyId is valid only for Origin EXTERNAL_KEY_STORE.",
    ),
    (
        {"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"},
        "UnsupportedOperationException",
        "KeySpec SM2 with KeyUsage SIGN_VERIFY is not supported.",
    ),
    (
        {"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"},
        "UnsupportedOperationException",
        "KeySpec ML_DSA_44 is not supported for Origin EXTERNAL.",
    ),
    (
        {"CustomKeyStoreId": "cks-1234567890abcdef0"},
        "ValidationException",
        "CustomKeyStoreId is not valid for Origin AWS_KMS.",
    ),
    (
        {"Tags": [{"TagKey": "aWs:x", "TagValue": ""}]},
        "TagException",
        "Tags beginning with aws: are reserved",
    ),
    (
        {"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]},
        "TagException",
        "Duplicate tag keys",
    ),
    (
        {"Tags": [{"TagKey": str(n), "TagValue": ""} for n in range(51)]},
        "TagException",
        "Too many tags",
    ),
]


@pytest.mark.parametrize(("members", "code", "text"), REFUSED_CREATIONS)
def test_keys_that_cannot_be_are_refused(
    bench: Bench, members: dict[str, Any], code: str, text: str
) -> None:
    """CreateKey refuses with AWS's code and text, and creates nothing."""
    error = bench.refusal("CreateKey", members)
    assert (code, text) == (error.code, error.message)
    assert bench.call("ListKeys")["Keys"] == []


def test_every_key_spec_has_its_usages() -> None:
    """The compatibility table knows every key spec that AWS has."""
    assert set(KEY_SPECS) == set(USAGES_OF_SPEC)


def test_the_quota_of_keys_is_per_region(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Region that is full refuses a key; another Region still takes one."""
    bench.key()
    monkeypatch.setattr(creation, "KEYS_PER_REGION", 1)
    assert bench.refusal("CreateKey").code == "LimitExceededException"
    assert bench.last_event()["resources"] == []
    there = bench.engine.switch_region(bench.session, OTHER_REGION)
    created = bench.engine.call(there, "kms:CreateKey")["KeyMetadata"]
    assert created["Arn"] == arn_of(created["KeyId"], region=OTHER_REGION)


def test_keys_of_regions_are_apart(bench: Bench) -> None:
    """A key is not found, listed or named in another Region than its own."""
    key = bench.key("alias/here")
    there = bench.engine.switch_region(bench.session, OTHER_REGION)
    assert bench.engine.call(there, "kms:ListKeys")["Keys"] == []
    for name in (key, "alias/here", arn_of(key)):
        with pytest.raises(Exception, match=r"does not exist|is not found|Invalid arn"):
            bench.engine.call(there, "kms:DescribeKey", {"KeyId": name})


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 1000])
def test_list_keys_pages(bench: Bench, size: int) -> None:
    """Every page size lists each key once, in one order, and says when there is more."""
    keys = sorted(bench.key() for _ in range(6))
    found: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = bench.call("ListKeys", marker, Limit=size)
        assert len(page["Keys"]) <= size
        found += [entry["KeyId"] for entry in page["Keys"]]
        assert [entry["KeyArn"] for entry in page["Keys"]] == [
            arn_of(entry["KeyId"]) for entry in page["Keys"]
        ]
        assert page["Truncated"] == ("NextMarker" in page)
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert keys == found


def test_list_keys_of_other_owners_is_empty(bench: Bench) -> None:
    """Keys shared by other accounts are a list of its own, and there are none."""
    bench.key()
    assert bench.call("ListKeys", ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])["Keys"] == []
    owners = ["SELF", "OTHER_ACCOUNTS_VIA_RAM"]
    assert len(bench.call("ListKeys", ResourceOwners=owners)["Keys"]) == 1


def test_disable_and_enable(bench: Bench) -> None:
    """A disabled key refuses use until it is enabled; doing either twice succeeds."""
    key = bench.key()
    for _ in range(2):
        assert bench.call("DisableKey", KeyId=key) == {}
    assert (describe(bench, key)["KeyState"], describe(bench, key)["Enabled"]) == (
        "Disabled",
        False,
    )
    error = bench.refusal("Encrypt", KeyId=key, Plaintext=b"x")
    assert (error.code, error.message) == ("DisabledException", f"{arn_of(key)} is disabled.")
    for _ in range(2):
        assert bench.call("EnableKey", KeyId=arn_of(key)) == {}
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")


def test_update_key_description(bench: Bench) -> None:
    """A description is replaced, and may be emptied."""
    key = bench.key(Description="before")
    bench.call("UpdateKeyDescription", KeyId=key, Description="after \u202e [@click=x]")
    assert describe(bench, key)["Description"] == "after \u202e [@click=x]"
    bench.call("UpdateKeyDescription", KeyId=key, Description="")
    assert describe(bench, key)["Description"] == ""


@pytest.mark.parametrize(("days", "expected"), [(None, 30), (7, 7), (8, 8), (29, 29), (30, 30)])
def test_schedule_key_deletion(bench: Bench, days: int | None, expected: int) -> None:
    """The answer and the metadata state the date; the default period is 30 days."""
    key = bench.key()
    bench.clock.advance(timedelta(hours=3))
    members = {} if days is None else {"PendingWindowInDays": days}
    date = START + timedelta(hours=3, days=expected)
    assert bench.call("ScheduleKeyDeletion", members, KeyId=key) == {
        "KeyId": arn_of(key),
        "DeletionDate": date,
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": expected,
    }
    metadata = describe(bench, key)
    assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingDeletion", False)
    assert date == metadata["DeletionDate"]
    event = bench.events()[-2]
    assert event["requestParameters"]["pendingWindowInDays"] == expected
    assert event["responseElements"]["keyState"] == "PendingDeletion"


@pytest.mark.parametrize(
    ("days", "bound"),
    [
        (1, "greater than or equal to 7"),
        (5, "greater than or equal to 7"),
        (6, "greater than or equal to 7"),
        (31, "less than or equal to 30"),
        (365, "less than or equal to 30"),
    ],
)
def test_waiting_periods_outside_7_to_30_days_are_refused(
    bench: Bench, days: int, bound: str
) -> None:
    """The service narrows what the shape allows, and says so in the shape's words."""
    key = bench.key()
    error = bench.refusal("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=days)
    assert error.code == "ValidationException"
    assert error.message == (
        f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy "
        f"constraint: Member must have value {bound}"
    )
    assert describe(bench, key)["KeyState"] == "Enabled"


@pytest.mark.parametrize("before", ["Enabled", "Disabled", "PendingImport"])
def test_a_cancelled_deletion_lands_in_disabled(bench: Bench, before: str) -> None:
    """CancelKeyDeletion answers the ARN and leaves a disabled key without a date."""
    key = bench.key()
    bench.force(key, state=KeyState(before))
    bench.call("ScheduleKeyDeletion", KeyId=key)
    assert bench.call("CancelKeyDeletion", KeyId=key) == {"KeyId": arn_of(key)}
    metadata = describe(bench, key)
    assert metadata["KeyState"] == "Disabled"
    assert "DeletionDate" not in metadata
    record = bench.record(key)
    assert (record.deletion_date, record.pending_window_days) == (None, None)
    assert bench.core.keystore.due_keys() == []


def test_cancelling_and_scheduling_again_starts_a_new_period(bench: Bench) -> None:
    """The date cannot be moved, but a new period begins in full after a cancellation."""
    key = bench.key()
    bench.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=30)
    error = bench.refusal("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert error.message == f"{arn_of(key)} is pending deletion."
    bench.clock.advance(timedelta(days=10))
    bench.call("CancelKeyDeletion", KeyId=key)
    answer = bench.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert answer["DeletionDate"] == START + timedelta(days=17)


def test_tracking_of_last_use_starts_with_the_key_or_with_aws(bench: Bench) -> None:
    """TrackingStartDate is the later of AWS's beginning and the key's creation."""
    key = bench.key()
    old = bench.force(key, created=datetime(2020, 1, 1, tzinfo=UTC))
    answer = bench.call("GetKeyLastUsage", KeyId=key)
    assert answer == {
        "KeyId": old.arn,
        "KeyLastUsage": {},
        "TrackingStartDate": TRACKING_START,
        "KeyCreationDate": old.created,
    }
    young = bench.call("GetKeyLastUsage", KeyId=bench.key())
    assert young["TrackingStartDate"] == START
