"""Key policies: reading, replacing, validating them, and not locking oneself out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmstui.authz.document import default_key_policy
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, ROOT, Bench, arn_of

LOCKOUT = "The new key policy will not allow you to update the key policy in the future."
PRINCIPALS = "Policy contains a statement with one or more invalid principals."
USER = f"arn:aws:iam::{OTHER_ACCOUNT}:user/someone"


def statement(**elements: Any) -> dict[str, Any]:
    """Return a statement that delegates to the account, with some elements changed."""
    sound = {
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {name: value for name, value in (sound | elements).items() if value is not None}


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_key_without_policy_has_the_default_one(bench: Bench) -> None:
    """GetKeyPolicy answers the policy that delegates to the account."""
    answer = bench.call("GetKeyPolicy", KeyId=bench.key())
    assert answer == {"Policy": default_key_policy(ACCOUNT), "PolicyName": "default"}
    document = json.loads(answer["Policy"])
    assert document["Id"] == "key-default-1"
    assert [entry["Sid"] for entry in document["Statement"]] == ["Enable IAM User Permissions"]


def test_a_policy_is_kept_as_it_was_given(bench: Bench) -> None:
    """White space and order of the text survive, at creation and replacement."""
    text = f'{{ "Statement" : {json.dumps(statement())} ,\n "Version":"2012-10-17" }}'
    key = bench.key(Policy=text)
    assert bench.call("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"] == text
    assert bench.call("PutKeyPolicy", KeyId=key, Policy=policy(statement())) == {}
    assert bench.call("GetKeyPolicy", KeyId=key)["Policy"] == policy(statement())
    event = bench.events()[-2]
    assert event["requestParameters"]["policy"] == policy(statement())


def test_there_is_one_policy_name(bench: Bench) -> None:
    """ListKeyPolicies answers default; other names do not exist."""
    key = bench.key()
    answer = bench.call("ListKeyPolicies", KeyId=key, Limit=1)
    assert answer == {"PolicyNames": ["default"], "Truncated": False}
    for operation, members in (
        ("GetKeyPolicy", {"PolicyName": "AWS_RAM"}),
        ("GetKeyPolicy", {"PolicyName": "other"}),
        ("PutKeyPolicy", {"PolicyName": "other", "Policy": policy(statement())}),
    ):
        error = bench.refusal(operation, members, KeyId=key)
        assert (error.code, error.message) == ("NotFoundException", "No such policy exists")


def test_the_ram_policy_is_not_put_here(bench: Bench) -> None:
    """AWS's text for AWS_RAM."""
    members = {"PolicyName": "AWS_RAM", "Policy": policy(statement())}
    error = bench.refusal("PutKeyPolicy", members, KeyId=bench.key())
    text = "The AWS_RAM policy can only be managed by the RAM service"
    assert (error.code, error.message) == ("ValidationException", text)


MALFORMED = [
    "nonsense",
    "[]",
    "{}",
    '"text"',
    "null",
    '{"Statement":[]}',
    '{"Version":"2020-01-01","Statement":{}}',
    '{"Version":["2012-10-17"],"Statement":{}}',
    '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}',
    '{"Statement":[5]}',
    '{"Statement":5}',
    '{"Statement":[],"Extra":1}',
    '{"Id":5,"Statement":[{}]}',
    "[" * 20_000,
    policy(statement(Effect="allow")),
    policy(statement(Effect=["Allow"])),
    policy(statement(Effect={})),
    policy(statement(Effect=None)),
    policy(statement(Principal=None)),
    policy(statement(Principal="root")),
    policy(statement(Principal=[ROOT])),
    policy(statement(Principal={})),
    policy(statement(Principal={"Aws": ROOT})),
    policy(statement(Principal={"AWS": 5})),
    policy(statement(Principal={"AWS": [5]})),
    policy(statement(Action=5)),
    policy(statement(Action=["kms:*", None])),
    policy(statement(Action={"kms": "*"})),
    policy(statement(NotAction="kms:Encrypt")),
    policy(statement(NotResource="*")),
    policy(statement(NotPrincipal={"AWS": ROOT})),
    policy(statement(Resource=False)),
    policy(statement(Sid=7)),
    policy(statement(Condition="x")),
    policy(statement(Condition=[])),
    policy(statement(Extra="x")),
]


