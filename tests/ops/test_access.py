"""Simulated decisions, principals, sessions and statements as the console asks for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmstui.authz.report import trace_from_fields
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, ROOT, Bench

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"


def make_user(bench: Bench, *actions: str) -> None:
    """Create the user with an inline policy that allows actions on everything."""
    bench.call("iam:CreateUser", UserName="alice")
    if actions:
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}],
        }
        bench.call(
            "iam:PutUserPolicy",
            UserName="alice",
            PolicyName="use",
            PolicyDocument=json.dumps(document),
        )


def cell(bench: Bench, **members: Any) -> dict[str, Any]:
    """Return the one decision of a simulation."""
    (only,) = bench.call("kmstui:SimulateAccess", members)["Cells"]
    found: dict[str, Any] = only
    return found


def test_a_simulation_decides_as_a_call_would(bench: Bench) -> None:
    """A user may decrypt with an identity policy, as the key policy delegates to the account."""
    key = bench.key()
    make_user(bench, "kms:Decrypt")
    found = cell(bench, Principals=[ALICE], Actions=["kms:Decrypt"], KeyId=key)
    assert (found["Decision"], found["Policy"]) == ("Allowed", "user policy alice/use")
    found = cell(bench, Principals=[ALICE], Actions=["kms:Encrypt"], KeyId=key)
    assert found["Decision"] == "ImplicitlyDenied"
    assert found["Reason"] == "because no identity-based policy allows the kms:Encrypt action"


def test_a_proposed_policy_is_decided_by_instead(bench: Bench) -> None:
    """Who gains and who loses is seen before a key policy is saved."""
    key = bench.key()
    make_user(bench)
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": [ROOT, ALICE]},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
    )
    asked = {"Principals": [ALICE], "Actions": ["kms:Decrypt"], "KeyId": key}
    assert cell(bench, **asked)["Decision"] == "ImplicitlyDenied"
    found = cell(bench, **asked, Policy=policy)
    assert (found["Decision"], found["Policy"]) == ("Allowed", "proposed key policy")


def test_steps_and_the_smallest_change_are_told(bench: Bench) -> None:
    """A traced denial comes with its steps and with what would allow it."""
    make_user(bench)
    found = cell(
        bench, Principals=[ALICE], Actions=["kms:Decrypt"], KeyId=bench.key(), Traces=True
    )
    trace = trace_from_fields(found["Trace"])
    assert trace.decision.outcome == found["Decision"]
    assert trace.steps
    (edit,) = found["Suggestion"]["Edits"]
    assert edit["Layer"] == "identity policy"
    assert "kms:Decrypt" in edit["Statement"]


def test_a_fresh_code_is_said_to_help(tmp_path: Any) -> None:
    """Under the guardrail a deletion is denied without a code and allowed with one."""
    bench = Bench.make(tmp_path, mfa_guardrail=True)
    key = bench.key()
    asked: dict[str, Any] = {"Actions": ["kms:ScheduleKeyDeletion"], "KeyId": key}
    found = cell(bench, **asked)
    assert (found["Decision"], found["MfaWouldHelp"]) == ("ExplicitlyDenied", True)
    assert cell(bench, **asked, MfaAge=299)["Decision"] == "Allowed"
    assert cell(bench, **asked, MfaAge=300)["Decision"] == "ExplicitlyDenied"
    bench.close()


def test_conditions_see_what_is_given(bench: Bench) -> None:
    """Encryption context, service and overriding condition keys reach the conditions."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:EncryptionContext:app": "one",
                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                "aws:SourceVpc": "vpc-1",
            }
        },
    }
    keep = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:Put*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement, keep]})
    key = bench.key(Policy=policy)
    make_user(bench)
    asked: dict[str, Any] = {
        "Principals": [ALICE],
        "Actions": ["kms:Decrypt"],
        "KeyId": key,
        "EncryptionContext": {"app": "one"},
        "ViaService": "s3.amazonaws.com",
        "Context": {"aws:SourceVpc": "vpc-1"},
    }
    assert cell(bench, **asked)["Decision"] == "Allowed"
    for name in ("EncryptionContext", "ViaService", "Context"):
        rest = {member: value for member, value in asked.items() if member != name}
        assert cell(bench, **rest)["Decision"] == "ImplicitlyDenied", name


@pytest.mark.parametrize("principal", ["nobody", "arn:aws:iam::111122223333:group/admins"])
def test_what_is_no_principal_is_refused(bench: Bench, principal: str) -> None:
    """Groups and plain words cannot call."""
    error = bench.refusal(
        "kmstui:SimulateAccess", Principals=[principal], Actions=["kms:Decrypt"], KeyId=bench.key()
    )
    assert error.code == "ValidationException"


def test_principals_of_other_accounts_need_both_sides(bench: Bench) -> None:
    """What another account's identity policies say is not known here, so nothing is allowed."""
    foreign = f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob"
    found = cell(bench, Principals=[foreign], Actions=["kms:Decrypt"], KeyId=bench.key())
    assert found["Decision"] == "ImplicitlyDenied"


def test_principals_are_listed(bench: Bench) -> None:
    """Root comes first; a user shows its policies and whether it can open the keystore."""
    make_user(bench, "kms:Decrypt")
    root, alice = bench.call("kmstui:ListPrincipals")["Principals"]
    assert (root["Arn"], root["Sessions"], root["Operator"]) == (ROOT, 1, True)
    assert (alice["Arn"], alice["Policies"], alice["Operator"]) == (ALICE, ["use"], False)


def test_sessions_are_listed(bench: Bench) -> None:
    """The session that asks is marked."""
    (session,) = bench.call("kmstui:ListSessions")["Sessions"]
    assert (session["Arn"], session["Current"]) == (ROOT, True)


def test_statements_are_found(bench: Bench) -> None:
    """By principal, action and resource, over identity and key policies; page by page."""
    key = bench.key()
    make_user(bench, "kms:Decrypt")
    found = bench.call("kmstui:FindStatements", Action="kms:decrypt")["Statements"]
    assert {"identity-based policy", "key policy"} <= {entry["Where"] for entry in found}
    about_key = bench.call("kmstui:FindStatements", Resource=key)["Statements"]
    (mine,) = [entry for entry in about_key if entry["Where"] == "key policy"]
    assert (mine["Sid"], mine["Number"]) == ("Enable IAM User Permissions", 1)
    first = bench.call("kmstui:FindStatements", Limit=1)
    rest = bench.call("kmstui:FindStatements", Marker=first["NextMarker"])
    every = bench.call("kmstui:FindStatements")["Statements"]
    assert first["Statements"] + rest["Statements"] == every


def test_a_role_that_is_not_held_is_decided_without_policies(bench: Bench) -> None:
    """A role of another account, or one not made yet, is asked about as nobody's in particular."""
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/partner"
    found = cell(bench, Principals=[role], Actions=["kms:Decrypt"], KeyId=bench.key())
    assert found["Decision"] == "ImplicitlyDenied"


def test_a_grant_does_not_let_in_what_no_grant_can(bench: Bench) -> None:
    """An action without an operation here is not taken for one that a grant allows."""
    key = bench.key()
    make_user(bench)
    bench.call("CreateGrant", KeyId=key, GranteePrincipal=ALICE, Operations=["DescribeKey"])
    found = cell(bench, Principals=[ALICE], Actions=["kms:RotateKeyOnDemand"], KeyId=key)
    assert found["Decision"] == "ImplicitlyDenied"
