"""Users who call IAM themselves, in a training keystore."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.core.errors import AccessDeniedException, SessionError
from kmstui.engine import Session
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, Bench
from tests.helpers.iam_requests import KEY_ID, make_identities

ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
OWN = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*",'
    '"Resource":"arn:aws:iam::*:user/${aws:username}"}]}'
)


@pytest.fixture
def own(make_bench: MakeBench) -> tuple[Bench, Session]:
    """Return a keystore and the session of a user who may do all with itself."""
    bench = make_bench(training=True)
    make_identities(bench)
    bench.call("iam:DeleteUserPermissionsBoundary", UserName="ada")
    bench.call("iam:PutUserPolicy", UserName="ada", PolicyName="own", PolicyDocument=OWN)
    return bench, bench.engine.act_as(bench.session, principal=ADA)


def test_a_user_who_is_not_named_is_the_caller(own: tuple[Bench, Session]) -> None:
    """GetUser and the operations on access keys are about the caller without a name."""
    bench, session = own

    def call(operation: str, **members: Any) -> dict[str, Any]:
        return bench.engine.call(session, f"iam:{operation}", members)

    assert call("GetUser")["User"]["Arn"] == ADA
    made = call("CreateAccessKey")["AccessKey"]
    assert made["UserName"] == "ada"
    call("UpdateAccessKey", AccessKeyId=KEY_ID, Status="Inactive")
    call("DeleteAccessKey", AccessKeyId=KEY_ID)
    (left,) = call("ListAccessKeys")["AccessKeyMetadata"]
    assert left["AccessKeyId"] == made["AccessKeyId"]


def test_a_policy_on_the_users_arn_reaches_nobody_else(own: tuple[Bench, Session]) -> None:
    """Another user, a new one and a listing are not the caller's to touch."""
    bench, session = own
    for operation, members in (
        ("GetUser", {"UserName": "bob"}),
        ("CreateUser", {"UserName": "ada2"}),
        ("UpdateUser", {"UserName": "ada", "NewUserName": "ada2"}),
        ("ListUsers", {}),
    ):
        with pytest.raises(AccessDeniedException, match=f"iam:{operation}"):
            bench.engine.call(session, f"iam:{operation}", members)


def test_the_session_of_a_deleted_user_ends(own: tuple[Bench, Session]) -> None:
    """Nobody goes on as somebody who is gone, nor as the next one of that name."""
    bench, session = own
    for operation, members in (
        ("DeleteAccessKey", {"AccessKeyId": KEY_ID}),
        ("RemoveUserFromGroup", {"GroupName": "keepers"}),
        ("DetachUserPolicy", {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/Use"}),
        ("DeleteUserPolicy", {"PolicyName": "inline"}),
        ("DeleteUserPolicy", {"PolicyName": "own"}),
        ("DeleteUser", {}),
        ("CreateUser", {}),
    ):
        bench.call(f"iam:{operation}", members, UserName="ada")
    with pytest.raises(SessionError):
        bench.engine.call(session, "iam:GetUser", {})
