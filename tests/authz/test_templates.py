"""Templates of key policies: sound, clean, and doing what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmstui.authz.document import parse_policy
from kmstui.authz.evaluate import evaluate
from kmstui.authz.lint import Level, lint
from kmstui.authz.model import AttachedPolicy, Outcome, PolicyKind, PolicySet, Principal
from kmstui.authz.templates import TEMPLATES, Blank, Template, Values
from kmstui.core.errors import ValidationException
from tests.helpers.decisions import (
    ACCOUNT,
    ROLE_ARN,
    SESSION,
    USER,
    USER_ARN,
    attached,
    request,
    statement,
)

VALUES = Values(
    ACCOUNT, (USER_ARN,), "ec2.us-east-1.amazonaws.com", (("app", "one"), ("stage", "${x}"))
)
NAMES = [template.name for template in TEMPLATES]
EVERYTHING = (attached(PolicyKind.IDENTITY, statement(Action="*")),)
FRESH = {"aws:multifactorauthpresent": "true", "aws:multifactorauthage": "10"}
THROUGH = {"kms:viaservice": VALUES.service, "kms:calleraccount": ACCOUNT}
CONTEXT = {"kms:encryptioncontext:app": "one", "kms:encryptioncontext:stage": "${x}"}


def template(name: str) -> Template:
    """Return a template by its name."""
    return next(each for each in TEMPLATES if each.name == name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("usage", ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"])
@pytest.mark.parametrize("principals", [(USER_ARN,), (USER_ARN, ROLE_ARN)])
def test_a_template_has_no_error_warning_or_security_finding(
    name: str, usage: str, principals: tuple[str, ...]
) -> None:
    """Its document is as lint wants it, apart from suggestions."""
    values = Values(ACCOUNT, principals, VALUES.service, VALUES.context, usage)
    found = lint(template(name).document(values), PolicyKind.KEY, held=frozenset({ACCOUNT}))
    assert [] == [finding for finding in found if finding.level is not Level.SUGGESTION]


@pytest.mark.parametrize("name", NAMES)
def test_statements_are_those_of_the_document(name: str) -> None:
    """The document is the delegation to the account and then the statements."""
    document = json.loads(template(name).document(VALUES))
    statements = [json.loads(each) for each in template(name).statements(VALUES)]
    assert statements == document["Statement"][1:]


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_without_a_value_is_refused(name: str) -> None:
    """It names what is missing."""
    empty = Values(ACCOUNT)
    if Blank.PRINCIPALS not in template(name).blanks:
        assert template(name).document(empty)
        return
    with pytest.raises(ValidationException, match="principals"):
        template(name).document(empty)


@pytest.mark.parametrize(
    ("name", "principal", "action", "context", "outcome"),
    [
        ("administrators", USER, "kms:PutKeyPolicy", FRESH, Outcome.ALLOWED),
        ("administrators", USER, "kms:PutKeyPolicy", {}, Outcome.EXPLICITLY_DENIED),
        ("administrators", USER, "kms:Decrypt", FRESH, Outcome.IMPLICITLY_DENIED),
        ("administrators", USER, "kms:CreateGrant", FRESH, Outcome.IMPLICITLY_DENIED),
        ("users", USER, "kms:Decrypt", {}, Outcome.ALLOWED),
        ("users", USER, "kms:DisableKey", {}, Outcome.IMPLICITLY_DENIED),
        ("service", USER, "kms:Decrypt", THROUGH, Outcome.ALLOWED),
        ("service", USER, "kms:Decrypt", {}, Outcome.IMPLICITLY_DENIED),
        (
            "service",
            USER,
            "kms:CreateGrant",
            THROUGH | {"kms:grantisforawsresource": "true"},
            Outcome.ALLOWED,
        ),
        ("service", USER, "kms:CreateGrant", THROUGH, Outcome.IMPLICITLY_DENIED),
        ("encryption-context", USER, "kms:Decrypt", CONTEXT, Outcome.ALLOWED),
        (
            "encryption-context",
            USER,
            "kms:Decrypt",
            CONTEXT | {"kms:encryptioncontext:app": "two"},
            Outcome.IMPLICITLY_DENIED,
        ),
        ("mfa", USER, "kms:ScheduleKeyDeletion", {}, Outcome.EXPLICITLY_DENIED),
        (
            "mfa",
            USER,
            "kms:ScheduleKeyDeletion",
            {"aws:multifactorauthage": "300"},
            Outcome.EXPLICITLY_DENIED,
        ),
    ],
)
def test_a_template_does_what_it_says(
    name: str, principal: Principal, action: str, context: dict[str, Any], outcome: Outcome
) -> None:
    """What it gives and what it withholds, to a user without identity policies."""
    policy = parse_policy(template(name).document(VALUES), PolicyKind.KEY)
    policies = PolicySet(AttachedPolicy("key policy", policy))
    assert outcome is evaluate(request(principal, action, context), policies).outcome


@pytest.mark.parametrize(
    ("principal", "arn", "action", "outcome"),
    [
        (USER, USER_ARN, "kms:Decrypt", Outcome.ALLOWED),
        (SESSION, ROLE_ARN, "kms:Decrypt", Outcome.EXPLICITLY_DENIED),
        (SESSION, ROLE_ARN, "kms:PutKeyPolicy", Outcome.ALLOWED),
    ],
)
def test_all_others_are_kept_from_use_alone(
    principal: Principal, arn: str, action: str, outcome: Outcome
) -> None:
    """The key can still be managed by whom the account allows it."""
    policy = parse_policy(template("deny-all-but").document(VALUES), PolicyKind.KEY)
    policies = PolicySet(AttachedPolicy("key policy", policy), EVERYTHING)
    asked = request(principal, action, {"aws:principalarn": arn})
    assert outcome is evaluate(asked, policies).outcome
