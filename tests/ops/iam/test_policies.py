"""Policies: embedded, managed, their versions, attached ones and bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmstui.ops.iam import policies
from kmstui.ops.iam.managed import AWS_MANAGED, managed_policy_text
from tests.helpers.engines import ACCOUNT, START, Bench
from tests.helpers.iam_requests import IDENTITY, IDLE, POLICY, VERSIONED

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
HOLDERS = {"User": "ada", "Group": "keepers", "Role": "deploy"}
EMPTY = {"User": "bob", "Group": "nobody", "Role": "idle"}
SIZES = {"User": 2048, "Group": 5120, "Role": 10_240}


def refused(bench: Bench, operation: str, **members: Any) -> tuple[str, str]:
    """Return code and text of a refusal."""
    error = bench.refusal(f"iam:{operation}", members)
    return error.code, error.message


def sized(characters: int) -> str:
    """Return an identity policy of so many characters, white space not counted."""
    document = json.loads(IDENTITY)
    document["Id"] = "x"
    document["Id"] += "x" * (characters - len(json.dumps(document, separators=(",", ":"))))
    return json.dumps(document, indent=3)


def tell(bench: Bench, noun: str, who: str) -> tuple[list[str], list[str]]:
    """Return the names of embedded and the ARNs of attached policies."""
    name = {f"{noun}Name": who}
    attached = bench.call(f"iam:ListAttached{noun}Policies", name)["AttachedPolicies"]
    embedded: list[str] = bench.call(f"iam:List{noun}Policies", name)["PolicyNames"]
    return embedded, [entry["PolicyArn"] for entry in attached]


@pytest.mark.parametrize("noun", HOLDERS)
def test_embedded_policies(people: Bench, noun: str) -> None:
    """They are put, replaced, shown as they were put, listed and deleted, by exact name."""
    name = {f"{noun}Name": EMPTY[noun]}
    for text in (IDENTITY, sized(200)):
        people.call(f"iam:Put{noun}Policy", name, PolicyName="one", PolicyDocument=text)
        shown = people.call(f"iam:Get{noun}Policy", name, PolicyName="one")
        assert shown == name | {"PolicyName": "one", "PolicyDocument": text}
    people.call(f"iam:Put{noun}Policy", name, PolicyName="Two", PolicyDocument=IDENTITY)
    page = people.call(f"iam:List{noun}Policies", name, MaxItems=1)
    rest = people.call(f"iam:List{noun}Policies", name, Marker=page["Marker"])
    assert page["PolicyNames"] + rest["PolicyNames"] == ["Two", "one"]
    people.call(f"iam:Delete{noun}Policy", name, PolicyName="one")
    assert tell(people, noun, EMPTY[noun]) == (["Two"], [])
    text = f"The {noun.lower()} policy with name two cannot be found."
    for operation in (f"Get{noun}Policy", f"Delete{noun}Policy"):
        assert refused(people, operation, **name, PolicyName="two") == ("NoSuchEntity", text)


@pytest.mark.parametrize("noun", HOLDERS)
def test_embedded_policies_have_a_size_together(people: Bench, noun: str) -> None:
    """The quota is on all of a holder's policies, and replacing one counts it once."""
    name = {f"{noun}Name": EMPTY[noun]}
    put = f"iam:Put{noun}Policy"
    for _ in range(2):
        people.call(put, name, PolicyName="a", PolicyDocument=sized(SIZES[noun] - 200))
    people.call(put, name, PolicyName="b", PolicyDocument=sized(200))
    found = people.refusal(put, name, PolicyName="b", PolicyDocument=sized(201))
    word = noun.lower()
    text = f"Maximum policy size of {SIZES[noun]} bytes exceeded for {word} {EMPTY[noun]}"
    assert (found.code, found.message) == ("LimitExceeded", text)


@pytest.mark.parametrize("document", ["{}", "nonsense", '{"Version":"2012-10-17"}'])
def test_what_is_no_identity_policy_is_refused(people: Bench, document: str) -> None:
    """Embedded and managed policies, and new versions, are read strictly."""
    requests: list[tuple[str, dict[str, str]]] = [
        ("PutUserPolicy", {"UserName": "ada", "PolicyName": "p"}),
        ("CreatePolicy", {"PolicyName": "p"}),
        ("CreatePolicyVersion", {"PolicyArn": POLICY}),
    ]
    for operation, members in requests:
        found = refused(people, operation, **members, PolicyDocument=document)
        assert found[0] == "MalformedPolicyDocument"


