r"""The one door through which a string becomes something Textual paints.

Textual reads a plain ``str`` as markup, which can crash the app or run an action when clicked, and
passes escape sequences through to the terminal. Names, descriptions, tags, policies and error
texts come from other people, so every string takes one of the functions here and comes out as
:class:`~textual.content.Content` in which nothing is markup and nothing is invisible: a character
that would not be seen as itself is written as its code point, ``\u{202E}``.

Only this module may build Content from a string; a test over the syntax trees holds the others to
it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len, set_cell_size
from textual.content import Content, Span

ESCAPE_STYLE = "$escaped"
"""Style of the code points written out in place of a character."""

MASK_STYLE = "$masked"
"""Style of what stands for a hidden value."""

ELLIPSIS = "…"
MASK = "••••••••"
"""Stands for any hidden value, whatever its length: the length is hidden too."""

_MARKS_IN_A_ROW = 2
"""Combining marks one character may carry; living scripts need no more, overflowing ones do."""

_UNSEEN = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)
"""Characters `str.isprintable` accepts although a terminal shows nothing for them, or changes the
width of their neighbour: fillers, the blank Braille cell, variation selectors."""

_SLOT = 0xF0000
"""First private-use character that holds a value's place while a template is parsed."""

_REFERENCE = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})")

Align = Literal["left", "right"]


