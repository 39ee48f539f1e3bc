"""What a list lets its ``/`` filter ask about, and how a value of a row is laid down for scanning.

A list declares its fields once. Each row's value of a field becomes one string or one number, so
that a keystroke over 100,000 rows is a scan of a plain list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Generic, TypeVar

Row = TypeVar("Row")
FieldValue = str | Iterable[str] | Mapping[str, str] | float | datetime | None
Cell = str | float
"""A value laid down for scanning: case-folded text between line breaks, or a number."""

NEVER = -math.inf
"""The cell of a moment that never was."""


class Kind(Enum):
    """What values a field has, and so what may be asked of it."""

    TEXT = "text"
    """One or several strings: ``alias:pay*``, ``alias=payments-db``."""
    CHOICE = "choice"
    """One of few words, asked by their beginning: ``state:pending``."""
    TAGS = "tags"
    """Strings by name: ``tag:env=prod``, ``tag:owner``."""
    NUMBER = "number"
    """A number: ``grants>5``."""
    AGE = "age"
    """A moment in the past, asked by how long ago it was: ``lastuse>90d``, ``lastuse:never``."""
    LEFT = "left"
    """A moment ahead, asked by how far it is: ``deletion<3d``."""


@dataclass(frozen=True, slots=True)
class Field(Generic[Row]):
    """One field of a list.

    Attributes:
        name: Lower-case letters; what stands before the colon.
        kind: What may be asked of it.
        get: Takes the value from a row; None where the row has none.
        help: One line for the filter's help.
        free: Whether a word without a field name looks here too; text and tags only.
        choices: The words of a choice, as the rows have them.
    """

    name: str
    kind: Kind
    get: Callable[[Row], FieldValue]
    help: str = ""
    free: bool = False
    choices: Sequence[str] = ()

    def cell(self, row: Row) -> Cell:
        """Lay down the value of a row."""
        return _LAY_DOWN[self.kind](self.get(row))

    def cells(self, rows: Iterable[Row]) -> list[Cell]:
        """Lay down the values of many rows."""
        lay_down, get = _LAY_DOWN[self.kind], self.get
        return [lay_down(get(row)) for row in rows]


def haystack(cells: Iterable[Cell]) -> str:
    """Join the cells of a row's free fields: what a word without a field name looks through."""
    return "".join(map(str, cells))


@lru_cache(maxsize=256)
def normal_choice(word: str) -> str:
    """Bring a choice to the form words are compared in: ``Pending-Deletion`` as a person types."""
    return "".join(character for character in word.casefold() if character.isalnum())


def _text(value: FieldValue) -> str:
    if isinstance(value, str):
        return f"\n{value.casefold()}\n"
    values = value if isinstance(value, Iterable) else ()
    return "".join([f"\n{one.casefold()}\n" for one in values])


def _choice(value: FieldValue) -> str:
    return normal_choice(value) if isinstance(value, str) else ""


def _tags(value: FieldValue) -> str:
    pairs = value.items() if isinstance(value, Mapping) else ()
    return "".join([f"\n{name}={content}\n" for name, content in pairs]).casefold()


def _number(value: FieldValue) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _age(value: FieldValue) -> float:
    return value.timestamp() if isinstance(value, datetime) else NEVER


def _left(value: FieldValue) -> float:
    return value.timestamp() if isinstance(value, datetime) else math.nan


_LAY_DOWN: Mapping[Kind, Callable[[FieldValue], Cell]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.TAGS: _tags,
    Kind.NUMBER: _number,
    Kind.AGE: _age,
    Kind.LEFT: _left,
}
