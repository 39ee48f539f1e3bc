"""JSON as lines of coloured content."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pygments.lexers.data import JsonLexer  # type: ignore[import-untyped]  # ships no types
from pygments.token import Token  # type: ignore[import-untyped]  # ships no types

from kmstui.core import strictjson
from kmstui.core.errors import StrictJsonError
from kmstui.tui import text
from kmstui.tui.text import Content

_ROLES = (
    (Token.Name.Tag, "$json-key"),
    (Token.Literal.String, "$json-string"),
    (Token.Literal.Number, "$json-number"),
    (Token.Keyword, "$json-literal"),
    (Token.Punctuation, "$json-punctuation"),
    (Token.Error, "$danger"),
)


def pretty(source: str) -> str:
    """Lay JSON out over lines of its own; text that has several already, or is no JSON, stays."""
    if "\n" in source.strip():
        return source
    try:
        value = strictjson.loads(source)
    except StrictJsonError:
        return source
    return json.dumps(value, indent=2, ensure_ascii=False)


def json_lines(source: str) -> list[Content]:
    """Colour JSON, or what should be JSON, line by line and without changing a character."""
    lines: list[list[Content]] = [[]]
    for style, value in _tokens(source):
        first, *rest = value.split("\n")
        _add(lines[-1], first, style)
        for part in rest:
            lines.append([])
            _add(lines[-1], part, style)
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    return [text.join(parts, "") for parts in lines]


def runs(source: str) -> list[list[tuple[int, int, str]]]:
    """Return, for each line of JSON, from where to where it has which style."""
    lines: list[list[tuple[int, int, str]]] = [[]]
    column = 0
    for style, value in _tokens(source):
        for number, part in enumerate(value.split("\n")):
            if number:
                lines.append([])
                column = 0
            if part and style:
                lines[-1].append((column, column + len(part), style))
            column += len(part)
    return lines


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    lexer = JsonLexer(stripnl=False, ensurenl=False)
    for token, value in lexer.get_tokens(source):
        yield next((style for kind, style in _ROLES if token in kind), ""), value


def _add(line: list[Content], value: str, style: str) -> None:
    if value:
        line.append(text.styled(value, style))
