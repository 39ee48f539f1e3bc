"""Denials in AWS's words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kmstui.authz.evaluate import denial_text, evaluate
from kmstui.authz.model import PolicyKind, PolicySet
from tests.helpers.decisions import (
    PARTNER_USER,
    ROLE_ARN,
    ROOT_ARN,
    USER_ARN,
    allowing,
    attached,
    denying,
    key_policy,
    request,
    statement,
)

IDENTITY = attached(PolicyKind.IDENTITY, statement())
IDENTITY_DENY = attached(PolicyKind.IDENTITY, statement("Deny"))
NOTHING = statement(Action="s3:*")
BOUNDARY = attached(PolicyKind.BOUNDARY, NOTHING)
SCP_NOTHING = attached(PolicyKind.SCP, NOTHING)
DELEGATING = key_policy(allowing(ROOT_ARN))
DENY = {
    kind: attached(kind, statement("Deny"))
    for kind in (PolicyKind.BOUNDARY, PolicyKind.SESSION, PolicyKind.SCP)
}


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (PolicySet(key_policy(allowing(USER_ARN))), ""),
        (
            PolicySet(key_policy(denying("*"))),
            "with an explicit deny in a resource-based policy",
        ),
        (
            PolicySet(DELEGATING, (IDENTITY_DENY,)),
            "with an explicit deny in an identity-based policy",
        ),
        (
            PolicySet(DELEGATING, boundary=DENY[PolicyKind.BOUNDARY]),
            "with an explicit deny in a permissions boundary",
        ),
        (
            PolicySet(DELEGATING, session=(DENY[PolicyKind.SESSION],)),
            "with an explicit deny in a session policy",
        ),
        (
            PolicySet(DELEGATING, scps=((DENY[PolicyKind.SCP],),)),
            "with an explicit deny in a service control policy",
        ),
        (
            PolicySet(key_policy(allowing(ROLE_ARN))),
            "because no resource-based policy allows the kms:Encrypt action",
        ),
        (
            PolicySet(DELEGATING),
            "because no identity-based policy allows the kms:Encrypt action",
        ),
        (
            PolicySet(DELEGATING, (IDENTITY,), BOUNDARY),
            "because no permissions boundary allows the kms:Encrypt action",
        ),
        (
            PolicySet(DELEGATING, (IDENTITY,), session=()),
            "because no session policy allows the kms:Encrypt action",
        ),
        (
            PolicySet(DELEGATING, (IDENTITY,), scps=((SCP_NOTHING,),)),
            "because no service control policy allows the kms:Encrypt action",
        ),
    ],
)
def test_denials_speak_as_aws_does(policies: PolicySet, expected: str) -> None:
    """The reason that ends the AccessDeniedException's text."""
    asked = request()
    assert expected == denial_text(asked, evaluate(asked, policies))


def test_a_denial_across_accounts_blames_the_key_policy() -> None:
    """For operations that do not work across accounts."""
    asked = request(PARTNER_USER, "kms:PutKeyPolicy", cross_account=False)
    policies = PolicySet(key_policy(allowing("*")), (IDENTITY,))
    assert denial_text(asked, evaluate(asked, policies)) == (
        "because no resource-based policy allows the kms:PutKeyPolicy action"
    )


def test_a_denied_role_blames_its_trust_policy() -> None:
    """AWS names it where a role is assumed."""
    asked = request(action="sts:AssumeRole", resource=ROLE_ARN)
    assume = {"Action": "sts:AssumeRole", "Resource": None}
    silent = PolicySet(attached(PolicyKind.TRUST, allowing(ROLE_ARN, **assume)))
    assert denial_text(asked, evaluate(asked, silent)) == (
        "because no role trust policy allows the sts:AssumeRole action"
    )
    denied = replace(silent, resource=attached(PolicyKind.TRUST, denying("*", **assume)))
    assert denial_text(asked, evaluate(asked, denied)) == (
        "with an explicit deny in the role trust policy"
    )
