"""Aliases: naming, moving, deleting and listing them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kmstui.keystore.records import KeyState
from tests.helpers.engines import OTHER_REGION, START, UNKNOWN_KEY, Bench, alias_arn_of, arn_of

PREFIX = (
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)


def names(bench: Bench, **members: Any) -> list[str]:
    """Return alias names as ListAliases answers them."""
    return [entry["AliasName"] for entry in bench.call("ListAliases", members)["Aliases"]]


def test_an_alias_names_its_key_wherever_a_key_may_be_named(bench: Bench) -> None:
    """Name and ARN of an alias both work, and answers carry the key's ARN."""
    key = bench.key("alias/payments/db_1-A")
    for name in ("alias/payments/db_1-A", alias_arn_of("alias/payments/db_1-A"), key, arn_of(key)):
        assert bench.call("DescribeKey", KeyId=name)["KeyMetadata"]["KeyId"] == key
        assert bench.call("Encrypt", KeyId=name, Plaintext=b"x")["KeyId"] == arn_of(key)


def test_create_alias_is_in_the_trail_with_alias_and_key(bench: Bench) -> None:
    """The event shows the name, the target as it was given, and both resources."""
    key = bench.key()
    assert bench.call("CreateAlias", AliasName="alias/a", TargetKeyId=arn_of(key)) == {}
    event = bench.last_event()
    assert event["requestParameters"] == {"aliasName": "alias/a", "targetKeyId": arn_of(key)}
    assert [resource["ARN"] for resource in event["resources"]] == [
        alias_arn_of("alias/a"),
        arn_of(key),
    ]


BAD_NAMES = [
    ("payments", "ValidationException", PREFIX),
    ("Alias/payments", "ValidationException", PREFIX),
    ("/alias/payments", "ValidationException", PREFIX),
    ("alias/", "ValidationException", "alias/ contains invalid characters for an alias"),
    ("alias/a:b", "ValidationException", "alias/a:b contains invalid characters for an alias"),
    (
        "alias/aws/s3",
        "InvalidAliasNameException",
        "alias/aws/s3 is reserved for AWS managed keys.",
    ),
]


@pytest.mark.parametrize(("name", "code", "text"), BAD_NAMES)
def test_alias_names_that_cannot_be_are_refused(
    bench: Bench, name: str, code: str, text: str
) -> None:
    """CreateAlias refuses a name without prefix, with a foreign character, or reserved."""
    key = bench.key()
    error = bench.refusal("CreateAlias", AliasName=name, TargetKeyId=key)
    assert (code, text) == (error.code, error.message)
    assert bench.record(key).aliases == ()


@pytest.mark.parametrize("operation", ["UpdateAlias", "DeleteAlias"])
def test_a_reserved_alias_that_does_not_exist_is_not_found(bench: Bench, operation: str) -> None:
    """Operations that do not model InvalidAliasName answer NotFound for alias/aws names."""
    members = {"TargetKeyId": bench.key()} if operation == "UpdateAlias" else {}
    error = bench.refusal(operation, members, AliasName="alias/aws/s3")
    text = f"Alias {alias_arn_of('alias/aws/s3')} is not found."
    assert (error.code, error.message) == ("NotFoundException", text)


def test_an_alias_that_exists_is_not_created_again(bench: Bench) -> None:
    """The text names the alias's ARN; its key stays."""
    key = bench.key("alias/a")
    error = bench.refusal("CreateAlias", AliasName="alias/a", TargetKeyId=bench.key())
    text = f"An alias with the name {alias_arn_of('alias/a')} already exists"
    assert (error.code, error.message) == ("AlreadyExistsException", text)
    assert bench.record(key).aliases == ("alias/a",)


def test_alias_names_are_case_sensitive_and_per_region(bench: Bench) -> None:
    """Names that differ in case, or in Region, are different aliases."""
    bench.key("alias/a")
    bench.key("alias/A")
    there = bench.engine.switch_region(bench.session, OTHER_REGION)
    key = bench.engine.call(there, "kms:CreateKey")["KeyMetadata"]["KeyId"]
    members = {"AliasName": "alias/a", "TargetKeyId": key}
    bench.engine.call(there, "kms:CreateAlias", members)
    listed = bench.engine.call(there, "kms:ListAliases")["Aliases"]
    assert [entry["AliasArn"] for entry in listed] == [
        alias_arn_of("alias/a", region=OTHER_REGION)
    ]


