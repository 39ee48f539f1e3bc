"""What simulated decisions come to, and what a change of policy shifts."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.authz.document import parse_policy
from kmstui.authz.model import PolicyKind
from kmstui.tui.policy_editor.impact import Shift, shifts
from kmstui.tui.policy_editor.template import inserted
from kmstui.tui.verdicts import (
    Judged,
    Verdict,
    action_groups,
    all_actions,
    legend,
    named_principals,
    short_principal,
)

ACCOUNT = "111122223333"
ADA = f"arn:aws:iam::{ACCOUNT}:user/team/ada"


def cell(**members: Any) -> dict[str, Any]:
    """Return a cell of a simulation."""
    return {
        "Principal": ADA,
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Decision": "Allowed",
        "Layer": "resource policy",
        "Policy": "key policy",
        "Statement": 2,
        "Sid": "Use",
        "GrantId": "",
        "MfaWouldHelp": False,
        "Reason": "",
        **members,
    }


def judged(verdict: Verdict, action: str = "kms:Decrypt", principal: str = ADA) -> Judged:
    """Return a decision."""
    return Judged(principal, action, verdict)


class TestVerdicts:
    """One decision."""

    @pytest.mark.parametrize(
        ("members", "verdict"),
        [
            ({}, Verdict.ALLOWED),
            ({"Layer": "grant", "GrantId": "ab"}, Verdict.BY_GRANT),
            ({"Decision": "ExplicitlyDenied"}, Verdict.FORBIDDEN),
            ({"Decision": "ExplicitlyDenied", "MfaWouldHelp": True}, Verdict.NEEDS_MFA),
            ({"Decision": "ImplicitlyDenied"}, Verdict.DENIED),
        ],
    )
    def test_is_read_from_a_cell(self, members: dict[str, Any], verdict: Verdict) -> None:
        """Outcome, layer and what a code would change make the verdict."""
        assert verdict is Judged.read(cell(**members)).verdict

    def test_the_reason_names_policy_statement_and_sid(self) -> None:
        """Where a statement decided, it is named."""
        assert "✓ allowed  key policy, statement 2 “Use”" == Judged.read(cell()).why.plain

    def test_the_legend_has_every_word(self) -> None:
        """No glyph goes without its word."""
        assert all(each.word in legend().plain for each in Verdict)


class TestNames:
    """Principals and actions in words."""

    @pytest.mark.parametrize(
        ("principal", "said"),
        [
            (ADA, "user/ada"),
            (f"arn:aws:iam::{ACCOUNT}:root", "root"),
            ("444455556666", "account 444455556666"),
            ("arn:aws:iam::444455556666:role/app", "role/app of 444455556666"),
            (f"arn:aws:sts::{ACCOUNT}:assumed-role/app/run-1", "session app/run-1"),
            ("ec2.amazonaws.com", "ec2.amazonaws.com"),
            ("AROAEXAMPLE", "AROAEXAMPLE"),
        ],
    )
    def test_principals(self, principal: str, said: str) -> None:
        """Each kind of principal is called what a person calls it."""
        assert said == short_principal(principal, ACCOUNT)

    def test_policies_name_principals_once(self) -> None:
        """ARNs, accounts and services are listed; everyone is nobody in particular."""
        policy = parse_policy(
            '{"Version":"2012-10-17","Statement":['
            '{"Effect":"Allow","Principal":{"AWS":["444455556666","*"],'
            '"Service":"s3.amazonaws.com"},"Action":"kms:*","Resource":"*"}]}',
            PolicyKind.KEY,
        )
        assert ["arn:aws:iam::444455556666:root", "s3.amazonaws.com"] == named_principals(
            policy, policy
        )

    def test_actions_follow_the_key(self) -> None:
        """A signing key is asked about signing, not about encrypting or rotation."""
        actions = all_actions(action_groups("ECC_NIST_P256", "SIGN_VERIFY"))
        assert "kms:Sign" in actions
        assert set() == {"kms:Encrypt", "kms:EnableKeyRotation"} & set(actions)


class TestShifts:
    """Who gains and who loses."""

    def test_gains_and_losses(self) -> None:
        """From denied towards allowed is a gain, with a code in between too; back is a loss."""
        before = [judged(Verdict.DENIED), judged(Verdict.ALLOWED, "kms:Encrypt")]
        after = [judged(Verdict.NEEDS_MFA), judged(Verdict.FORBIDDEN, "kms:Encrypt")]
        assert [
            Shift(
                ADA,
                (("kms:Decrypt", Verdict.NEEDS_MFA),),
                (("kms:Encrypt", Verdict.FORBIDDEN),),
            )
        ] == shifts(before, after)

    def test_what_lets_in_does_not_matter(self) -> None:
        """A grant in place of a policy, or one kind of denial for the other, shifts nothing."""
        before = [judged(Verdict.ALLOWED), judged(Verdict.DENIED, "kms:Encrypt")]
        after = [judged(Verdict.BY_GRANT), judged(Verdict.FORBIDDEN, "kms:Encrypt")]
        assert [] == shifts(before, after)


class TestInserted:
    """Statements added to a text."""

    @pytest.mark.parametrize("source", ["", "[]", "{", '"x"', '{"a":1,"a":2}'])
    def test_nothing_is_added_to_what_is_no_policy(self, source: str) -> None:
        """Text that is no object stays for the person to mend."""
        assert inserted(source, ['{"Sid": "A"}']) is None

    def test_one_statement_becomes_a_list(self) -> None:
        """A policy with a single statement gets a second one."""
        made = inserted('{"Statement": {"Sid": "A"}}', ['{"Sid": "B"}'])
        assert made is not None
        assert '{"Statement":[{"Sid":"A"},{"Sid":"B"}]}' == "".join(made.split())