def test_a_managed_policy_is_created_and_shown(bench: Bench) -> None:
    """CreatePolicy answers what GetPolicy does; its first version is in force."""
    made = bench.call(
        "iam:CreatePolicy",
        PolicyName="Use",
        Path="/x/",
        PolicyDocument=IDENTITY,
        Description="lets use",
        Tags=[{"Key": "a", "Value": "b"}],
    )["Policy"]
    arn = f"arn:aws:iam::{ACCOUNT}:policy/x/Use"
    assert made == {
        "PolicyName": "Use",
        "PolicyId": made["PolicyId"],
        "Arn": arn,
        "Path": "/x/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": START,
        "UpdateDate": START,
        "Description": "lets use",
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    assert made["PolicyId"].startswith("ANPA")
    assert made == bench.call("iam:GetPolicy", PolicyArn=arn)["Policy"]
    version = bench.call("iam:GetPolicyVersion", PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert (version["Document"], version["IsDefaultVersion"]) == (IDENTITY, True)
    found = refused(bench, "CreatePolicy", PolicyName="USE", PolicyDocument=IDENTITY)
    text = "A policy called USE already exists. Duplicate names are not allowed."
    assert found == ("EntityAlreadyExists", text)


def test_policies_are_named_by_their_whole_arn(people: Bench) -> None:
    """Another path, account or kind of ARN is not the policy."""
    missing = "Policy {} does not exist or is not attachable."
    for arn in (f"arn:aws:iam::{ACCOUNT}:policy/x/Use", "arn:aws:iam::444455556666:policy/Use"):
        found = refused(people, "GetPolicy", PolicyArn=arn)
        assert found == ("NoSuchEntity", missing.format(arn))
    for arn in (
        f"arn:aws:iam::{ACCOUNT}:user/ada",
        "nonsense that is long",
        "arn:aws:s3:::policy/xyz",
    ):
        found = refused(people, "GetPolicy", PolicyArn=arn)
        assert found == ("InvalidInput", f"ARN {arn} is not valid.")


def listed(bench: Bench, **members: Any) -> list[str]:
    """Return the names of the policies of a page."""
    found = bench.call("iam:ListPolicies", members)["Policies"]
    return [policy["PolicyName"] for policy in found]


def test_managed_policies_are_listed(people: Bench) -> None:
    """The account's own come first, then AWS's; every filter narrows the list."""
    ours = ["Idle", "Use", "Versioned"]
    theirs = [policy.name for policy in AWS_MANAGED.values()]
    assert listed(people) == ours + theirs
    assert listed(people, Scope="Local") == ours
    assert listed(people, Scope="AWS") == theirs
    assert listed(people, OnlyAttached=True) == ["Use"]
    assert listed(people, PolicyUsageFilter="PermissionsBoundary") == ["Use"]
    assert listed(people, PathPrefix="/x/") == []
    page = people.call("iam:ListPolicies", MaxItems=4)
    assert listed(people, Marker=page["Marker"]) == theirs[1:]


def test_a_policy_says_how_much_it_is_used(people: Bench) -> None:
    """Attachments and bounds are counted apart."""
    policy = people.call("iam:GetPolicy", PolicyArn=POLICY)["Policy"]
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (3, 2)


def test_a_policy_is_deleted_once_it_is_unused_and_has_one_version(people: Bench) -> None:
    """DeletePolicy names what is in the way."""
    found = refused(people, "DeletePolicy", PolicyArn=POLICY)
    assert found == ("DeleteConflict", "Cannot delete a policy attached to entities.")
    people.call("iam:PutUserPermissionsBoundary", UserName="bob", PermissionsBoundary=IDLE)
    assert refused(people, "DeletePolicy", PolicyArn=IDLE)[0] == "DeleteConflict"
    people.call("iam:DeleteUserPermissionsBoundary", UserName="bob")
    people.call("iam:DeletePolicy", PolicyArn=IDLE)
    assert refused(people, "DeletePolicy", PolicyArn=VERSIONED)[0] == "DeleteConflict"
    people.call("iam:DeletePolicyVersion", PolicyArn=VERSIONED, VersionId="v1")
    people.call("iam:DeletePolicy", PolicyArn=VERSIONED)
    assert listed(people, Scope="Local") == ["Use"]


def versions(bench: Bench, arn: str, **members: Any) -> list[tuple[str, bool]]:
    """Return the versions of a policy and whether they are in force."""
    found = bench.call("iam:ListPolicyVersions", members, PolicyArn=arn)["Versions"]
    return [(version["VersionId"], version["IsDefaultVersion"]) for version in found]


def test_versions_come_and_go(people: Bench) -> None:
    """A number is never used again; the newest is in front; one is in force."""
    new = {"PolicyArn": VERSIONED, "PolicyDocument": sized(300)}
    made = people.call("iam:CreatePolicyVersion", new, SetAsDefault=True)["PolicyVersion"]
    third = made["VersionId"]
    assert made["IsDefaultVersion"]
    assert (third, True) == versions(people, VERSIONED)[0]
    people.call("iam:SetDefaultPolicyVersion", PolicyArn=VERSIONED, VersionId="v1")
    people.call("iam:DeletePolicyVersion", PolicyArn=VERSIONED, VersionId=third)
    fourth = people.call("iam:CreatePolicyVersion", new)["PolicyVersion"]
    assert not fourth["IsDefaultVersion"]
    assert fourth["VersionId"] not in {"v1", "v2", third}
    page = people.call("iam:ListPolicyVersions", PolicyArn=VERSIONED, MaxItems=1)
    assert versions(people, VERSIONED, Marker=page["Marker"]) == [("v2", False), ("v1", True)]


def test_versions_that_cannot_be(people: Bench) -> None:
    """The one in force stays, an absent one is not found, and there are five at most."""
    found = refused(people, "DeletePolicyVersion", PolicyArn=VERSIONED, VersionId="v2")
    assert found == ("DeleteConflict", "Cannot delete the default version of a policy.")
    for operation in ("GetPolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion"):
        found = refused(people, operation, PolicyArn=POLICY, VersionId="v9")
        text = f"Policy {POLICY} version v9 does not exist or is not attachable."
        assert found == ("NoSuchEntity", text)
    new = {"PolicyArn": POLICY, "PolicyDocument": IDENTITY}
    for _ in range(4):
        people.call("iam:CreatePolicyVersion", new)
    assert refused(people, "CreatePolicyVersion", **new)[0] == "LimitExceeded"


def test_a_managed_policy_has_a_size(people: Bench) -> None:
    """6,144 characters are allowed, white space not counted."""
    people.call("iam:CreatePolicy", PolicyName="fits", PolicyDocument=sized(6144))
    for operation, members in (
        ("CreatePolicy", {"PolicyName": "long"}),
        ("CreatePolicyVersion", {"PolicyArn": POLICY}),
    ):
        found = refused(people, operation, **members, PolicyDocument=sized(6145))
        assert found == ("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")


def test_policies_of_aws_are_not_changed(people: Bench) -> None:
    """They are shown and attached like others, and every change is refused."""
    shown = people.call("iam:GetPolicyVersion", PolicyArn=ADMINISTRATOR, VersionId="v1")
    assert managed_policy_text(ADMINISTRATOR) == shown["PolicyVersion"]["Document"]
    assert managed_policy_text(POLICY) is None
    requests: list[tuple[str, dict[str, str]]] = [
        ("DeletePolicy", {}),
        ("CreatePolicyVersion", {"PolicyDocument": IDENTITY}),
        ("DeletePolicyVersion", {"VersionId": "v1"}),
        ("SetDefaultPolicyVersion", {"VersionId": "v1"}),
    ]
    for operation, members in requests:
        found = refused(people, operation, **members, PolicyArn=ADMINISTRATOR)
        assert found[0] == "InvalidInput"


@pytest.mark.parametrize("noun", HOLDERS)
def test_policies_are_attached_and_detached(people: Bench, noun: str) -> None:
    """Attaching twice changes nothing; detaching what is not attached is not found."""
    name = {f"{noun}Name": EMPTY[noun]}
    for arn in (ADMINISTRATOR, POLICY, POLICY):
        people.call(f"iam:Attach{noun}Policy", name, PolicyArn=arn)
    page = people.call(f"iam:ListAttached{noun}Policies", name, MaxItems=1)
    rest = people.call(f"iam:ListAttached{noun}Policies", name, Marker=page["Marker"])
    assert page["AttachedPolicies"] + rest["AttachedPolicies"] == [
        {"PolicyName": "AdministratorAccess", "PolicyArn": ADMINISTRATOR},
        {"PolicyName": "Use", "PolicyArn": POLICY},
    ]
    assert people.call(f"iam:ListAttached{noun}Policies", name, PathPrefix="/x/") == {
        "AttachedPolicies": [],
        "IsTruncated": False,
    }
    people.call(f"iam:Detach{noun}Policy", name, PolicyArn=POLICY)
    assert tell(people, noun, EMPTY[noun]) == ([], [ADMINISTRATOR])
    found = refused(people, f"Detach{noun}Policy", **name, PolicyArn=POLICY)
    assert found == ("NoSuchEntity", f"Policy {POLICY} was not found.")
    absent = f"arn:aws:iam::{ACCOUNT}:policy/Absent"
    found = refused(people, f"Attach{noun}Policy", **name, PolicyArn=absent)
    text = f"Policy {absent} does not exist or is not attachable."
    assert found == ("NoSuchEntity", text)


@pytest.mark.parametrize("noun", HOLDERS)
def test_ten_managed_policies_are_attached_at_most(people: Bench, noun: str) -> None:
    """The eleventh is refused with the quota's name."""
    name = {f"{noun}Name": EMPTY[noun]}
    for number in range(11):
        made = people.call("iam:CreatePolicy", PolicyName=f"p{number}", PolicyDocument=IDENTITY)
        arn = made["Policy"]["Arn"]
        if number < 10:
            people.call(f"iam:Attach{noun}Policy", name, PolicyArn=arn)
    found = refused(people, f"Attach{noun}Policy", **name, PolicyArn=arn)
    assert found == ("LimitExceeded", f"Cannot exceed quota for PoliciesPer{noun}: 10")


@pytest.mark.parametrize("noun", ["User", "Role"])
def test_bounds_are_put_and_deleted(people: Bench, noun: str) -> None:
    """A bound replaces the one before; deleting none is not found."""
    name = {f"{noun}Name": EMPTY[noun]}
    for arn in (POLICY, IDLE):
        people.call(f"iam:Put{noun}PermissionsBoundary", name, PermissionsBoundary=arn)
        shown = people.call(f"iam:Get{noun}", name)[noun]["PermissionsBoundary"]
        assert arn == shown["PermissionsBoundaryArn"]
    people.call(f"iam:Delete{noun}PermissionsBoundary", name)
    assert "PermissionsBoundary" not in people.call(f"iam:Get{noun}", name)[noun]
    found = refused(people, f"Delete{noun}PermissionsBoundary", **name)
    assert found[0] == "NoSuchEntity"


def test_entities_of_a_policy_are_listed(people: Bench) -> None:
    """Users, groups and roles that hold it or are bound by it, each once; filters narrow them."""
    ask = {"PolicyArn": POLICY}
    people.call("iam:PutUserPermissionsBoundary", UserName="bob", PermissionsBoundary=POLICY)
    everyone = people.call("iam:ListEntitiesForPolicy", ask)
    assert everyone == {
        "PolicyGroups": [{"GroupName": "keepers", "GroupId": "AGPAKEEPERSQQQQQQQQQQ"}],
        "PolicyUsers": [
            {"UserName": "ada", "UserId": "AIDAADAQQQQQQQQQQQQQQ"},
            {"UserName": "bob", "UserId": "AIDABOBQQQQQQQQQQQQQQ"},
        ],
        "PolicyRoles": [{"RoleName": "deploy", "RoleId": "AROADEPLOYQQQQQQQQQQQ"}],
        "IsTruncated": False,
    }
    only = people.call("iam:ListEntitiesForPolicy", ask, EntityFilter="Role")
    assert (only["PolicyUsers"], len(only["PolicyRoles"])) == ([], 1)
    held = people.call("iam:ListEntitiesForPolicy", ask, PolicyUsageFilter="PermissionsPolicy")
    assert [user["UserName"] for user in held["PolicyUsers"]] == ["ada"]
    bound = people.call("iam:ListEntitiesForPolicy", ask, PolicyUsageFilter="PermissionsBoundary")
    assert bound["PolicyGroups"] == []
    team = people.call("iam:ListEntitiesForPolicy", ask, PathPrefix="/team/")
    assert [user["UserName"] for user in team["PolicyUsers"]] == ["bob"]
    page = people.call("iam:ListEntitiesForPolicy", ask, MaxItems=2)
    rest = people.call("iam:ListEntitiesForPolicy", ask, Marker=page["Marker"])
    for member in ("PolicyGroups", "PolicyUsers", "PolicyRoles"):
        assert everyone[member] == page[member] + rest[member]


def test_an_account_has_at_most_its_quota_of_policies(
    people: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more than the quota is refused with its number."""
    monkeypatch.setattr(policies, "POLICIES_PER_ACCOUNT", 3)
    found = refused(people, "CreatePolicy", PolicyName="new", PolicyDocument=IDENTITY)
    assert found == ("LimitExceeded", "Cannot exceed quota for PoliciesPerAccount: 3")
