"""Rotation: new calls use the new material, and the old decrypts for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kmstui.core.arn import root_arn
from kmstui.keystore import ConnectionState
from kmstui.keystore.records import KeyState
from kmstui.ops.kms.related import PENDING_EVERYWHERE, PENDING_ROTATION
from tests.conftest import MakeBench
from tests.helpers.engines import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    START,
    Bench,
    arn_of,
)
from tests.helpers.key_stores import CLOUD
from tests.helpers.people import allow, aws, delegation, document

DAY = timedelta(days=1)


def status(bench: Bench, key: str) -> dict[str, Any]:
    """Return what GetKeyRotationStatus answers, but for the key's ARN."""
    answer = bench.call("GetKeyRotationStatus", KeyId=key)
    assert answer.pop("KeyId") == arn_of(key)
    return answer


def rotations(bench: Bench, key: str, **members: Any) -> list[dict[str, Any]]:
    """Return the entries that ListKeyRotations answers."""
    entries: list[dict[str, Any]] = bench.call("ListKeyRotations", KeyId=key, **members)[
        "Rotations"
    ]
    return entries


def imported(bench: Bench, *states: str, **changes: Any) -> str:
    """Return the id of a key with imported materials in these states, past the operations."""
    key = bench.record(bench.key())
    first = key.current
    materials = tuple(
        replace(first, material_id=f"{number:064x}", version=number, state=state)
        for number, state in enumerate(states, start=1)
    )
    bench.force(key.key_id, origin="EXTERNAL", materials=materials, **changes)
    return key.key_id


@pytest.mark.parametrize(("asked", "days"), [({}, 365), ({"RotationPeriodInDays": 90}, 90)])
def test_rotation_is_enabled_for_a_period(bench: Bench, asked: dict[str, Any], days: int) -> None:
    """The period counts from the call, and is a year where none is named."""
    key = bench.key()
    assert status(bench, key) == {"KeyRotationEnabled": False}
    bench.clock.advance(DAY)
    assert bench.call("EnableKeyRotation", KeyId=key, **asked) == {}
    expected = {
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": days,
        "NextRotationDate": START + DAY + days * DAY,
    }
    assert expected == status(bench, key)


def test_enabling_again_changes_the_period(bench: Bench) -> None:
    """A second call sets the new period, from that call on; disabling forgets it."""
    key = bench.key()
    bench.call("EnableKeyRotation", KeyId=key)
    bench.clock.advance(10 * DAY)
    bench.call("EnableKeyRotation", KeyId=key, RotationPeriodInDays=2560)
    expected = {
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": 2560,
        "NextRotationDate": START + 2570 * DAY,
    }
    assert expected == status(bench, key)
    bench.call("DisableKeyRotation", KeyId=key)
    assert status(bench, key) == {"KeyRotationEnabled": False}
    bench.call("DisableKeyRotation", KeyId=key)


@pytest.mark.parametrize("days", [0, 89, 2561])
def test_a_period_has_bounds(bench: Bench, days: int) -> None:
    """A period is 90 to 2,560 days."""
    error = bench.refusal("EnableKeyRotation", KeyId=bench.key(), RotationPeriodInDays=days)
    assert error.code == "ValidationException"


def test_the_trail_shows_the_period(bench: Bench) -> None:
    """The record has the period, also where the service chose it, and the key's ARN."""
    key = bench.key()
    bench.call("EnableKeyRotation", KeyId=key)
    event = bench.last_event()
    assert event["requestParameters"] == {"keyId": key, "rotationPeriodInDays": 365}
    assert event["responseElements"] == {"keyId": arn_of(key)}


