"""Accounts, their service control policies, operators, and acting in another's place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kmstui.authz.guardrail import GUARDED_ACTIONS, GUARDRAIL, guardrail
from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from kmstui.ops import load
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, ROOT, Bench

PASS = Secret.from_text("a passphrase of alice")
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"


def test_an_account_is_added_with_its_guardrail(bench: Bench) -> None:
    """It is listed with the policies that bind it; a second one of that id is refused."""
    bench.call("kmstui:CreateAccount", AccountId=OTHER_ACCOUNT, Name="partner")
    own, other = bench.call("kmstui:ListAccounts")["Accounts"]
    assert (own["AccountId"], own["ServiceControlPolicies"]) == (ACCOUNT, ["FullAWSAccess"])
    assert (other["Name"], GUARDRAIL in other["ServiceControlPolicies"]) == ("partner", True)
    error = bench.refusal("kmstui:CreateAccount", AccountId=OTHER_ACCOUNT, Name="again")
    assert error.code == "AlreadyExistsException"


def test_the_guardrail_is_a_policy_that_can_be_read(tmp_path: Path) -> None:
    """It is there by default, as the text that decides."""
    bench = Bench.make(tmp_path, mfa_guardrail=True)
    policies = bench.call("kmstui:ListServiceControlPolicies")["Policies"]
    assert {entry["PolicyName"]: entry["Policy"] for entry in policies}[GUARDRAIL] == guardrail()
    error = bench.refusal("kmstui:DeleteServiceControlPolicy", PolicyName=GUARDRAIL)
    assert error.code == "AccessDeniedException"
    assert "explicit deny in a service control policy" in error.message
    bench.close()


def test_every_critical_operation_is_guarded() -> None:
    """The guardrail's list and the specs agree."""
    critical = {spec.full_name for spec in load().values() if spec.critical}
    assert critical <= {*GUARDED_ACTIONS, "iam:EnableMFADevice"}


def test_a_service_control_policy_takes_away_at_once(bench: Bench) -> None:
    """Not even the root user is above it; what it takes away comes back with its removal."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "kms:GenerateRandom", "Resource": "*"}],
    }
    bench.call("kmstui:PutServiceControlPolicy", PolicyName="no", Policy=json.dumps(document))
    error = bench.refusal("GenerateRandom", NumberOfBytes=8)
    assert error.message == (
        f"User: {ROOT} is not authorized to perform: kms:GenerateRandom with an explicit deny "
        "in a service control policy"
    )
    bench.call("kmstui:DeleteServiceControlPolicy", PolicyName="no")
    assert bench.call("GenerateRandom", NumberOfBytes=8)


def test_the_last_policy_leaves_full_access(bench: Bench) -> None:
    """An account without any policy would be able to do nothing."""
    bench.call("kmstui:DeleteServiceControlPolicy", PolicyName="FullAWSAccess")
    assert bench.call("GenerateRandom", NumberOfBytes=8)


def test_a_malformed_service_control_policy_is_refused(bench: Bench) -> None:
    """It names no principal, as AWS's grammar has it."""
    text = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",'
        '"Action":"kms:*","Resource":"*"}]}'
    )
    error = bench.refusal("kmstui:PutServiceControlPolicy", PolicyName="x", Policy=text)
    assert error.code == "MalformedPolicyDocumentException"


def test_an_operator_signs_in_with_a_passphrase_of_its_own(bench: Bench) -> None:
    """The user is who calls from then on; taking the passphrase away ends its sessions."""
    bench.call("iam:CreateUser", UserName="alice")
    bench.engine.add_operator(bench.session, "alice", PASS)
    session = bench.engine.unlock(PASS)
    assert bench.engine.call(session, "sts:GetCallerIdentity", {})["Arn"] == ALICE
    listed = bench.call("kmstui:ListOperators")["Operators"]
    assert ALICE in {entry["Principal"] for entry in listed}
    with pytest.raises(KmsError) as caught:
        bench.engine.add_operator(bench.session, "alice", PASS)
    assert caught.value.code == "AlreadyExistsException"
    bench.call("kmstui:DeleteOperator", UserName="alice")
    with pytest.raises(KmsError) as caught:
        bench.engine.call(session, "sts:GetCallerIdentity", {})
    assert caught.value.code == "SessionError"
    with pytest.raises(KmsError) as caught:
        bench.engine.unlock(PASS)
    assert caught.value.code == "WrongPassphraseError"


def test_the_last_passphrase_stays(tmp_path: Path) -> None:
    """An administrator cannot lock everybody out."""
    bench = Bench.make(tmp_path, administrator="admin")
    error = bench.refusal("kmstui:DeleteOperator", UserName="admin")
    assert error.code == "ValidationException"
    bench.close()


def test_the_administrator_signs_in_and_the_code_is_roots(tmp_path: Path) -> None:
    """The passphrase opens the named user; the recovery code opens the root user."""
    bench = Bench.make(tmp_path, administrator="admin")
    assert bench.session.principal == f"arn:aws:iam::{ACCOUNT}:user/admin"
    assert bench.key()
    root = bench.engine.unlock(bench.code)
    assert (root.principal, root.recovery) == (ROOT, True)
    bench.engine.change_passphrase(root, bench.code, PASS)
    assert bench.engine.unlock(PASS).principal == bench.session.principal
    bench.close()


def test_acting_as_another_exists_in_training_only(bench: Bench) -> None:
    """A production keystore refuses, and records it."""
    error = bench.refusal("kmstui:ActAs", Principal=ROOT)
    assert error.code == "NotTrainingError"


def test_acting_as_a_user_is_being_it(training: Bench) -> None:
    """Its own policies decide, and the trail names it."""
    training.call("iam:CreateUser", UserName="alice")
    session = training.engine.act_as(training.session, principal=ALICE)
    with pytest.raises(KmsError) as caught:
        training.engine.call(session, "kms:ListKeys", {})
    assert caught.value.code == "AccessDeniedException"
    assert training.last_event()["userIdentity"]["userName"] == "alice"


def test_acting_as_nobody_is_refused(training: Bench) -> None:
    """The principal must exist in this keystore."""
    with pytest.raises(KmsError) as caught:
        training.engine.act_as(training.session, principal=ALICE)
    assert caught.value.code == "SessionError"
