"""IAM roles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmstui.ops.iam import roles
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, Bench
from tests.helpers.iam_requests import IAM_VALID, IDENTITY, POLICY, TRUST


def refused(bench: Bench, operation: str, **members: Any) -> tuple[str, str]:
    """Return code and text of a refusal."""
    error = bench.refusal(f"iam:{operation}", members)
    return error.code, error.message


def trusting(principal: str) -> str:
    """Return a trust policy."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": principal},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_role_is_created_and_shown(people: Bench) -> None:
    """CreateRole answers what GetRole does, and ListRoles but for bound and tags."""
    made = people.call(
        "iam:CreateRole",
        RoleName="Build",
        Path="/ci/",
        AssumeRolePolicyDocument=TRUST,
        Description="builds",
        MaxSessionDuration=7200,
        PermissionsBoundary=POLICY,
        Tags=[{"Key": "a", "Value": "b"}],
    )["Role"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/ci/Build"
    assert made["RoleId"].startswith("AROA")
    assert (made["MaxSessionDuration"], made["AssumeRolePolicyDocument"]) == (7200, TRUST)
    assert made == people.call("iam:GetRole", RoleName="build")["Role"]
    (listed,) = people.call("iam:ListRoles", PathPrefix="/ci/")["Roles"]
    left_out = {"PermissionsBoundary", "Tags"}
    assert listed == {name: value for name, value in made.items() if name not in left_out}


def test_a_role_name_is_taken_whatever_its_case(people: Bench) -> None:
    """CreateRole refuses a name that differs in case only."""
    request = {"RoleName": "DEPLOY", "AssumeRolePolicyDocument": TRUST}
    found = refused(people, "CreateRole", **request)
    assert found == ("EntityAlreadyExists", "Role with name DEPLOY already exists.")


@pytest.mark.parametrize(
    "operation", [name for name, request in IAM_VALID.items() if "RoleName" in request]
)
def test_an_absent_role_is_not_found(people: Bench, operation: str) -> None:
    """Every operation about a role says that there is none; CreateRole makes one."""
    if operation == "CreateRole":
        return
    request = IAM_VALID[operation] | {"RoleName": "absent"}
    found = refused(people, operation, **request)
    assert found == ("NoSuchEntity", "The role with name absent cannot be found.")


@pytest.mark.parametrize("document", ["{}", "nonsense", IDENTITY])
def test_a_trust_policy_must_be_one(people: Bench, document: str) -> None:
    """What is no trust policy is refused, when a role is created and later."""
    new = {"RoleName": "new", "AssumeRolePolicyDocument": document}
    assert refused(people, "CreateRole", **new)[0] == "MalformedPolicyDocument"
    changed = {"RoleName": "deploy", "PolicyDocument": document}
    assert refused(people, "UpdateAssumeRolePolicy", **changed)[0] == "MalformedPolicyDocument"
    assert people.call("iam:GetRole", RoleName="deploy")["Role"]["AssumeRolePolicyDocument"] == (
        TRUST
    )


def test_a_trust_policy_names_principals_who_exist(people: Bench) -> None:
    """A user of the account must exist; one of an account held elsewhere is believed."""
    absent = f"arn:aws:iam::{ACCOUNT}:user/carol"
    found = refused(
        people, "UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=trusting(absent)
    )
    text = f'Invalid principal in policy: "AWS":"{absent}"'
    assert found == ("MalformedPolicyDocument", text)
    for arn in (
        f"arn:aws:iam::{ACCOUNT}:user/ada",
        f"arn:aws:iam::{OTHER_ACCOUNT}:user/x",
        ACCOUNT,
        "*",
    ):
        document = trusting(arn)
        people.call("iam:UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=document)
        shown = people.call("iam:GetRole", RoleName="deploy")["Role"]
        assert document == shown["AssumeRolePolicyDocument"]


def test_a_trust_policy_has_a_size(people: Bench) -> None:
    """2,048 characters are allowed, white space not counted."""
    document = json.loads(TRUST)
    document["Id"] = "x"
    document["Id"] += "x" * (2048 - len(json.dumps(document, separators=(",", ":"))))
    fits = json.dumps(document, indent=8)
    people.call("iam:UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=fits)
    document["Id"] += "x"
    found = refused(
        people, "UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=json.dumps(document)
    )
    assert found == ("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")


def test_updating_a_role_replaces_both_members(people: Bench) -> None:
    """UpdateRole takes what is absent as AWS does: no description, one hour."""
    people.call("iam:UpdateRole", RoleName="deploy", Description="d", MaxSessionDuration=7200)
    role = people.call("iam:GetRole", RoleName="deploy")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("d", 7200)
    people.call("iam:UpdateRole", RoleName="deploy")
    role = people.call("iam:GetRole", RoleName="deploy")["Role"]
    assert ("Description" in role, role["MaxSessionDuration"]) == (False, 3600)


def test_a_role_is_deleted_once_it_has_no_policies(people: Bench) -> None:
    """DeleteRole names what has to go first; a bound does not keep it."""
    steps: list[tuple[str, str, dict[str, str]]] = [
        ("detach all policies", "DetachRolePolicy", {"PolicyArn": POLICY}),
        ("delete policies", "DeleteRolePolicy", {"PolicyName": "inline"}),
    ]
    for remedy, operation, members in steps:
        text = f"Cannot delete entity, must {remedy} first."
        assert refused(people, "DeleteRole", RoleName="deploy") == ("DeleteConflict", text)
        people.call(f"iam:{operation}", members, RoleName="deploy")
    people.call("iam:DeleteRole", RoleName="deploy")
    listed = people.call("iam:ListRoles")["Roles"]
    assert [role["RoleName"] for role in listed] == ["idle"]
    (departed,) = people.core.keystore.departed(f"arn:aws:iam::{ACCOUNT}:role/deploy")
    assert departed.unique_id == "AROADEPLOYQQQQQQQQQQQ"


def test_roles_page(people: Bench) -> None:
    """ListRoles gives pages that go on from each other."""
    first = people.call("iam:ListRoles", MaxItems=1)
    rest = people.call("iam:ListRoles", Marker=first["Marker"])
    names = [role["RoleName"] for role in first["Roles"] + rest["Roles"]]
    assert names == ["deploy", "idle"]
    assert (first["IsTruncated"], rest["IsTruncated"]) == (True, False)


def test_tags_of_a_role(people: Bench) -> None:
    """Tags are added, overwritten, listed and removed."""
    people.call("iam:TagRole", RoleName="deploy", Tags=[{"Key": "a", "Value": "b"}])
    listed = people.call("iam:ListRoleTags", RoleName="deploy")["Tags"]
    assert [tag["Key"] for tag in listed] == ["team", "a"]
    people.call("iam:UntagRole", RoleName="deploy", TagKeys=["team"])
    assert people.call("iam:ListRoleTags", RoleName="deploy")["Tags"] == [
        {"Key": "a", "Value": "b"}
    ]


def test_an_account_has_at_most_its_quota_of_roles(
    people: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more than the quota is refused with its number."""
    monkeypatch.setattr(roles, "ROLES_PER_ACCOUNT", 2)
    found = refused(people, "CreateRole", RoleName="new", AssumeRolePolicyDocument=TRUST)
    assert found == ("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 2")
