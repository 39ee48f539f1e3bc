"""What a call leaves in the trail, and what no file of the keystore ever holds."""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kmstui.core.errors import KmsError
from kmstui.core.validation import lower_camel
from kmstui.ops import load
from kmstui.trail.verify import verify
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, PASSPHRASE, REGION, ROOT, Bench, arn_of
from tests.helpers.requests import make_things, valid

EVERY = sorted(load())
FAILING = {
    "kms:CancelKeyDeletion",
    "kmstui:RestoreCheckpoint",
    "kmstui:ExportBackup",
    "kmstui:ResetMfa",
    "kmstui:DeleteOperator",
    "sts:AssumeRole",
}
"""Operations whose request here needs something that is not there."""

FIELDS = {
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "requestParameters",
    "responseElements",
    "requestID",
    "eventID",
    "readOnly",
    "resources",
    "eventType",
    "managementEvent",
    "recipientAccountId",
    "eventCategory",
    "kmstui",
}


@pytest.mark.parametrize("name", EVERY)
def test_a_call_leaves_one_event(training: Bench, name: str) -> None:
    """Exactly one record of the call, with CloudTrail's fields and only allowed members."""
    spec = load()[name]
    request = valid(name, make_things(training))
    before = training.sequence()
    if name in FAILING:
        training.refusal(name, request)
    else:
        training.call(name, request)
    events = training.events(after=before)
    # What it did in another Region is on record there.
    (event,) = [
        event
        for event in events
        if event["eventType"] == "AwsApiCall" and event["awsRegion"] == REGION
    ]
    more = {"errorCode", "errorMessage"} if name in FAILING else set()
    assert set(event) - {"additionalEventData"} == FIELDS | more
    source = "kmstui" if spec.service == "kmstui" else f"{spec.service}.amazonaws.com"
    assert (event["eventName"], event["eventSource"]) == (spec.name, source)
    assert (event["awsRegion"], event["recipientAccountId"]) == (REGION, ACCOUNT)
    assert event["readOnly"] is spec.read_only
    identity = event["userIdentity"]
    # Giving a code for the phone made the session one with MFA.
    assert identity.pop("sessionContext")["attributes"]["mfaAuthenticated"] == "true"
    assert identity == {
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": ROOT,
        "accountId": ACCOUNT,
    }
    assert set(event["requestParameters"] or ()) <= {lower_camel(n) for n in spec.logged}
    shown = {lower_camel(n) for n in spec.logged_answer}
    assert set(event["responseElements"] or ()) <= shown | {"keyId"}


