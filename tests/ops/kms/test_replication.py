"""Multi-Region keys: one material and one primary, and a key of its own in each Region."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kmstui.authz.document import default_key_policy
from kmstui.core.arn import root_arn
from kmstui.keystore.records import KeyState
from kmstui.ops.kms import replication
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, OTHER_REGION, REGION, START, Bench, arn_of
from tests.helpers.imports import Importer
from tests.helpers.people import Cast, allow, aws, delegation, deny, document, user_arn
from tests.helpers.regions import REGIONS, THIRD_REGION, World

DAY = timedelta(days=1)
OLD, NEW = bytes(range(32)), bytes(range(32, 64))
TAGS = [{"TagKey": "team", "TagValue": "keys"}]


@pytest.fixture
def world(bench: Bench) -> World:
    """Return a production keystore, called in several Regions."""
    return World(bench)


@pytest.fixture
def primary(world: World) -> str:
    """Return the id of a multi-Region key without replicas."""
    return world.bench.key("alias/here", MultiRegion=True, Description="the primary", Tags=TAGS)


def there(key: str, region: str = OTHER_REGION) -> str:
    """Return a key's ARN in another Region."""
    return arn_of(key, region=region)


def test_a_replica_has_nothing_of_its_primarys_own(world: World, primary: str) -> None:
    """Description, tags, policy and aliases are not copied; what is shared is the same."""
    world.bench.clock.advance(DAY)
    answer = world.call(REGION, "ReplicateKey", KeyId=primary, ReplicaRegion=OTHER_REGION)
    assert answer["ReplicaPolicy"] == default_key_policy(ACCOUNT)
    assert answer["ReplicaTags"] == []
    metadata = answer["ReplicaKeyMetadata"]
    assert metadata == world.metadata(OTHER_REGION, primary)
    assert metadata["Arn"] == there(primary)
    assert (metadata["Description"], metadata["KeyState"]) == ("", "Enabled")
    assert metadata["CreationDate"] == START + DAY
    assert metadata["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "REPLICA",
        "PrimaryKey": {"Arn": arn_of(primary), "Region": REGION},
        "ReplicaKeys": [{"Arn": there(primary), "Region": OTHER_REGION}],
    }
    own = world.metadata(REGION, primary)
    assert own["CurrentKeyMaterialId"] == metadata["CurrentKeyMaterialId"]
    assert own["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
    assert world.call(OTHER_REGION, "ListAliases")["Aliases"] == []


def test_a_replica_takes_what_it_is_given(world: World, primary: str) -> None:
    """Description, tags and policy can be given with the call, and are answered."""
    policy = document(delegation())
    given_to = {"Description": "a replica", "Tags": TAGS, "Policy": policy}
    answer = world.call(
        REGION, "ReplicateKey", KeyId=primary, ReplicaRegion=OTHER_REGION, **given_to
    )
    assert answer["ReplicaKeyMetadata"]["Description"] == "a replica"
    assert (answer["ReplicaPolicy"], answer["ReplicaTags"]) == (policy, TAGS)
    assert world.call(OTHER_REGION, "ListResourceTags", KeyId=primary)["Tags"] == TAGS


def test_related_keys_decrypt_each_others_ciphertexts(world: World, primary: str) -> None:
    """What was encrypted in one Region is decrypted in any other, before or after replication."""
    blobs = [world.call(REGION, "Encrypt", KeyId=primary, Plaintext=b"x")["CiphertextBlob"]]
    world.replicate(primary, OTHER_REGION)
    blobs.append(
        world.call(OTHER_REGION, "Encrypt", KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    )
    for blob in blobs:
        for region in (REGION, OTHER_REGION):
            answer = world.call(region, "Decrypt", CiphertextBlob=blob)
            assert (answer["Plaintext"], answer["KeyId"]) == (b"x", there(primary, region))
    assert world.refusal(THIRD_REGION, "Decrypt", CiphertextBlob=blobs[0]).code == (
        "AccessDeniedException"
    )


def test_a_key_of_one_region_is_not_replicated(world: World) -> None:
    """Whether a key is multi-Region is decided when it is made."""
    key = world.bench.key()
    error = world.refusal(REGION, "ReplicateKey", KeyId=key, ReplicaRegion=OTHER_REGION)
    text = "Unable to replicate a non-MultiRegion key"
    assert (error.code, error.message) == ("UnsupportedOperationException", text)


def test_a_replica_is_not_replicated(world: World, primary: str) -> None:
    """Only the primary is, in its Region."""
    world.replicate(primary, OTHER_REGION)
    error = world.refusal(OTHER_REGION, "ReplicateKey", KeyId=primary, ReplicaRegion=THIRD_REGION)
    text = f"{there(primary)} is not a multi-region primary key."
    assert (error.code, error.message) == ("UnsupportedOperationException", text)


@pytest.mark.parametrize("region", [REGION, OTHER_REGION])
def test_a_region_has_one_of_a_set(world: World, primary: str, region: str) -> None:
    """Neither the primary's Region nor one with a replica takes another, pending or not."""
    world.replicate(primary, OTHER_REGION)
    for state in (KeyState.ENABLED, KeyState.PENDING_DELETION):
        replica = world.record(OTHER_REGION, primary)
        assert replica is not None
        world.bench.store(replace(replica, state=state))
        error = world.refusal(REGION, "ReplicateKey", KeyId=primary, ReplicaRegion=region)
        assert error.code == "AlreadyExistsException"


def test_replicas_count_against_their_regions_quota(
    world: World, primary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quota is that of the replica's Region, not of the primary's."""
    world.bench.key()
    monkeypatch.setattr(replication, "KEYS_PER_REGION", 1)
    world.replicate(primary, OTHER_REGION)
    world.call(THIRD_REGION, "CreateKey")
    error = world.refusal(REGION, "ReplicateKey", KeyId=primary, ReplicaRegion=THIRD_REGION)
    assert error.code == "LimitExceededException"


def test_a_key_has_so_many_replicas(
    world: World, primary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any well-formed name is a Region, and each more makes every change of the set cost more."""
    monkeypatch.setattr(replication, "REPLICAS_PER_KEY", 1)
    world.call(REGION, "ReplicateKey", KeyId=primary, ReplicaRegion=OTHER_REGION)
    error = world.refusal(REGION, "ReplicateKey", KeyId=primary, ReplicaRegion=THIRD_REGION)
    assert error.code == "LimitExceededException"


def test_a_replicas_policy_must_not_lock_its_author_out(world: World, primary: str) -> None:
    """The lockout check is made for the replica, unless it is passed over."""
    request: dict[str, Any] = {
        "KeyId": primary,
        "ReplicaRegion": OTHER_REGION,
        "Policy": document(allow("kms:Encrypt", Principal=aws(root_arn(ACCOUNT)))),
    }
    error = world.refusal(REGION, "ReplicateKey", **request)
    assert error.code == "MalformedPolicyDocumentException"
    world.call(REGION, "ReplicateKey", **request, BypassPolicyLockoutSafetyCheck=True)


def test_a_replica_of_imported_material_waits_for_its_import(world: World, primary: str) -> None:
    """It knows which materials there are, and has none of them."""
    world.bench.force(primary, origin="EXTERNAL")
    world.replicate(primary, OTHER_REGION)
    metadata = world.metadata(OTHER_REGION, primary)
    own = world.metadata(REGION, primary)
    assert metadata["KeyState"] == "PendingImport"
    assert "ExpirationModel" not in metadata
    assert own["CurrentKeyMaterialId"] == metadata["CurrentKeyMaterialId"]
    record = world.record(OTHER_REGION, primary)
    assert record is not None
    assert [material.missing for material in record.materials] == [True]
    assert own["KeyState"] == "Enabled"


def test_a_replication_is_on_record_in_both_regions(world: World, primary: str) -> None:
    """ReplicateKey in the primary's Region, CreateKey in the replica's: one commit."""
    sequence, generation = world.bench.sequence(), world.bench.core.keystore.head.generation
    world.call(REGION, "ReplicateKey", KeyId=primary, ReplicaRegion=OTHER_REGION, Tags=TAGS)
    assert world.bench.core.keystore.head.generation == generation + 1
    first, second = world.bench.events(after=sequence)
    assert (first["eventName"], first["awsRegion"]) == ("ReplicateKey", REGION)
    assert [each["ARN"] for each in first["resources"]] == [arn_of(primary), there(primary)]
    assert first["requestParameters"]["replicaRegion"] == OTHER_REGION
    assert set(first["responseElements"]) == {"replicaKeyMetadata", "replicaPolicy", "replicaTags"}
    assert (second["eventName"], second["awsRegion"]) == ("CreateKey", OTHER_REGION)
    assert [each["ARN"] for each in second["resources"]] == [there(primary)]
    assert second["userIdentity"]["invokedBy"] == "AWS Internal"
    assert second["requestParameters"]["multiRegion"] is True
    assert second["requestParameters"]["tags"] == [{"tagKey": "team", "tagValue": "keys"}]
    assert second["responseElements"]["keyMetadata"]["arn"] == there(primary)
    assert first["requestID"] == second["requestID"]
    assert first["eventID"] != second["eventID"]


@pytest.mark.parametrize(
    ("tags", "denied"),
    [([], "kms:CreateKey"), (TAGS, "kms:TagResource"), ([], "kms:ReplicateKey"), ([], "")],
)
def test_replicating_needs_permission_in_both_regions(
    training: Bench, tags: list[dict[str, str]], denied: str
) -> None:
    """kms:ReplicateKey on the primary; kms:CreateKey, and for tags TagResource, over there."""
    cast = Cast(training)
    forbidden = deny(denied or "kms:Nothing")
    if denied not in {"", "kms:ReplicateKey"}:
        forbidden["Condition"] = {"StringEquals": {"aws:RequestedRegion": OTHER_REGION}}
    ada = cast.user("ada", allow("kms:*"), forbidden)
    key = training.key(MultiRegion=True)
    members: dict[str, Any] = {"KeyId": key, "ReplicaRegion": OTHER_REGION}
    if tags:
        members["Tags"] = tags
    refusal = cast.judged(ada, "ReplicateKey", **members)
    assert denied == ("" if refusal is None else refusal.action)
    elsewhere = cast.judged(ada, "ReplicateKey", **{**members, "ReplicaRegion": THIRD_REGION})
    assert (elsewhere is None) == (denied != "kms:ReplicateKey")


def test_the_primary_changes_with_one_call(world: World, primary: str) -> None:
    """The replica becomes the primary and the primary a replica; nothing else changes."""
    world.replicate(primary, OTHER_REGION, THIRD_REGION)
    before = {record.region: record for record in world.everywhere(primary)}
    generation = world.bench.core.keystore.head.generation
    answer = world.call(REGION, "UpdatePrimaryRegion", KeyId=primary, PrimaryRegion=OTHER_REGION)
    assert answer == {}
    assert world.bench.core.keystore.head.generation == generation + 1
    for record in world.everywhere(primary):
        expected = replace(
            before[record.region],
            primary_region=OTHER_REGION,
            replica_regions=(THIRD_REGION, REGION),
        )
        assert expected == record
    world.call(OTHER_REGION, "UpdatePrimaryRegion", KeyId=primary, PrimaryRegion=REGION)
    assert before == {record.region: record for record in world.everywhere(primary)}


def test_a_change_of_primary_is_on_record_in_both_regions(world: World, primary: str) -> None:
    """Each Region's record names the key there."""
    world.replicate(primary, OTHER_REGION)
    sequence = world.bench.sequence()
    world.call(REGION, "UpdatePrimaryRegion", KeyId=primary, PrimaryRegion=OTHER_REGION)
    first, second = world.bench.events(after=sequence)
    for event, region in ((first, REGION), (second, OTHER_REGION)):
        assert (event["eventName"], event["awsRegion"]) == ("UpdatePrimaryRegion", region)
        assert event["requestParameters"] == {"keyId": primary, "primaryRegion": OTHER_REGION}
        assert event["responseElements"] == {"keyId": there(primary, region)}
        assert "invokedBy" not in event["userIdentity"]
    assert [each["ARN"] for each in second["resources"]] == [there(primary)]


def test_only_a_replica_becomes_the_primary(world: World, primary: str) -> None:
    """The call is made at the primary, and names a Region that has a replica."""
    single = world.bench.key()
    world.replicate(primary, OTHER_REGION)
    cases = [
        (REGION, single, OTHER_REGION, "UnsupportedOperationException"),
        (OTHER_REGION, primary, REGION, "UnsupportedOperationException"),
        (REGION, primary, REGION, "UnsupportedOperationException"),
        (REGION, primary, THIRD_REGION, "NotFoundException"),
    ]
    for region, key, wanted, code in cases:
        error = world.refusal(region, "UpdatePrimaryRegion", KeyId=key, PrimaryRegion=wanted)
        assert error.code == code


def test_both_keys_must_be_usable_for_a_change_of_primary(world: World, primary: str) -> None:
    """A replica that is disabled or pending deletion does not become the primary."""
    world.replicate(primary, OTHER_REGION)
    request = {"KeyId": primary, "PrimaryRegion": OTHER_REGION}
    world.call(OTHER_REGION, "DisableKey", KeyId=primary)
    error = world.refusal(REGION, "UpdatePrimaryRegion", **request)
    assert (error.code, error.message) == ("DisabledException", f"{there(primary)} is disabled.")
    world.call(OTHER_REGION, "ScheduleKeyDeletion", KeyId=primary)
    error = world.refusal(REGION, "UpdatePrimaryRegion", **request)
    text = f"{there(primary)} is pending deletion."
    assert (error.code, error.message) == ("KMSInvalidStateException", text)


@pytest.mark.parametrize("closed", [REGION, OTHER_REGION, ""])
def test_a_change_of_primary_needs_permission_on_both_keys(training: Bench, closed: str) -> None:
    """Each key's own policy has to allow it."""
    cast, world = Cast(training), World(training)
    ada = cast.user("ada", allow("kms:*"))
    key = training.key(MultiRegion=True)
    world.replicate(key, OTHER_REGION)
    forbidden = document(
        delegation(), deny("kms:UpdatePrimaryRegion", Principal=aws(user_arn("ada")))
    )
    if closed:
        world.call(closed, "PutKeyPolicy", KeyId=key, Policy=forbidden)
    refusal = cast.judged(ada, "UpdatePrimaryRegion", KeyId=key, PrimaryRegion=OTHER_REGION)
    expected = "" if not closed else there(key, closed)
    assert expected == ("" if refusal is None else refusal.resource)


def test_who_may_not_is_not_told_where_replicas_are(training: Bench) -> None:
    """Without the permission a Region with a replica and one without look the same."""
    cast, world = Cast(training), World(training)
    eve = cast.user("eve")
    key = training.key(MultiRegion=True)
    world.replicate(key, OTHER_REGION)
    for region in (OTHER_REGION, THIRD_REGION):
        refusal = cast.refusal(eve, "UpdatePrimaryRegion", KeyId=key, PrimaryRegion=region)
        assert refusal.resource == arn_of(key)


def test_rotation_is_shared(world: World, primary: str) -> None:
    """Schedule and material of the primary are those of its replicas, at once."""
    world.replicate(primary, OTHER_REGION)
    world.call(REGION, "EnableKeyRotation", KeyId=primary, RotationPeriodInDays=90)
    world.call(REGION, "RotateKeyOnDemand", KeyId=primary)
    world.replicate(primary, THIRD_REGION)
    for operation in ("GetKeyRotationStatus", "ListKeyRotations"):
        answers = [world.call(region, operation, KeyId=primary) for region in REGIONS]
        for region, answer in zip(REGIONS, answers, strict=True):
            if "KeyId" in answer:
                assert answer.pop("KeyId") == there(primary, region)
            assert answer == answers[0]
    assert len({record.materials for record in world.everywhere(primary)}) == 1
    world.bench.clock.advance(90 * DAY)
    world.bench.engine.maintain()
    assert {len(record.materials) for record in world.everywhere(primary)} == {3}


def test_the_schedule_follows_the_primary(world: World, primary: str) -> None:
    """After a change of primary the new one rotates, once, and the old one no more."""
    world.replicate(primary, OTHER_REGION)
    world.call(REGION, "EnableKeyRotation", KeyId=primary, RotationPeriodInDays=90)
    world.call(REGION, "UpdatePrimaryRegion", KeyId=primary, PrimaryRegion=OTHER_REGION)
    world.call(REGION, "DisableKey", KeyId=primary)
    world.bench.clock.advance(90 * DAY)
    world.bench.engine.maintain()
    (event,) = [each for each in world.bench.events() if each["eventName"] == "RotateKey"]
    assert event["awsRegion"] == OTHER_REGION
    resources = [each["ARN"] for each in event["resources"]]
    assert resources == [there(primary), arn_of(primary)]
    assert {len(record.materials) for record in world.everywhere(primary)} == {2}


def test_imported_material_rotates_once_every_region_has_it(world: World) -> None:
    """New material goes to the primary, then to each replica, and then the key can rotate."""
    home = Importer(world.bench)
    key = home.key(MultiRegion=True)
    home.put(key, OLD)
    world.replicate(key, OTHER_REGION)
    assert world.refusal(OTHER_REGION, "Encrypt", KeyId=key, Plaintext=b"x").code == (
        "KMSInvalidStateException"
    )
    blob = world.call(REGION, "Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    with home.elsewhere(OTHER_REGION) as abroad:
        abroad.put(key, OLD)
    assert world.call(OTHER_REGION, "Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"
    home.put(key, NEW, ImportType="NEW_KEY_MATERIAL")
    error = world.refusal(REGION, "RotateKeyOnDemand", KeyId=key)
    assert (
        error.message == f"No available key material pending rotation for the key: {arn_of(key)}."
    )
    with home.elsewhere(OTHER_REGION) as abroad:
        abroad.put(key, NEW)
    world.call(REGION, "RotateKeyOnDemand", KeyId=key)
    for record in world.everywhere(key):
        assert [each.state for each in record.materials] == ["NON_CURRENT", "CURRENT"]
        assert record.state is KeyState.ENABLED
        found = world.call(record.region, "Decrypt", CiphertextBlob=blob)
        assert found["Plaintext"] == b"x"
    fresh = world.call(OTHER_REGION, "Encrypt", KeyId=key, Plaintext=b"y")["CiphertextBlob"]
    assert world.call(REGION, "Decrypt", CiphertextBlob=fresh)["Plaintext"] == b"y"


def test_a_replica_that_goes_no_longer_holds_a_rotation_up(training: Bench) -> None:
    """What waits for every Region waits no more for one that is gone; a new one it waits for."""
    world, home = World(training), Importer(training)
    key = home.key(MultiRegion=True)
    home.put(key, OLD)
    world.replicate(key, OTHER_REGION)
    home.put(key, NEW, ImportType="NEW_KEY_MATERIAL")

    def waits_for() -> str:
        return training.record(key).materials[-1].state

    assert waits_for() == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    world.call(OTHER_REGION, "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    training.call("kmstui:AdvanceClock", Seconds=7 * 86400)
    assert waits_for() == "PENDING_ROTATION"
    world.replicate(key, THIRD_REGION)
    assert waits_for() == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"


def test_a_primary_with_replicas_waits_for_the_last_of_them(training: Bench) -> None:
    """Its waiting period begins when its last replica is really gone, and then it goes too."""
    world = World(training)
    key = training.key(MultiRegion=True)
    world.replicate(key, OTHER_REGION, THIRD_REGION)
    answer = world.call(REGION, "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=9)
    assert answer == {
        "KeyId": arn_of(key),
        "KeyState": "PendingReplicaDeletion",
        "PendingWindowInDays": 9,
    }
    metadata = world.metadata(REGION, key)
    assert metadata["PendingDeletionWindowInDays"] == 9
    assert "DeletionDate" not in metadata
    world.call(OTHER_REGION, "Encrypt", KeyId=key, Plaintext=b"x")
    world.call(OTHER_REGION, "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    world.call(THIRD_REGION, "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=8)
    training.call("kmstui:AdvanceClock", Seconds=7 * 86400)
    assert world.record(OTHER_REGION, key) is None
    assert world.metadata(REGION, key)["KeyState"] == "PendingReplicaDeletion"
    assert world.metadata(REGION, key)["MultiRegionConfiguration"]["ReplicaKeys"] == [
        {"Arn": there(key, THIRD_REGION), "Region": THIRD_REGION}
    ]
    training.call("kmstui:AdvanceClock", Seconds=86400)
    metadata = world.metadata(REGION, key)
    assert (metadata["KeyState"], metadata["DeletionDate"]) == (
        "PendingDeletion",
        START + 17 * DAY,
    )
    assert "PendingDeletionWindowInDays" not in metadata
    training.call("kmstui:AdvanceClock", Seconds=9 * 86400)
    assert world.everywhere(key) == []


def test_a_deletion_that_waits_for_replicas_can_be_cancelled(world: World, primary: str) -> None:
    """The key is disabled then, and a replica that goes later changes nothing about that."""
    world.replicate(primary, OTHER_REGION)
    world.call(REGION, "ScheduleKeyDeletion", KeyId=primary)
    error = world.refusal(REGION, "ScheduleKeyDeletion", KeyId=primary)
    assert error.message == f"{arn_of(primary)} is pending replica deletion."
    world.call(REGION, "CancelKeyDeletion", KeyId=primary)
    metadata = world.metadata(REGION, primary)
    assert metadata["KeyState"] == "Disabled"
    assert "PendingDeletionWindowInDays" not in metadata


def test_a_replica_goes_alone(training: Bench) -> None:
    """Its material lives on in the others, which forget it; it can be made again."""
    world = World(training)
    key = training.key(MultiRegion=True)
    world.replicate(key, OTHER_REGION, THIRD_REGION)
    blob = world.call(OTHER_REGION, "Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    world.call(OTHER_REGION, "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    training.call("kmstui:AdvanceClock", Seconds=7 * 86400)
    assert [record.replica_regions for record in world.everywhere(key)] == [(THIRD_REGION,)] * 2
    for region in (REGION, THIRD_REGION):
        assert world.call(region, "Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"
    assert world.metadata(REGION, key)["KeyState"] == "Enabled"
    world.replicate(key, OTHER_REGION)
    assert world.call(OTHER_REGION, "Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_production_replica_goes_at_the_second_look(world: World, primary: str) -> None:
    """Each key of a set has its own two looks."""
    world.replicate(primary, OTHER_REGION)
    world.call(REGION, "ScheduleKeyDeletion", KeyId=primary, PendingWindowInDays=7)
    world.call(OTHER_REGION, "ScheduleKeyDeletion", KeyId=primary, PendingWindowInDays=7)
    clock, engine = world.bench.clock, world.bench.engine
    clock.advance(7 * DAY)
    assert engine.maintain() == []
    clock.advance(timedelta(hours=1))
    assert engine.maintain() == [there(primary)]
    clock.advance(7 * DAY)
    assert engine.maintain() == []
    clock.advance(timedelta(hours=1))
    assert engine.maintain() == [arn_of(primary)]


def live(world: World, key: str, step: str, region: str) -> None:
    """Do one thing to a set of related keys, if it can be done in that Region."""
    primary = world.everywhere(key)[0].primary_region
    present = {record.region for record in world.everywhere(key)}
    replica = region in present and region != primary
    if step == "replicate" and region not in present:
        world.replicate(key, region, primary=primary)
    elif step == "rotate":
        world.call(primary, "RotateKeyOnDemand", KeyId=key)
    elif step == "promote" and replica:
        world.call(primary, "UpdatePrimaryRegion", KeyId=key, PrimaryRegion=region)
    elif step == "remove" and replica:
        world.call(region, "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
        world.bench.call("kmstui:AdvanceClock", Seconds=7 * 86400)
    elif step == "wait":
        world.bench.call("kmstui:AdvanceClock", Seconds=91 * 86400)
    elif step == "restart":
        world.reopen()


STEPS = ("replicate", "rotate", "promote", "remove", "wait", "restart")


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(REGIONS)), max_size=10))
def test_a_set_has_one_primary_and_one_material(
    make_bench: MakeBench, steps: list[tuple[str, str]]
) -> None:
    """Whatever is done in any order: one primary, the same in all, and every blob decrypts."""
    world = World(make_bench(training=True))
    key = world.bench.key(MultiRegion=True)
    world.call(REGION, "EnableKeyRotation", KeyId=key, RotationPeriodInDays=90)
    blobs: list[bytes] = []
    for step, region in steps:
        for record in world.everywhere(key):
            made = world.call(record.region, "Encrypt", KeyId=key, Plaintext=b"x")
            blobs.append(made["CiphertextBlob"])
        live(world, key, step, region)
    found = world.everywhere(key)
    assert [record.region for record in found if not record.is_replica] == [
        found[0].primary_region
    ]
    regions = {record.region for record in found if record.is_replica}
    for record in found:
        assert set(record.replica_regions) == regions
        assert record.materials == found[0].materials
        assert record.next_rotation == found[0].next_rotation
        for blob in blobs:
            answer = world.call(record.region, "Decrypt", CiphertextBlob=blob)
            assert answer["Plaintext"] == b"x"
    world.bench.close()
