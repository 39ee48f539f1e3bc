"""Checks of the values of conditions, and of policy variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kmstui.authz.document import CURRENT_VERSION
from kmstui.authz.lint.facts import quote
from kmstui.authz.lint.finding import Mark
from kmstui.authz.lint.reading import Clause, Document, Passage, Word
from kmstui.authz.patterns import has_wildcard
from kmstui.authz.statement import Comparison
from kmstui.authz.values import boolean, decoded, instant, network, number

_VARIABLE = re.compile(r"\$\{([^{}]*)(\}?)")
_ARN_PARTS = 6
_LIKE = ("StringLike", "StringNotLike", "Arn")
_EXPECTED: Final = (
    ("Numeric", "a number", lambda text: number(text) is not None),
    ("Date", "a date such as 2030-01-31T00:00:00Z", lambda text: instant(text) is not None),
    ("Bool", "true or false", lambda text: boolean(text) is not None),
    ("Null", "true or false", lambda text: boolean(text) is not None),
    ("IpAddress", "an address or CIDR block", lambda text: network(text) is not None),
    ("NotIpAddress", "an address or CIDR block", lambda text: network(text) is not None),
    ("Binary", "base64", lambda text: decoded(text) is not None),
    ("Arn", "an ARN of six parts", lambda text: text == "*" or text.count(":") >= _ARN_PARTS - 1),
)
"""How operators begin, what their values are, and a test of that."""


def _values(passage: Passage) -> Iterator[tuple[Clause, Word]]:
    for clause in passage.clauses:
        for value in clause.values:
            yield clause, value


def invalid_value(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find values that an operator cannot read, so that they never match."""
    for clause, value in _values(passage):
        for prefix, expected, reads in _EXPECTED:
            if not clause.operator.comparison.value.startswith(prefix):
                continue
            if not reads(value.text) and "${" not in value.text:
                yield Mark(
                    value.line,
                    f"{clause.operator.comparison} expects {expected}, not {quote(value.text)}.",
                )


def private_address(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find private addresses, from which no call over a public endpoint comes."""
    for clause, value in _values(passage):
        if clause.key != "aws:sourceip":
            continue
        found = network(value.text)
        if found is not None and found.is_private and found.prefixlen > 0:
            yield Mark(value.line, f"{quote(value.text)} is a private address.")


def several_booleans(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Bool or Null compared with more than one value."""
    for clause in passage.clauses:
        comparison = clause.operator.comparison
        if comparison in {Comparison.BOOL, Comparison.NULL} and len(clause.values) > 1:
            yield Mark(clause.line, f"{comparison} of {quote(clause.written)} has several values.")


def wildcard_without_like(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find wildcards where they are plain characters."""
    for clause, value in _values(passage):
        name = clause.operator.comparison.value
        if name.startswith("String") and not name.startswith(_LIKE):
            bare = _VARIABLE.sub("", value.text)
            if has_wildcard(bare):
                yield Mark(
                    value.line,
                    f"In {name} the wildcard in {quote(value.text)} is a plain character.",
                    f"Use {'StringNotLike' if 'Not' in name else 'StringLike'}.",
                )


def redundant_value(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find values of a condition key that stand twice."""
    for clause in passage.clauses:
        seen: set[str] = set()
        for value in clause.values:
            if value.text in seen:
                yield Mark(value.line, f"{quote(value.text)} stands twice.")
            seen.add(value.text)


def variable_form(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find variables that are not well formed and therefore plain text."""
    for word in (*passage.resources, *(value for _, value in _values(passage))):
        for found in _VARIABLE.finditer(word.text):
            reason = _misspelt(found.group(1), ended=bool(found.group(2)))
            if reason:
                yield Mark(word.line, f"A variable in {quote(word.text)} {reason}.")


def _misspelt(inner: str, *, ended: bool) -> str:
    if not ended:
        return "has no closing brace"
    if not inner.strip():
        return "is empty"
    name, comma, default = inner.partition(",")
    default = default.strip()
    if comma and not (len(default) > 1 and default[0] == default[-1] == "'"):
        return "has a default that is not in single quotes"
    if name in {"*", "?", "$"}:
        return ""
    if set(name) & set("*?$' "):
        return "has a space or sign in its name"
    return ""


def variable_without_version(passage: Passage, document: Document) -> Iterator[Mark]:
    """Find variables in a document whose version has none."""
    if document.version is not None and document.version.text == CURRENT_VERSION:
        return
    for word in (*passage.resources, *(value for _, value in _values(passage))):
        if "${" in word.text:
            yield Mark(word.line, f"{quote(word.text)} is plain text in this version.")


def variable_not_here(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find variables in elements and under operators that do not have them."""
    for word in passage.actions:
        if "${" in word.text:
            yield Mark(word.line, f"Actions have no variables: {quote(word.text)}.")
    for clause, value in _values(passage):
        if "${" in value.text and not clause.operator.comparison.takes_variables:
            yield Mark(
                value.line,
                f"{clause.operator.comparison} has no variables: {quote(value.text)}.",
            )
