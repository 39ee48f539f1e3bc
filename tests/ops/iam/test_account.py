"""The whole account at once."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.ops.iam.managed import AWS_MANAGED
from tests.helpers.engines import Bench
from tests.helpers.iam_requests import IDENTITY, POLICY, TRUST

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def details(bench: Bench, **members: Any) -> dict[str, Any]:
    """Return a page of the account's details."""
    return bench.call("iam:GetAccountAuthorizationDetails", members)


def test_details_hold_everything_that_relates_them(people: Bench) -> None:
    """A user has its groups, policies, bound and tags, a role its trust, a policy its versions."""
    found = details(people)
    user = found["UserDetailList"][0]
    assert (user["UserName"], user["GroupList"]) == ("ada", ["keepers"])
    inline = [{"PolicyName": "inline", "PolicyDocument": IDENTITY}]
    attached = [{"PolicyName": "Use", "PolicyArn": POLICY}]
    role = found["RoleDetailList"][0]
    assert role["AssumeRolePolicyDocument"] == TRUST
    for shown, member in (
        (user, "UserPolicyList"),
        (found["GroupDetailList"][0], "GroupPolicyList"),
        (role, "RolePolicyList"),
    ):
        assert (shown[member], shown["AttachedManagedPolicies"]) == (inline, attached)
    for shown in (user, role):
        assert shown["PermissionsBoundary"]["PermissionsBoundaryArn"] == POLICY
        assert shown["Tags"] == [{"Key": "team", "Value": "payments"}]
    policy = next(each for each in found["Policies"] if each["PolicyName"] == "Versioned")
    assert [(v["VersionId"], v["Document"]) for v in policy["PolicyVersionList"]] == [
        ("v2", IDENTITY),
        ("v1", IDENTITY),
    ]
    assert len(found["Policies"]) == 3 + len(AWS_MANAGED)


@pytest.mark.parametrize(
    ("wanted", "counts"),
    [
        (["User"], (2, 0, 0, 0)),
        (["Group", "Role", "Role"], (0, 2, 2, 0)),
        (["LocalManagedPolicy"], (0, 0, 0, 3)),
        (["AWSManagedPolicy"], (0, 0, 0, len(AWS_MANAGED))),
    ],
)
def test_details_are_filtered(people: Bench, wanted: list[str], counts: tuple[int, ...]) -> None:
    """Only what the filter names is in the answer, each once."""
    found = details(people, Filter=wanted)
    assert counts == tuple(len(found[member]) for member in LISTS)


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_details_page_over_all_lists(people: Bench, size: int) -> None:
    """Every page size gives each entry once."""
    expected = details(people)
    found: dict[str, list[Any]] = {member: [] for member in LISTS}
    marker: dict[str, str] = {}
    while True:
        page = details(people, MaxItems=size, **marker)
        for member in LISTS:
            found[member] += page[member]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert found == {member: expected[member] for member in LISTS}


def test_the_summary_counts(people: Bench) -> None:
    """Numbers of users, groups, roles and policies stand beside their quotas."""
    summary = people.call("iam:GetAccountSummary")["SummaryMap"]
    expected = {
        "Users": 2,
        "UsersQuota": 5000,
        "Groups": 2,
        "GroupsQuota": 300,
        "Roles": 2,
        "RolesQuota": 1000,
        "Policies": 3,
        "PolicyVersionsInUse": 4,
        "MFADevices": 0,
        "AccountMFAEnabled": 0,
    }
    assert expected.items() <= summary.items()
