"""The language of the ``/`` filter: one for every list, the ``:`` line and saved views.

::

    payments            rows that contain the word, in any case
    "two words"         a text with spaces, colons or a leading hyphen
    -test               rows that do not
    /^prod-.*-db$/      rows of which a value matches the regular expression
    alias:pay*          a field contains the text, or matches the pattern of * and ?
    alias=payments-db   a field is exactly the text
    state:pending,dis   a field begins with one of the words
    tag:env=prod        a tag whose value begins so; ``tag:env`` is any value of it
    grants>5            a number; also < >= <= =
    lastuse>90d         longer ago than 90 days; ``lastuse:never``
    deletion<3d         less than 3 days ahead

Terms stand beside one another and all must hold; a hyphen before any term turns it round. A term
whose value is still missing, as while typing, holds for every row.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress, count, repeat
from typing import Generic

from kmstui.core.errors import FilterError
from kmstui.tui.filter_fields import (
    NEVER,
    Cell,
    Field,
    Kind,
    Row,
    haystack,
    normal_choice,
)
from kmstui.tui.timefmt import SPAN_UNITS, parse_span

MAX_QUERY = 1_000
"""Characters of a query."""

_TOKEN = re.compile(
    r"""\s*(?P<negated>-(?=\S))?
    (?: /(?P<regex>(?:[^/\\]|\\.)+)/(?=\s|$)
      | "(?P<quoted>[^"]*)(?:"|$)
      | (?P<field>[A-Za-z][A-Za-z-]*)(?P<operator>>=|<=|[:=<>])(?P<value>"[^"]*(?:"|$)|\S*)
      | (?P<word>\S+)
    )""",
    re.VERBOSE,
)
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    ":": operator.eq,
}
_WILD = {"*": "[^\n]*", "?": "[^\n]"}
"""Wildcards stay inside one value: values stand between line breaks."""
_OPPOSITE = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on one column of cells.

    Attributes:
        column: Name of the field; empty for the text of all free fields.
        negated: Whether it must not hold.
        identity: Equal for terms that mean the same.
        needle: The text the cell must contain, if that is the whole condition.
        holds: Tells whether a cell satisfies it, before negation.
        few: Whether the column has few different cells, so that each is judged once.
    """

    column: str
    negated: bool
    identity: tuple[str, ...]
    needle: str | None
    holds: Callable[[Cell], bool]
    few: bool = False

    def implies(self, other: Term) -> bool:
        """Tell whether every row that passes this term is known to pass the other."""
        if (self.column, self.negated) != (other.column, other.negated):
            return False
        if self.identity == other.identity:
            return True
        if self.needle is None or other.needle is None:
            return False
        return self.needle in other.needle if self.negated else other.needle in self.needle

    def scan(self, cells: Sequence[Cell], candidates: Sequence[int] | None) -> tuple[int, ...]:
        """Return the candidates, or all indices if None, whose cell passes, in their order.

        A tuple of numbers is nothing to the garbage collector, which would look through a list.
        """
        needle, wanted, holds = self.needle, not self.negated, self.holds
        if self.few:
            holds = frozenset(filter(holds, frozenset(cells))).__contains__
        if candidates is None:
            # All rows: what is not Python's own code here costs a third less time.
            passes: Iterator[bool] = (
                map(holds, cells)
                if needle is None
                else map(operator.contains, cells, repeat(needle))  # type: ignore[arg-type]
            )
            return tuple(compress(count(), passes if wanted else map(operator.not_, passes)))
        if needle is not None:
            return tuple([i for i in candidates if (needle in cells[i]) is wanted])  # type: ignore[operator]
        return tuple([i for i in candidates if holds(cells[i]) is wanted])


@dataclass(frozen=True, slots=True)
class Filter(Generic[Row]):
    """A compiled query.

    Attributes:
        terms: What must hold; nothing means every row passes.
        fields: The fields it was compiled for, by name.
    """

    terms: tuple[Term, ...]
    fields: Mapping[str, Field[Row]]

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __call__(self, row: Row) -> bool:
        """Tell whether one row passes."""
        return all(
            term.holds(self._cell(term.column, row)) is not term.negated for term in self.terms
        )

    def narrows(self, other: Filter[Row]) -> bool:
        """Tell whether what passes this filter is known to be among what passes the other."""
        return all(any(mine.implies(theirs) for mine in self.terms) for theirs in other.terms)

    def _cell(self, column: str, row: Row) -> Cell:
        if column:
            return self.fields[column].cell(row)
        return haystack(field.cell(row) for field in self.fields.values() if field.free)


def compile_filter(query: str, fields: Sequence[Field[Row]], *, now: datetime) -> Filter[Row]:
    """Read a query.

    Args:
        query: What was typed.
        fields: The fields of the list.
        now: The time that ages and times left are counted from.

    Raises:
        FilterError: It does not make sense; the message says which part and what would.
    """
    if len(query) > MAX_QUERY:
        raise FilterError(f"A filter has at most {MAX_QUERY:,} characters.")
    known = {field.name: field for field in fields}
    terms = tuple(term for token in _tokens(query) for term in _term(token, known, now))
    return Filter(terms=terms, fields=known)


def _tokens(query: str) -> Iterator[re.Match[str]]:
    position = 0
    while match := _TOKEN.match(query, position):
        yield match
        position = match.end()


def _term(token: re.Match[str], known: Mapping[str, Field[Row]], now: datetime) -> Iterator[Term]:
    negated = token["negated"] is not None
    if token["regex"] is not None:
        yield _regex_term(token["regex"], negated)
    elif token["quoted"] is not None:
        yield from _word(token["quoted"], negated)
    elif token["word"] is not None:
        if token["word"].startswith("/"):
            raise FilterError("A regular expression ends with a slash: /text/.")
        yield from _word(token["word"], negated)
    elif token["field"].lower() in known:
        field = known[token["field"].lower()]
        value = token["value"].strip('",')
        if value:
            yield _field_term(field, token["operator"], value, negated, now)
    elif token["field"].lower() == "arn" or token["operator"] == "=":
        yield from _word(token[0].strip().removeprefix("-" if negated else ""), negated)
    else:
        names = ", ".join(sorted(known))
        raise FilterError(
            f"There is no field {token['field']!r}. Fields: {names}.",
            hint="Put text that has a colon between quotes.",
        )


def _word(word: str, negated: bool) -> Iterator[Term]:
    if word:
        yield _contains("", word.casefold(), negated)


def _contains(column: str, needle: str, negated: bool) -> Term:
    return Term(column, negated, ("contains", needle), needle, lambda cell: needle in str(cell))


def _matches(column: str, patterns: Sequence[str], negated: bool) -> Term:
    search = re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE).search
    return Term(
        column, negated, ("matches", *patterns), None, lambda cell: search(str(cell)) is not None
    )


