"""The operations of the console: summaries, the trail, settings, Regions, the training clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kmstui.core.secret import Secret
from kmstui.keystore.records import KeyState
from kmstui.ops import load
from kmstui.ops.console import _SCAN_MAX
from tests.helpers.engines import OTHER_REGION, PASSPHRASE, REGION, START, Bench, arn_of
from tests.helpers.requests import VALID


def summaries(bench: Bench, **members: Any) -> list[dict[str, Any]]:
    """Return summaries from one page."""
    found: list[dict[str, Any]] = bench.call("kmstui:ListKeySummaries", members)["Keys"]
    return found


def read(bench: Bench, **members: Any) -> dict[str, Any]:
    """Return a page of the trail."""
    return bench.call("kmstui:ReadTrail", members)


def test_a_summary_says_what_a_list_shows(bench: Bench) -> None:
    """Every fact of the key is there, under AWS's names."""
    key = bench.key("alias/b", Description="words", Tags=[{"TagKey": "a", "TagValue": "1"}])
    bench.call("CreateAlias", AliasName="alias/a", TargetKeyId=key)
    bench.clock.advance(60)
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    assert summaries(bench) == [
        {
            "KeyId": key,
            "Arn": arn_of(key),
            "Aliases": ["alias/a", "alias/b"],
            "KeyState": "Enabled",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "Description": "words",
            "CreationDate": START,
            "Tags": {"a": "1"},
            "MultiRegion": False,
            "MaterialDate": START,
            "LastUsed": START + timedelta(minutes=1),
            "LastUsedOperation": "Encrypt",
        }
    ]


def test_a_summary_of_a_scheduled_key_has_its_date(bench: Bench) -> None:
    """A key in its waiting period shows when it ends and how long it is."""
    key = bench.key()
    bench.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=9)
    (summary,) = summaries(bench)
    assert (summary["KeyState"], summary["PendingWindowInDays"]) == ("PendingDeletion", 9)
    assert summary["DeletionDate"] == START + timedelta(days=9)


def test_a_summary_says_how_the_material_rotates(bench: Bench) -> None:
    """Period, dates and the rotations by hand are there, and nothing of it for other keys."""
    key, due = bench.key(), START + timedelta(days=90)
    first = bench.record(key).current
    rotated = replace(
        first, material_id="f" * 64, version=2, rotated=START, rotation_type="ON_DEMAND"
    )
    old = replace(first, state="NON_CURRENT")
    bench.force(key, rotation_period_days=90, next_rotation=due, materials=(old, rotated))
    (summary,) = summaries(bench)
    told = {name: summary[name] for name in summary if "otation" in name or "aterial" in name}
    assert told == {
        "RotationPeriodInDays": 90,
        "NextRotationDate": due,
        "MaterialDate": START,
        "LastRotationDate": START,
        "OnDemandRotations": 1,
        "Materials": 2,
    }


def test_a_summary_says_when_imported_material_expires(bench: Bench) -> None:
    """The first expiry counts; a key that still waits for material has no date of it."""
    key, soon = bench.key(), START + timedelta(days=5)
    first = replace(bench.record(key).current, expires=START + timedelta(days=9))
    other = replace(first, material_id="f" * 64, version=2, state="PENDING_ROTATION", expires=soon)
    bench.force(key, origin="EXTERNAL", materials=(first, other))
    (summary,) = summaries(bench)
    assert (soon, True, 2) == tuple(
        summary[name] for name in ("ValidTo", "PendingRotation", "Materials")
    )
    bench.force(key, materials=(), state=KeyState.PENDING_IMPORT)
    (summary,) = summaries(bench)
    assert ("MaterialDate" in summary, summary["Materials"]) == (False, 0)


def test_a_summary_says_where_the_related_keys_are(bench: Bench) -> None:
    """A multi-Region key names its primary's Region and those of its replicas."""
    key = bench.key(MultiRegion=True)
    bench.force(key, replica_regions=(OTHER_REGION,))
    (summary,) = summaries(bench)
    assert (REGION, [OTHER_REGION]) == (summary["PrimaryRegion"], summary["ReplicaRegions"])


@pytest.mark.parametrize("size", [1, 2, 4, 5, 2000])
def test_summaries_page(bench: Bench, size: int) -> None:
    """Every page size lists each key of the Region once, and the total is theirs."""
    keys = sorted(bench.key() for _ in range(4))
    found: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = bench.call("kmstui:ListKeySummaries", marker, Limit=size)
        assert page["Total"] == 4
        found += [entry["KeyId"] for entry in page["Keys"]]
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert keys == found


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_the_trail_is_read_newest_first(bench: Bench, size: int) -> None:
    """Pages give each event once, in one order, down to the first."""
    for _ in range(3):
        bench.key()
    last = bench.sequence()
    found: list[int] = []
    before = last + 1
    while True:
        page = read(bench, Limit=size, Before=before)
        found += [event["kmstui"]["sequence"] for event in page["Events"]]
        if not page["Truncated"]:
            break
        before = page["NextBefore"]
    assert found == list(range(last, 1, -1))


