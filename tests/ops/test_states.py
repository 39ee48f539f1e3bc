"""Every operation in every key state, against the key-state table of AWS KMS.

Source: AWS KMS Developer Guide, *Key states of AWS KMS keys*.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from kmstui.core.errors import KmsError
from kmstui.keystore.records import KeyState
from kmstui.ops import load
from tests.helpers.engines import START, Bench, arn_of
from tests.helpers.requests import make_things, valid

STATES = (
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingReplicaDeletion",
    "PendingImport",
    "Unavailable",
    "Creating",
    "Updating",
)
OK, D, PD, PR, PI, UN, CR, UP, ND = "ok", "D", "PD", "PR", "PI", "UN", "CR", "UP", "ND"
UO = "UO"

CRYPTO = (OK, D, PD, PR, PI, UN, CR, OK)
ALWAYS = (OK,) * 8
LIVING = (OK, OK, PD, PR, OK, OK, OK, OK)
SCHEDULED = (OK, D, PD, PR, UO, UO, CR, OK)
TOGGLE = (OK, OK, PD, PR, PI, OK, CR, UP)

TABLE = {
    "CancelKeyDeletion": (ND, ND, OK, OK, ND, ND, ND, ND),
    "CreateAlias": LIVING,
    "CreateGrant": (OK, D, PD, PR, PI, OK, CR, OK),
    "Decapsulate": CRYPTO,
    "Decrypt": CRYPTO,
    "DeleteAlias": ALWAYS,
    "DeleteImportedKeyMaterial": (OK, OK, OK, OK, OK, OK, CR, UP),
    "DeriveSharedSecret": CRYPTO,
    "DescribeKey": ALWAYS,
    "DisableKey": TOGGLE,
    "DisableKeyRotation": SCHEDULED,
    "EnableKey": TOGGLE,
    "EnableKeyRotation": SCHEDULED,
    "Encapsulate": CRYPTO,
    "Encrypt": CRYPTO,
    "GenerateDataKey": CRYPTO,
    "GenerateDataKeyPair": CRYPTO,
    "GenerateDataKeyPairWithoutPlaintext": CRYPTO,
    "GenerateDataKeyWithoutPlaintext": CRYPTO,
    "GenerateMac": CRYPTO,
    "GetKeyLastUsage": ALWAYS,
    "GetKeyPolicy": ALWAYS,
    "GetKeyRotationStatus": (OK, OK, OK, OK, OK, UO, OK, OK),
    "GetParametersForImport": (OK, OK, PD, PR, OK, OK, CR, UP),
    "GetPublicKey": (OK, OK, PD, PR, PI, UN, CR, OK),
    "ImportKeyMaterial": (OK, OK, PD, PR, OK, OK, CR, OK),
    "ListAliases": ALWAYS,
    "ListGrants": ALWAYS,
    "ListKeyPolicies": ALWAYS,
    "ListKeyRotations": (OK, OK, OK, OK, OK, UO, CR, OK),
    "ListResourceTags": ALWAYS,
    "PutKeyPolicy": ALWAYS,
    "ReEncrypt": CRYPTO,
    "ReplicateKey": (OK, D, PD, PR, PI, UN, CR, UP),
    "RetireGrant": ALWAYS,
    "RevokeGrant": ALWAYS,
    "RotateKeyOnDemand": (OK, D, PD, PR, PI, UO, CR, UP),
    "ScheduleKeyDeletion": (OK, OK, PD, PR, OK, OK, OK, UP),
    "Sign": CRYPTO,
    "TagResource": LIVING,
    "UntagResource": LIVING,
    "UpdateAlias": LIVING,
    "UpdateKeyDescription": LIVING,
    "UpdatePrimaryRegion": CRYPTO,
    "Verify": CRYPTO,
    "VerifyMac": CRYPTO,
}
KEYLESS = {
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateKey",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "GenerateRandom",
    "ListKeys",
    "ListRetirableGrants",
    "UpdateCustomKeyStore",
}

REPEATABLE = {
    "CreateKey",
    "DescribeCustomKeyStores",
    "GenerateRandom",
    "ListKeys",
    "ListRetirableGrants",
}
"""Operations that can be called again; of the others without a key, none knows of keys."""

REFUSALS = {
    D: ("DisabledException", "is disabled."),
    PD: ("KMSInvalidStateException", "is pending deletion."),
    PR: ("KMSInvalidStateException", "is pending replica deletion."),
    PI: ("KMSInvalidStateException", "is pending import."),
    UN: ("KMSInvalidStateException", "is unavailable."),
    CR: ("KMSInvalidStateException", "is creating."),
    UP: ("KMSInvalidStateException", "is updating."),
    ND: ("KMSInvalidStateException", "is not pending deletion."),
    UO: (
        "UnsupportedOperationException",
        "origin is AWS_KMS which is not valid for this operation.",
    ),
}
CASES = [
    (name, state, cell)
    for name, row in TABLE.items()
    for state, cell in zip(STATES, row, strict=True)
]


def force(bench: Bench, key_id: str, state: str) -> None:
    """Put a key into a state, with the date that a scheduled deletion has."""
    pending = state in {"PendingDeletion", "PendingReplicaDeletion"}
    date = START + timedelta(days=7) if state == "PendingDeletion" else None
    bench.force(
        key_id,
        state=KeyState(state),
        deletion_date=date,
        pending_window_days=7 if pending else None,
    )


def outcome(bench: Bench, name: str, request: Mapping[str, object]) -> tuple[str, str]:
    """Return code and message of a call; empty code for success."""
    try:
        bench.call(name, request)
    except KmsError as error:
        return error.code, error.message
    return "", ""


def test_the_table_covers_every_operation_with_a_key() -> None:
    """No operation of AWS's is missing from the table of this test."""
    names = {spec.name for spec in load().values() if spec.service == "kms"}
    assert names == set(TABLE) | KEYLESS
    assert (len(names), len(CASES)) == (56, 8 * len(TABLE))


