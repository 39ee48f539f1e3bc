"""Wildcards in linear time, and ARNs compared part by part.

``*`` is any run of characters, ``?`` is one. A pattern is kept as the stretches between its
stars; each is sought once, from left to right, which is enough and never looks back. Whoever may
write a policy decides what is matched on every call, so where ``str.find`` could be made to look
at each character often, every position is tried at once instead, as the bits of a number.
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
_LONG_PIECE: Final = 100
_ARN_PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class Gapped:
    """A stretch with ``?`` in it: literal pieces at their offsets.

    Attributes:
        length: How many characters it takes.
        pieces: Offset and text of each literal.
    """

    length: int
    pieces: tuple[tuple[int, str], ...]


Stretch = str | Gapped


def _length(stretch: Stretch) -> int:
    return len(stretch) if isinstance(stretch, str) else stretch.length


def _stands(stretch: Stretch, text: str, position: int) -> bool:
    if isinstance(stretch, str):
        return text.startswith(stretch, position)
    return all(text.startswith(piece, position + offset) for offset, piece in stretch.pieces)


def _find(stretch: Stretch, text: str, start: int, end: int) -> int:
    """Return the leftmost position in ``text[start:end]`` at which a stretch stands, or -1."""
    room, length = end - start, _length(stretch)
    if room < length:
        return -1
    pieces = ((0, stretch),) if isinstance(stretch, str) else stretch.pieces
    if not pieces:
        return start
    if len(pieces) == 1:
        offset, piece = pieces[0]
        size = len(piece)
        # Between these, str.find may compare much of the piece at every position.
        if room <= _SHORT_TEXT or size == 1 or (size >= _LONG_PIECE and room >= _LONG_TEXT):
            found = text.find(piece, start + offset, end - length + offset + size)
            return -1 if found < 0 else found - offset
    places = _places(text)
    left = ((1 << (room - length + 1)) - 1) << start
    for offset, piece in pieces:
        for index, character in enumerate(piece, start=offset):
            left &= places.of(character) >> index
            if not left:
                return -1
    return (left & -left).bit_length() - 1


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

    head: Stretch
    middle: tuple[Stretch, ...]
    tail: Stretch | None

    def matches(self, text: str) -> bool:
        """Tell whether a text matches."""
        position, size = _length(self.head), len(text)
        if self.tail is None:
            return size == position and _stands(self.head, text, 0)
        end = size - _length(self.tail)
        if end < position or not _stands(self.head, text, 0) or not _stands(self.tail, text, end):
            return False
        for stretch in self.middle:
            found = _find(stretch, text, position, end)
            if found < 0:
                return False
            position = found + _length(stretch)
        return True


@dataclass(slots=True)
class _Section:
    """One part of each of several texts, as bits: its characters, its end, and what follows."""

    inside: int = 0
    ends: int = 0
    walls: int = 0


class Texts:
    """Several texts that one pattern after another is matched against, all at once.

    They stand behind one another as the bits of a number. A set bit says that a pattern, as far
    as it has been read, reaches up to there.

    Args:
        texts: What is matched.
        parts: Into how many parts a text is split at its first colons; each has that many.
    """

    __slots__ = ("_begins", "_places", "_sections", "texts")

    def __init__(self, texts: Iterable[str], parts: int = 1) -> None:
        self.texts = tuple(texts)
        self._places = _Places("".join(f"{text}\0\0" for text in self.texts))
        self._sections = [_Section() for _ in range(parts)]
        self._begins = 0
        start = 0
        for text in self.texts:
            self._begins |= 1 << start
            for section, part in zip(
                self._sections, text.split(":", parts - 1) if parts > 1 else [text], strict=True
            ):
                end = start + len(part)
                section.inside |= (1 << end) - (1 << start)
                section.ends |= 1 << end
                section.walls |= 1 << (end + 1)
                start = end + 1
            start += 1

    def matching(self, patterns: Iterable[Iterable[Glob]]) -> set[str]:
        """Return the texts that match one of some patterns, each with a glob for every part."""
        ends = 0
        for globs in patterns:
            reached = self._begins
            for glob, section in zip(globs, self._sections, strict=True):
                # What ended in one part goes on behind the colon.
                reached = self._through(reached, glob, section) << 1
            ends |= reached >> 1
        found, start = set(), 0
        for text in self.texts:
            end = start + len(text)
            if ends >> end & 1:
                found.add(text)
            start = end + 2
        return found

    def _through(self, reached: int, glob: Glob, section: _Section) -> int:
        reached = self._read(reached, glob.head, section)
        if glob.tail is None:
            return reached & section.ends
        for stretch in (*glob.middle, glob.tail):
            if not reached:
                return 0
            # A star: everything from the first place reached to the part's end.
            reached = ((section.walls - reached) | reached) & (section.inside | section.ends)
            reached = self._read(reached, stretch, section)
        return reached & section.ends

    def _read(self, reached: int, stretch: Stretch, section: _Section) -> int:
        pieces = ((0, stretch),) if isinstance(stretch, str) else stretch.pieces
        inside, position = section.inside, 0
        for offset, piece in (*pieces, (_length(stretch), "")):
            while position < offset and reached:
                reached = (reached & inside) << 1
                position += 1
            for character in piece:
                reached = (reached & inside & self._places.of(character)) << 1
            position += len(piece)
        return reached


def glob(pattern: str) -> Glob:
    """Return a pattern taken apart; every ``*`` and ``?`` in it is a wildcard."""
    stretches = [_stretch(text) for text in pattern.split("*")]
    if len(stretches) == 1:
        return Glob(stretches[0], (), None)
    return Glob(stretches[0], tuple(filter(None, stretches[1:-1])), stretches[-1])


def _stretch(text: str) -> Stretch:
    if "?" not in text:
        return text
    pieces, offset = [], 0
    for piece in text.split("?"):
        if piece:
            pieces.append((offset, piece))
        offset += len(piece) + 1
    return Gapped(len(text), tuple(pieces))


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
    """Return the pattern that tokens spell; what a literal holds is never a wildcard."""
    stretches: list[Stretch] = []
    inside: list[Token] = []
    starred = False
    for token in tokens:
        if token == STAR:
            stretches.append(_joined(inside))
            inside, starred = [], True
        else:
            inside.append(token)
    last = _joined(inside)
    if not starred:
        return Glob(last, (), None)
    return Glob(stretches[0], tuple(filter(None, stretches[1:])), last)


def _joined(tokens: list[Token]) -> Stretch:
    texts = [token for token in tokens if isinstance(token, str)]
    if len(texts) == len(tokens):
        return "".join(texts)
    pieces, offset = [], 0
    for token in tokens:
        if isinstance(token, str):
            pieces.append((offset, token))
            offset += len(token)
        else:
            offset += 1
    return Gapped(offset, tuple(pieces))


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
    return glob(pattern).matches(text)


def arn_matches(pattern: str, text: str) -> bool:
    """Tell whether an ARN matches a pattern: six parts, each by itself; ``*`` is any text."""
    if pattern in {"*", text}:
        return True
    wanted, parts = pattern.split(":", 5), text.split(":", 5)
    return len(wanted) == len(parts) == _ARN_PARTS and all(map(matches, wanted, parts))
