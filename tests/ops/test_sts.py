"""Temporary credentials: who gets which role, for how long, and what a code adds."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from kmstui.engine import Session
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, Bench
from tests.helpers.mfa import enrolled

ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/Reader"
PASS = Secret.from_text("a passphrase of alice")


def document(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, **elements: Any) -> dict[str, Any]:
    """Return a statement that allows actions on everything."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **elements}


def make_role(bench: Bench, principal: str, **elements: Any) -> None:
    """Create the role, which may decrypt, and let a principal assume it."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    bench.call(
        "iam:CreateRole",
        RoleName="Reader",
        Path="/team/",
        AssumeRolePolicyDocument=document(trust | elements),
    )
    bench.call(
        "iam:PutRolePolicy",
        RoleName="Reader",
        PolicyName="use",
        PolicyDocument=document(allow("kms:Decrypt", "kms:DescribeKey", "sts:*")),
    )


def alice(bench: Bench, *actions: str) -> Session:
    """Create a user with a passphrase and sign it in."""
    bench.call("iam:CreateUser", UserName="alice")
    if actions:
        bench.call(
            "iam:PutUserPolicy",
            UserName="alice",
            PolicyName="own",
            PolicyDocument=document(allow(*actions)),
        )
    bench.engine.add_operator(bench.session, "alice", PASS)
    return bench.engine.unlock(PASS)


def refused(bench: Bench, session: Session, operation: str, **members: Any) -> KmsError:
    """Return the error that a session's call ends with."""
    with pytest.raises(KmsError) as caught:
        bench.engine.call(session, operation, members)
    return caught.value


def test_a_role_named_directly_lets_its_user_in(bench: Bench) -> None:
    """A trust policy that names the user needs no policy of the user's own."""
    session = alice(bench)
    make_role(bench, session.principal)
    role = bench.engine.assume_role(session, ROLE, "work")
    who = bench.engine.call(role, "sts:GetCallerIdentity", {})
    assert who["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/work"
    assert who["UserId"].startswith("AROA")
    assert who["UserId"].endswith(":work")
    key = bench.key()
    assert bench.engine.call(role, "kms:DescribeKey", {"KeyId": key})
    assert refused(bench, role, "kms:Encrypt", KeyId=key, Plaintext=b"x").code == (
        "AccessDeniedException"
    )


def test_a_role_that_trusts_the_account_needs_both_sides(bench: Bench) -> None:
    """Delegation to the account leaves it to the user's own policies."""
    session = alice(bench)
    make_role(bench, f"arn:aws:iam::{ACCOUNT}:root")
    error = refused(bench, session, "sts:AssumeRole", RoleArn=ROLE, RoleSessionName="work")
    assert error.message.endswith(
        "because no identity-based policy allows the sts:AssumeRole action"
    )
    bench.call(
        "iam:PutUserPolicy",
        UserName="alice",
        PolicyName="own",
        PolicyDocument=document(allow("sts:AssumeRole")),
    )
    assert bench.engine.assume_role(session, ROLE, "work")


def test_whether_a_role_exists_is_not_told(bench: Bench) -> None:
    """A role that is not there is denied like one that trusts nobody."""
    session = alice(bench, "sts:AssumeRole")
    gone = f"arn:aws:iam::{ACCOUNT}:role/Nothing"
    error = refused(bench, session, "sts:AssumeRole", RoleArn=gone, RoleSessionName="work")
    assert error.code == "AccessDeniedException"


def test_the_root_user_assumes_no_role(bench: Bench) -> None:
    """AWS's text."""
    make_role(bench, f"arn:aws:iam::{ACCOUNT}:root")
    error = bench.refusal("sts:AssumeRole", RoleArn=ROLE, RoleSessionName="work")
    assert error.message == "Roles may not be assumed by root accounts."


def test_a_session_policy_only_limits(bench: Bench) -> None:
    """What both the role and the session policy allow is left."""
    session = alice(bench)
    make_role(bench, session.principal)
    key = bench.key()
    asked = {"RoleArn": ROLE, "RoleSessionName": "work"}
    policy = document(allow("kms:DescribeKey", "kms:Encrypt"))
    answer = bench.engine.call(session, "sts:AssumeRole", asked | {"Policy": policy})
    token = answer["Credentials"]["SessionToken"]
    limited = bench.engine._sessions.from_token(token, session.region)
    assert bench.engine.call(limited, "kms:DescribeKey", {"KeyId": key})
    error = refused(bench, limited, "kms:Encrypt", KeyId=key, Plaintext=b"x")
    assert error.code == "AccessDeniedException"


def test_credentials_end(bench: Bench) -> None:
    """After their time the token is refused, and so is the session that it made."""
    session = alice(bench)
    make_role(bench, session.principal)
    role = bench.engine.assume_role(session, ROLE, "work")
    bench.clock.advance(timedelta(seconds=3599))
    assert bench.engine.call(role, "sts:GetCallerIdentity", {})
    bench.clock.advance(timedelta(seconds=1))
    assert refused(bench, role, "sts:GetCallerIdentity").code == "ExpiredTokenException"
    assert refused(bench, role, "sts:GetCallerIdentity").code == "SessionError"


def test_a_deleted_role_ends_its_sessions(bench: Bench) -> None:
    """A namesake that is created again does not bring them back."""
    session = alice(bench)
    make_role(bench, session.principal)
    role = bench.engine.assume_role(session, ROLE, "work")
    bench.call("iam:DeleteRolePolicy", RoleName="Reader", PolicyName="use")
    bench.call("iam:DeleteRole", RoleName="Reader")
    make_role(bench, session.principal)
    error = refused(bench, role, "kms:DescribeKey", KeyId=bench.key())
    assert error.code == "SessionError"


def test_a_trust_policy_may_demand_a_code(bench: Bench) -> None:
    """AssumeRole that brings a code counts as with MFA; a wrong code gets nothing."""
    phone = enrolled(bench)
    bench.call("iam:CreateUser", UserName="other")
    make_role(
        bench,
        f"arn:aws:iam::{ACCOUNT}:root",
        Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    )
    answer = bench.call("sts:GetSessionToken", SerialNumber=phone.serial, TokenCode=phone.code())
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    error = bench.refusal("sts:GetSessionToken", SerialNumber=phone.serial, TokenCode="000000")
    assert error.code == "InvalidAuthenticationCode"


def test_a_code_without_its_device_is_refused(bench: Bench) -> None:
    """SerialNumber and TokenCode come together."""
    assert bench.refusal("sts:GetSessionToken", TokenCode="123456").code == "ValidationException"


def test_tokens_of_another_keystore_are_refused(bench: Bench) -> None:
    """A token is sealed by the keystore that made it; nothing about it can be changed."""
    token = bench.call("sts:GetSessionToken")["Credentials"]["SessionToken"]
    for broken in ("", "nonsense", token[:-8] + "AAAAAAA=", token[::-1]):
        with pytest.raises(KmsError) as caught:
            bench.engine._sessions.from_token(broken, "us-east-1")
        assert caught.value.code == "InvalidClientTokenId"


def test_a_role_of_another_account_needs_both_sides(bench: Bench) -> None:
    """Its trust policy must name the caller, and the caller's own policy must allow it."""
    bench.call("kmstui:CreateAccount", AccountId=OTHER_ACCOUNT, Name="partner")
    arn = f"arn:aws:iam::{OTHER_ACCOUNT}:role/Partner"
    session = alice(bench)
    error = refused(bench, session, "sts:AssumeRole", RoleArn=arn, RoleSessionName="work")
    assert error.code == "AccessDeniedException"
