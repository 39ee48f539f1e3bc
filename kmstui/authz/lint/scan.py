"""JSON with the line of everything in it, for remarks that stand beside the text.

It reads what ``core.strictjson`` reads, and refuses what that refuses; but duplicate members are
kept, so that each can be pointed at. Source: RFC 8259.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TypeAlias

MAX_DEPTH = 32

_SPACE = re.compile(r"[ \t\r\n]*+")
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\.)*+)"')
_WORD = re.compile(r"[-+.0-9A-Za-z]++")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NAMES = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, number, truth value or null.

    Attributes:
        line: Where it begins, from 1.
        value: What it is.
    """

    line: int
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Array:
    """A list.

    Attributes:
        line: Where it begins, from 1.
        items: What it holds.
    """

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A name and its value in an object.

    Attributes:
        line: Where the name stands, from 1.
        name: The name.
        node: The value.
    """

    line: int
    name: str
    node: Node


@dataclass(frozen=True, slots=True)
class Object:
    """An object, with duplicate members if it has any.

    Attributes:
        line: Where it begins, from 1.
        members: In the order of the text.
    """

    line: int
    members: tuple[Member, ...]


Node: TypeAlias = Scalar | Array | Object


class ScanError(ValueError):
    """The text is not JSON.

    Attributes:
        line: Where reading stopped, from 1.
        reason: What was expected there.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def scan(text: str) -> Node:
    """Return a JSON text as nodes.

    Raises:
        ScanError: It is not JSON, nested deeper than 32 levels, or holds a number that is too
            large or a lone surrogate.
    """
    return _Scanner(text).whole()


class _Scanner:
    __slots__ = ("_at", "_breaks", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [place.end() for place in re.finditer("\n", text)]

    def whole(self) -> Node:
        node = self._value(0)
        if self._peek():
            raise self._error("there is something after the end of the document")
        return node

    def _line(self, offset: int) -> int:
        return bisect_right(self._breaks, offset) + 1

    def _error(self, reason: str) -> ScanError:
        return ScanError(self._line(min(self._at, max(len(self._text) - 1, 0))), reason)

    def _peek(self) -> str:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _value(self, depth: int) -> Node:
        first = self._peek()
        line = self._line(self._at)
        if first in {"{", "["} and depth == MAX_DEPTH:
            raise self._error(f"it is nested deeper than {MAX_DEPTH} levels")
        if first == "{":
            return self._object(line, depth + 1)
        if first == "[":
            return self._array(line, depth + 1)
        if first == '"':
            return Scalar(line, self._string())
        return Scalar(line, self._word())

    def _object(self, line: int, depth: int) -> Object:
        members: list[Member] = []
        self._at += 1
        if self._peek() == "}":
            self._at += 1
            return Object(line, ())
        while True:
            if self._peek() != '"':
                raise self._error("a name in double quotes is missing here")
            place = self._line(self._at)
            name = self._string()
            if self._peek() != ":":
                raise self._error(f"a colon is missing after {name[:40]!r}")
            self._at += 1
            members.append(Member(place, name, self._value(depth)))
            if self._ends("}"):
                return Object(line, tuple(members))

    def _array(self, line: int, depth: int) -> Array:
        items: list[Node] = []
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return Array(line, ())
        while True:
            items.append(self._value(depth))
            if self._ends("]"):
                return Array(line, tuple(items))

    def _ends(self, closing: str) -> bool:
        """Pass the comma or the closing bracket after a value; tell which it was."""
        found = self._peek()
        if found not in {",", closing} or not found:
            raise self._error(f"a comma or {closing} is missing here")
        self._at += 1
        if found == "," and self._peek() == closing:
            raise self._error(f"there is a comma before {closing}")
        return found == closing

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            raise self._error("a text in double quotes does not end, or holds a line break")
        inner = found.group(1)
        try:
            value = str(json.loads(found.group())) if "\\" in inner else inner
            value.encode()
        except UnicodeEncodeError:
            raise self._error("a text holds half of a surrogate pair") from None
        except json.JSONDecodeError:
            raise self._error("a text has a backslash before something else than JSON") from None
        self._at = found.end()
        return value

    def _word(self) -> int | float | bool | None:
        found = _WORD.match(self._text, self._at)
        if found is None:
            raise self._error("a value is missing here")
        word = found.group()
        if word in _NAMES:
            self._at = found.end()
            return _NAMES[word]
        if not _NUMBER.fullmatch(word):
            raise self._error(f"{word[:40]!r} is not JSON; texts stand in double quotes")
        value = self._number(word)
        self._at = found.end()
        return value

    def _number(self, word: str) -> int | float:
        try:
            value = float(word) if set(word) & set(".eE") else int(word)
        except ValueError:
            raise self._error("a number is too long") from None
        if isinstance(value, float) and math.isinf(value):
            raise self._error("a number is too large")
        return value