def test_the_trail_is_filtered_by_key_and_by_failure(bench: Bench) -> None:
    """Only events of one key, only refusals, or both."""
    one, two = bench.key(), bench.key()
    for key in (one, two):
        bench.call("DescribeKey", KeyId=key)
        bench.refusal("CancelKeyDeletion", KeyId=key)
    bench.refusal("DescribeKey", KeyId="nonsense")
    of_one = [event["eventName"] for event in read(bench, KeyArn=arn_of(one))["Events"]]
    assert of_one == ["CancelKeyDeletion", "DescribeKey", "CreateKey"]
    refused = [event["eventName"] for event in read(bench, OnlyErrors=True)["Events"]]
    assert refused == ["DescribeKey", "CancelKeyDeletion", "CancelKeyDeletion"]
    both = read(bench, OnlyErrors=True, KeyArn=arn_of(two))["Events"]
    assert [event["errorCode"] for event in both] == ["KMSInvalidStateException"]


def test_a_filter_gives_up_after_many_lines_and_says_where(bench: Bench) -> None:
    """A filtered page looks through so many lines and no more; the next page goes on."""
    append = bench.core.require_trail().append
    for _ in range(_SCAN_MAX + 5):
        append(b'{"eventName":"Filler","resources":[]}')
    page = read(bench, OnlyErrors=True)
    assert (page["Events"], page["Truncated"]) == ([], True)
    rest = read(bench, OnlyErrors=True, Before=page["NextBefore"])
    assert (rest["Events"], rest["Truncated"]) == ([], False)


def test_reading_the_trail_is_in_the_trail(bench: Bench) -> None:
    """A list opens by one recorded call."""
    read(bench, Limit=3, OnlyErrors=False)
    event = bench.last_event()
    assert (event["eventName"], event["eventSource"]) == ("ReadTrail", "kmstui")
    assert event["requestParameters"] == {"limit": 3, "onlyErrors": False}


def test_settings_have_defaults_and_are_kept(bench: Bench) -> None:
    """A setting answers its default until it is changed, also after a restart."""
    settings = bench.call("kmstui:GetSettings")["Settings"]
    assert settings == {
        "attestation-test-root": "",
        "alias-pattern": "alias/<Environment>-<Function>-<Team>",
        "idle-lock-minutes": "5",
        "request-quota-scale": "0",
        "grants-per-principal": "0",
    }
    bench.call("kmstui:PutSetting", Name="idle-lock-minutes", Value="0")
    bench.call("kmstui:PutSetting", Name="alias-pattern", Value="")
    bench.reopen()
    changed = bench.call("kmstui:GetSettings")["Settings"]
    assert changed == settings | {"alias-pattern": "", "idle-lock-minutes": "0"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nonsense", "1"),
        ("idle-lock-minutes", ""),
        ("idle-lock-minutes", "-1"),
        ("idle-lock-minutes", "1000"),
        ("idle-lock-minutes", "٣"),
        ("idle-lock-minutes", "5 "),
        ("alias-pattern", "payments-<Team>"),
        ("alias-pattern", "alias/fixed"),
    ],
)
def test_settings_that_make_no_sense_are_refused(bench: Bench, name: str, value: str) -> None:
    """An unknown name or a bad value changes nothing."""
    before = bench.call("kmstui:GetSettings")
    assert bench.refusal("kmstui:PutSetting", Name=name, Value=value).code == "ValidationException"
    assert before == bench.call("kmstui:GetSettings")


def test_status_is_plain_data(bench: Bench) -> None:
    """GetStatus answers the engine's condition under capitalised names."""
    bench.key()
    status = bench.call("kmstui:GetStatus")["Status"]
    assert (status["Unlocked"], status["Verification"]) == (True, "verified")
    assert (status["KeyCount"], status["RollbackProtection"]) == (1, "anchor")
    assert status["Training"] is False


def test_switching_the_region_gives_a_second_session(bench: Bench) -> None:
    """The old session goes on in its Region; the trail shows where each call went."""
    there = bench.engine.switch_region(bench.session, OTHER_REGION)
    assert (there.region, bench.session.region) == (OTHER_REGION, "us-east-1")
    bench.engine.call(there, "kms:CreateKey")
    assert bench.last_event()["awsRegion"] == OTHER_REGION
    bench.key()
    assert bench.last_event()["awsRegion"] == "us-east-1"


