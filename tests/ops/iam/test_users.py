"""IAM users."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kmstui.core import limits
from kmstui.core.spec import Needs, ResourceKind
from kmstui.ops import load
from kmstui.ops.iam import users
from tests.helpers.engines import ACCOUNT, ROOT, START, Bench
from tests.helpers.iam_requests import IAM_VALID, KEY_ID, POLICY


def refused(bench: Bench, operation: str, **members: Any) -> tuple[str, int, str]:
    """Return code, status and text of a refusal."""
    error = bench.refusal(f"iam:{operation}", members)
    return error.code, error.http_status, error.message


def names(bench: Bench, **members: Any) -> list[str]:
    """Return the names of a page of users."""
    return [user["UserName"] for user in bench.call("iam:ListUsers", members)["Users"]]


def test_a_user_is_created_and_shown(bench: Bench) -> None:
    """CreateUser answers what GetUser does, under a new unique id."""
    tags = [{"Key": "team", "Value": "é payments"}]
    made = bench.call("iam:CreateUser", UserName="Ada", Path="/team/", Tags=tags)["User"]
    assert made == bench.call("iam:GetUser", UserName="ADA")["User"]
    assert made["UserId"].startswith("AIDA")
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/Ada"
    assert (made["CreateDate"], made["Tags"]) == (START, tags)


def test_the_trail_shows_operations_of_iam_under_its_name(bench: Bench) -> None:
    """A change has IAM's event source, what was asked for and what came of it."""
    bench.call("iam:CreateUser", UserName="ada")
    event = bench.last_event()
    assert (event["eventSource"], event["eventName"]) == ("iam.amazonaws.com", "CreateUser")
    assert event["requestParameters"] == {"userName": "ada"}
    assert event["responseElements"]["user"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/ada"


def test_root_asks_for_itself(bench: Bench) -> None:
    """GetUser without a name shows the root user; a listing without one is refused."""
    user = bench.call("iam:GetUser")["User"]
    assert (user["Arn"], user["UserId"]) == (ROOT, ACCOUNT)
    assert refused(bench, "ListAccessKeys") == (
        "ValidationException",
        400,
        "Must specify userName when calling with non-User credentials",
    )


def test_a_name_is_taken_whatever_its_case(people: Bench) -> None:
    """CreateUser and UpdateUser refuse a name that differs in case only."""
    taken = ("EntityAlreadyExists", 409, "User with name ADA already exists.")
    assert refused(people, "CreateUser", UserName="ADA") == taken
    assert refused(people, "UpdateUser", UserName="bob", NewUserName="ADA") == taken


@pytest.mark.parametrize(
    "operation", [name for name, request in IAM_VALID.items() if "UserName" in request]
)
def test_an_absent_user_is_not_found(people: Bench, operation: str) -> None:
    """Every operation about a user says that there is none; CreateUser makes one."""
    if operation == "CreateUser":
        return
    request = IAM_VALID[operation] | {"UserName": "carol"}
    found = refused(people, operation, **request)
    assert found == ("NoSuchEntity", 404, "The user with name carol cannot be found.")


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_users_page_by_name(people: Bench, size: int) -> None:
    """Every page size lists each user once, whatever the case of its name."""
    people.call("iam:CreateUser", UserName="Abe")
    found: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = people.call("iam:ListUsers", marker, MaxItems=size)
        found += [user["UserName"] for user in page["Users"]]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert found == ["Abe", "ada", "bob"]
    assert names(people, PathPrefix="/team/") == ["bob"]


def test_a_marker_is_of_no_use_in_another_listing(people: Bench) -> None:
    """A marker of one path is refused in another."""
    marker = people.call("iam:ListUsers", MaxItems=1)["Marker"]
    error = people.refusal("iam:ListUsers", Marker=marker, PathPrefix="/team/")
    assert error.code == "InvalidMarkerException"


def test_a_renamed_user_keeps_what_is_its_own(people: Bench) -> None:
    """Unique id, groups, policies, tags and access keys go along to the new name and path."""
    before = people.call("iam:GetUser", UserName="ada")["User"]
    people.call("iam:UpdateUser", UserName="ada", NewUserName="Ada2", NewPath="/x/")
    after = people.call("iam:GetUser", UserName="ada2")["User"]
    assert after == before | {
        "UserName": "Ada2",
        "Path": "/x/",
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/x/Ada2",
    }
    keys = people.call("iam:ListAccessKeys", UserName="Ada2")["AccessKeyMetadata"]
    assert [(key["AccessKeyId"], key["UserName"]) for key in keys] == [(KEY_ID, "Ada2")]
    assert refused(people, "GetUser", UserName="ada")[0] == "NoSuchEntity"


def test_a_user_can_be_respelled(people: Bench) -> None:
    """A new name that differs in case only is no conflict with the user itself."""
    people.call("iam:UpdateUser", UserName="ada", NewUserName="ADA")
    assert names(people) == ["ADA", "bob"]


def _let_sign_in(bench: Bench, arn: str) -> None:
    """Add a way for a principal to sign in, past the operations."""
    keystore = bench.core.keystore
    slots = keystore.header.slots
    keystore.replace_slots((*slots, replace(slots[0], slot_id="second", principal=arn)))


def test_a_user_who_can_sign_in_is_neither_renamed_nor_deleted(people: Bench) -> None:
    """A way to sign in is sealed to the user's ARN, so it has to go first."""
    _let_sign_in(people, f"arn:aws:iam::{ACCOUNT}:user/team/bob")
    renamed = refused(people, "UpdateUser", UserName="bob", NewUserName="rob")
    assert renamed[:2] == ("EntityTemporarilyUnmodifiable", 409)
    deleted = refused(people, "DeleteUser", UserName="bob")
    assert deleted[2] == "Cannot delete entity, must delete login profile first."
    people.call("iam:UpdateUser", UserName="bob")


def test_a_user_is_deleted_once_nothing_belongs_to_it(people: Bench) -> None:
    """DeleteUser names what has to go first, one after the other."""
    steps: list[tuple[str, str, dict[str, str]]] = [
        ("delete access keys", "DeleteAccessKey", {"AccessKeyId": KEY_ID}),
        ("remove users from group", "RemoveUserFromGroup", {"GroupName": "keepers"}),
        ("detach all policies", "DetachUserPolicy", {"PolicyArn": POLICY}),
        ("delete policies", "DeleteUserPolicy", {"PolicyName": "inline"}),
    ]
    for remedy, operation, members in steps:
        text = f"Cannot delete entity, must {remedy} first."
        assert refused(people, "DeleteUser", UserName="ada") == ("DeleteConflict", 409, text)
        people.call(f"iam:{operation}", members, UserName="ada")
    assert people.call("iam:DeleteUser", UserName="ada") == {}
    assert names(people) == ["bob"]
    (departed,) = people.core.keystore.departed(f"arn:aws:iam::{ACCOUNT}:user/ada")
    assert departed.unique_id == "AIDAADAQQQQQQQQQQQQQQ"


def test_a_user_created_anew_is_another(people: Bench) -> None:
    """The name can be used again; the unique id cannot."""
    before = people.call("iam:GetUser", UserName="bob")["User"]
    people.call("iam:DeleteUser", UserName="bob")
    after = people.call("iam:CreateUser", UserName="bob", Path="/team/")["User"]
    assert (before["Arn"], before["UserId"]) != (after["Arn"], after["UserId"])
    assert before["Arn"] == after["Arn"]


def test_tags_of_a_user_are_merged_without_regard_to_case(people: Bench) -> None:
    """TagUser overwrites a key under any spelling; UntagUser drops it under any."""
    people.call("iam:TagUser", UserName="ada", Tags=[{"Key": "TEAM", "Value": "x"}])
    listed = people.call("iam:ListUserTags", UserName="ada")
    assert listed == {"Tags": [{"Key": "TEAM", "Value": "x"}], "IsTruncated": False}
    people.call("iam:UntagUser", UserName="ada", TagKeys=["team", "absent"])
    assert people.call("iam:ListUserTags", UserName="ada")["Tags"] == []


def test_tags_page(people: Bench) -> None:
    """Pages list each tag once, in the order in which they were added."""
    added = [{"Key": f"k{n}", "Value": "é" * 200} for n in range(5)]
    people.call("iam:TagUser", UserName="bob", Tags=added)
    page = people.call("iam:ListUserTags", UserName="bob", MaxItems=3)
    rest = people.call("iam:ListUserTags", UserName="bob", Marker=page["Marker"])
    assert added == page["Tags"] + rest["Tags"]


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        ([{"Key": "aws:x", "Value": ""}], "Tags that begin with aws: are reserved for AWS use."),
        (
            [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}],
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
    ],
)
def test_tags_that_cannot_be_are_refused(
    people: Bench, tags: list[dict[str, str]], text: str
) -> None:
    """Reserved and duplicate keys are invalid, in CreateUser too."""
    for operation, name in (("TagUser", "bob"), ("CreateUser", "new")):
        found = refused(people, operation, UserName=name, Tags=tags)
        assert found == ("InvalidInput", 400, text)


