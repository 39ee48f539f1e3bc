"""Parsing key policies: strictly, into lists, with AWS's errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.authz.policy import Statement, default_key_policy, parse_key_policy
from kmstui.core.errors import (
    KmsError,
    LimitExceededException,
    MalformedPolicyDocumentException,
)

ROOT = "arn:aws:iam::111122223333:root"
SOUND = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


def text(*statements: Any, **elements: Any) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **elements})


def parsed(**changes: Any) -> Statement:
    """Return the one statement of a policy, with some elements changed; None removes one."""
    statement = {name: value for name, value in (SOUND | changes).items() if value is not None}
    (found,) = parse_key_policy(text(statement)).statements
    return found


def test_the_default_policy_delegates_to_the_account() -> None:
    """One statement: the account, everything, this key."""
    policy = parse_key_policy(default_key_policy("111122223333"))
    assert policy.statements == (
        Statement(
            sid="Enable IAM User Permissions",
            allow=True,
            principals=(ROOT,),
            services=(),
            inverted_principal=False,
            actions=("kms:*",),
            inverted_action=False,
            resources=("*",),
            inverted_resource=False,
            conditional=False,
        ),
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Effect": "Deny"}, {"allow": False}),
        ({"Sid": "a b"}, {"sid": "a b"}),
        ({"Principal": "*"}, {"principals": ("*",)}),
        ({"Principal": {"AWS": [ROOT, "111122223333"]}}, {"principals": (ROOT, "111122223333")}),
        (
            {"Principal": {"Service": ["s3.amazonaws.com"]}},
            {"principals": (), "services": ("s3.amazonaws.com",)},
        ),
        ({"Principal": {"Federated": "x"}}, {"principals": (), "services": ()}),
        (
            {"Principal": None, "NotPrincipal": {"AWS": ROOT}},
            {"principals": (ROOT,), "inverted_principal": True},
        ),
        ({"Action": ["a", "b"]}, {"actions": ("a", "b")}),
        ({"Action": None}, {"actions": (), "inverted_action": False}),
        ({"Action": None, "NotAction": "a"}, {"actions": ("a",), "inverted_action": True}),
        ({"Resource": None}, {"resources": ()}),
        ({"Resource": None, "NotResource": []}, {"resources": (), "inverted_resource": True}),
        ({"Condition": {}}, {"conditional": False}),
        ({"Condition": {"Bool": {"a": "b"}}}, {"conditional": True}),
    ],
)
def test_elements_are_read(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    """One value and a list of one are the same; a missing element is an empty list."""
    found = parsed(**changes)
    assert expected == {name: getattr(found, name) for name in expected}


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_both_versions_of_the_language_are_read(version: str) -> None:
    """And one statement may stand without its list."""
    policy = parse_key_policy(json.dumps({"Version": version, "Id": "x", "Statement": SOUND}))
    assert len(policy.statements) == 1


def test_the_text_is_kept() -> None:
    """A policy remembers the document as it was given."""
    document = f"  {text(SOUND)}\n"
    assert document == parse_key_policy(document).text


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        "111122223333",
        ROOT,
        "arn:aws:iam::111122223333:user/a/alice",
        "arn:aws:iam::111122223333:role/service-role/x",
        "arn:aws:sts::111122223333:assumed-role/x/session",
        "arn:aws:sts::111122223333:federated-user/x",
    ],
)
def test_principals_that_can_be_are_accepted(principal: str) -> None:
    """Everyone, accounts, users, roles and sessions."""
    assert parsed(Principal={"AWS": principal}).principals == (principal,)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "the policy is not an object"),
        (text(SOUND, Extra=1), "the policy has an unknown element 'Extra'"),
        (text(SOUND, Version="2013"), "Version must be 2012-10-17"),
        (text(SOUND, Version=None), "Version must be 2012-10-17"),
        (text(SOUND, Id=None), "Id must be a string"),
        (text(), "Statement must hold at least one statement"),
        (text("x"), "statement 1 is not an object"),
        (text(SOUND, SOUND | {"X": 1}), "statement 2 has an unknown element 'X'"),
        (text(SOUND | {"Effect": ["Allow"]}), "Effect of statement 1 must be Allow or Deny"),
        (text(SOUND | {"Condition": None}), "Condition of statement 1 must be an object"),
        (text(SOUND | {"NotAction": "a"}), "statement 1 has both Action and NotAction"),
        (text(SOUND | {"Action": [[]]}), "Action of statement 1 must be a string or a list"),
        (text(SOUND | {"Principal": None}), "Principal of statement 1 must be an object"),
    ],
)
def test_refusals_name_the_place(document: str, reason: str) -> None:
    """The error says what is wrong, and where."""
    with pytest.raises(MalformedPolicyDocumentException) as refused:
        parse_key_policy(document)
    assert f"The policy document is malformed: {reason}" in refused.value.message
    assert refused.value.hint


def test_long_policies_exceed_a_limit() -> None:
    """32,768 UTF-8 bytes are the most."""
    room = 32_768 - len(text(SOUND | {"Sid": ""}))
    parse_key_policy(text(SOUND | {"Sid": "s" * room}))
    with pytest.raises(LimitExceededException):
        parse_key_policy(text(SOUND | {"Sid": "s" * (room + 1)}))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["Allow", "*", "a", ROOT])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(
                [*SOUND, "Statement", "Version", "Sid", "NotAction", "Condition", "AWS"]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_document_breaks_the_parser(document: Any) -> None:
    """Any JSON is a policy or a refusal with one of AWS's codes."""
    codes = {"", "MalformedPolicyDocumentException", "LimitExceededException"}
    for candidate in (document, {"Statement": [SOUND | {"Condition": {}}, document]}):
        code = ""
        try:
            parse_key_policy(json.dumps(candidate))
        except KmsError as error:
            code = error.code
        assert code in codes
