"""Conditions compiled to functions of a request's condition keys.

Source: IAM User Guide, *IAM JSON policy elements: Condition operators*, *Conditions with multiple
context keys or values*. Where AWS leaves it open: a multivalued key without set operator matches
if one of its values does.
"""

from __future__ import annotations

import operator as compare
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from kmstui.authz.model import Context
from kmstui.authz.patterns import Glob, glob_of, has_wildcard, matches, tokens_of
from kmstui.authz.statement import Comparison, Condition, Quantifier
from kmstui.authz.values import boolean, decoded, instant, network, number, within
from kmstui.authz.variables import Template, has_variables, split_arn, template_of

Check: TypeAlias = Callable[[Context], bool]
"""Whether a condition holds for a request."""

Match: TypeAlias = Callable[[str, Context], bool]
"""Whether one value of the request matches one of the policy's."""

_ARN_PARTS: Final = 6
_ORDERINGS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "Equals": compare.eq,
    "NotEquals": compare.eq,
    "LessThan": compare.lt,
    "LessThanEquals": compare.le,
    "GreaterThan": compare.gt,
    "GreaterThanEquals": compare.ge,
}


@lru_cache(maxsize=8192)
def compiled(condition: Condition, *, variables: bool) -> Check:
    """Return a condition as a function.

    Args:
        condition: What a statement says.
        variables: Whether the policy's version has variables.
    """
    if condition.operator.comparison is Comparison.NULL:
        return _null(condition)
    comparison = condition.operator.comparison
    match = _matcher(comparison, condition.values, variables=variables)
    wanted = not comparison.negated
    missing = condition.operator.if_exists
    if condition.operator.quantifier is Quantifier.NONE:
        return _single(condition.key, match, wanted, missing or comparison.negated)
    if condition.operator.quantifier is Quantifier.ALL:
        return _quantified(condition.key, match, wanted, all, missing=True)
    return _quantified(condition.key, match, wanted, any, missing=missing)


def _null(condition: Condition) -> Check:
    key = condition.key
    wanted = {boolean(value) for value in condition.values}

    def check(context: Context) -> bool:
        value = context.get(key)
        return (value is None or value == ()) in wanted

    return check


def _single(key: str, match: Match, wanted: bool, missing: bool) -> Check:
    def check(context: Context) -> bool:
        value = context.get(key)
        if isinstance(value, str):
            return match(value, context) is wanted
        if not value:
            return missing
        return any(match(each, context) for each in value) is wanted

    return check


def _quantified(
    key: str,
    match: Match,
    wanted: bool,
    over: Callable[[Any], bool],
    *,
    missing: bool,
) -> Check:
    def check(context: Context) -> bool:
        value = context.get(key)
        if isinstance(value, str):
            return match(value, context) is wanted
        if not value:
            return missing
        return over(match(each, context) is wanted for each in value)

    return check


def _matcher(comparison: Comparison, values: tuple[str, ...], *, variables: bool) -> Match:
    """Return whether any of the policy's values matches; negation is the caller's."""
    if comparison.takes_variables and variables:
        templates = tuple(value for value in values if has_variables(value))
        if templates:
            plain = tuple(value for value in values if not has_variables(value))
            return _either(_plain(comparison, plain), _templates(comparison, templates))
    return _plain(comparison, values)


def _either(one: Match, other: Match) -> Match:
    return lambda value, context: one(value, context) or other(value, context)


def _plain(comparison: Comparison, values: tuple[str, ...]) -> Match:
    name = comparison.value
    if name.startswith("String"):
        return _string(comparison, values)
    if name.startswith("Numeric"):
        return _ordered(_ORDERINGS[name.removeprefix("Numeric")], number, values)
    if name.startswith("Date"):
        return _ordered(_ORDERINGS[name.removeprefix("Date")], instant, values)
    if name.startswith("Arn"):
        return _arn(values)
    if comparison in {Comparison.IP_ADDRESS, Comparison.NOT_IP_ADDRESS}:
        return _address(values)
    return _equal(boolean if comparison is Comparison.BOOL else decoded, values)


