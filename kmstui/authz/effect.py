"""Whether a statement that has changed gives more, less, or both.

A judgement by the words of the statement alone: one that gives more may still give nothing that
another statement does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from kmstui.authz.coverage import all_covered
from kmstui.authz.patterns import arn_matches, has_wildcard
from kmstui.authz.statement import Comparison, Condition, Principals, Statement
from kmstui.authz.values import instant, number
from kmstui.core.arn import is_account, root_arn


class Effect(StrEnum):
    """What a change does to what a policy gives."""

    MORE = "gives more"
    LESS = "takes away"
    BOTH = "gives more and takes away"
    NEITHER = "gives and takes nothing"


_MOST_PATTERNS = 40
_GROWING = frozenset({Comparison.NUMERIC_LESS_THAN, Comparison.NUMERIC_LESS_THAN_EQUALS})
_SHRINKING = frozenset({Comparison.NUMERIC_GREATER_THAN, Comparison.NUMERIC_GREATER_THAN_EQUALS})
_BEFORE = frozenset({Comparison.DATE_LESS_THAN, Comparison.DATE_LESS_THAN_EQUALS})
_AFTER = frozenset({Comparison.DATE_GREATER_THAN, Comparison.DATE_GREATER_THAN_EQUALS})


def effect_of(old: Statement, new: Statement) -> Effect:
    """Return what replacing a statement by another does to what the policy gives."""
    if old.allow is not new.allow:
        return Effect.MORE if new.allow else Effect.LESS
    wider, narrower = False, False
    for grows, shrinks in (
        _principals(old, new),
        _actions(old, new),
        _resources(old, new),
        _conditions(old, new),
    ):
        wider, narrower = wider or grows, narrower or shrinks
    more, less = (wider, narrower) if new.allow else (narrower, wider)
    if more and less:
        return Effect.BOTH
    if more or less:
        return Effect.MORE if more else Effect.LESS
    return Effect.NEITHER


def canonical_principals(principals: Principals) -> Iterable[tuple[str, str]]:
    """Return the principals as pairs of how they compare and how they are written."""
    for text in principals.aws:
        yield f"AWS {root_arn(text) if is_account(text) else text}", text
    for kind, items in (
        ("Service", principals.services),
        ("Federated", principals.federated),
        ("CanonicalUser", principals.canonical),
    ):
        for text in items:
            yield f"{kind} {text}", text


def _by_items(
    old: set[str], new: set[str], covers: Callable[[str, str], bool], *, inverted: bool
) -> tuple[bool, bool]:
    """Return whether a list grew and whether it shrank, but for what its patterns cover."""
    wide, narrow = _patterns(old), _patterns(new)
    grown = any(not any(covers(mine, item) for mine in wide) for item in new - old)
    shrunk = any(not any(covers(mine, item) for mine in narrow) for item in old - new)
    return (shrunk, grown) if inverted else (grown, shrunk)


def _patterns(items: set[str]) -> list[str]:
    return [item for item in items if has_wildcard(item)][:_MOST_PATTERNS]


def _principals(old: Statement, new: Statement) -> tuple[bool, bool]:
    if old.principals is None or new.principals is None:
        return False, False
    if old.inverted_principal is not new.inverted_principal:
        return True, True
    before = {folded for folded, _ in canonical_principals(old.principals)}
    after = {folded for folded, _ in canonical_principals(new.principals)}
    return _by_items(
        before, after, lambda mine, _: mine == "AWS *", inverted=new.inverted_principal
    )


def _actions(old: Statement, new: Statement) -> tuple[bool, bool]:
    before = all_covered(old.actions, inverted=old.inverted_action)
    after = all_covered(new.actions, inverted=new.inverted_action)
    grown, shrunk = bool(after - before), bool(before - after)
    if old.inverted_action is not new.inverted_action:
        return True, True
    others = _by_items(
        _of_other_services(old.actions),
        _of_other_services(new.actions),
        lambda mine, _: mine == "*",
        inverted=new.inverted_action,
    )
    return grown or others[0], shrunk or others[1]


def _of_other_services(actions: tuple[str, ...]) -> set[str]:
    return {action.lower() for action in actions if not action.lower().startswith("kms:")}


def _resources(old: Statement, new: Statement) -> tuple[bool, bool]:
    if old.inverted_resource is not new.inverted_resource:
        return True, True
    return _by_items(
        set(old.resources), set(new.resources), arn_matches, inverted=new.inverted_resource
    )


def _conditions(old: Statement, new: Statement) -> tuple[bool, bool]:
    before, after = _by_key(old.conditions), _by_key(new.conditions)
    wider = bool(before.keys() - after.keys())
    narrower = bool(after.keys() - before.keys())
    for key in before.keys() & after.keys():
        grows, shrinks = _values(before[key], after[key])
        wider, narrower = wider or grows, narrower or shrinks
    return wider, narrower


def _by_key(conditions: tuple[Condition, ...]) -> dict[tuple[str, str], Condition]:
    return {(str(each.operator), each.key): each for each in conditions}


def _values(old: Condition, new: Condition) -> tuple[bool, bool]:
    before, after = set(old.values), set(new.values)
    if before == after:
        return False, False
    comparison = new.operator.comparison
    bound = _bound(comparison, old.values, new.values)
    if bound is not None:
        return bound
    return _by_items(before, after, lambda mine, item: mine == item, inverted=comparison.negated)


def _bound(
    comparison: Comparison, old: tuple[str, ...], new: tuple[str, ...]
) -> tuple[bool, bool] | None:
    """Return the same for one bound that has moved; ``None`` if it is no such thing."""
    if len(old) != 1 or len(new) != 1:
        return None
    if comparison in _GROWING | _SHRINKING:
        before, after = number(old[0]), number(new[0])
    elif comparison in _BEFORE | _AFTER:
        before, after = instant(old[0]), instant(new[0])
    else:
        return None
    if before is None or after is None:
        return None
    higher, lower = after > before, after < before
    return (higher, lower) if comparison in _GROWING | _BEFORE else (lower, higher)