@pytest.mark.parametrize("operation", ["CreateAlias", "UpdateAlias"])
@pytest.mark.parametrize("target", ["alias/it", alias_arn_of("alias/it")])
def test_an_alias_cannot_point_to_an_alias(bench: Bench, operation: str, target: str) -> None:
    """The target is a key id or key ARN."""
    bench.key("alias/it")
    error = bench.refusal(operation, AliasName="alias/new", TargetKeyId=target)
    text = "Aliases must refer to keys. Not aliases"
    assert (error.code, error.message) == ("ValidationException", text)


def test_a_key_has_at_most_50_aliases(bench: Bench) -> None:
    """The 51st is refused by CreateAlias and UpdateAlias, whose keys stay as they are."""
    key, other = bench.key(), bench.key("alias/other")
    for number in range(50):
        bench.call("CreateAlias", AliasName=f"alias/{number}", TargetKeyId=key)
    for operation, name in (("CreateAlias", "alias/new"), ("UpdateAlias", "alias/other")):
        error = bench.refusal(operation, AliasName=name, TargetKeyId=key)
        text = f"{arn_of(key)} already has 50 aliases."
        assert (error.code, error.message) == ("LimitExceededException", text)
    assert len(bench.record(key).aliases) == 50
    assert bench.record(other).aliases == ("alias/other",)
    assert names(bench, KeyId=other) == ["alias/other"]


def test_update_alias_moves_it(bench: Bench) -> None:
    """The alias resolves to the new key, keeps its creation date, and leaves the old key."""
    old, new = bench.key("alias/a"), bench.key()
    bench.clock.advance(timedelta(hours=1))
    assert bench.call("UpdateAlias", AliasName="alias/a", TargetKeyId=new) == {}
    assert bench.call("DescribeKey", KeyId="alias/a")["KeyMetadata"]["KeyId"] == new
    assert (bench.record(old).aliases, bench.record(new).aliases) == ((), ("alias/a",))
    assert bench.call("ListAliases")["Aliases"] == [
        {
            "AliasName": "alias/a",
            "AliasArn": alias_arn_of("alias/a"),
            "TargetKeyId": new,
            "CreationDate": START,
            "LastUpdatedDate": START + timedelta(hours=1),
        }
    ]


def test_update_alias_to_the_same_key_only_touches_the_date(bench: Bench) -> None:
    """Moving an alias to where it is succeeds."""
    key = bench.key("alias/a")
    bench.clock.advance(5)
    bench.call("UpdateAlias", AliasName="alias/a", TargetKeyId=key)
    assert bench.record(key).aliases == ("alias/a",)
    assert bench.call("ListAliases")["Aliases"][0]["LastUpdatedDate"] == START + timedelta(
        seconds=5
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"key_spec": "HMAC_256", "key_usage": "GENERATE_VERIFY_MAC"},
        {"key_spec": "RSA_2048"},
        {"key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY"},
    ],
)
def test_an_alias_moves_between_keys_of_one_kind_only(
    bench: Bench, changes: dict[str, str]
) -> None:
    """Keys of another type or usage are refused."""
    key, other = bench.key("alias/a"), bench.key()
    bench.force(other, **changes)
    error = bench.refusal("UpdateAlias", AliasName="alias/a", TargetKeyId=other)
    assert error.code == "ValidationException"
    assert bench.record(key).aliases == ("alias/a",)


@pytest.mark.parametrize("operation", ["UpdateAlias", "DeleteAlias"])
def test_unknown_aliases_are_not_found(bench: Bench, operation: str) -> None:
    """The text names the alias's ARN."""
    members = {"TargetKeyId": bench.key()} if operation == "UpdateAlias" else {}
    error = bench.refusal(operation, members, AliasName="alias/nope")
    text = f"Alias {alias_arn_of('alias/nope')} is not found."
    assert (error.code, error.message) == ("NotFoundException", text)


@pytest.mark.parametrize("operation", ["CreateAlias", "UpdateAlias"])
def test_aliases_of_unknown_keys_are_refused(bench: Bench, operation: str) -> None:
    """The target must exist."""
    bench.key("alias/a")
    name = "alias/new" if operation == "CreateAlias" else "alias/a"
    error = bench.refusal(operation, AliasName=name, TargetKeyId=UNKNOWN_KEY)
    text = f"Key '{arn_of(UNKNOWN_KEY)}' does not exist"
    assert (error.code, error.message) == ("NotFoundException", text)


