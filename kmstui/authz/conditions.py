"""Conditions compiled to functions of a request's condition keys.

Source: IAM User Guide, *IAM JSON policy elements: Condition operators*, *Conditions with multiple
context keys or values*. Where AWS leaves it open: a multivalued key without set operator matches
if one of its values does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from kmstui.authz.matching import Match, matching
from kmstui.authz.model import Context
from kmstui.authz.statement import NEGATED, Comparison, Condition, Quantifier
from kmstui.authz.values import boolean

Check: TypeAlias = Callable[[Context], bool]
"""Whether a condition holds for a request."""


def compiled(condition: Condition, *, variables: bool) -> Check:
    """Return a condition as a function.

    Args:
        condition: What a statement says.
        variables: Whether the policy's version has variables.
    """
    operator = condition.operator
    if operator.comparison is Comparison.NULL:
        return _null(condition)
    match = matching(operator.comparison, condition.values, variables=variables)
    wanted = operator.comparison not in NEGATED
    missing = operator.if_exists
    if operator.quantifier is Quantifier.NONE:
        return _check(condition.key, match, wanted, missing or not wanted, every=not wanted)
    if operator.quantifier is Quantifier.ALL:
        return _check(condition.key, match, wanted, True, every=True)
    return _check(condition.key, match, wanted, missing, every=False)


def _null(condition: Condition) -> Check:
    key = condition.key
    wanted = {boolean(value) for value in condition.values}

    def check(context: Context) -> bool:
        value = context.get(key)
        return (value is None or value == ()) in wanted

    return check


def _check(key: str, match: Match, wanted: bool, missing: bool, *, every: bool) -> Check:
    """Return a check that a request's value, or every or some of its values, is as wanted."""
    one, those = match.one, match.those

    def check(context: Context) -> bool:
        value = context.get(key)
        if isinstance(value, str):
            return one(value, context) is wanted
        if not value:
            return missing
        found = those(value, context)
        if every is wanted:
            return all(each in found for each in value) is wanted
        return bool(found) is wanted

    return check
