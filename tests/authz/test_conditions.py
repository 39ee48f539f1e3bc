"""Condition operators, one table for each: values, several values, and missing keys."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.authz.conditions import compiled
from kmstui.authz.model import ContextValue
from kmstui.authz.statement import Comparison, Condition, ConditionOperator

KEY = "kms:EncryptionContext:App"
ARN = "arn:aws:iam::111122223333:role/teams/App"


def holds(
    operator: str, values: Any, seen: ContextValue | None, *, variables: bool = True, **more: Any
) -> bool:
    """Tell whether a condition holds for a request that has this value, or none."""
    texts = (values,) if isinstance(values, str) else tuple(values)
    condition = Condition(ConditionOperator.parse(operator), KEY.lower(), KEY, texts)
    context: dict[str, ContextValue] = {} if seen is None else {KEY.lower(): seen}
    context |= {name.replace("__", ":").replace("_", "/"): value for name, value in more.items()}
    return compiled(condition, variables=variables)(context)


TABLE: dict[str, list[tuple[Any, str, bool]]] = {
    "StringEquals": [
        ("a", "a", True),
        ("a", "A", False),
        (["b", "a"], "a", True),
        ("a*", "ab", False),
        ("a*", "a*", True),
        ([], "a", False),
        ("", "", True),
    ],
    "StringEqualsIgnoreCase": [("aB", "Ab", True), ("a", "b", False), ("É", "é", True)],
    "StringLike": [
        ("a*", "a:/b", True),
        ("a?c", "abc", True),
        ("A*", "ab", False),
        ("*b*d", "abcd", True),
        (["x", "*b"], "ab", True),
        ("a", "ab", False),
    ],
    "NumericEquals": [("300", "300.0", True), ("300", "301", False), ("x", "300", False)],
    "NumericLessThan": [
        ("300", "299.5", True),
        ("300", "300", False),
        ("300", "x", False),
        (["5", "301"], "300", True),
        ([], "1", False),
        ("1e2", "99", True),
        ("0", "-1", True),
    ],
    "NumericLessThanEquals": [("300", "300", True), ("300", "300.01", False)],
    "NumericGreaterThan": [("300", "301", True), ("300", "300", False), (["5", "9"], "6", True)],
    "NumericGreaterThanEquals": [("300", "300", True), ("300", "299", False)],
    "DateEquals": [
        ("2024-01-01T00:00:00Z", "2023-12-31T19:00:00-05:00", True),
        ("2024-01-01T00:00:00Z", "1704067200", True),
        ("2024", "2024-01-01T00:00:00Z", True),
        ("2024-02", "2024-02-01", True),
        ("2024-01-01T00:00:00.5Z", "1704067200.5", True),
        ("2024-13-01", "2024-13-01", False),
        ("2024-01-01T00:00:00+00:99", "2024-01-01T00:00:00Z", False),
        ("tomorrow", "tomorrow", False),
    ],
    "DateLessThan": [("2024-01-01", "2023-12-31T23:59:59Z", True), ("2024", "2024", False)],
    "DateLessThanEquals": [("2024", "2024", True), ("2024", "2024-01-01T00:00:01Z", False)],
    "DateGreaterThan": [("2024", "2024-01-01T00:00:01Z", True), ("2024", "2024", False)],
    "DateGreaterThanEquals": [("2024", "2024", True), ("2024", "2023", False)],
    "Bool": [
        ("true", "true", True),
        ("True", "true", True),
        ("true", "false", False),
        ("yes", "yes", False),
    ],
    "BinaryEquals": [
        ("QQ==", "QQ==", True),
        ("QQ==", "QR==", True),
        ("QQ==", "Qg==", False),
        ("%", "%", False),
    ],
    "IpAddress": [
        ("203.0.113.0/24", "203.0.113.9", True),
        ("203.0.113.0/24", "203.0.114.9", False),
        ("203.0.113.9", "203.0.113.9", True),
        (["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", True),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("::/0", "203.0.113.9", False),
        ("x", "203.0.113.9", False),
        ("203.0.113.0/24", "x", False),
    ],
    "ArnEquals": [
        (ARN, ARN, True),
        ("arn:aws:iam::*:role/*", ARN, True),
        ("arn:aws:iam::*:role/Teams/*", ARN, False),
        ("arn:aws:iam::*", ARN, False),
        ("arn:aws:*:role/teams/App", ARN, False),
        ("*", ARN, True),
        ("arn:aws:iam::*:role/*", "x", False),
        (["x", "arn:aws:iam::*:role/teams/?pp"], ARN, True),
    ],
    "ArnLike": [("arn:*:iam::1111?2223333:*", ARN, True), ("arn:*:sts::*:*", ARN, False)],
}
NEGATIONS = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}
ROWS = [(operator, *row) for operator, rows in TABLE.items() for row in rows]


def test_every_operator_is_in_the_table() -> None:
    """Each comparison is there, by itself or as another's negation; Null has a test of its own."""
    assert {each.value for each in Comparison} == {*TABLE, *NEGATIONS.values(), "Null"}