def test_defaults_are_written_as_if_sent(bench: Bench) -> None:
    """Encrypt and Decrypt show their algorithm, CreateKey its spec, usage and origin."""
    things = make_things(bench)
    bench.call("Decrypt", CiphertextBlob=things.blob)
    assert bench.last_event()["requestParameters"] == {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    bench.call("Encrypt", KeyId="alias/it", Plaintext=b"x", EncryptionContext={"A": "b"})
    event = bench.last_event()
    assert event["requestParameters"] == {
        "keyId": "alias/it",
        "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "encryptionContext": {"A": "b"},
    }
    assert event["responseElements"] is None
    assert event["resources"] == [
        {"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn_of(things.key)}
    ]


def test_a_change_without_an_answer_shows_its_key(bench: Bench) -> None:
    """Mutating operations with an empty answer record the ARN of the key they changed."""
    key = bench.key()
    bench.call("DisableKey", KeyId=key)
    assert bench.last_event()["responseElements"] == {"keyId": arn_of(key)}


def test_a_failure_shows_code_and_text(bench: Bench) -> None:
    """A refused call records its error and no response."""
    bench.refusal("DescribeKey", KeyId="nonsense")
    event = bench.last_event()
    assert event["errorCode"] == "NotFoundException"
    assert event["errorMessage"] == "Invalid keyId 'nonsense'"
    assert event["responseElements"] is None


def forms(secret: bytes) -> set[bytes]:
    """Return the forms in which a secret could show up in a file."""
    text = secret.decode("latin-1")
    return {
        secret,
        secret.hex().encode(),
        secret.hex().upper().encode(),
        base64.b64encode(secret),
        base64.urlsafe_b64encode(secret),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
    }


def found_in(directory: Path, secrets: dict[str, bytes], *, skip: str = "") -> list[str]:
    """Return which secrets are in which files of a directory."""
    found: list[str] = []
    for path in sorted(directory.rglob("*")):
        if not path.is_file() or (skip and skip in path.parts):
            continue
        data = path.read_bytes()
        found += [
            f"{name} in {path.name}"
            for name, secret in secrets.items()
            for form in forms(secret)
            if form in data
        ]
    return found


def busy(bench: Bench) -> dict[str, bytes]:
    """Make calls with secrets in every place that takes one; return the secrets."""
    key = bench.key()
    plaintext = b"canary-plaintext-0123456789"
    blob = bench.call("Encrypt", KeyId=key, Plaintext=plaintext)["CiphertextBlob"]
    opened = bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"]
    data_key = bench.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")
    bare = bench.call("GenerateDataKeyWithoutPlaintext", KeyId=key, KeySpec="AES_256")
    moved = bench.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key)
    random = bench.call("GenerateRandom", NumberOfBytes=32)["Plaintext"]
    bench.refusal("Encrypt", KeyId=plaintext, Plaintext=plaintext)
    bench.refusal("Encrypt", KeyId=key, Plaintext=plaintext * 1000)
    bench.refusal("Encrypt", KeyId=key, Plaintext=plaintext.decode())
    bench.refusal("Decrypt", CiphertextBlob=blob[:-1])
    bench.refusal("Decrypt", CiphertextBlob=plaintext, GrantTokens=["canary-grant-token"])
    assert plaintext == opened
    return {
        "plaintext": plaintext,
        "ciphertext": blob[-24:],
        "data key": data_key["Plaintext"],
        "data key's ciphertext": data_key["CiphertextBlob"][-24:],
        "bare data key": bare["CiphertextBlob"][-24:],
        "moved ciphertext": moved["CiphertextBlob"][-24:],
        "random bytes": random,
        "grant token": b"canary-grant-token",
        "passphrase": PASSPHRASE.encode(),
        "recovery code": bench.code.reveal(),
    }


def test_no_secret_is_in_any_file(bench: Bench) -> None:
    """What calls take and answer in secret is in no file, the trail included."""
    secrets = busy(bench)
    assert found_in(bench.directory.parent, secrets) == []
    bench.close()
    assert found_in(bench.directory.parent, secrets) == []


def test_what_the_trail_shows_the_keystore_seals(bench: Bench) -> None:
    """Aliases, tags, descriptions, policies and settings are in the trail and nowhere else."""
    names: dict[str, Any] = {
        "alias": b"alias/canary-alias",
        "description": b"canary-description",
        "tag key": b"canary-tag-key",
        "tag value": b"canary-tag-value",
        "sid": b"canary-sid",
        "setting": b"canary-setting",
    }
    text = {name: value.decode() for name, value in names.items()}
    tags = [{"TagKey": text["tag key"], "TagValue": text["tag value"]}]
    key = bench.key(text["alias"], Description=text["description"], Tags=tags)
    policy = bench.call("GetKeyPolicy", KeyId=key)["Policy"].replace("Enable IAM", text["sid"])
    bench.call("PutKeyPolicy", KeyId=key, Policy=policy)
    value = f"alias/<{text['setting']}>"
    bench.call("kmstui:PutSetting", Name="alias-pattern", Value=value)
    base = bench.directory.parent
    assert found_in(base, names, skip="trail") == []
    bench.close()
    assert found_in(base, names, skip="trail") == []
    shown = found_in(bench.directory / "trail", names)
    assert {line.partition(" in ")[0] for line in shown} == set(names)


def test_the_trail_of_a_busy_day_verifies(make_bench: MakeBench) -> None:
    """After every kind of call the chain is whole, and has a line for each."""
    bench = make_bench(training=True)
    busy(bench)
    things = make_things(bench)
    for name in EVERY:
        with suppress(KmsError):
            bench.call(name, valid(name, things))
    lines = bench.sequence()
    bench.close()
    report = verify(bench.directory / "trail")
    assert report.ok
    assert report.lines == lines
