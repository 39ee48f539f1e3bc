"""How the values of a policy's condition match those of a request, operator by operator.

Negation, set operators and missing keys are the caller's; here a value matches or it does not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from kmstui.authz.model import Context
from kmstui.authz.patterns import Glob, Texts, glob, glob_of, has_wildcard, matches
from kmstui.authz.statement import TAKES_VARIABLES, Comparison
from kmstui.authz.values import Blocks, boolean, decoded, instant, number
from kmstui.authz.variables import Template, has_variables, split_arn, template_of

One: TypeAlias = Callable[[str, Context], bool]
Those: TypeAlias = Callable[[tuple[str, ...], Context], AbstractSet[str]]

_ARN_PARTS: Final = 6
_AT_ONCE: Final = 64
"""Pairs of value and pattern from which they are matched all at once."""


@dataclass(frozen=True, slots=True)
class Match:
    """The values of a condition, ready to be matched.

    Attributes:
        one: Whether a value of the request matches one of the policy's.
        those: Which of several values do.
    """

    one: One
    those: Those


def matching(comparison: Comparison, values: tuple[str, ...], *, variables: bool) -> Match:
    """Return the values of a condition, ready to be matched.

    Args:
        comparison: How they compare; negated ones as their positive.
        values: Of the policy.
        variables: Whether the policy's version has variables.
    """
    if variables and comparison in TAKES_VARIABLES:
        written = tuple(value for value in values if has_variables(value))
        if written:
            plain = tuple(value for value in values if not has_variables(value))
            changing = _TEMPLATES[comparison](written)
            return _either(_PLAIN[comparison](plain), changing) if plain else changing
    return _PLAIN[comparison](values)


def _one_by_one(one: One) -> Match:
    def those(values: tuple[str, ...], context: Context) -> AbstractSet[str]:
        return {value for value in values if one(value, context)}

    return Match(one, those)


def _either(first: Match, second: Match) -> Match:
    return Match(
        lambda value, context: first.one(value, context) or second.one(value, context),
        lambda values, context: first.those(values, context) | second.those(values, context),
    )


def _exact(values: tuple[str, ...]) -> Match:
    known = frozenset(values)
    return Match(
        lambda value, _context: value in known, lambda values, _context: known.intersection(values)
    )


def _ignoring_case(values: tuple[str, ...]) -> Match:
    known = frozenset(value.lower() for value in values)
    return _one_by_one(lambda value, _context: value.lower() in known)


def _like(values: tuple[str, ...]) -> Match:
    exact = frozenset(value for value in values if not has_wildcard(value))
    beginnings = tuple(value[:-1] for value in values if _is_beginning(value))
    globs = tuple(
        glob(value) for value in values if has_wildcard(value) and not _is_beginning(value)
    )

    def quickly(value: str) -> bool:
        return value in exact or value.startswith(beginnings)

    def one(value: str, _context: Context) -> bool:
        return quickly(value) or _any_glob(globs, value)

    def those(values: tuple[str, ...], _context: Context) -> AbstractSet[str]:
        found = {value for value in values if quickly(value)}
        return found | _all_globs(globs, [value for value in values if value not in found])

    return Match(one, those)


def _is_beginning(pattern: str) -> bool:
    return pattern.endswith("*") and not has_wildcard(pattern[:-1])


def _any_glob(globs: tuple[Glob, ...], value: str) -> bool:
    return any(each.matches(value) for each in globs)


def _all_globs(globs: tuple[Glob, ...], values: list[str]) -> AbstractSet[str]:
    if len(globs) * len(values) > _AT_ONCE:
        return Texts(values).matching((each,) for each in globs)
    return {value for value in values if _any_glob(globs, value)}


def _known(read: Callable[[str], Any], values: tuple[str, ...]) -> Match:
    known = frozenset(known for known in map(read, values) if known is not None)
    return _one_by_one(lambda value, _context: read(value) in known)


def _bounded(
    read: Callable[[str], Any],
    holds: Callable[[Any, Any], bool],
    widest: Callable[[Iterable[Any]], Any],
    values: tuple[str, ...],
) -> Match:
    """Compare with the widest of the bounds: within one of them is within that one."""
    bounds = [bound for bound in map(read, values) if bound is not None]
    if not bounds:
        return _one_by_one(lambda _value, _context: False)
    bound = widest(bounds)

    def one(value: str, _context: Context) -> bool:
        seen = read(value)
        return seen is not None and holds(seen, bound)

    return _one_by_one(one)


def _address(values: tuple[str, ...]) -> Match:
    blocks = Blocks(values)
    return _one_by_one(lambda value, _context: blocks.hold(value))


def _arn(values: tuple[str, ...]) -> Match:
    everything = "*" in values
    exact = frozenset(value for value in values if not has_wildcard(value))
    split = (value.split(":", 5) for value in values if has_wildcard(value))
    patterns = tuple(parts for parts in split if len(parts) == _ARN_PARTS)

    def one(value: str, _context: Context) -> bool:
        if everything:
            return True
        parts = value.split(":", 5)
        if len(parts) != _ARN_PARTS:
            return False
        return value in exact or any(all(map(matches, each, parts)) for each in patterns)

    def those(values: tuple[str, ...], context: Context) -> AbstractSet[str]:
        if everything or len(patterns) * len(values) <= _AT_ONCE:
            return {value for value in values if one(value, context)}
        arns = _arns(values)
        return exact.intersection(arns) | Texts(arns, _ARN_PARTS).matching(
            map(glob, parts) for parts in patterns
        )

    return Match(one, those)


def _arns(values: Iterable[str]) -> list[str]:
    return [value for value in values if value.count(":") >= _ARN_PARTS - 1]


def _like_templates(values: tuple[str, ...]) -> Match:
    templates = tuple(template_of(value, wildcards=True) for value in values)

    def one(value: str, context: Context) -> bool:
        return any(each.matches(value, context) for each in templates)

    def those(values: tuple[str, ...], context: Context) -> AbstractSet[str]:
        longest = max(map(len, values))
        globs = (each.glob(context, longest) for each in templates)
        return _all_globs(tuple(each for each in globs if each is not None), list(values))

    return Match(one, those)


def _exact_templates(values: tuple[str, ...], *, folded: bool) -> Match:
    templates = tuple(template_of(value, wildcards=False) for value in values)
    fold: Callable[[str], str] = str.lower if folded else str

    def one(value: str, context: Context) -> bool:
        wanted = fold(value)
        texts = (each.text(context) for each in templates)
        return any(text is not None and fold(text) == wanted for text in texts)

    def those(values: tuple[str, ...], context: Context) -> AbstractSet[str]:
        texts = (each.text(context) for each in templates)
        known = {fold(text) for text in texts if text is not None}
        return {value for value in values if fold(value) in known}

    return Match(one, those)


def _arn_match_templates(values: tuple[str, ...]) -> Match:
    patterns = tuple(arn_templates(value) for value in values)

    def one(value: str, context: Context) -> bool:
        parts = value.split(":", 5)
        return any(arn_template_matches(each, parts, context) for each in patterns)

    def those(values: tuple[str, ...], context: Context) -> AbstractSet[str]:
        arns = _arns(values)
        if len(patterns) * len(arns) <= _AT_ONCE:
            return {value for value in arns if one(value, context)}
        longest = max(map(len, arns))
        resolved = (_resolved(each, context, longest) for each in patterns)
        return Texts(arns, _ARN_PARTS).matching(each for each in resolved if each is not None)

    return Match(one, those)


def _resolved(pattern: ArnPattern, context: Context, longest: int) -> list[Glob] | None:
    found = [part if isinstance(part, Glob) else part.glob(context, longest) for part in pattern]
    known = [part for part in found if part is not None]
    return known if len(known) == _ARN_PARTS else None


ArnPattern: TypeAlias = tuple[Glob | Template, ...]
"""An ARN pattern with variables, part by part."""


def arn_templates(value: str) -> ArnPattern:
    """Return an ARN pattern with variables, taken apart."""
    return tuple(_arn_part(part) for part in split_arn(value))


def _arn_part(text: str) -> Glob | Template:
    template = template_of(text, wildcards=True)
    return glob_of(template.fixed) if template.fixed is not None else template


def arn_template_matches(pattern: ArnPattern, parts: list[str], context: Context) -> bool:
    """Tell whether the parts of an ARN match a pattern with variables."""
    if len(pattern) != _ARN_PARTS or len(parts) != _ARN_PARTS:
        return False
    for wanted, part in zip(pattern, parts, strict=True):
        matched = (
            wanted.matches(part) if isinstance(wanted, Glob) else wanted.matches(part, context)
        )
        if not matched:
            return False
    return True


def _orderings(name: str, read: Callable[[str], Any]) -> Mapping[Comparison, Any]:
    equal = partial(_known, read)
    return {
        Comparison(f"{name}Equals"): equal,
        Comparison(f"{name}NotEquals"): equal,
        Comparison(f"{name}LessThan"): partial(_bounded, read, operator.lt, max),
        Comparison(f"{name}LessThanEquals"): partial(_bounded, read, operator.le, max),
        Comparison(f"{name}GreaterThan"): partial(_bounded, read, operator.gt, min),
        Comparison(f"{name}GreaterThanEquals"): partial(_bounded, read, operator.ge, min),
    }


_PLAIN: Final[Mapping[Comparison, Callable[[tuple[str, ...]], Match]]] = {
    Comparison.STRING_EQUALS: _exact,
    Comparison.STRING_NOT_EQUALS: _exact,
    Comparison.STRING_EQUALS_IGNORE_CASE: _ignoring_case,
    Comparison.STRING_NOT_EQUALS_IGNORE_CASE: _ignoring_case,
    Comparison.STRING_LIKE: _like,
    Comparison.STRING_NOT_LIKE: _like,
    **_orderings("Numeric", number),
    **_orderings("Date", instant),
    Comparison.BOOL: partial(_known, boolean),
    Comparison.BINARY_EQUALS: partial(_known, decoded),
    Comparison.IP_ADDRESS: _address,
    Comparison.NOT_IP_ADDRESS: _address,
    Comparison.ARN_EQUALS: _arn,
    Comparison.ARN_NOT_EQUALS: _arn,
    Comparison.ARN_LIKE: _arn,
    Comparison.ARN_NOT_LIKE: _arn,
}
_TEMPLATES: Final[Mapping[Comparison, Callable[[tuple[str, ...]], Match]]] = {
    Comparison.STRING_EQUALS: partial(_exact_templates, folded=False),
    Comparison.STRING_NOT_EQUALS: partial(_exact_templates, folded=False),
    Comparison.STRING_EQUALS_IGNORE_CASE: partial(_exact_templates, folded=True),
    Comparison.STRING_NOT_EQUALS_IGNORE_CASE: partial(_exact_templates, folded=True),
    Comparison.STRING_LIKE: _like_templates,
    Comparison.STRING_NOT_LIKE: _like_templates,
    Comparison.ARN_EQUALS: _arn_match_templates,
    Comparison.ARN_NOT_EQUALS: _arn_match_templates,
    Comparison.ARN_LIKE: _arn_match_templates,
    Comparison.ARN_NOT_LIKE: _arn_match_templates,
}
