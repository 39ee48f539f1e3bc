"""Parsing key policies: strictly, into lists, with AWS's errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.authz.document import (
    Comparison,
    Condition,
    ConditionOperator,
    Policy,
    Principals,
    Quantifier,
    Statement,
    default_key_policy,
    parse_policy,
)
from kmstui.authz.model import PolicyKind
from kmstui.core.errors import (
    KmsError,
    LimitExceededException,
    MalformedPolicyDocumentException,
)

ROOT = "arn:aws:iam::111122223333:root"
USER = "arn:aws:iam::111122223333:user/alice"
SOUND = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


def text(*statements: Any, **elements: Any) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **elements})


def parse_key(document: str) -> Policy:
    """Return a key policy, parsed."""
    return parse_policy(document, PolicyKind.KEY)


def parsed(**changes: Any) -> Statement:
    """Return the one statement of a policy, with some elements changed; None removes one."""
    statement = {name: value for name, value in (SOUND | changes).items() if value is not None}
    (found,) = parse_key(text(statement)).statements
    return found


def test_the_default_policy_delegates_to_the_account() -> None:
    """One statement: the account, everything, this key."""
    policy = parse_key(default_key_policy("111122223333"))
    assert policy.statements == (
        Statement(
            sid="Enable IAM User Permissions",
            allow=True,
            principals=Principals(aws=(ROOT,)),
            inverted_principal=False,
            actions=("kms:*",),
            inverted_action=False,
            resources=("*",),
            inverted_resource=False,
            conditions=(),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Effect": "Deny"}, {"allow": False}),
        ({"Sid": "a b"}, {"sid": "a b"}),
        ({"Principal": "*"}, {"principals": Principals(aws=("*",))}),
        (
            {"Principal": {"AWS": [ROOT, "111122223333"]}},
            {"principals": Principals((ROOT, "111122223333"))},
        ),
        (
            {"Principal": {"Service": ["s3.amazonaws.com"]}},
            {"principals": Principals(services=("s3.amazonaws.com",))},
        ),
        ({"Principal": {"Federated": "x"}}, {"principals": Principals(federated=("x",))}),
        (
            {"Principal": None, "NotPrincipal": {"AWS": ROOT}},
            {"principals": Principals((ROOT,)), "inverted_principal": True},
        ),
        ({"Action": ["a:a", "*"]}, {"actions": ("a:a", "*")}),
        ({"Action": None}, {"actions": (), "inverted_action": False}),
        ({"Action": None, "NotAction": "a:a"}, {"actions": ("a:a",), "inverted_action": True}),
        ({"Resource": None}, {"resources": ()}),
        ({"Resource": None, "NotResource": []}, {"resources": (), "inverted_resource": True}),
        ({"Condition": {}}, {"conditions": ()}),
        (
            {
                "Condition": {
                    "Bool": {"aws:A": [True, "b"]},
                    "ForAnyValue:StringLike": {"a:b": 1.5},
                }
            },
            {
                "conditions": (
                    Condition(ConditionOperator(Comparison.BOOL), "aws:a", "aws:A", ("true", "b")),
                    Condition(
                        ConditionOperator(Comparison.STRING_LIKE, Quantifier.ANY),
                        "a:b",
                        "a:b",
                        ("1.5",),
                    ),
                )
            },
        ),
    ],
)
def test_elements_are_read(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    """One value and a list of one are the same; a missing element is an empty list."""
    found = parsed(**changes)
    assert expected == {name: getattr(found, name) for name in expected}


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_both_versions_of_the_language_are_read(version: str) -> None:
    """And one statement may stand without its list."""
    policy = parse_key(json.dumps({"Version": version, "Id": "x", "Statement": SOUND}))
    assert len(policy.statements) == 1


def test_the_text_is_kept() -> None:
    """A policy remembers the document as it was given."""
    document = f"  {text(SOUND)}\n"
    assert document == parse_key(document).text


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
        "AIDAEXAMPLEEXAMPLE123",
    ],
)
def test_principals_that_can_be_are_accepted(principal: str) -> None:
    """Everyone, accounts, users, roles and sessions."""
    assert parsed(Principal={"AWS": principal}).principals == Principals((principal,))


@pytest.mark.parametrize(
    "principal",
    [
        "",
        "alice",
        "*a",
        "1111",
        "arn:aws:iam::1111:root",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::111122223333:user/",
        "arn:aws:iam::111122223333:group/x",
        "arn:aws:iam:us-east-1:111122223333:user/x",
        "arn:aws:sts::111122223333:user/x",
        "arn:aws:iam::111122223333:assumed-role/x/y",
        "arn:aws:s3::111122223333:root",
    ],
)
def test_principals_that_cannot_be_are_refused(principal: str) -> None:
    """With AWS's text."""
    with pytest.raises(MalformedPolicyDocumentException) as refused:
        parsed(Principal={"AWS": [ROOT, principal]})
    assert refused.value.message == (
        "Policy contains a statement with one or more invalid principals."
    )


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
        (text(SOUND | {"NotAction": "a:a"}), "statement 1 has both Action and NotAction"),
        (text(SOUND | {"Action": [[]]}), "Action of statement 1 must be a string or a list"),
        (text(SOUND | {"Principal": None}), "Principal of statement 1 must be an object"),
        (text(SOUND | {"Sid": 7}), "Sid of statement 1 must be a string"),
        (text({"Effect": "Allow", "Action": "*", "Resource": "*"}), "statement 1 has no Princ"),
        (text(SOUND | {"Resource": {}}), "Resource of statement 1 must be a string or a list"),
        (text(SOUND | {"Action": "Encrypt"}), "Action of statement 1 has 'Encrypt', which"),
        (text(SOUND | {"Action": ":Encrypt"}), "Action of statement 1 has ':Encrypt', which"),
        (text(SOUND | {"Condition": {"Is": {}}}), "Condition of statement 1 has an unknown op"),
        (text(SOUND | {"Condition": {"NullIfExists": {}}}), "Condition of statement 1 has an unk"),
        (text(SOUND | {"Condition": {"stringequals": {}}}), "Condition of statement 1 has an unk"),
        (text(SOUND | {"Condition": {"Bool": []}}), "Bool in the Condition of statement 1 must"),
        (text(SOUND | {"Condition": {"Bool": {"a:b": 1, "A:b": 1}}}), "Bool in the Condition of"),
        (text(SOUND | {"Condition": {"Bool": {"a": 1}}}), "condition key 'a' of statement 1 has"),
        (text(SOUND | {"Condition": {"Bool": {"a:b": None}}}), "condition key 'a:b' of statement"),
    ],
)
def test_refusals_name_the_place(document: str, reason: str) -> None:
    """The error says what is wrong, and where."""
    with pytest.raises(MalformedPolicyDocumentException) as refused:
        parse_key(document)
    assert f"The policy document is malformed: {reason}" in refused.value.message
    assert refused.value.hint