@pytest.mark.parametrize("text", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_policies_are_refused(bench: Bench, text: str) -> None:
    """A document that is not strict JSON in the grammar is refused, by both operations."""
    key = bench.key()
    for operation, members in (("PutKeyPolicy", {"KeyId": key}), ("CreateKey", {})):
        bypass = {"BypassPolicyLockoutSafetyCheck": True}
        error = bench.refusal(operation, members | bypass, Policy=text)
        assert error.code == "MalformedPolicyDocumentException"
        assert error.message.startswith("The policy document is malformed: ")
    assert bench.call("GetKeyPolicy", KeyId=key)["Policy"] == default_key_policy(ACCOUNT)


@pytest.mark.parametrize(
    "principal",
    [
        "alice",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::1111:root",
        "arn:aws:iam::111122223333:group/admins",
        "arn:aws:s3:::bucket",
        "arn:aws:iam::111122223333",
        "",
    ],
)
def test_invalid_principals_are_refused(bench: Bench, principal: str) -> None:
    """AWS's text for a principal that cannot be one."""
    text = policy(statement(), statement(Principal={"AWS": [ROOT, principal]}))
    error = bench.refusal("PutKeyPolicy", KeyId=bench.key(), Policy=text)
    assert (error.code, error.message) == ("MalformedPolicyDocumentException", PRINCIPALS)


ACCEPTED = [
    policy(statement(Principal="*")),
    policy(statement(Principal={"AWS": ACCOUNT})),
    policy(statement(Action=["kms:Put*", "KMS:get*"])),
    policy(statement(), statement(Effect="Deny", Action="kms:Decrypt")),
    policy(statement(), statement(Principal={"Service": "s3.amazonaws.com"})),
    policy(statement(), statement(Action=None)),
    policy(statement(), statement(Resource=None)),
    policy(statement(NotAction="kms:Decrypt", Action=None)),
    policy(statement(NotResource="arn:aws:s3:::x", Resource=None)),
    policy(statement(), statement(Effect="Deny", Principal={"AWS": USER})),
    policy(statement(), statement(Effect="Deny", Principal={"AWS": OTHER_ACCOUNT})),
    '{"Statement":' + json.dumps(statement()) + "}",
    policy(statement(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
]


@pytest.mark.parametrize("text", ACCEPTED, ids=range(len(ACCEPTED)))
def test_policies_that_keep_the_caller_in_are_accepted(bench: Bench, text: str) -> None:
    """The lockout check passes when the caller can still call PutKeyPolicy, given a code."""
    key = bench.key(Policy=text)
    bench.call("PutKeyPolicy", KeyId=bench.key(), Policy=text)
    assert bench.record(key).policy == text


LOCKING = [
    policy(statement(Action="kms:Encrypt")),
    policy(statement(Principal={"AWS": USER})),
    policy(statement(Principal={"AWS": OTHER_ACCOUNT})),
    policy(statement(Principal={"Service": "s3.amazonaws.com"})),
    policy(statement(Resource=None)),
    policy(statement(Action=None)),
    policy(statement(Resource="arn:aws:s3:::x")),
    policy(statement(NotAction="kms:Put*", Action=None)),
    policy(statement(), statement(Effect="Deny", Action="kms:PutKeyPolicy")),
    policy(statement(), statement(Effect="Deny", Principal="*", Action="*")),
]


@pytest.mark.parametrize("text", LOCKING, ids=range(len(LOCKING)))
def test_policies_that_lock_the_caller_out_are_refused(bench: Bench, text: str) -> None:
    """AWS's lockout text, by both operations; bypassing the check stores the policy."""
    key = bench.key()
    for operation, members in (("PutKeyPolicy", {"KeyId": key}), ("CreateKey", {})):
        error = bench.refusal(operation, members, Policy=text)
        assert (error.code, error.message) == ("MalformedPolicyDocumentException", LOCKOUT)
    bypass = {"BypassPolicyLockoutSafetyCheck": True}
    bench.call("PutKeyPolicy", bypass, KeyId=key, Policy=text)
    error = bench.refusal("PutKeyPolicy", KeyId=key, Policy=policy(statement()))
    assert error.code == "AccessDeniedException"


def test_the_lockout_check_knows_the_key(bench: Bench) -> None:
    """A policy may name its own key as the resource; another key's name locks out."""
    key, other = bench.key(), bench.key()
    bench.call("PutKeyPolicy", KeyId=key, Policy=policy(statement(Resource=arn_of(key))))
    bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    text = policy(statement(Resource=arn_of(other)))
    assert bench.refusal("PutKeyPolicy", KeyId=key, Policy=text).message == LOCKOUT


def test_long_policies_are_refused(bench: Bench) -> None:
    """More than 32,768 bytes exceed a limit, though the shape allows 131,072 characters."""
    key = bench.key()
    room = 32_768 - len(policy(statement(Sid="")))
    bench.call("PutKeyPolicy", KeyId=key, Policy=policy(statement(Sid="s" * room)))
    text = policy(statement(Sid="s" * (room + 1)))
    assert bench.refusal("PutKeyPolicy", KeyId=key, Policy=text).code == "LimitExceededException"


@pytest.mark.parametrize(
    ("action", "operation", "members"),
    [
        ("kms:DescribeKey", "DescribeKey", {}),
        ("kms:Encrypt", "Encrypt", {"Plaintext": b"x"}),
        ("kms:DisableKey", "DisableKey", {}),
    ],
)
def test_denials_name_caller_action_and_key(
    bench: Bench, action: str, operation: str, members: dict[str, Any]
) -> None:
    """An explicit deny and a missing allow have AWS's two texts; the trail says AccessDenied."""
    start = f"User: {ROOT} is not authorized to perform: {action} on resource: "
    denying = policy(statement(), statement(Effect="Deny", Action=action, Sid="No"))
    key = bench.key(Policy=denying)
    error = bench.refusal(operation, members, KeyId=key)
    assert (
        error.message == f"{start}{arn_of(key)} with an explicit deny in a resource-based policy"
    )
    assert error.hint == 'Decided by: key policy, statement 2 "No".'
    silent = policy(statement(NotAction=action, Action=None))
    key = bench.key(Policy=silent)
    error = bench.refusal(operation, members, KeyId=key)
    reason = f"because no resource-based policy allows the {action} action"
    assert error.message == f"{start}{arn_of(key)} {reason}"
    assert bench.last_event()["errorCode"] == "AccessDenied"


def test_a_denied_caller_does_not_learn_the_state(bench: Bench) -> None:
    """Authorisation comes before the key's state."""
    key = bench.key(Policy=policy(statement(), statement(Effect="Deny", Action="kms:Encrypt")))
    bench.call("DisableKey", KeyId=key)
    error = bench.refusal("Encrypt", KeyId=key, Plaintext=b"x")
    assert error.code == "AccessDeniedException"


def test_alias_operations_need_the_key_too(bench: Bench) -> None:
    """A key policy that denies UpdateAlias keeps an alias on either key."""
    denying = policy(statement(), statement(Effect="Deny", Action="kms:*Alias"))
    shut, free = bench.key(), bench.key("alias/free")
    bench.call("CreateAlias", AliasName="alias/shut", TargetKeyId=shut)
    bench.call("PutKeyPolicy", KeyId=shut, Policy=denying)
    for operation, members in (
        ("UpdateAlias", {"AliasName": "alias/shut", "TargetKeyId": free}),
        ("UpdateAlias", {"AliasName": "alias/free", "TargetKeyId": shut}),
        ("DeleteAlias", {"AliasName": "alias/shut"}),
        ("CreateAlias", {"AliasName": "alias/new", "TargetKeyId": shut}),
    ):
        error = bench.refusal(operation, members)
        assert error.message == (
            f"User: {ROOT} is not authorized to perform: kms:{operation} on resource: "
            f"{arn_of(shut)} with an explicit deny in a resource-based policy"
        )


def test_reencrypt_needs_two_permissions(bench: Bench) -> None:
    """ReEncryptFrom is judged on the source, ReEncryptTo on the destination."""
    source, destination = bench.key(), bench.key()
    blob = bench.call("Encrypt", KeyId=source, Plaintext=b"x")["CiphertextBlob"]
    request = {"CiphertextBlob": blob, "DestinationKeyId": destination}
    for key, action in ((destination, "ReEncryptTo"), (source, "ReEncryptFrom")):
        denying = policy(statement(), statement(Effect="Deny", Action=f"kms:{action}"))
        bench.call("PutKeyPolicy", KeyId=key, Policy=denying)
        error = bench.refusal("ReEncrypt", request)
        assert f"perform: kms:{action} on resource: {arn_of(key)} " in error.message
    assert len(bench.last_event()["resources"]) == 2
