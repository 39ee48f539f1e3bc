"""Policies and grants that name users and roles who are deleted, created anew or renamed."""

from __future__ import annotations

import json

import pytest

from tests.helpers.engines import ACCOUNT, OTHER_REGION, REGION, ROOT, Bench
from tests.helpers.iam_requests import TRUST

BOB = f"arn:aws:iam::{ACCOUNT}:user/team/bob"
IDLE = f"arn:aws:iam::{ACCOUNT}:role/team/idle"


def naming(*principals: str, action: str = "kms:*") -> str:
    """Return a resource policy that allows root and the principals."""
    statement = {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"AWS": [ROOT, *principals]},
        "Action": action,
    }
    resource = {"Resource": "*"} if action == "kms:*" else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | resource]})


def principals(text: str) -> list[str]:
    """Return whom the one statement of a policy names besides root."""
    (statement,) = json.loads(text)["Statement"]
    named: list[str] = statement["Principal"]["AWS"]
    return named[1:]


def policy(bench: Bench, key: str) -> str:
    """Return a key's policy as it is shown."""
    text: str = bench.call("GetKeyPolicy", KeyId=key)["Policy"]
    return text


def trust(bench: Bench) -> str:
    """Return a role's trust policy as it is shown."""
    text: str = bench.call("iam:GetRole", RoleName="deploy")["Role"]["AssumeRolePolicyDocument"]
    return text


@pytest.mark.parametrize(
    ("operation", "name", "arn", "unique_id"),
    [
        ("DeleteUser", {"UserName": "bob"}, BOB, "AIDABOBQQQQQQQQQQQQQQ"),
        ("DeleteRole", {"RoleName": "idle"}, IDLE, "AROAIDLEQQQQQQQQQQQQQ"),
    ],
)
def test_a_deleted_principal_is_shown_by_its_unique_id(
    people: Bench, operation: str, name: dict[str, str], arn: str, unique_id: str
) -> None:
    """Key and trust policies show the ARN as it was put, and the id once nobody has it."""
    key = people.key(Policy=naming(arn))
    document = naming(arn, action="sts:AssumeRole")
    people.call("iam:UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=document)
    assert naming(arn) == policy(people, key)
    assert document == trust(people)
    people.call(f"iam:{operation}", name)
    assert [unique_id] == principals(policy(people, key))
    assert [unique_id] == principals(trust(people))
    assert people.call("PutKeyPolicy", KeyId=key, Policy=policy(people, key)) == {}


def test_a_user_created_anew_is_not_the_one_that_policies_name(people: Bench) -> None:
    """In every Region what named the deleted user goes on naming it, and nobody else."""
    here = people.key(Policy=naming(BOB))
    people.call("kmstui:SwitchRegion", Region=OTHER_REGION)
    there = people.key(Policy=naming(BOB))
    people.call("iam:DeleteUser", UserName="bob")
    people.call("iam:CreateUser", UserName="bob", Path="/team/")
    for region, key in ((OTHER_REGION, there), (REGION, here)):
        people.call("kmstui:SwitchRegion", Region=region)
        assert principals(policy(people, key)) == ["AIDABOBQQQQQQQQQQQQQQ"]
    people.call("PutKeyPolicy", KeyId=here, Policy=naming(BOB))
    assert principals(policy(people, here)) == [BOB]


def test_grants_follow_too(people: Bench) -> None:
    """A grant to a deleted role is no grant to the next one of that name."""
    key = people.key()
    people.call(
        "CreateGrant",
        KeyId=key,
        GranteePrincipal=IDLE,
        RetiringPrincipal=IDLE,
        Operations=["Decrypt"],
    )
    people.call("iam:DeleteRole", RoleName="idle")
    request = {"RoleName": "idle", "Path": "/team/", "AssumeRolePolicyDocument": TRUST}
    people.call("iam:CreateRole", request)
    keystore = people.core.keystore
    assert keystore.grants_for(ACCOUNT, REGION, key, IDLE) == ()
    (grant,) = keystore.grants_of_key(ACCOUNT, REGION, key, limit=5)
    assert (grant.grantee, grant.retiring) == ("AROAIDLEQQQQQQQQQQQQQ", "AROAIDLEQQQQQQQQQQQQQ")


def test_a_renamed_user_is_named_by_its_new_arn(people: Bench) -> None:
    """Policies and grants follow the user, as AWS's do, which keep its unique id."""
    key = people.key(Policy=naming(BOB))
    people.call("CreateGrant", KeyId=key, GranteePrincipal=BOB, Operations=["Encrypt"])
    people.call("iam:UpdateUser", UserName="bob", NewUserName="rob")
    rob = f"arn:aws:iam::{ACCOUNT}:user/team/rob"
    assert principals(policy(people, key)) == [rob]
    (grant,) = people.core.keystore.grants_for(ACCOUNT, REGION, key, rob)
    assert (grant.grantee, grant.retiring) == (rob, "")
    people.call("iam:CreateUser", UserName="bob", Path="/team/")
    assert principals(policy(people, key)) == [rob]


def test_principals_of_other_kinds_stay_as_they_are(people: Bench) -> None:
    """Accounts, sessions and those of accounts held elsewhere are shown as they were put."""
    named = (
        ACCOUNT,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/idle/now",
        "arn:aws:iam::444455556666:user/x",
    )
    key = people.key(Policy=naming(*named))
    people.call("iam:DeleteRole", RoleName="idle")
    assert naming(*named) == policy(people, key)