@pytest.mark.parametrize("region", ["nowhere", "us_east_1", "US-EAST-1", "us-east-", "a" * 32])
def test_what_is_no_region_is_refused(bench: Bench, region: str) -> None:
    """A Region's name has its form."""
    error = bench.refusal("kmstui:SwitchRegion", Region=region)
    assert error.code == "ValidationException"


def test_training_operations_do_not_exist_in_production(bench: Bench) -> None:
    """Clock, checkpoints and the like are refused with their own error, and recorded."""
    training = [name for name, spec in load().items() if spec.training]
    assert "kmstui:AdvanceClock" in training
    for name in training:
        request = VALID[name](None)  # type: ignore[arg-type]  # none of them needs a key
        error = bench.refusal(name, request)
        assert error.code == "NotTrainingError"
        assert bench.last_event()["errorCode"] == "NotTrainingError"
    assert bench.core.now() == START


def test_the_training_clock_moves_forward(training: Bench) -> None:
    """AdvanceClock moves account time, which dates and events follow; host time stays."""
    answer = training.call("kmstui:AdvanceClock", Seconds=86400)
    assert answer == {"AccountTime": START + timedelta(days=1)}
    key = training.key()
    assert training.record(key).created == START + timedelta(days=1)
    assert training.clock.wall() == START
    assert training.last_event()["eventTime"] == "2026-06-02T12:00:00Z"


def test_checkpoints_put_a_state_back(training: Bench) -> None:
    """Keys and account time are those of the checkpoint; the trail goes on, marked."""
    kept = training.key("alias/kept")
    training.call("kmstui:CreateCheckpoint", Name="one")
    gone = training.key("alias/gone")
    training.call("DisableKey", KeyId=kept)
    training.call("kmstui:AdvanceClock", Seconds=86400)
    before, generation = training.sequence(), training.core.keystore.head.generation
    training.call("kmstui:RestoreCheckpoint", Name="one")
    assert training.call("DescribeKey", KeyId=kept)["KeyMetadata"]["KeyState"] == "Enabled"
    assert training.refusal("DescribeKey", KeyId=gone).code == "NotFoundException"
    assert training.core.now() == START
    assert training.core.keystore.head.generation > generation
    assert training.sequence() > before
    training.reopen()
    training.call("Encrypt", KeyId="alias/kept", Plaintext=b"x")
    ids = [event["eventID"] for event in training.events() if "eventID" in event]
    assert len(ids) == len(set(ids))


def test_checkpoints_are_listed(training: Bench) -> None:
    """Each has a name; one that does not exist is refused with the names there are."""
    assert training.call("kmstui:ListCheckpoints")["Checkpoints"] == []
    for name in ("one", "two"):
        training.call("kmstui:CreateCheckpoint", Name=name)
    listed = training.call("kmstui:ListCheckpoints")["Checkpoints"]
    assert {entry["Name"] for entry in listed} == {"one", "two"}
    error = training.refusal("kmstui:RestoreCheckpoint", Name="three")
    assert error.code == "CheckpointError"
    assert "one" in error.hint


def test_a_new_passphrase_survives_a_restored_checkpoint(training: Bench) -> None:
    """Restoring rows does not bring an old passphrase back."""
    from kmstui.core.secret import Secret
    from tests.helpers.engines import PASSPHRASE

    training.call("kmstui:CreateCheckpoint", Name="one")
    new = Secret.from_text("another passphrase entirely")
    training.engine.change_passphrase(training.session, Secret.from_text(PASSPHRASE), new)
    training.call("kmstui:RestoreCheckpoint", Name="one")
    training.engine.lock()
    training.session = training.engine.unlock(new)
    training.call("ListKeys")


def test_each_page_of_summaries_has_the_last_uses_of_its_keys(bench: Bench) -> None:
    """Stored uses and those still in memory stand with their keys, whatever the page size."""
    keys = sorted(bench.key() for _ in range(5))
    used = keys[1::2]
    bench.call("Encrypt", KeyId=used[0], Plaintext=b"x")
    bench.engine.lock()
    bench.session = bench.engine.unlock(Secret.from_text(PASSPHRASE))
    bench.call("GenerateDataKey", KeyId=used[1], KeySpec="AES_256")
    for size in (1, 2, 3, 10):
        found: dict[str, str | None] = {}
        marker: dict[str, Any] = {}
        while True:
            page = bench.call("kmstui:ListKeySummaries", Limit=size, **marker)
            found |= {each["KeyId"]: each.get("LastUsedOperation") for each in page["Keys"]}
            if not page["Truncated"]:
                break
            marker = {"Marker": page["NextMarker"]}
        assert [None, "Encrypt", None, "GenerateDataKey", None] == [found[key] for key in keys]
