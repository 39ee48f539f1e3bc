"""Groups of users."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.ops.iam import groups
from tests.helpers.engines import ACCOUNT, Bench
from tests.helpers.iam_requests import IAM_VALID, POLICY


def refused(bench: Bench, operation: str, **members: Any) -> tuple[str, str]:
    """Return code and text of a refusal."""
    error = bench.refusal(f"iam:{operation}", members)
    return error.code, error.message


def group_names(bench: Bench, operation: str = "ListGroups", **members: Any) -> list[str]:
    """Return the names of a page of groups."""
    return [group["GroupName"] for group in bench.call(f"iam:{operation}", members)["Groups"]]


def test_a_group_is_created_and_shown(bench: Bench) -> None:
    """CreateGroup answers what GetGroup does; it begins without users."""
    made = bench.call("iam:CreateGroup", GroupName="Keepers", Path="/x/")["Group"]
    assert made["GroupId"].startswith("AGPA")
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/x/Keepers"
    shown = bench.call("iam:GetGroup", GroupName="keepers")
    assert shown == {"Group": made, "Users": [], "IsTruncated": False}


def test_a_group_name_is_taken_whatever_its_case(people: Bench) -> None:
    """CreateGroup refuses a name that differs in case only."""
    found = refused(people, "CreateGroup", GroupName="KEEPERS")
    assert found == ("EntityAlreadyExists", "Group with name KEEPERS already exists.")


@pytest.mark.parametrize(
    "operation", [name for name, request in IAM_VALID.items() if "GroupName" in request]
)
def test_an_absent_group_is_not_found(people: Bench, operation: str) -> None:
    """Every operation about a group says that there is none; CreateGroup makes one."""
    if operation == "CreateGroup":
        return
    request = IAM_VALID[operation] | {"GroupName": "absent"}
    found = refused(people, operation, **request)
    assert found == ("NoSuchEntity", "The group with name absent cannot be found.")


def test_users_enter_and_leave_a_group(people: Bench) -> None:
    """Membership is seen from both sides, and doing either twice changes nothing."""
    for _ in range(2):
        people.call("iam:AddUserToGroup", GroupName="NOBODY", UserName="ADA")
    assert group_names(people, "ListGroupsForUser", UserName="ada") == ["keepers", "nobody"]
    users = people.call("iam:GetGroup", GroupName="nobody")["Users"]
    assert [user["UserName"] for user in users] == ["ada"]
    for _ in range(2):
        people.call("iam:RemoveUserFromGroup", GroupName="nobody", UserName="ada")
    assert group_names(people, "ListGroupsForUser", UserName="ada") == ["keepers"]


def test_lists_of_groups_page(people: Bench) -> None:
    """ListGroups, ListGroupsForUser and GetGroup give pages that go on from each other."""
    first = people.call("iam:ListGroups", MaxItems=1)
    assert group_names(people, Marker=first["Marker"]) == ["nobody"]
    assert group_names(people, PathPrefix="/team/") == ["nobody"]
    for user in ("ada", "bob"):
        people.call("iam:AddUserToGroup", GroupName="nobody", UserName=user)
    page = people.call("iam:GetGroup", GroupName="nobody", MaxItems=1)
    rest = people.call("iam:GetGroup", GroupName="nobody", Marker=page["Marker"])
    assert [user["UserName"] for user in page["Users"] + rest["Users"]] == ["ada", "bob"]
    error = people.refusal("iam:GetGroup", GroupName="keepers", Marker=page["Marker"])
    assert error.code == "InvalidMarkerException"


def test_a_group_is_deleted_once_it_is_empty(people: Bench) -> None:
    """DeleteGroup names what has to go first, one after the other."""
    steps: list[tuple[str, str, dict[str, str]]] = [
        ("remove users from group", "RemoveUserFromGroup", {"UserName": "ada"}),
        ("detach all policies", "DetachGroupPolicy", {"PolicyArn": POLICY}),
        ("delete policies", "DeleteGroupPolicy", {"PolicyName": "inline"}),
    ]
    for remedy, operation, members in steps:
        text = f"Cannot delete entity, must {remedy} first."
        assert refused(people, "DeleteGroup", GroupName="keepers") == ("DeleteConflict", text)
        people.call(f"iam:{operation}", members, GroupName="keepers")
    people.call("iam:DeleteGroup", GroupName="keepers")
    assert group_names(people) == ["nobody"]


def test_quotas_of_groups(people: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of an account and groups of a user have quotas."""
    monkeypatch.setattr(groups, "GROUPS_PER_ACCOUNT", 2)
    monkeypatch.setattr(groups, "GROUPS_PER_USER", 1)
    found = refused(people, "CreateGroup", GroupName="new")
    assert found == ("LimitExceeded", "Cannot exceed quota for GroupsPerAccount: 2")
    found = refused(people, "AddUserToGroup", GroupName="nobody", UserName="ada")
    assert found == ("LimitExceeded", "Cannot exceed quota for GroupsPerUser: 1")