def test_a_user_has_at_most_50_tags(people: Bench) -> None:
    """The limit is on the merged set."""
    tags = [{"Key": f"k{n}", "Value": ""} for n in range(50)]
    people.call("iam:TagUser", UserName="bob", Tags=tags)
    found = refused(people, "TagUser", UserName="bob", Tags=[{"Key": "one more", "Value": ""}])
    assert found[:2] == ("LimitExceeded", 409)


def test_letters_of_every_script_may_be_in_tags(people: Bench) -> None:
    """AWS's pattern allows letters, numbers and spaces of Unicode, and few signs."""
    sound = [{"Key": "Größe 大小", "Value": "١٢ ½ a_b.c:/=+-@"}]
    people.call("iam:TagUser", UserName="bob", Tags=sound)
    for text in ("a,b", "tab\t", "\u200b", "#"):
        tags = [{"Key": "k", "Value": text}]
        assert refused(people, "TagUser", UserName="bob", Tags=tags)[0] == "ValidationException"


def test_a_boundary_must_exist(people: Bench) -> None:
    """CreateUser takes an existing managed policy as a bound and no other."""
    made = people.call("iam:CreateUser", UserName="new", PermissionsBoundary=POLICY)["User"]
    assert made["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": POLICY,
    }
    found = refused(people, "CreateUser", UserName="n2", PermissionsBoundary=POLICY + "x")
    assert found[:2] == ("NoSuchEntity", 404)


def test_an_account_has_at_most_its_quota_of_users(
    people: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more than the quota is refused with its number."""
    assert limits.USERS_PER_ACCOUNT == 5000
    monkeypatch.setattr(users, "USERS_PER_ACCOUNT", 2)
    assert refused(people, "CreateUser", UserName="new") == (
        "LimitExceeded",
        409,
        "Cannot exceed quota for UsersPerAccount: 2",
    )


def test_creating_with_tags_needs_the_right_to_tag() -> None:
    """CreateUser with tags is two actions on the new user's ARN."""
    spec = load()["iam:CreateUser"]
    assert Needs(
        "iam:TagUser", ResourceKind.USER, "UserName", role="user", when="Tags", stateful=False
    ) in (spec.needs)