def _string(comparison: Comparison, values: tuple[str, ...]) -> Match:
    if comparison in {Comparison.STRING_LIKE, Comparison.STRING_NOT_LIKE}:
        return _like(values)
    if comparison in {Comparison.STRING_EQUALS, Comparison.STRING_NOT_EQUALS}:
        exact = frozenset(values)
        return lambda value, _context: value in exact
    folded = frozenset(value.lower() for value in values)
    return lambda value, _context: value.lower() in folded


def _like(values: tuple[str, ...]) -> Match:
    exact = frozenset(value for value in values if not has_wildcard(value))
    beginnings = tuple(value[:-1] for value in values if _is_beginning(value))
    globs: tuple[Glob, ...] = tuple(
        glob_of(tokens_of(value))
        for value in values
        if has_wildcard(value) and not _is_beginning(value)
    )

    def match(value: str, _context: Context) -> bool:
        return (
            value in exact
            or value.startswith(beginnings)
            or any(glob.matches(value) for glob in globs)
        )

    return match


def _is_beginning(pattern: str) -> bool:
    return pattern.endswith("*") and not has_wildcard(pattern[:-1])


def _ordered(
    holds: Callable[[Any, Any], bool], read: Callable[[str], Any], values: tuple[str, ...]
) -> Match:
    bounds = tuple(bound for bound in map(read, values) if bound is not None)

    def match(value: str, _context: Context) -> bool:
        seen = read(value)
        return seen is not None and any(holds(seen, bound) for bound in bounds)

    return match


def _equal(read: Callable[[str], Any], values: tuple[str, ...]) -> Match:
    known = frozenset(known for known in map(read, values) if known is not None)
    return lambda value, _context: read(value) in known


def _address(values: tuple[str, ...]) -> Match:
    blocks = tuple(block for block in map(network, values) if block is not None)

    def match(value: str, _context: Context) -> bool:
        seen = network(value)
        return seen is not None and any(within(seen, block) for block in blocks)

    return match


def _arn(values: tuple[str, ...]) -> Match:
    everything = "*" in values
    split = tuple(value.split(":", 5) for value in values)
    patterns = tuple(parts for parts in split if len(parts) == _ARN_PARTS)

    def match(value: str, _context: Context) -> bool:
        parts = value.split(":", 5)
        if len(parts) != _ARN_PARTS:
            return everything
        return everything or any(all(map(matches, pattern, parts)) for pattern in patterns)

    return match


def _templates(comparison: Comparison, values: tuple[str, ...]) -> Match:
    if comparison.value.startswith("Arn"):
        return _arn_templates(values)
    like = comparison in {Comparison.STRING_LIKE, Comparison.STRING_NOT_LIKE}
    templates = tuple(template_of(value, wildcards=like) for value in values)
    if like:
        return lambda value, context: any(each.matches(value, context) for each in templates)
    if comparison in {Comparison.STRING_EQUALS, Comparison.STRING_NOT_EQUALS}:
        return lambda value, context: any(each.text(context) == value for each in templates)

    def match(value: str, context: Context) -> bool:
        folded = value.lower()
        texts = (each.text(context) for each in templates)
        return any(text is not None and text.lower() == folded for text in texts)

    return match


def _arn_templates(values: tuple[str, ...]) -> Match:
    patterns = tuple(arn_templates(value) for value in values)

    def match(value: str, context: Context) -> bool:
        parts = value.split(":", 5)
        return any(arn_template_matches(pattern, parts, context) for pattern in patterns)

    return match


def arn_templates(value: str) -> tuple[Template, ...]:
    """Return an ARN pattern with variables as a template for each of its parts."""
    return tuple(template_of(part, wildcards=True) for part in split_arn(value))


def arn_template_matches(
    pattern: tuple[Template, ...], parts: list[str], context: Context
) -> bool:
    """Tell whether the parts of an ARN match a pattern with variables."""
    return len(pattern) == len(parts) == _ARN_PARTS and all(
        template.matches(part, context) for template, part in zip(pattern, parts, strict=True)
    )
