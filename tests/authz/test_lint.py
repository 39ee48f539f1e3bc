"""Lint: each check finds what it is for, in its line, and nothing in sound documents."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.authz.document import default_key_policy, parse_policy
from kmstui.authz.guardrail import full_access, guardrail
from kmstui.authz.lint import Finding, Level, lint
from kmstui.authz.lint.table import CHECKS, WHOLE_CHECKS
from kmstui.authz.model import PolicyKind
from kmstui.core.errors import KmsError

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KINDS = list(PolicyKind)


def allow(action: Any = "kms:DescribeKey", **elements: Any) -> dict[str, Any]:
    """Return an Allow of a key policy for a user."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": USER},
        "Action": action,
        "Resource": "*",
    } | elements


def deny(action: Any = "kms:DescribeKey", **elements: Any) -> dict[str, Any]:
    """Return a Deny of a key policy for a user."""
    return allow(action, **elements) | {"Effect": "Deny"}


def identity(action: Any = "kms:DescribeKey", **elements: Any) -> dict[str, Any]:
    """Return an Allow of an identity policy."""
    return {"Effect": "Allow", "Action": action, "Resource": KEY} | elements


def document(*statements: Any, **elements: Any) -> str:
    """Return a document, indented, so that places have lines of their own."""
    return json.dumps(
        {"Version": "2012-10-17", "Statement": list(statements), **elements}, indent=1
    )


def codes(text: str, kind: PolicyKind = PolicyKind.KEY, **facts: Any) -> set[str]:
    """Return the codes of what is found."""
    return {finding.code for finding in lint(text, kind, **facts)}


def line_of(text: str, part: str) -> int:
    """Return the line in which something stands first."""
    return text[: text.index(part)].count("\n") + 1