IDENTITY = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("kind", "statement", "message"),
    [
        (kind, statement, message)
        for kind in (PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SCP, PolicyKind.SESSION)
        for statement, message in (
            (SOUND, "Policy document should not specify a principal."),
            (
                {"Effect": "Allow", "Action": "kms:*", "NotPrincipal": "*", "Resource": "*"},
                "Policy document should not specify a principal.",
            ),
            ({"Effect": "Allow", "Action": "kms:*"}, "Policy statement must contain resources."),
            ({"Effect": "Allow", "Resource": "*"}, "Policy statement must contain actions."),
            (IDENTITY | {"Resource": "key"}, 'Resource key must be in ARN format or "*".'),
            (
                IDENTITY | {"Sid": "a b"},
                (
                    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies "
                    "the regular expression [0-9A-Za-z]*"
                ),
            ),
        )
    ]
    + [
        (PolicyKind.TRUST, TRUST | {"Resource": "*"}, "Has prohibited field Resource"),
        (
            PolicyKind.TRUST,
            {"Effect": "Allow", "Principal": "*"},
            "Policy statement must contain actions.",
        ),
        (
            PolicyKind.TRUST,
            TRUST | {"Principal": {"AWS": "alice"}},
            'Invalid principal in policy: "AWS":"alice"',
        ),
        (
            PolicyKind.KEY,
            SOUND | {"Principal": {"Service": "*.amazonaws.com"}},
            "Policy contains a statement with one or more invalid principals.",
        ),
    ],
)
def test_each_kind_has_its_own_grammar(
    kind: PolicyKind, statement: dict[str, Any], message: str
) -> None:
    """What names principals must, what is attached to one must not; with AWS's texts."""
    with pytest.raises(MalformedPolicyDocumentException) as refused:
        parse_policy(text(statement), kind)
    assert message == refused.value.message


def test_sids_are_unique_but_in_key_policies() -> None:
    """AWS checks them where IAM keeps the policy."""
    parse_key(text(SOUND | {"Sid": "a"}, SOUND | {"Sid": "a"}))
    with pytest.raises(MalformedPolicyDocumentException, match="must be unique"):
        parse_policy(text(IDENTITY | {"Sid": "a"}, IDENTITY | {"Sid": "a"}), PolicyKind.IDENTITY)


def test_a_service_control_policy_has_no_id() -> None:
    """Identity policies may have one."""
    assert parse_policy(text(IDENTITY, Id="x"), PolicyKind.IDENTITY).id == "x"
    with pytest.raises(MalformedPolicyDocumentException):
        parse_policy(text(IDENTITY, Id="x"), PolicyKind.SCP)


def test_a_policy_without_version_is_of_the_older_language() -> None:
    """2008-10-17, which has no variables."""
    policy = parse_key(json.dumps({"Statement": SOUND}))
    assert policy.version == "2008-10-17"
    assert not policy.has_variables


def test_too_broad_a_set_operator_is_refused() -> None:
    """ForAllValues holds without the key, so AWS refuses it on single-valued keys."""
    condition = {"ForAllValues:StringEquals": {"kms:EncryptionContext:App": "x"}}
    with pytest.raises(MalformedPolicyDocumentException, match=r"^OverlyPermissiveCondition: "):
        parse_key(text(SOUND | {"Condition": condition}))


def test_long_policies_exceed_a_limit() -> None:
    """32,768 UTF-8 bytes are the most."""
    room = 32_768 - len(text(SOUND | {"Sid": ""}))
    parse_key(text(SOUND | {"Sid": "s" * room}))
    with pytest.raises(LimitExceededException):
        parse_key(text(SOUND | {"Sid": "s" * (room + 1)}))


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
        for kind in PolicyKind:
            code = ""
            try:
                parse_policy(json.dumps(candidate), kind)
            except KmsError as error:
                code = error.code
            assert code in codes
