"""Request quotas: AWS's classes and rates, buckets on host time, refusals that are recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kmstui.core.clock import FakeClock
from kmstui.core.errors import KmsError, ThrottlingException
from kmstui.engine import quota_table as table
from kmstui.engine.quotas import TEXT, Bucket, Quotas
from kmstui.ops import load
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, OTHER_REGION, REGION, START, Bench
from tests.helpers.requests import make_things


def limit(bench: Bench, scale: str) -> None:
    """Put the setting."""
    bench.call("kmstui:PutSetting", Name="request-quota-scale", Value=scale)


def quota(bench: Bench, name: str) -> dict[str, Any]:
    """Return what is shown of a class."""
    shown = bench.call("kmstui:ShowRequestQuotas")["Quotas"]
    return next(dict(entry) for entry in shown if entry["Class"] == name)


def throttled(bench: Bench, operation: str, **members: Any) -> KmsError | None:
    """Return the refusal of a call that is over its quota; ``None`` if it was let through."""
    try:
        bench.call(operation, **members)
    except ThrottlingException as error:
        return error
    return None


class TestTable:
    """The classes as data."""

    def test_every_operation_is_in_a_class(self) -> None:
        """No operation of AWS's is without a quota, and none is in a class by mistake."""
        named = {name for each in table.CLASSES for name in each.operations}
        assert {spec.name for spec in load().values() if spec.service == "kms"} <= named
        assert len(named) == 56

    def test_names_are_unique_and_rates_sound(self) -> None:
        """A class is found by its name and lets calls through."""
        assert len(table.BY_NAME) == len(table.CLASSES)
        assert all(each.rate >= 1 for each in table.CLASSES)

    @pytest.mark.parametrize(
        ("name", "region", "rate"),
        [
            (table.SYMMETRIC, "us-east-1", 100_000),
            (table.SYMMETRIC, "eu-west-1", 100_000),
            (table.SYMMETRIC, "eu-central-1", 20_000),
            (table.SYMMETRIC, "eu-north-1", 10_000),
            (table.RSA, "us-east-1", 1_000),
            (table.ECC, "us-east-1", 1_000),
            (table.ML_DSA, "us-east-1", 1_000),
            ("Data key pairs RSA_4096", "us-east-1", 1),
            ("Data key pairs ECC_NIST_P256", "us-east-1", 100),
            ("DescribeKey", "us-east-1", 2_000),
            ("ListGrants", "us-east-1", 100),
            ("CreateGrant", "us-east-1", 50),
            ("PutKeyPolicy", "us-east-1", 15),
            ("TagResource", "us-east-1", 10),
            ("CreateKey", "us-east-1", 5),
            ("GetParametersForImport", "us-east-1", 1),
        ],
    )
    def test_rates_are_aws(self, name: str, region: str, rate: float) -> None:
        """Rates are those of AWS's page, the busy Regions' own ones included."""
        assert rate == table.BY_NAME[name].rate_in(region)


class TestBucket:
    """Filling and emptying."""

    def test_it_fills_at_its_rate_up_to_one_second(self) -> None:
        """Half a second brings half; a year no more than a second."""
        bucket = Bucket(rate=10.0, tokens=0.0, at=5.0)
        assert bucket.fill(5.5) == 5.0
        assert bucket.fill(1e9) == 10.0

    def test_a_clock_that_goes_back_takes_nothing(self) -> None:
        """After a reboot the buckets go on from where they were."""
        bucket = Bucket(rate=10.0, tokens=4.0, at=5.0)
        assert bucket.fill(1.0) == 4.0
        assert bucket.fill(1.1) == pytest.approx(5.0)

    def test_a_slow_one_holds_one_call(self) -> None:
        """A tenth of a call a second still lets one through, and then one in ten seconds."""
        bucket = Bucket(rate=0.1, tokens=1.0, at=0.0)
        assert bucket.wait(1.0) == 0.0
        bucket.tokens -= 1
        assert bucket.wait(1.0) == pytest.approx(10.0)

    def test_a_call_may_cost_more_than_it_holds(self) -> None:
        """Such a call waits until it is full, and what it owes is waited for afterwards."""
        bucket = Bucket(rate=1.0, tokens=1.0, at=0.0)
        assert bucket.wait(2.0) == 0.0
        bucket.tokens -= 2
        assert bucket.wait(1.0) == pytest.approx(2.0)