@pytest.mark.parametrize(("operator", "values", "seen", "expected"), ROWS)
def test_values_are_compared(operator: str, values: Any, seen: str, expected: bool) -> None:
    """As the operator says; IfExists changes nothing where the key is there."""
    assert expected is holds(operator, values, seen)
    assert expected is holds(f"{operator}IfExists", values, seen)
    assert expected is holds(f"ForAnyValue:{operator}", values, seen)
    assert expected is holds(f"ForAllValues:{operator}", values, seen)


@pytest.mark.parametrize(
    ("operator", "values", "seen", "expected"),
    [(NEGATIONS[row[0]], *row[1:]) for row in ROWS if row[0] in NEGATIONS],
)
def test_negations_are_the_contrary(operator: str, values: Any, seen: str, expected: bool) -> None:
    """A negated operator holds if no value matches."""
    assert expected is not holds(operator, values, seen)
    assert expected is not holds(f"ForAllValues:{operator}", values, seen)
    assert expected is not holds(f"ForAnyValue:{operator}", values, seen)


@pytest.mark.parametrize("operator", TABLE)
@pytest.mark.parametrize("seen", [None, ()])
def test_a_missing_key_fails_a_positive_operator(operator: str, seen: ContextValue | None) -> None:
    """Without the key it is false, but with IfExists and for all of no values."""
    assert holds(operator, "x", seen) is False
    assert holds(f"{operator}IfExists", "x", seen) is True
    assert holds(f"ForAllValues:{operator}", "x", seen) is True
    assert holds(f"ForAnyValue:{operator}", "x", seen) is False


@pytest.mark.parametrize("operator", NEGATIONS.values())
@pytest.mark.parametrize("seen", [None, ()])
def test_a_missing_key_satisfies_a_negated_operator(
    operator: str, seen: ContextValue | None
) -> None:
    """Without the key it is true, but for some of no values."""
    assert holds(operator, "x", seen) is True
    assert holds(f"{operator}IfExists", "x", seen) is True
    assert holds(f"ForAllValues:{operator}", "x", seen) is True
    assert holds(f"ForAnyValue:{operator}", "x", seen) is False


@pytest.mark.parametrize(
    ("values", "seen", "expected"),
    [
        ("true", None, True),
        ("true", (), True),
        ("true", "x", False),
        ("true", "", False),
        ("false", None, False),
        ("false", "x", True),
        ("false", ("x",), True),
        (["true", "false"], None, True),
        ("x", None, False),
    ],
)
def test_null_asks_whether_a_key_is_absent(
    values: Any, seen: ContextValue | None, expected: bool
) -> None:
    """True is absent, false is present with a value; no values are absent."""
    assert expected is holds("Null", values, seen)


@pytest.mark.parametrize(
    ("operator", "values", "seen", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), False),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "a"), True),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "d"), False),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("a", "c"), False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("a", "c"), True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("a", "b"), False),
        ("ForAllValues:StringLike", ["a*", "?b"], ("ax", "xb"), True),
        ("ForAllValues:StringLike", ["a*x*"], tuple(f"a{n}x" for n in range(99)), True),
        ("ForAllValues:StringLike", ["a*x*"], (*(f"a{n}x" for n in range(99)), "b"), False),
        (
            "ForAllValues:ArnLike",
            ["arn:*:s?:*:*:x*"],
            tuple(f"arn:a:sb:::x{n}" for n in range(99)),
            True,
        ),
        (
            "ForAllValues:ArnLike",
            ["arn:*:s?:*:*:x*"],
            (*(f"arn:a:sb:::x{n}" for n in range(99)), "y"),
            False,
        ),
        (
            "ForAnyValue:ArnLike",
            ["arn:a:s3:::${aws:x, 'b'}*", "x"],
            tuple(f"arn:a:s3:::b{n}" for n in range(99)),
            True,
        ),
        (
            "ForAnyValue:ArnLike",
            ["arn:a:s3:::${aws:x}*"] * 2,
            tuple(f"arn:a:s3:::b{n}" for n in range(99)),
            False,
        ),
        ("ForAnyValue:StringLike", ["${aws:x, 'b'}?*"], tuple(f"b{n}" for n in range(99)), True),
        ("ForAnyValue:StringLike", ["${aws:x}?*"], tuple(f"b{n}" for n in range(99)), False),
        ("ForAllValues:StringEqualsIgnoreCase", ["A"], ("a", "A"), True),
        ("ForAnyValue:NumericLessThan", ["5"], ("9", "4"), True),
        ("ForAllValues:NumericLessThan", ["5"], ("9", "4"), False),
        ("StringEquals", ["a"], ("b", "a"), True),
        ("StringEquals", ["a"], ("b", "c"), False),
        ("StringNotEquals", ["a"], ("b", "a"), False),
        ("StringNotEquals", ["a"], ("b", "c"), True),
    ],
)
def test_several_values_combine(
    operator: str, values: list[str], seen: tuple[str, ...], expected: bool
) -> None:
    """By the set operator; without one a value that matches is enough."""
    assert expected is holds(operator, values, seen)


