"""AWS managed keys: made by first use of their service, scoped to it, not to be changed."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.core.errors import KmsError
from tests.helpers.engines import REGION, Bench

EBS = "alias/aws/ebs"


def test_first_use_by_its_service_makes_the_key(training: Bench) -> None:
    """EC2 that works for the root user finds a key of its own, with an event that says so."""
    training.call("iam:CreateUser", UserName="operator")
    ec2 = training.engine.act_as(
        training.session, principal=training.session.principal, service="ec2.amazonaws.com"
    )
    answer = training.engine.call(
        ec2, "kms:GenerateDataKeyWithoutPlaintext", {"KeyId": EBS, "KeySpec": "AES_256"}
    )
    created = [event for event in training.events() if event["eventName"] == "CreateKey"]
    assert [event["resources"][0]["ARN"] for event in created] == [answer["KeyId"]]
    metadata = training.call("DescribeKey", KeyId=EBS)["KeyMetadata"]
    assert (metadata["Arn"], metadata["KeyManager"]) == (answer["KeyId"], "AWS")


def test_describing_the_alias_makes_the_key_too(bench: Bench) -> None:
    """As AWS documents it; a second look finds the same key."""
    first = bench.call("DescribeKey", KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"]
    assert bench.call("DescribeKey", KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"] == first


@pytest.mark.parametrize("alias", ["alias/aws/ebs", "alias/aws/nothing"])
def test_other_calls_find_nothing(bench: Bench, alias: str) -> None:
    """A person who encrypts under an AWS alias that was never used makes no key."""
    error = bench.refusal("Encrypt", KeyId=alias, Plaintext=b"x")
    assert error.code == "NotFoundException"


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("Encrypt", {"Plaintext": b"x"}),
        ("DisableKey", {}),
        ("ScheduleKeyDeletion", {}),
        ("UpdateKeyDescription", {"Description": "mine"}),
        ("TagResource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        (
            "PutKeyPolicy",
            {"Policy": '{"Statement":[]}', "BypassPolicyLockoutSafetyCheck": True},
        ),
        (
            "CreateGrant",
            {"GranteePrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Decrypt"]},
        ),
    ],
)
def test_nobody_changes_or_uses_it_directly(
    bench: Bench, operation: str, members: dict[str, Any]
) -> None:
    """Not even the root user: the key policy lets the account look, and its service use."""
    key = bench.call("DescribeKey", KeyId=EBS)["KeyMetadata"]["KeyId"]
    error = bench.refusal(operation, KeyId=key, **members)
    assert error.code in {"AccessDeniedException", "MalformedPolicyDocumentException"}


def test_another_service_may_not_use_it(training: Bench) -> None:
    """S3 that works for the same principal is not let in by the EBS key's policy."""
    key = training.call("DescribeKey", KeyId=EBS)["KeyMetadata"]["KeyId"]
    s3 = training.engine.act_as(
        training.session, principal=training.session.principal, service="s3.amazonaws.com"
    )
    with pytest.raises(KmsError) as refused:
        training.engine.call(s3, "kms:Encrypt", {"KeyId": key, "Plaintext": b"x"})
    assert refused.value.code == "AccessDeniedException"
    assert f"{REGION}" in refused.value.message