class TestCalls:
    """Calls on an engine."""

    def test_they_are_off_by_default(self, bench: Bench) -> None:
        """Nobody is throttled who did not ask for it, and nothing is counted."""
        for _ in range(30):
            bench.call("GetKeyLastUsage", KeyId=bench.key())
        assert bench.core.quotas.admit is None
        shown = bench.call("kmstui:ShowRequestQuotas")
        assert (shown["Scale"], shown["Fixed"]) == ("0", False)
        assert all(entry["Left"] == entry["Burst"] for entry in shown["Quotas"])

    def test_the_sixth_of_five_a_second_is_refused_and_recorded(self, bench: Bench) -> None:
        """AWS's code and text, a hint that says when, one event, nothing changed."""
        limit(bench, "1")
        for _ in range(5):
            bench.key()
        before, keys = bench.sequence(), bench.core.keystore.head.key_count
        error = bench.refusal("CreateKey")
        assert (error.code, error.message) == ("ThrottlingException", TEXT)
        assert error.hint == (
            f"Try again in 0.2 s. CreateKey: 5 a second for account {ACCOUNT} in {REGION}."
        )
        (event,) = bench.events(after=before)
        assert (event["eventName"], event["errorCode"]) == ("CreateKey", "ThrottlingException")
        assert keys == bench.core.keystore.head.key_count
        assert quota(bench, "CreateKey")["Refused"] == 1

    def test_waiting_as_long_as_the_hint_says_is_enough(self, bench: Bench) -> None:
        """A fifth of a second later one more is let through, and only one."""
        limit(bench, "1")
        for _ in range(5):
            bench.key()
        bench.clock.advance(0.2)
        bench.key()
        assert throttled(bench, "CreateKey") is not None

    def test_setting_the_wall_clock_brings_nothing(self, training: Bench) -> None:
        """Neither the wall clock nor account time fills a bucket."""
        limit(training, "1")
        for _ in range(5):
            training.key()
        training.clock.step_wall(START - START.replace(year=2020))
        training.call("kmstui:AdvanceClock", Seconds=3600)
        assert throttled(training, "CreateKey") is not None

    def test_classes_count_by_themselves(self, bench: Bench) -> None:
        """An empty bucket of one class does not touch another's."""
        key = bench.key()
        limit(bench, "0.2")
        assert throttled(bench, "UpdateKeyDescription", KeyId=key, Description="a") is None
        assert throttled(bench, "UpdateKeyDescription", KeyId=key, Description="b") is not None
        assert throttled(bench, "DisableKey", KeyId=key) is None

    def test_cryptographic_calls_count_together_by_the_kind_of_key(self, bench: Bench) -> None:
        """HMAC and AES share a bucket; an elliptic curve has another."""
        aes = bench.key()
        bench.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        limit(bench, "0.00002")
        blob = bench.call("Encrypt", KeyId=aes, Plaintext=b"x")["CiphertextBlob"]
        assert quota(bench, table.SYMMETRIC)["Left"] == 1.0
        assert throttled(bench, "Decrypt", CiphertextBlob=blob) is None
        assert throttled(bench, "GenerateRandom", NumberOfBytes=1) is not None
        assert quota(bench, table.ECC)["Left"] == 1.0

    def test_reencrypt_with_one_kind_of_key_counts_once(self, bench: Bench) -> None:
        """Two symmetric keys are one call to symmetric keys."""
        one, two = bench.key(), bench.key()
        blob = bench.call("Encrypt", KeyId=one, Plaintext=b"x")["CiphertextBlob"]
        limit(bench, "0.0001")
        bench.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=two)
        assert quota(bench, table.SYMMETRIC)["Left"] == 9.0

    def test_regions_count_by_themselves(self, bench: Bench) -> None:
        """What one Region used up is there in another."""
        limit(bench, "0.2")
        bench.key()
        assert throttled(bench, "CreateKey") is not None
        bench.session = bench.engine.switch_region(bench.session, OTHER_REGION)
        assert throttled(bench, "CreateKey") is None

    def test_a_dry_run_counts(self, bench: Bench) -> None:
        """A call that is not carried out is a request all the same."""
        key = bench.key()
        limit(bench, "0.00001")
        assert bench.refusal("Encrypt", KeyId=key, Plaintext=b"x", DryRun=True).code == (
            "DryRunOperationException"
        )
        assert throttled(bench, "Encrypt", KeyId=key, Plaintext=b"x") is not None

    def test_a_slow_call_counts_once(self, bench: Bench) -> None:
        """Work that is done without the lock is checked twice and counted once."""
        limit(bench, "1")
        bench.key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        assert quota(bench, "CreateKey")["Left"] == 4.0

    def test_own_operations_have_no_quota(self, bench: Bench) -> None:
        """What the console reads is never throttled."""
        limit(bench, "0.0001")
        for _ in range(20):
            bench.call("kmstui:GetStatus")
            bench.call("iam:ListUsers")

    def test_a_key_store_has_a_bucket_of_its_own(self, bench: Bench) -> None:
        """A call to a key in a custom key store counts there and as symmetric."""
        store = make_things(bench).store(connected=True)
        key = bench.key(Origin="AWS_CLOUDHSM", **store)
        limit(bench, "1")
        bench.call("Encrypt", KeyId=key, Plaintext=b"x")
        name = f"Key store {store['CustomKeyStoreId']}"
        assert (quota(bench, name)["Left"], quota(bench, name)["Burst"]) == (1_799.0, 1_800.0)
        assert quota(bench, table.SYMMETRIC)["Left"] == 99_999.0

    def test_random_bytes_from_a_key_store_count_there_too(self, bench: Bench) -> None:
        """Whether there is such a store or not, its bucket is the one that is used."""
        limit(bench, "1")
        store = "cks-1234567890abcdef0"
        bench.refusal("GenerateRandom", NumberOfBytes=1, CustomKeyStoreId=store)
        assert quota(bench, f"Key store {store}")["Left"] == 1_799.0

    def test_replicating_counts_in_both_regions(self, bench: Bench) -> None:
        """One ReplicateKey where the primary is, two CreateKey where the replica is made."""
        key = bench.key(MultiRegion=True)
        limit(bench, "1")
        bench.call("ReplicateKey", KeyId=key, ReplicaRegion=OTHER_REGION)
        assert (quota(bench, "ReplicateKey")["Left"], quota(bench, "CreateKey")["Left"]) == (4, 5)
        bench.session = bench.engine.switch_region(bench.session, OTHER_REGION)
        assert (quota(bench, "ReplicateKey")["Left"], quota(bench, "CreateKey")["Left"]) == (5, 3)

    def test_a_new_primary_counts_in_both_regions(self, bench: Bench) -> None:
        """UpdatePrimaryRegion is one request where the primary was and one where it is."""
        key = bench.key(MultiRegion=True)
        bench.call("ReplicateKey", KeyId=key, ReplicaRegion=OTHER_REGION)
        limit(bench, "1")
        bench.call("UpdatePrimaryRegion", KeyId=key, PrimaryRegion=OTHER_REGION)
        assert quota(bench, "UpdatePrimaryRegion")["Left"] == 4
        bench.session = bench.engine.switch_region(bench.session, OTHER_REGION)
        assert quota(bench, "UpdatePrimaryRegion")["Left"] == 4

    def test_turning_them_off_lets_everything_through(self, bench: Bench) -> None:
        """Zero is no quota at all, at once."""
        limit(bench, "0.2")
        bench.key()
        assert throttled(bench, "CreateKey") is not None
        limit(bench, "0")
        assert throttled(bench, "CreateKey") is None

    def test_the_setting_holds_after_opening_again(self, bench: Bench) -> None:
        """What was set is enforced by the next engine, with full buckets."""
        limit(bench, "0.2")
        bench.key()
        bench.reopen()
        assert throttled(bench, "CreateKey") is None
        assert throttled(bench, "CreateKey") is not None

    def test_a_checkpoint_brings_its_setting_back(self, training: Bench) -> None:
        """Restoring a state restores its quotas too."""
        training.call("kmstui:CreateCheckpoint", Name="one")
        limit(training, "0.2")
        training.call("kmstui:RestoreCheckpoint", Name="one")
        assert training.core.quotas.admit is None

    @pytest.mark.parametrize(
        "scale", ["-1", "1001", "1e3", "", "a", "0.0000001", "٣", "nan", "inf"]
    )
    def test_other_values_are_refused(self, bench: Bench, scale: str) -> None:
        """The setting is a plain number within its bounds."""
        error = bench.refusal("kmstui:PutSetting", Name="request-quota-scale", Value=scale)
        assert error.code == "ValidationException"

    def test_the_command_line_wins(self, make_bench: MakeBench) -> None:
        """A scale that the host fixes holds whatever the setting says, and that is shown."""
        bench = make_bench()
        bench.host = replace(bench.host, quota_scale=0.2)
        bench.reopen()
        limit(bench, "0")
        bench.key()
        assert throttled(bench, "CreateKey") is not None
        shown = bench.call("kmstui:ShowRequestQuotas")
        assert (shown["Scale"], shown["Fixed"]) == ("0.2", True)


def test_full_buckets_are_forgotten_when_there_are_too_many(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accounts, Regions and key stores of long ago take no memory."""
    monkeypatch.setattr("kmstui.engine.quotas._MOST_BUCKETS", 2)
    key = bench.key()
    limit(bench, "1")
    for operation in ("DescribeKey", "GetKeyPolicy", "ListGrants"):
        bench.call(operation, KeyId=key)
        bench.clock.advance(1)
    assert len(bench.core.quotas._buckets) == 1


def test_nothing_is_made_while_they_are_off() -> None:
    """While off there is nothing to call, so that a call pays for looking whether there is."""
    quotas = Quotas(FakeClock(START))
    quotas.use("0")
    assert quotas.admit is None
    quotas.use("1")
    assert quotas.admit is not None