def under(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Return a Condition element."""
    return {"Condition": {operator: {key: value}}}


USERS = ["kms:Encrypt", "kms:Decrypt"]
AGE = "aws:MultiFactorAuthAge"
MFA = "aws:MultiFactorAuthPresent"
IN_KEY_POLICIES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "PUBLIC_PRINCIPAL",
        allow(Principal="*"),
        allow(Principal="*", **under("StringEquals", "kms:CallerAccount", ACCOUNT)),
    ),
    (
        "PUBLIC_PRINCIPAL",
        allow(Principal={"AWS": "*"}, **under("StringLike", "aws:PrincipalArn", "*")),
        allow(Principal="*", **under("ArnLike", "aws:PrincipalArn", f"{ROLE}*")),
    ),
    (
        "PUBLIC_PRINCIPAL",
        allow(Principal="*", **under("IpAddress", "aws:SourceIp", "0.0.0.0/0")),
        deny(Principal="*"),
    ),
    (
        "VIA_SERVICE_WITHOUT_CALLER",
        allow(Principal="*", **under("StringEquals", "kms:ViaService", "ec2.x.amazonaws.com")),
        allow(**under("StringEquals", "kms:ViaService", "ec2.x.amazonaws.com")),
    ),
    (
        "SERVICE_WITHOUT_SOURCE",
        allow(Principal={"Service": "sns.amazonaws.com"}),
        allow(
            Principal={"Service": "sns.amazonaws.com"},
            **under("StringEquals", "aws:SourceAccount", ACCOUNT),
        ),
    ),
    (
        "ALLOW_NOT_PRINCIPAL",
        {"NotPrincipal": {"AWS": USER}, "Effect": "Allow", "Action": "kms:Sign", "Resource": "*"},
        {"NotPrincipal": {"AWS": USER}, "Effect": "Deny", "Action": "kms:Sign", "Resource": "*"},
    ),
    (
        "DENY_NOT_PRINCIPAL",
        {"NotPrincipal": {"AWS": USER}, "Effect": "Deny", "Action": "kms:Sign", "Resource": "*"},
        deny(Principal="*", **under("ArnNotLike", "aws:PrincipalArn", ROLE)),
    ),
    ("DEAD_PRINCIPAL", allow(Principal={"AWS": "AIDAEXAMPLE12345"}), allow()),
    ("UNKNOWN_ACTION", allow("kms:Decript"), allow("kms:decrypt")),
    ("UNKNOWN_ACTION", allow("kms:Decrypt*s"), allow("kms:Generate*")),
    ("WILDCARD_IN_SERVICE", allow("k*:Encrypt"), allow("kms:Enc*")),
    ("ACTION_WITHOUT_EFFECT", allow("s3:GetObject"), allow("kms:Create*")),
    ("ACTION_WITHOUT_EFFECT", allow("kms:ListKeys"), allow("*")),
    ("RETIRE_IN_KEY_POLICY", allow("kms:RetireGrant"), deny("kms:RetireGrant")),
    ("MISSING_ACTION", {k: v for k, v in allow().items() if k != "Action"}, allow()),
    ("MISSING_RESOURCE", {k: v for k, v in allow().items() if k != "Resource"}, allow()),
    ("REDUNDANT_ACTION", allow(["kms:Enc*", "kms:Encrypt"]), allow(["kms:Enc*", "kms:Sign"])),
    ("REDUNDANT_ACTION", allow(["kms:Sign", "KMS:sign"]), allow(["kms:Sign", "kms:Verify"])),
    ("REDUNDANT_RESOURCE", allow(Resource=["*", KEY]), allow()),
    ("KEY_POLICY_RESOURCE", allow(Resource=KEY), allow()),
    (
        "UNKNOWN_CONDITION_KEY",
        allow(**under("StringEquals", "kms:CallerAcount", ACCOUNT)),
        allow(**under("StringEquals", "KMS:calleraccount", ACCOUNT)),
    ),
    (
        "MISSING_TAG_KEY",
        allow(**under("StringEquals", "aws:PrincipalTag/", "x")),
        allow(**under("StringEquals", "aws:PrincipalTag/team", "x")),
    ),
    (
        "IRRELEVANT_CONDITION_KEY",
        allow("kms:Sign", **under("StringEquals", "kms:EncryptionContext:a", "x")),
        allow("kms:Encrypt", **under("StringEquals", "kms:EncryptionContext:a", "x")),
    ),
    (
        "PARTLY_IRRELEVANT_CONDITION_KEY",
        allow(
            ["kms:Decrypt", "kms:DescribeKey"],
            **under("StringEquals", "kms:EncryptionContext:a", "x"),
        ),
        allow(USERS, **under("StringEquals", "kms:EncryptionContext:a", "x")),
    ),
    (
        "OPERATOR_TYPE",
        allow(**under("IpAddress", "kms:CallerAccount", "10.0.0.1")),
        allow(**under("Null", "kms:CallerAccount", "false")),
    ),
    (
        "OPERATOR_TYPE",
        allow(**under("StringLike", "aws:SourceIp", "10.*")),
        allow(**under("StringLike", "aws:PrincipalArn", f"{ROLE}*")),
    ),
    (
        "OPERATOR_TYPE_USABLE",
        allow(**under("StringEquals", MFA, "true")),
        allow(**under("Bool", MFA, "true")),
    ),
    (
        "FOR_ALL_VALUES_SINGLE",
        allow(**under("ForAllValues:StringEquals", "kms:CallerAccount", ACCOUNT)),
        deny(**under("ForAllValues:StringEquals", "kms:CallerAccount", ACCOUNT)),
    ),
    (
        "SET_OPERATOR_SINGLE",
        allow(**under("ForAnyValue:StringEquals", "kms:CallerAccount", ACCOUNT)),
        allow(**under("StringEquals", "kms:CallerAccount", ACCOUNT)),
    ),
    (
        "FOR_ALL_VALUES_OPEN",
        allow(USERS, **under("ForAllValues:StringEquals", "kms:EncryptionContextKeys", "a")),
        allow(
            USERS,
            Condition={
                "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "a"},
                "Null": {"kms:EncryptionContextKeys": False},
            },
        ),
    ),
    (
        "MISSING_SET_OPERATOR",
        allow(USERS, **under("StringEquals", "kms:EncryptionContextKeys", "a")),
        allow(USERS, **under("Null", "kms:EncryptionContextKeys", "false")),
    ),
    (
        "NULL_WITH_SET_OPERATOR",
        allow(USERS, **under("ForAnyValue:Null", "kms:EncryptionContextKeys", "false")),
        allow(USERS, **under("Null", "kms:EncryptionContextKeys", "false")),
    ),
    (
        "DEPRECATED_KEY",
        allow(**under("StringEquals", "kms:CustomerMasterKeySpec", "RSA_2048")),
        allow(**under("StringEquals", "kms:KeySpec", "RSA_2048")),
    ),
    (
        "KEY_ONLY_IN_IDENTITY",
        allow(**under("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/a")),
        allow(**under("StringEquals", "kms:RequestAlias", "alias/a")),
    ),
    ("EMPTY_CONDITION", allow(Condition={}), allow()),
    ("EMPTY_CONDITION", allow(Condition={"Bool": {}}), allow(**under("Bool", MFA, "true"))),
    ("EMPTY_LIST", allow([]), allow(["kms:Sign"])),
    ("EMPTY_LIST", allow(Principal={"AWS": []}), allow()),
    ("EMPTY_LIST", allow(**under("Bool", MFA, [])), allow(**under("Bool", MFA, ["true"]))),
    ("INVALID_VALUE", allow(**under("Bool", MFA, "yes")), allow(**under("Bool", MFA, "TRUE"))),
    ("INVALID_VALUE", allow(**under("NumericLessThan", AGE, "5m")), allow()),
    (
        "INVALID_VALUE",
        allow(**under("DateLessThan", "aws:CurrentTime", "2030-13-01")),
        allow(**under("DateLessThan", "aws:CurrentTime", "2030-12-01T00:00:00Z")),
    ),
    (
        "INVALID_VALUE",
        allow(**under("IpAddress", "aws:SourceIp", "10.0.0.0/99")),
        allow(**under("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
    ),
    (
        "INVALID_VALUE",
        allow(**under("ArnLike", "aws:PrincipalArn", "role/app")),
        allow(**under("ArnLike", "aws:PrincipalArn", ROLE)),
    ),
    (
        "PRIVATE_ADDRESS",
        allow(**under("IpAddress", "aws:SourceIp", "10.0.0.0/8")),
        allow(**under("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8")),
    ),
    (
        "SEVERAL_BOOLEANS",
        allow(**under("Bool", MFA, ["true", "false"])),
        allow(**under("Bool", MFA, "true")),
    ),
    (
        "WILDCARD_WITHOUT_LIKE",
        allow(**under("StringEquals", "kms:ViaService", "ec2.*.amazonaws.com")),
        allow(**under("StringLike", "kms:ViaService", "ec2.*.amazonaws.com")),
    ),
    (
        "WILDCARD_WITHOUT_LIKE",
        allow(**under("StringNotEquals", "kms:RequestAlias", "a?")),
        allow(**under("StringEquals", "kms:RequestAlias", "${aws:username}${*}")),
    ),
    (
        "REDUNDANT_VALUE",
        allow(**under("StringEquals", "kms:KeySpec", ["a", "a"])),
        allow(**under("StringEquals", "kms:KeySpec", ["a", "b"])),
    ),
    (
        "VARIABLE_FORM",
        allow(**under("StringEquals", "kms:RequestAlias", "${aws:username")),
        allow(**under("StringEquals", "kms:RequestAlias", "${aws:PrincipalTag/team, 'none'}")),
    ),
    ("VARIABLE_FORM", allow(**under("StringEquals", "kms:RequestAlias", "${}")), allow()),
    ("VARIABLE_FORM", allow(**under("StringEquals", "kms:RequestAlias", "${a b}")), allow()),
    ("VARIABLE_FORM", allow(**under("StringEquals", "kms:RequestAlias", "${a:b, c}")), allow()),
    (
        "VARIABLE_NOT_HERE",
        allow(**under("NumericLessThan", AGE, "${aws:username}")),
        allow(**under("StringEquals", "kms:RequestAlias", "${aws:username}")),
    ),
    ("VARIABLE_NOT_HERE", allow("kms:${aws:username}"), allow()),
    (
        "BAD_MFA_PATTERN",
        deny(**under("Bool", MFA, "false")),
        deny(**under("BoolIfExists", MFA, False)),
    ),
    (
        "BAD_MFA_PATTERN",
        deny(**under("NumericGreaterThan", AGE, 300)),
        deny(**under("NumericGreaterThanIfExists", AGE, 300)),
    ),
    (
        "BAD_MFA_PATTERN",
        deny(**under("NumericLessThan", AGE, 300)),
        allow(**under("NumericLessThan", AGE, 300)),
    ),
    (
        "BAD_MFA_PATTERN",
        allow(**under("NumericLessThanIfExists", AGE, 300)),
        deny(**under("Null", AGE, "true")),
    ),
    ("BAD_MFA_PATTERN", allow(**under("NumericGreaterThan", AGE, 300)), allow()),
    ("BAD_MFA_PATTERN", allow(**under("BoolIfExists", MFA, "true")), allow()),
    ("BAD_MFA_PATTERN", allow(**under("Bool", MFA, "false")), allow()),
    ("BAD_MFA_PATTERN", allow(**under("Null", MFA, "true")), allow()),
    ("BAD_MFA_PATTERN", deny(**under("Bool", MFA, "true")), allow(**under("Bool", MFA, "true"))),
    ("BAD_MFA_PATTERN", deny("iam:TagUser", **under("Bool", MFA, "false")), deny("iam:TagUser")),
    ("FULL_ACCESS", allow("kms:*"), allow("kms:*", Principal={"AWS": ROOT})),
    ("FULL_ACCESS", allow("*"), allow("kms:Describe*")),
    (
        "FULL_ACCESS",
        {k: v for k, v in allow(NotAction="s3:*").items() if k != "Action"},
        {k: v for k, v in deny(NotAction="s3:*").items() if k != "Action"},
    ),
    (
        "CRITICAL_WITHOUT_MFA",
        allow("kms:PutKeyPolicy"),
        allow("kms:PutKeyPolicy", **under("NumericLessThan", AGE, 300)),
    ),
    (
        "CRITICAL_WITHOUT_MFA",
        allow("kms:Schedule*"),
        allow("kms:ScheduleKeyDeletion", Principal={"AWS": ROOT}),
    ),
    (
        "CREATE_GRANT_UNBOUNDED",
        allow("kms:CreateGrant"),
        allow("kms:CreateGrant", **under("Bool", "kms:GrantIsForAWSResource", "true")),
    ),
    (
        "CREATE_GRANT_UNBOUNDED",
        allow("kms:Create*"),
        allow(
            "kms:CreateGrant",
            **under("ForAllValues:StringEquals", "kms:GrantOperations", "Decrypt"),
        ),
    ),
    (
        "CONTEXT_NOT_REQUIRED",
        allow(USERS),
        allow(USERS, **under("StringEquals", "kms:EncryptionContext:a", "b")),
    ),
    ("EMPTY_SID", allow(Sid=""), allow(Sid="a b")),
    ("ADMIN_AND_USE", allow(["kms:Decrypt", "kms:DisableKey"]), allow("kms:Decrypt")),
]


@pytest.mark.parametrize(("code", "bad", "good"), IN_KEY_POLICIES)
def test_a_check_finds_what_it_is_for(
    code: str, bad: dict[str, Any], good: dict[str, Any]
) -> None:
    """In a key policy, the first statement has the finding and the second has not."""
    assert code in codes(document(bad))
    assert code not in codes(document(good))


IN_IDENTITY_POLICIES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("FULL_ACCESS", identity("kms:*"), identity("kms:Describe*")),
    ("DECRYPT_ON_ALL_KEYS", identity("kms:Decrypt", Resource="*"), identity("kms:Decrypt")),
    (
        "DECRYPT_ON_ALL_KEYS",
        identity("kms:ReEncrypt*", Resource="arn:aws:kms:*:*:key/*"),
        identity("kms:Encrypt", Resource="*"),
    ),
    ("INVALID_ARN", identity(Resource="arn:aws:kms"), identity()),
    (
        "ALIAS_AS_RESOURCE",
        identity("kms:Encrypt", Resource=f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/a"),
        identity("kms:UpdateAlias", Resource=f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/a"),
    ),
    ("RESOURCE_MISMATCH", identity("kms:ListKeys"), identity("kms:ListKeys", Resource="*")),
    ("REDUNDANT_RESOURCE", identity(Resource=["arn:aws:kms:*:*:*", KEY]), identity()),
    ("CRITICAL_WITHOUT_MFA", identity("kms:PutKeyPolicy"), identity("kms:Encrypt")),
    ("CREATE_GRANT_UNBOUNDED", identity("kms:CreateGrant"), identity("kms:ListGrants")),
    ("ADMIN_AND_USE", identity(["kms:Sign", "kms:DisableKey"]), identity("kms:Sign")),
]


@pytest.mark.parametrize(("code", "bad", "good"), IN_IDENTITY_POLICIES)
def test_identity_policies_have_checks_of_their_own(
    code: str, bad: dict[str, Any], good: dict[str, Any]
) -> None:
    """In an identity policy, the first statement has the finding and the second has not."""
    assert code in codes(document(bad), PolicyKind.IDENTITY)
    assert code not in codes(document(good), PolicyKind.IDENTITY)


WHOLE: list[tuple[str, str, str]] = [
    ("MISSING_VERSION", json.dumps({"Statement": [allow()]}), document(allow())),
    ("OLD_VERSION", document(allow(), Version="2008-10-17"), document(allow())),
    (
        "VARIABLE_WITHOUT_VERSION",
        document(
            allow(**under("StringEquals", "kms:RequestAlias", "${aws:username}")),
            Version="2008-10-17",
        ),
        document(allow(**under("StringEquals", "kms:RequestAlias", "${aws:username}"))),
    ),
    ("NEAR_THE_LIMIT", document(allow(Sid="x" * 31000)), document(allow(Sid="x" * 9000))),
    ("UNUSUAL_CHARACTER", document(allow()).replace("alice", "alicє"), document(allow())),
    ("NO_DELEGATION", document(allow("kms:PutKeyPolicy")), default_key_policy(ACCOUNT)),
    (
        "DUPLICATE_SID",
        document(allow(Sid="a b"), deny(Sid="a b")),
        document(allow(Sid="a"), deny(Sid="b")),
    ),
    (
        "REDUNDANT_STATEMENT",
        document(allow("kms:Describe*"), allow("kms:DescribeKey")),
        document(allow("kms:Describe*"), allow("kms:DescribeKey", Principal={"AWS": ROLE})),
    ),
    (
        "REDUNDANT_STATEMENT",
        document(allow(Sid="a"), allow(Sid="b")),
        document(allow(Sid="a"), deny(Sid="b")),
    ),
    (
        "ADMIN_AND_USE",
        document(allow("kms:DisableKey"), allow("kms:Sign")),
        document(allow("kms:DisableKey"), allow("kms:Sign", Principal={"AWS": ROLE})),
    ),
    (
        "CRITICAL_WITHOUT_MFA",
        document(allow("kms:PutKeyPolicy")),
        document(
            allow("kms:PutKeyPolicy"),
            deny("kms:Put*", **under("NumericGreaterThanIfExists", AGE, 300)),
        ),
    ),
    (
        "BAD_MFA_PATTERN",
        document(deny("kms:Sign", **under("NumericGreaterThan", AGE, 300))),
        document(
            deny("kms:Sign", **under("NumericGreaterThan", AGE, 300)),
            deny("kms:*", **under("Null", AGE, "true")),
        ),
    ),
]


@pytest.mark.parametrize(("code", "bad", "good"), WHOLE)
def test_documents_are_looked_at_as_a_whole(code: str, bad: str, good: str) -> None:
    """The first document has the finding and the second has not."""
    assert code in codes(bad)
    assert code not in codes(good)


def without(statement: dict[str, Any], element: str) -> dict[str, Any]:
    """Return a statement without one of its elements."""
    return {name: value for name, value in statement.items() if name != element}


REFUSED: list[tuple[str, PolicyKind, str, str]] = [
    ("MALFORMED_JSON", PolicyKind.KEY, '{"Version": "2012-10-17",\n "Statement": [\n]]', "]]"),
    ("DUPLICATE_KEY", PolicyKind.KEY, '{"Statement": [],\n"Statement": []}', '"Statement": []}'),
    ("WRONG_TYPE", PolicyKind.KEY, "\n[]", "[]"),
    ("MISSING_STATEMENT", PolicyKind.KEY, '{\n"Version": "2012-10-17"}', "{"),
    ("MISSING_STATEMENT", PolicyKind.KEY, '{\n"Statement": []}', "[]"),
    ("INVALID_VERSION", PolicyKind.KEY, document(allow(), Version="2013"), "Version"),
    ("UNKNOWN_ELEMENT", PolicyKind.KEY, document(allow(), Note="x"), "Note"),
    ("UNKNOWN_ELEMENT", PolicyKind.KEY, document(allow() | {"action": "x"}), '"action"'),
    ("UNKNOWN_ELEMENT", PolicyKind.IDENTITY, document(allow()), '"Principal"'),
    ("UNKNOWN_ELEMENT", PolicyKind.TRUST, document(allow("sts:AssumeRole")), '"Resource"'),
    ("UNKNOWN_ELEMENT", PolicyKind.SCP, document(identity(), Id="x"), '"Id"'),
    ("MISSING_EFFECT", PolicyKind.KEY, document(without(allow(), "Effect")), "  {"),
    ("INVALID_EFFECT", PolicyKind.KEY, document(allow(Effect="allow")), '"Effect"'),
    ("MISSING_ACTION", PolicyKind.IDENTITY, document(without(identity(), "Action")), "  {"),
    ("MISSING_RESOURCE", PolicyKind.IDENTITY, document(identity(Resource=[])), '"Resource"'),
    ("INVALID_RESOURCE", PolicyKind.IDENTITY, document(identity(Resource="key")), '"key"'),
    ("MISSING_PRINCIPAL", PolicyKind.KEY, document(without(allow(), "Principal")), "  {"),
    ("ELEMENT_COMBINATION", PolicyKind.KEY, document(allow(NotAction="a:b")), '"NotAction"'),
    ("INVALID_ACTION", PolicyKind.KEY, document(allow(["kms:Sign", "Sign"])), '"Sign"'),
    ("INVALID_PRINCIPAL", PolicyKind.KEY, document(allow(Principal={"AWS": "bob"})), '"bob"'),
    (
        "WILDCARD_IN_PRINCIPAL",
        PolicyKind.KEY,
        document(allow(Principal={"AWS": f"{USER}*"})),
        f"{USER}*",
    ),
    (
        "INVALID_SERVICE_PRINCIPAL",
        PolicyKind.KEY,
        document(allow(Principal={"Service": "ec2"})),
        '"ec2"',
    ),
    ("UNKNOWN_ELEMENT", PolicyKind.KEY, document(allow(Principal={"aws": USER})), '"aws"'),
    ("UNKNOWN_OPERATOR", PolicyKind.KEY, document(allow(**under("bool", MFA, "x"))), '"bool"'),
    (
        "NULL_WITH_IF_EXISTS",
        PolicyKind.KEY,
        document(allow(**under("NullIfExists", MFA, "true"))),
        "NullIfExists",
    ),
    (
        "INVALID_CONDITION_KEY",
        PolicyKind.KEY,
        document(allow(**under("Bool", "mfa", "true"))),
        '"mfa"',
    ),
    (
        "DUPLICATE_KEY",
        PolicyKind.KEY,
        document(allow(Condition={"Bool": {MFA: "true", MFA.lower(): "true"}})),
        MFA.lower(),
    ),
    ("WRONG_TYPE", PolicyKind.KEY, document(allow(**under("Bool", MFA, None))), "null"),
    ("WRONG_TYPE", PolicyKind.KEY, document(allow(Condition={"Bool": "x"})), '"x"'),
    (
        "OVERLY_PERMISSIVE_CONDITION",
        PolicyKind.KEY,
        document(allow(**under("ForAllValues:StringEquals", "aws:RequestTag/a", "b"))),
        "aws:RequestTag",
    ),
    ("INVALID_SID", PolicyKind.IDENTITY, document(identity(Sid="a b")), '"Sid"'),
    (
        "DUPLICATE_SID",
        PolicyKind.IDENTITY,
        document(identity(Sid="a"), identity(Sid="a", Action="kms:Sign")),
        '"a"',
    ),
    ("POLICY_TOO_LONG", PolicyKind.KEY, document(allow(Sid="x" * 33000)), "{"),
    ("POLICY_TOO_LONG", PolicyKind.KEY, document(allow(Sid="x" * 140_000)), "{"),
]


@pytest.mark.parametrize(("code", "kind", "text", "part"), REFUSED)
def test_refused_documents_show_where(code: str, kind: PolicyKind, text: str, part: str) -> None:
    """An error stands at the line of what is refused, and the parser refuses it too."""
    with pytest.raises(KmsError):
        parse_policy(text, kind)
    lines = [
        finding.line
        for finding in lint(text, kind)
        if finding.code == code and finding.level is Level.ERROR
    ]
    expected = line_of(text, part)
    if code == "DUPLICATE_SID":
        expected = text[: text.rindex(part)].count("\n") + 1
    assert expected in lines


def test_all_errors_are_shown_at_once() -> None:
    """A broken statement does not hide what is wrong in another."""
    text = document(allow(Effect="allow"), allow("Sign"), allow("kms:*"))
    assert {"INVALID_EFFECT", "INVALID_ACTION", "FULL_ACCESS"} <= codes(text)


def test_principals_are_looked_up_where_their_account_is_held() -> None:
    """The unknown of held accounts are refused; those of other accounts cannot be known."""
    other = "arn:aws:iam::444455556666:user/eve"
    text = document(allow(Principal={"AWS": [USER, ROLE, other]}))
    found = lint(text, PolicyKind.KEY, known=lambda arn: arn == USER, held=frozenset({ACCOUNT}))
    assert [
        ("UNKNOWN_PRINCIPAL", line_of(text, ROLE)),
        ("FOREIGN_ACCOUNT", line_of(text, other)),
    ] == [
        (finding.code, finding.line)
        for finding in found
        if finding.code in {"UNKNOWN_PRINCIPAL", "FOREIGN_ACCOUNT"}
    ]
    assert not {"UNKNOWN_PRINCIPAL", "FOREIGN_ACCOUNT"} & codes(text)


def test_trust_policies_are_about_sts() -> None:
    """Actions of other services have no effect there."""
    sound = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
    assert set() == codes(document(sound), PolicyKind.TRUST)
    odd = sound | {"Action": "kms:Encrypt"}
    assert {"ACTION_WITHOUT_EFFECT"} == codes(document(odd), PolicyKind.TRUST)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("kms:Decript", "kms:Decrypt"), ("kms:generatedatakeys", "kms:GenerateDataKey")],
)
def test_misspelt_actions_are_corrected(misspelt: str, meant: str) -> None:
    """The hint names the nearest action that there is."""
    (finding,) = (
        finding
        for finding in lint(document(allow(misspelt)), PolicyKind.KEY)
        if finding.code == "UNKNOWN_ACTION"
    )
    assert f"Did you mean {meant}?" == finding.hint


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (default_key_policy(ACCOUNT), PolicyKind.KEY),
        (full_access(), PolicyKind.SCP),
        (guardrail(), PolicyKind.SCP),
    ],
)
def test_what_the_project_writes_itself_is_clean(text: str, kind: PolicyKind) -> None:
    """The default key policy and the account's service control policies have no finding."""
    assert () == lint(text, kind)


def test_every_check_has_a_name_of_its_own() -> None:
    """No code stands twice in the table."""
    names = [check.code for check in CHECKS] + [check.code for check in WHOLE_CHECKS]
    assert len(set(names)) == len(names)


def test_findings_are_sorted_by_line() -> None:
    """They stand in the order of the text."""
    text = document(*(allow("kms:*", Sid="") for _ in range(9)))
    lines = [finding.line for finding in lint(text, PolicyKind.KEY)]
    assert sorted(lines) == lines
    assert lines


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
WORDS = st.sampled_from(
    [USER, ROOT, "*", "kms:*", "kms:Decrypt", "a:b", "", "${aws:username}", "x", "AIDAX1234567890"]
)
VALUES = WORDS | st.lists(WORDS, max_size=3) | JSON
OPERATORS = st.sampled_from(
    ["Bool", "StringEquals", "ForAllValues:StringLike", "NumericLessThanIfExists", "Null", "x"]
)
CONDITION_NAMES = st.sampled_from(
    [MFA, AGE, "kms:ViaService", "kms:EncryptionContext:a", "kms:GrantOperations", "x", "a:b"]
)
CONDITIONS = st.dictionaries(OPERATORS, st.dictionaries(CONDITION_NAMES, VALUES, max_size=2))
STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Sid": VALUES,
        "Effect": st.sampled_from(["Allow", "Deny"]) | VALUES,
        "Principal": st.fixed_dictionaries({}, optional={"AWS": VALUES, "Service": VALUES})
        | VALUES,
        "NotPrincipal": st.just({"AWS": USER}),
        "Action": VALUES,
        "NotAction": VALUES,
        "Resource": VALUES,
        "Condition": CONDITIONS | VALUES,
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {"Statement": st.lists(STATEMENTS | JSON, max_size=4) | STATEMENTS},
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17"]) | JSON, "Id": VALUES},
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return the text of a document, perhaps with a stretch cut out or put in."""
    text = json.dumps(draw(DOCUMENTS), indent=draw(st.sampled_from([None, 1])))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.text(max_size=3)) + text[at + draw(st.integers(0, 4)) :]
    return text


def check_errors(text: str, kind: PolicyKind, found: tuple[Finding, ...]) -> None:
    """There is an error exactly where the parser refuses."""
    try:
        parse_policy(text, kind)
    except KmsError:
        refused = True
    else:
        refused = False
    specific = [f for f in found if f.level is Level.ERROR and f.code != "MALFORMED"]
    assert refused == bool(specific)


@given(text=mutated() | st.text(), kind=st.sampled_from(KINDS))
@settings(max_examples=400, deadline=None)
def test_errors_are_exactly_what_is_refused(text: str, kind: PolicyKind) -> None:
    """Whatever the text, lint does not fail, and has an error if and only if it is refused."""
    found = lint(text, kind, known=None, held=frozenset({ACCOUNT}))
    assert all(1 <= finding.line <= text.count("\n") + 1 for finding in found)
    check_errors(text, kind, found)


@pytest.mark.parametrize(
    "text",
    [
        document(*(allow("kms:Decript", Sid=f"s{n}") for n in range(160))),
        document(allow([f"kms:Decript{n}" for n in range(1200)])),
        document(allow(["*a" * 60 for _ in range(250)])),
        "[" * 32_000,
        '"' * 32_000,
        '{"Statement": [' + "{}," * 10_000 + "{}]}",
        document(*(allow(["kms:*", f"kms:{n}"]) for n in range(120))),
        document(allow(**under("StringLike", "kms:RequestAlias", ["${" * 90] * 170))),
    ],
)
def test_large_documents_do_not_hold_up_an_editor(text: str) -> None:
    """32 KB of the worst are looked at in well under a second."""
    begun = time.process_time()
    lint(text, PolicyKind.KEY)
    assert time.process_time() - begun < 1.5


@given(
    pieces=st.lists(STATEMENTS, min_size=1, max_size=4),
    kind=st.sampled_from(KINDS),
    cut=st.integers(0, 32_000),
)
@settings(max_examples=30, deadline=None)
def test_documents_of_32_kb_are_looked_at_whole_and_half_written(
    pieces: list[Any], kind: PolicyKind, cut: int
) -> None:
    """Generated statements up to the limit, and the same text cut off somewhere."""
    length = len(json.dumps(pieces)) + 2
    text = json.dumps({"Statement": pieces * max(1, 32_000 // length)})
    begun = time.process_time()
    found = lint(text, kind)
    assert time.process_time() - begun < 1.5
    check_errors(text, kind, found)
    check_errors(text[:cut], kind, lint(text[:cut], kind))