@pytest.mark.parametrize("name", sorted(KEYLESS & REPEATABLE))
def test_what_names_no_key_minds_no_state(bench: Bench, name: str) -> None:
    """Operations without a key succeed whatever state the keys of the account are in."""
    things = make_things(bench)
    for state in STATES:
        force(bench, things.key, state)
        assert outcome(bench, name, valid(f"kms:{name}", things)) == ("", "")


@pytest.mark.parametrize(("name", "state", "cell"), CASES)
def test_each_state_has_its_outcome(bench: Bench, name: str, state: str, cell: str) -> None:
    """An operation succeeds in a state, or is refused with AWS's code and text."""
    things = make_things(bench)
    request = valid(f"kms:{name}", things)
    key = request.get("KeyId", things.key)
    force(bench, key, state)
    expected = ("", "")
    if cell != OK:
        code, text = REFUSALS[cell]
        expected = (code, f"{arn_of(key)} {text}")
    assert expected == outcome(bench, name, request)


@pytest.mark.parametrize("state", STATES)
def test_reencrypt_looks_at_both_keys(bench: Bench, state: str) -> None:
    """The key that ReEncrypt decrypts with is refused in the same states as the other."""
    things = make_things(bench)
    force(bench, things.key, state)
    request = {"CiphertextBlob": things.blob, "DestinationKeyId": things.other}
    cell = CRYPTO[STATES.index(state)]
    expected = ("", "")
    if cell != OK:
        code, text = REFUSALS[cell]
        expected = (code, f"{arn_of(things.key)} {text}")
    assert expected == outcome(bench, "ReEncrypt", request)


@pytest.mark.parametrize("state", STATES)
def test_an_alias_may_leave_a_key_in_any_state(bench: Bench, state: str) -> None:
    """UpdateAlias does not look at the state of the key that the alias leaves."""
    things = make_things(bench)
    force(bench, things.key, state)
    request = {"AliasName": "alias/it", "TargetKeyId": things.other}
    assert outcome(bench, "UpdateAlias", request) == ("", "")


@pytest.mark.parametrize("name", ["Encrypt", "GenerateDataKey", "ReEncrypt"])
def test_usage_is_looked_at_before_state(bench: Bench, name: str) -> None:
    """A key of another usage is refused for its usage, whatever its state."""
    things = make_things(bench)
    request = valid(f"kms:{name}", things)
    if name == "ReEncrypt":
        request["DestinationKeyId"] = things.other
    forced = bench.force(
        things.other if name == "ReEncrypt" else things.key, key_usage="SIGN_VERIFY"
    )
    force(bench, forced.key_id, "Disabled")
    text = f"{forced.arn} key usage is SIGN_VERIFY which is not valid for {name}."
    assert ("InvalidKeyUsageException", text) == outcome(bench, name, request)


@pytest.mark.parametrize("name", ["Encrypt", "Decrypt", "GenerateDataKeyWithoutPlaintext"])
def test_algorithm_is_looked_at_after_state(bench: Bench, name: str) -> None:
    """A spec without the algorithm is refused as an algorithm, once the state allows it."""
    things = make_things(bench)
    request = valid(f"kms:{name}", things)
    bench.force(things.key, key_spec="RSA_2048")
    text = "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."
    assert ("InvalidKeyUsageException", text) == outcome(bench, name, request)
    force(bench, things.key, "Disabled")
    assert outcome(bench, name, request)[0] == "DisabledException"


def test_a_pending_key_refuses_use_and_the_attempt_is_recorded(bench: Bench) -> None:
    """Encrypting with a key in its waiting period fails, and the trail shows who tried."""
    key = bench.key()
    bench.call("ScheduleKeyDeletion", KeyId=key)
    bench.refusal("Encrypt", KeyId=key, Plaintext=b"x")
    event = bench.last_event()
    assert (event["eventName"], event["errorCode"]) == ("Encrypt", "KMSInvalidStateException")
    assert [arn_of(key)] == [resource["ARN"] for resource in event["resources"]]