@pytest.mark.parametrize(
    ("operator", "value", "seen", "expected"),
    [
        ("StringEquals", "${aws:username}", "bob", True),
        ("StringEquals", "${AWS:UserName}", "bob", True),
        ("StringEquals", "team-${aws:username}-x", "team-bob-x", True),
        ("StringEquals", "${aws:missing}", "bob", False),
        ("StringNotEquals", "${aws:missing}", "bob", True),
        ("StringEquals", "${aws:missing, 'bob'}", "bob", True),
        ("StringEquals", "${aws:username, 'eve'}", "bob", True),
        ("StringEquals", "${aws:many}", "x", False),
        ("StringEqualsIgnoreCase", "${aws:username}", "BOB", True),
        ("StringLike", "*/${aws:username}/*", "a/bob/c", True),
        ("StringLike", "${aws:star}", "abc", False),
        ("StringLike", "${aws:star}", "a*", True),
        ("StringLike", "*${aws:username}?x*", "a-bobyx", True),
        ("StringLike", "*${aws:username}?x*", "a-bobx", False),
        ("StringLike", "${aws:username, 'eve'}*", "bobby", True),
        ("StringLike", "a${*}c", "a*c", True),
        ("StringLike", "a${*}c", "abc", False),
        ("StringLike", "a${?}${$}", "a?$", True),
        ("StringEquals", "${aws:username", "${aws:username", True),
        ("StringEquals", "${}", "${}", True),
        ("ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::1:user/bob", True),
        ("ArnLike", "arn:aws:iam::${aws:account}:user/*", "arn:aws:iam::1:user/bob", True),
        ("ArnLike", "arn:aws:iam::*:user/${aws:missing}", "arn:aws:iam::1:user/bob", False),
        ("NumericEquals", "${aws:account}", "1", False),
        ("Bool", "${aws:true}", "true", False),
    ],
)
def test_variables_stand_for_values(operator: str, value: str, seen: str, expected: bool) -> None:
    """In texts and ARNs; what they stand for is literal, and nothing equals one without value."""
    more: dict[str, Any] = {
        "aws__username": "bob",
        "aws__star": "a*",
        "aws__account": "1",
        "aws__true": "true",
    }
    assert expected is holds(operator, value, seen, aws__many=("x",), **more)
    if "${aws:many}" not in value:
        several = holds(f"ForAnyValue:{operator}", value, (seen, "-"), **more)
        assert expected is several or operator.startswith("StringNot")


def test_the_older_language_has_no_variables() -> None:
    """There ``${...}`` is text."""
    assert holds("StringEquals", "${aws:username}", "${aws:username}", variables=False)
    assert holds("StringLike", "a${*}b", "a${xx}b", variables=False)


@pytest.mark.parametrize(
    "text", ["stringequals", "StringEqual", "For:StringEquals", "NullIfExists"]
)
def test_unknown_operators_are_refused(text: str) -> None:
    """Names are case-sensitive; Null takes no IfExists."""
    with pytest.raises(ValueError):  # noqa: PT011 - the enumeration's own text
        ConditionOperator.parse(text)


@pytest.mark.parametrize("comparison", Comparison)
def test_operators_print_as_they_were_read(comparison: Comparison) -> None:
    """With set operator and IfExists."""
    for text in (comparison.value, f"ForAllValues:{comparison}", f"ForAnyValue:{comparison}"):
        assert text == str(ConditionOperator.parse(text))
        if comparison is not Comparison.NULL:
            assert f"{text}IfExists" == str(ConditionOperator.parse(f"{text}IfExists"))