def _regex_term(pattern: str, negated: bool) -> Term:
    try:
        return _matches("", (pattern,), negated)
    except re.error as error:
        raise FilterError(f"/{pattern}/ is not a regular expression: {error}.") from error


def _field_term(field: Field[Row], sign: str, value: str, negated: bool, now: datetime) -> Term:
    match field.kind:
        case Kind.TEXT:
            return _text_term(field, sign, value, negated)
        case Kind.CHOICE:
            return _choice_term(field, sign, value, negated)
        case Kind.TAGS:
            return _tags_term(field, sign, value, negated)
        case Kind.NUMBER:
            return _compared(field.name, sign, _number(field, value), negated)
        case Kind.AGE | Kind.LEFT:
            return _time_term(field, sign, value, negated, now)


def _text_term(field: Field[Row], sign: str, value: str, negated: bool) -> Term:
    _only(field, sign, ":=", f"{field.name}:{value}")
    words = [word for word in value.casefold().split(",") if word]
    if sign == "=":
        return _contains(field.name, f"\n{value.casefold()}\n", negated)
    if len(words) == 1 and (needle := _as_needle(words[0])):
        return _contains(field.name, needle, negated)
    return _matches(field.name, [_glob(word) for word in words], negated)


def _choice_term(field: Field[Row], sign: str, value: str, negated: bool) -> Term:
    _only(field, sign, ":=", f"{field.name}:{value}")
    words = tuple(sorted(filter(None, map(normal_choice, value.split(",")))))
    choices = [normal_choice(choice) for choice in field.choices]
    for word in words:
        if choices and not any(choice.startswith(word) for choice in choices):
            listed = ", ".join(field.choices)
            raise FilterError(f"No {field.name} begins with {word!r}. There are: {listed}.")
    return Term(
        field.name,
        negated,
        ("begins", *words),
        None,
        lambda cell: str(cell).startswith(words),
        few=True,
    )


def _tags_term(field: Field[Row], sign: str, value: str, negated: bool) -> Term:
    _only(field, sign, ":", f"{field.name}:name=value")
    name, _, content = value.casefold().partition("=")
    if not _is_pattern(content):
        return _contains(field.name, f"\n{name}={content}", negated)
    return _matches(field.name, (_glob(f"{name}={content}"),), negated)


def _time_term(field: Field[Row], sign: str, value: str, negated: bool, now: datetime) -> Term:
    past = field.kind is Kind.AGE
    if past and sign in ":=" and value.casefold() == "never":
        return _compared(field.name, "=", NEVER, negated)
    _only(field, sign, (">", "<", ">=", "<="), f"{field.name}>90d")
    length = parse_span(value)
    if length is None:
        raise FilterError(
            f"{value!r} is not a span of time.", hint=f"Write a number and {SPAN_UNITS}: 90d."
        )
    moment = now - length if past else now + length
    return _compared(field.name, _OPPOSITE[sign] if past else sign, moment.timestamp(), negated)


def _compared(column: str, sign: str, limit: float, negated: bool) -> Term:
    compare = _OPERATORS[sign]
    return Term(
        column,
        negated,
        ("compared", sign, repr(limit)),
        None,
        lambda cell: not isinstance(cell, str) and compare(cell, limit),
    )


def _only(field: Field[Row], sign: str, signs: str | tuple[str, ...], example: str) -> None:
    if sign not in signs:
        raise FilterError(f"{field.name} cannot be compared with {sign}. Write {example}.")


def _number(field: Field[Row], value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise FilterError(f"{field.name} is compared with a number, not {value!r}.") from error


def _is_pattern(word: str) -> bool:
    return "*" in word or "?" in word


def _as_needle(word: str) -> str | None:
    """Turn a word or a pattern into a text to look for, where that means the same."""
    inner = word.strip("*")
    if not inner or _is_pattern(inner):
        return None
    if not _is_pattern(word) or (word.startswith("*") and word.endswith("*")):
        return inner
    return f"{inner}\n" if word.startswith("*") else f"\n{inner}"


def _glob(word: str) -> str:
    if not _is_pattern(word):
        return re.escape(word)
    return f"^{''.join(_WILD.get(character) or re.escape(character) for character in word)}$"