def test_delete_alias_leaves_the_key(bench: Bench) -> None:
    """The name is free again, the key is untouched, and both are in the trail."""
    key = bench.key("alias/a")
    assert bench.call("DeleteAlias", AliasName="alias/a") == {}
    event = bench.last_event()
    assert {resource["ARN"] for resource in event["resources"]} == {
        alias_arn_of("alias/a"),
        arn_of(key),
    }
    assert names(bench) == []
    error = bench.refusal("Encrypt", KeyId="alias/a", Plaintext=b"x")
    assert error.message == f"Alias {alias_arn_of('alias/a')} is not found."
    bench.call("CreateAlias", AliasName="alias/a", TargetKeyId=key)


def test_a_pending_key_takes_no_alias_and_may_lose_one(bench: Bench) -> None:
    """CreateAlias is refused on a key in its waiting period; DeleteAlias is not."""
    key = bench.key("alias/a")
    bench.force(key, state=KeyState.PENDING_DELETION, deletion_date=START + timedelta(days=7))
    error = bench.refusal("CreateAlias", AliasName="alias/b", TargetKeyId=key)
    assert error.message == f"{arn_of(key)} is pending deletion."
    bench.call("DeleteAlias", AliasName="alias/a")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 100])
def test_list_aliases_pages(bench: Bench, size: int) -> None:
    """Every page size gives each alias once, of the Region and of one key."""
    one, two = bench.key(), bench.key()
    expected = sorted(f"alias/{letter}" for letter in "gfedcba")
    for number, name in enumerate(expected):
        bench.call("CreateAlias", AliasName=name, TargetKeyId=(one, two)[number % 2])
    assert expected == sorted(walk(bench, size))
    assert expected[::2] == walk(bench, size, KeyId=one)
    assert expected[1::2] == walk(bench, size, KeyId=arn_of(two))


def walk(bench: Bench, size: int, **members: Any) -> list[str]:
    """Return alias names from all pages."""
    found: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = bench.call("ListAliases", members | marker, Limit=size)
        assert len(page["Aliases"]) <= size
        found += [entry["AliasName"] for entry in page["Aliases"]]
        if not page["Truncated"]:
            return found
        marker = {"Marker": page["NextMarker"]}


def test_pages_of_aliases_are_50_and_at_most_100(bench: Bench) -> None:
    """Without a limit a page has 50; more than 100 is refused as a bound."""
    one, two = bench.key(), bench.key()
    for number in range(52):
        bench.call("CreateAlias", AliasName=f"alias/{number}", TargetKeyId=(one, two)[number % 2])
    assert len(names(bench)) == 50
    assert len(names(bench, Limit=100)) == 52
    error = bench.refusal("ListAliases", Limit=101)
    assert error.message == (
        "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 100"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("alias/it", "Invalid keyId 'alias/it'"),
        (alias_arn_of("alias/it"), f"Invalid keyId '{alias_arn_of('alias/it')}'"),
        ("nonsense", "Invalid keyId 'nonsense'"),
        (UNKNOWN_KEY, f"Key '{arn_of(UNKNOWN_KEY)}' does not exist"),
    ],
)
def test_list_aliases_of_what_is_no_key_is_refused(bench: Bench, name: str, text: str) -> None:
    """The filter takes a key id or key ARN of a key that exists."""
    bench.key("alias/it")
    error = bench.refusal("ListAliases", KeyId=name)
    assert (error.code, error.message) == ("NotFoundException", text)


def test_markers_belong_to_their_listing(bench: Bench) -> None:
    """A marker of one listing is refused by every other listing."""
    one, two = bench.key("alias/a"), bench.key("alias/b")
    for name, key in (("alias/c", one), ("alias/d", two)):
        bench.call("CreateAlias", AliasName=name, TargetKeyId=key)
    marker = bench.call("ListAliases", KeyId=one, Limit=1)["NextMarker"]
    bench.call("ListAliases", KeyId=one, Marker=marker)
    for operation, members in (
        ("ListAliases", {}),
        ("ListAliases", {"KeyId": two}),
        ("ListKeys", {}),
        ("ListResourceTags", {"KeyId": one}),
        ("ListKeyPolicies", {"KeyId": one}),
        ("kmstui:ListKeySummaries", {}),
    ):
        error = bench.refusal(operation, members, Marker=marker)
        assert error.code == "InvalidMarkerException"
    whole = bench.call("ListAliases", Limit=1)["NextMarker"]
    bench.session = bench.engine.switch_region(bench.session, OTHER_REGION)
    assert bench.refusal("ListAliases", Marker=whole).code == "InvalidMarkerException"