@pytest.mark.parametrize(
    "operation", ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"]
)
def test_only_symmetric_encryption_keys_rotate(bench: Bench, operation: str) -> None:
    """A key pair is refused without a text, as AWS does."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    error = bench.refusal(operation, KeyId=key)
    assert (error.code, error.message) == ("UnsupportedOperationException", "")
    assert status(bench, key) == {"KeyRotationEnabled": False}
    assert bench.refusal("ListKeyRotations", KeyId=key).code == error.code


@pytest.mark.parametrize("operation", ["EnableKeyRotation", "DisableKeyRotation"])
def test_imported_material_does_not_rotate_by_itself(bench: Bench, operation: str) -> None:
    """A key with imported material has no schedule, with or without its material."""
    key = bench.key(Origin="EXTERNAL")
    text = f"{arn_of(key)} origin is EXTERNAL which is not valid for this operation."
    for state in (KeyState.PENDING_IMPORT, KeyState.ENABLED):
        bench.force(key, state=state)
        error = bench.refusal(operation, KeyId=key)
        assert (error.code, error.message) == ("UnsupportedOperationException", text)
    assert status(bench, key) == {"KeyRotationEnabled": False}


@pytest.mark.parametrize("state", [ConnectionState.CONNECTED, ConnectionState.DISCONNECTED])
def test_a_key_in_a_key_store_has_no_rotation(bench: Bench, state: ConnectionState) -> None:
    """Neither a status, nor a list, nor a rotation, whether its store is connected or not."""
    key, keystore = bench.key(), bench.core.keystore
    with keystore.begin() as changes:
        changes.put_key_store(replace(CLOUD, account=ACCOUNT, region=REGION, state=state))
        changes.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)
    bench.force(key, origin="AWS_CLOUDHSM", custom_key_store_id=CLOUD.store_id)
    for operation in (
        "EnableKeyRotation",
        "DisableKeyRotation",
        "GetKeyRotationStatus",
        "ListKeyRotations",
        "RotateKeyOnDemand",
    ):
        assert bench.refusal(operation, KeyId=key).code == "UnsupportedOperationException"


@pytest.mark.parametrize(
    "operation", ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"]
)
def test_a_replica_leaves_rotation_to_its_primary(bench: Bench, operation: str) -> None:
    """Rotation is shared, and changed at the primary alone."""
    key = bench.key(MultiRegion=True)
    bench.force(key, primary_region=OTHER_REGION)
    error = bench.refusal(operation, KeyId=key)
    text = f"{arn_of(key)} is not a multi-region primary key."
    assert (error.code, error.message) == ("UnsupportedOperationException", text)


def test_a_rotation_on_demand_is_there_at_once(bench: Bench) -> None:
    """The next call encrypts with new material, and what was encrypted before still opens."""
    key = bench.key()
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    first = bench.record(key).current.material_id
    assert bench.call("RotateKeyOnDemand", KeyId=key) == {"KeyId": arn_of(key)}
    second = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    assert first != second
    made = bench.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")
    assert second == made["KeyMaterialId"]
    answer = bench.call("Decrypt", CiphertextBlob=blob)
    assert (answer["Plaintext"], answer["KeyMaterialId"]) == (b"old", first)


def test_a_rotation_on_demand_is_on_record_twice(bench: Bench) -> None:
    """First the call, then what the service did; both with the key."""
    key = bench.key()
    first = bench.record(key).current.material_id
    sequence = bench.sequence()
    bench.call("RotateKeyOnDemand", KeyId=key)
    call, event = bench.events(after=sequence)
    assert (call["eventName"], call["responseElements"]) == (
        "RotateKeyOnDemand",
        {"keyId": arn_of(key)},
    )
    assert (event["eventName"], event["eventType"]) == ("RotateKey", "AwsServiceEvent")
    assert event["serviceEventDetails"] == {
        "keyId": key,
        "rotationType": "ON_DEMAND",
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": first,
        "currentKeyMaterialId": bench.record(key).current.material_id,
    }
    assert [arn_of(key)] == [resource["ARN"] for resource in event["resources"]]


def test_a_key_is_rotated_on_demand_25_times(bench: Bench) -> None:
    """The 26th is refused for good, whatever was rotated automatically."""
    key = bench.key()
    for _ in range(25):
        bench.call("RotateKeyOnDemand", KeyId=key)
    error = bench.refusal("RotateKeyOnDemand", KeyId=key)
    text = (
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand "
        f"rotations can be performed for this key: {arn_of(key)}"
    )
    assert (error.code, error.message) == ("LimitExceededException", text)
    assert len(rotations(bench, key)) == 25


@pytest.mark.parametrize(("minutes", "refused"), [(21, False), (20, True), (1, True), (-1, True)])
def test_no_rotation_on_demand_just_before_a_due_one(
    bench: Bench, minutes: int, *, refused: bool
) -> None:
    """Within 20 minutes of an automatic rotation, and while it is late, a rotation conflicts."""
    key = bench.key()
    bench.call("EnableKeyRotation", KeyId=key, RotationPeriodInDays=90)
    bench.clock.advance(90 * DAY - timedelta(minutes=minutes))
    before = status(bench, key)
    if refused:
        error = bench.refusal("RotateKeyOnDemand", KeyId=key)
        assert error.code == "ConflictException"
    else:
        bench.call("RotateKeyOnDemand", KeyId=key)
    assert before == status(bench, key)


def test_rotations_are_listed_without_the_first_material(bench: Bench) -> None:
    """Each rotation has its date and type; all material includes what the key began with."""
    key = bench.key()
    assert rotations(bench, key) == []
    first = bench.record(key).current.material_id
    bench.clock.advance(DAY)
    bench.call("RotateKeyOnDemand", KeyId=key)
    second = bench.record(key).current.material_id
    expected = {
        "KeyId": key,
        "KeyMaterialId": second,
        "KeyMaterialState": "CURRENT",
        "RotationDate": START + DAY,
        "RotationType": "ON_DEMAND",
    }
    assert [expected] == rotations(bench, key)
    everything = rotations(bench, key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    beginning = {"KeyId": key, "KeyMaterialId": first, "KeyMaterialState": "NON_CURRENT"}
    assert [beginning, expected] == everything


def test_rotations_come_in_pages(bench: Bench) -> None:
    """Pages follow each other without gap or overlap; a marker is good for its own list only."""
    key = bench.key()
    for _ in range(5):
        bench.call("RotateKeyOnDemand", KeyId=key)
    page: dict[str, Any] = {"KeyId": key, "Limit": 2}
    found, sizes = [], []
    while True:
        answer = bench.call("ListKeyRotations", page)
        found += answer["Rotations"]
        sizes.append(len(answer["Rotations"]))
        if not answer["Truncated"]:
            break
        page["Marker"] = answer["NextMarker"]
    assert rotations(bench, key) == found
    assert sizes == [2, 2, 1]
    other = {**page, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
    assert bench.refusal("ListKeyRotations", other).code == "InvalidMarkerException"


def test_imported_materials_say_whether_they_are_there(bench: Bench) -> None:
    """Import state, expiry and description are told of imported material alone."""
    key = imported(bench, "NON_CURRENT", "CURRENT", PENDING_ROTATION)
    first, second, third = bench.record(key).materials
    first = replace(first, token=b"", description="lost")
    bench.force(key, materials=(first, replace(second, expires=START + DAY), third))
    found = rotations(bench, key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    shown: list[dict[str, Any]] = [
        {
            "KeyMaterialState": "NON_CURRENT",
            "KeyMaterialDescription": "lost",
            "ImportState": "PENDING_IMPORT",
        },
        {
            "KeyMaterialState": "CURRENT",
            "ImportState": "IMPORTED",
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ValidTo": START + DAY,
        },
        {
            "KeyMaterialState": "PENDING_ROTATION",
            "ImportState": "IMPORTED",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        },
    ]
    ids = [{"KeyId": key, "KeyMaterialId": f"{number:064x}"} for number in (1, 2, 3)]
    assert [one | other for one, other in zip(ids, shown, strict=True)] == found


@pytest.mark.parametrize("states", [("CURRENT",), ("CURRENT", PENDING_EVERYWHERE)])
def test_imported_material_is_needed_for_a_rotation(bench: Bench, states: tuple[str, ...]) -> None:
    """A key with imported material rotates to material that waits for it, and to no other."""
    key = imported(bench, *states)
    error = bench.refusal("RotateKeyOnDemand", KeyId=key)
    text = f"No available key material pending rotation for the key: {arn_of(key)}."
    assert (error.code, error.message) == ("KMSInvalidStateException", text)


def test_waiting_imported_material_becomes_current(bench: Bench) -> None:
    """No material is made: the imported one is taken, and the old one stays."""
    key = imported(bench, "CURRENT", PENDING_ROTATION)
    bench.call("RotateKeyOnDemand", KeyId=key)
    states = [(each.version, each.state) for each in bench.record(key).materials]
    assert states == [(1, "NON_CURRENT"), (2, "CURRENT")]
    assert bench.last_event()["serviceEventDetails"]["keyOrigin"] == "EXTERNAL"


def test_a_status_is_answered_across_accounts(training: Bench) -> None:
    """GetKeyRotationStatus works on another account's key that lets the caller in."""
    training.call("kmstui:CreateAccount", AccountId=OTHER_ACCOUNT, Name="partner")
    theirs = training.engine.act_as(training.session, principal=root_arn(OTHER_ACCOUNT))
    foreign = allow("kms:GetKeyRotationStatus", Principal=aws(root_arn(OTHER_ACCOUNT)))
    key = training.key(Policy=document(delegation(), foreign))
    answer = training.engine.call(theirs, "kms:GetKeyRotationStatus", {"KeyId": arn_of(key)})
    assert answer == {"KeyId": arn_of(key), "KeyRotationEnabled": False}


STEPS = ("rotate", "wait", "encrypt", "restart")


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=8))
def test_no_rotation_loses_a_ciphertext(make_bench: MakeBench, steps: list[str]) -> None:
    """Whatever rotates in between, and however often it is restarted, everything decrypts."""
    bench = make_bench()
    key = bench.key()
    bench.call("EnableKeyRotation", KeyId=key, RotationPeriodInDays=90)
    blobs: list[tuple[bytes, str]] = []
    for step in (*steps, "encrypt"):
        if step == "rotate":
            bench.call("RotateKeyOnDemand", KeyId=key)
        elif step == "wait":
            bench.clock.advance(91 * DAY)
            bench.engine.maintain()
        elif step == "restart":
            bench.reopen()
        else:
            made = bench.call("Encrypt", KeyId=key, Plaintext=b"x")
            blobs.append((made["CiphertextBlob"], bench.record(key).current.material_id))
    for blob, material_id in blobs:
        answer = bench.call("Decrypt", CiphertextBlob=blob)
        assert (answer["Plaintext"], answer["KeyMaterialId"]) == (b"x", material_id)
    states = [material.state for material in bench.record(key).materials]
    assert states == ["NON_CURRENT"] * (len(states) - 1) + ["CURRENT"]
    bench.close()