def visible(text: str, *, newlines: bool = False) -> str:
    r"""Write out every character that a terminal would obey or hide.

    Args:
        text: Any string, lone surrogates included.
        newlines: Keep ``\n`` and turn a tab into four spaces instead of writing them out.

    Returns:
        Text of which every character takes at least the cell it seems to take.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(piece for piece, _ in _pieces(text, newlines))


def without_hidden(text: str) -> str:
    """Leave out the characters that :func:`visible` would write out."""
    return "".join(piece for piece, escaped in _pieces(text, newlines=False) if not escaped)


def json_escaped(source: str) -> str:
    r"""Write the characters of JSON that a terminal would obey or hide as escapes, ``\u202e``.

    Inside strings, the only place where they may stand, the document means the same. Line breaks
    stay; a tab becomes four spaces.
    """
    if source.isascii() and source.replace("\n", "").isprintable():
        return source
    shown = []
    for piece, escaped in _pieces(source.replace("\r\n", "\n"), newlines=True):
        shown.append(json.dumps(chr(int(piece[3:-1], 16)))[1:-1] if escaped else piece)
    return "".join(shown)


def literal(text: str, style: str = "", *, newlines: bool = False) -> Content:
    """Make content that shows ``text`` as it is, markup characters included.

    Args:
        text: Any string.
        style: A Textual style for the whole, such as ``"bold $muted"``.
        newlines: Keep line breaks; otherwise they are written out too.
    """
    if text.isascii() and text.isprintable():
        return Content.styled(text, style)
    shown: list[str] = []
    spans: list[Span] = []
    position = 0
    for piece, escaped in _pieces(text, newlines):
        if escaped:
            spans.append(Span(position, position + len(piece), ESCAPE_STYLE))
        shown.append(piece)
        position += len(piece)
    if style and position:
        spans.insert(0, Span(0, position, style))
    return Content("".join(shown), spans, strip_control_codes=False)


def styled(text: str, style: str) -> Content:
    """Make literal content in one style."""
    return literal(text, style)


def one_line(text: str, width: int, style: str = "") -> Content:
    """Make literal content of at most ``width`` cells, ending in an ellipsis if it was longer."""
    return literal(text, style).truncate(max(width, 0), ellipsis=True)


def template(markup: str, **values: Content | str | int) -> Content:
    """Fill ``$name`` places of our own markup with values that are never read as markup.

    Args:
        markup: Markup written in this project, for example ``"[b]$alias[/b] is disabled"``.
        **values: A string is shown literally, an int as its digits, content as it is.

    Raises:
        KeyError: The markup names a value that was not given, or a given value has no place.
    """
    order = list(values)
    slots = {name: chr(_SLOT + index) for index, name in enumerate(order)}
    content = Content.from_markup(markup, **slots)
    if missing := _REFERENCE.search(content.plain):
        raise KeyError(missing.group())
    for name in order:
        if slots[name] not in content.plain:
            raise KeyError(name)
        value = values[name]
        filling = value if isinstance(value, Content) else literal(str(value))
        content = _fill(content, slots[name], filling)
    return content.simplify()


def markup(source: str) -> Content:
    """Read markup written in this project; it takes no values (see :func:`template`)."""
    return Content.from_markup(source)


def join(parts: Iterable[Content], separator: str = " ") -> Content:
    """Join contents with a literal separator."""
    return literal(separator, newlines=True).join(parts)


def lines(*parts: Content) -> Content:
    """Put contents on lines of their own."""
    return Content("\n").join(parts)


def plural(count: int, noun: str, nouns: str | None = None) -> Content:
    """Write a count and its noun: ``1 key``, ``2,000 keys``."""
    word = noun if count == 1 else nouns or f"{noun}s"
    return literal(f"{count:,} {word}")


def mask(text: str) -> Content:
    """Make content that stands for a value without showing it or its length.

    Args:
        text: The value; the empty string stays empty, since there is nothing to hide.
    """
    return Content.styled(MASK, MASK_STYLE) if text else Content.empty()


def cell_width(text: str) -> int:
    """Count the terminal cells that ``visible(text)`` takes."""
    return cell_len(visible(text))


def cell_fit(text: str, width: int, align: Align = "left") -> str:
    """Pad or cut text to exactly ``width`` terminal cells.

    A wide character that would be cut in half gives way to a space; text that is cut ends in an
    ellipsis.

    Args:
        text: Any string.
        width: Cells to fill; nothing is shown at zero or less.
        align: The side the text keeps to when it is shorter than the width.
    """
    if width <= 0:
        return ""
    shown = visible(text)
    size = cell_len(shown)
    if size > width:
        return set_cell_size(shown, width - 1) + ELLIPSIS
    padding = " " * (width - size)
    return padding + shown if align == "right" else shown + padding


def content_fit(content: Content, width: int, align: Align = "left") -> Content:
    """Pad or cut content to exactly ``width`` terminal cells, as :func:`cell_fit` does."""
    if width <= 0:
        return Content.empty()
    size = content.cell_length
    if size >= width:
        return content.truncate(width, ellipsis=True)
    spare = width - size
    return content.pad_left(spare) if align == "right" else content.pad_right(spare)


def printable_ascii(text: str) -> bool:
    """Tell whether every character is printable ASCII, so that a person can type the text."""
    return text.isascii() and text.isprintable()


def _fill(content: Content, slot: str, filling: Content) -> Content:
    while (at := content.plain.find(slot)) >= 0:
        around = [span.style for span in content.spans if span.start <= at < span.end]
        piece = filling
        for style in reversed(around):
            piece = piece.stylize_before(style)
        content = content[:at] + piece + content[at + 1 :]
    return content


def _pieces(text: str, newlines: bool) -> Iterable[tuple[str, bool]]:
    marks = _MARKS_IN_A_ROW
    for character in text:
        if newlines and character in "\n\t":
            marks = _MARKS_IN_A_ROW
            yield ("\n" if character == "\n" else "    "), False
            continue
        if _is_mark(character):
            marks += 1
            escaped = marks > _MARKS_IN_A_ROW or ord(character) in _UNSEEN
        else:
            escaped = not character.isprintable() or ord(character) in _UNSEEN
            # A mark after an escape, a break or nothing would land on a neighbour that is not its.
            marks = _MARKS_IN_A_ROW if escaped else 0
        yield (f"\\u{{{ord(character):04X}}}" if escaped else character), escaped


@lru_cache(maxsize=4096)
def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"} or (
        not character.isascii() and character.isprintable() and cell_len(character) == 0
    )


__all__ = [
    "ELLIPSIS",
    "ESCAPE_STYLE",
    "MASK",
    "MASK_STYLE",
    "Align",
    "Content",
    "cell_fit",
    "cell_width",
    "content_fit",
    "join",
    "json_escaped",
    "lines",
    "literal",
    "markup",
    "mask",
    "one_line",
    "plural",
    "printable_ascii",
    "styled",
    "template",
    "visible",
    "without_hidden",
]
