"""Wildcards in linear time, and ARNs compared part by part.

``*`` is any run of characters, ``?`` is one. A pattern is kept as the literal stretches between
its stars; each is sought once, from left to right, which is enough and never looks back. Whoever
may write a policy decides what is matched on every call, so the cost of a match is bounded by
the length of the text times a small constant for each character of the pattern.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

STAR: Final = 0
ANY: Final = 1

Token = str | int
"""A literal text, ``STAR`` or ``ANY``."""

_SHORT_TEXT: Final = 256
_LONG_TEXT: Final = 2500
_SHORT_PIECE: Final = 8
_LONG_PIECE: Final = 100
_ARN_PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What stands between two stars: literal pieces at offsets, with ``?`` in the gaps."""

    length: int
    pieces: tuple[tuple[int, str], ...]

    def at(self, text: str, position: int) -> bool:
        """Tell whether it stands at a position of a text that is long enough."""
        return all(text.startswith(piece, position + offset) for offset, piece in self.pieces)

    def find(self, text: str, start: int, end: int) -> int:
        """Return the leftmost position in ``text[start:end]`` at which it stands, or -1."""
        if end - start < self.length:
            return -1
        if not self.pieces:
            return start
        if len(self.pieces) == 1 and len(self.pieces[0][1]) == self.length:
            piece = self.pieces[0][1]
            if _find_is_linear(piece, end - start):
                return text.find(piece, start, end)
        return self._scan(text, start, end)

    def _scan(self, text: str, start: int, end: int) -> int:
        """Try every position at once: one bit of a number for each."""
        places = _places(text)
        left = ((1 << (end - start - self.length + 1)) - 1) << start
        for offset, piece in self.pieces:
            for index, character in enumerate(piece, start=offset):
                left &= places.of(character) >> index
                if not left:
                    return -1
        return (left & -left).bit_length() - 1


def _find_is_linear(piece: str, room: int) -> bool:
    """Tell whether ``str.find`` is bounded here; between these it may look at each twice."""
    return (
        room <= _SHORT_TEXT
        or len(piece) <= _SHORT_PIECE
        or (len(piece) >= _LONG_PIECE and room >= _LONG_TEXT)
    )


class _Places:
    """Where the characters of a text stand, as the bits of a number for each character."""

    __slots__ = ("_found", "_reversed")

    def __init__(self, text: str) -> None:
        self._reversed = text[::-1]
        self._found: dict[str, int] = {}

    def of(self, character: str) -> int:
        """Return the places of a character: bit n for the nth of the text."""
        found = self._found.get(character)
        if found is None:
            found = self._found[character] = self._look(character)
        return found

    def _look(self, character: str) -> int:
        if character not in self._reversed:
            return 0
        table = dict.fromkeys(map(ord, set(self._reversed)), "0")
        table[ord(character)] = "1"
        return int(self._reversed.translate(table), 2)


@lru_cache(maxsize=64)
def _places(text: str) -> _Places:
    return _Places(text)


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern, taken apart.

    Attributes:
        head: What a text begins with.
        middle: What it holds after that, in this order.
        tail: What it ends with; ``None`` for a pattern without a star.
    """

    head: _Stretch
    middle: tuple[_Stretch, ...]
    tail: _Stretch | None

    def matches(self, text: str) -> bool:
        """Tell whether a text matches."""
        size = len(text)
        if self.tail is None:
            return size == self.head.length and self.head.at(text, 0)
        position, end = self.head.length, size - self.tail.length
        if end < position or not self.head.at(text, 0) or not self.tail.at(text, end):
            return False
        for stretch in self.middle:
            found = stretch.find(text, position, end)
            if found < 0:
                return False
            position = found + stretch.length
        return True


def tokens_of(pattern: str) -> list[Token]:
    """Return the tokens of a pattern in which every ``*`` and ``?`` is a wildcard."""
    tokens: list[Token] = []
    literal = 0
    for index, character in enumerate(pattern):
        if character in "*?":
            if literal < index:
                tokens.append(pattern[literal:index])
            tokens.append(STAR if character == "*" else ANY)
            literal = index + 1
    if literal < len(pattern):
        tokens.append(pattern[literal:])
    return tokens


def glob_of(tokens: Iterable[Token]) -> Glob:
    """Return the pattern that tokens spell; neighbouring literals are joined."""
    stretches: list[_Stretch] = []
    pieces: list[tuple[int, str]] = []
    length = 0
    starred = False
    for token in tokens:
        if token == STAR:
            stretches.append(_Stretch(length, tuple(pieces)))
            pieces, length, starred = [], 0, True
        elif isinstance(token, str):
            if pieces and pieces[-1][0] + len(pieces[-1][1]) == length:
                offset, before = pieces.pop()
                pieces.append((offset, before + token))
            elif token:
                pieces.append((length, token))
            length += len(token)
        else:
            length += 1
    last = _Stretch(length, tuple(pieces))
    if not starred:
        return Glob(last, (), None)
    middle = tuple(stretch for stretch in stretches[1:] if stretch.length)
    return Glob(stretches[0], middle, last)


def has_wildcard(pattern: str) -> bool:
    """Tell whether a pattern is more than the text itself."""
    return "*" in pattern or "?" in pattern


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text matches a pattern, case and all."""
    if "?" not in pattern:
        star = pattern.find("*")
        if star < 0:
            return pattern == text
        if star == len(pattern) - 1:
            return text.startswith(pattern[:-1])
    return glob_of(tokens_of(pattern)).matches(text)


def arn_matches(pattern: str, text: str) -> bool:
    """Tell whether an ARN matches a pattern: six parts, each by itself; ``*`` is any text."""
    if pattern in {"*", text}:
        return True
    wanted, parts = pattern.split(":", 5), text.split(":", 5)
    return (
        len(wanted) == len(parts) == _ARN_PARTS
        and all(matches(*pair) for pair in zip(wanted, parts, strict=True))
    )  # fmt: skip
