"""Policy variables: ``${aws:username}``, with defaults, and the escapes ``${*} ${?} ${$}``.

What a variable stands for is plain text: a star in it is a star. Source: IAM User Guide, *IAM
policy elements: Variables and tags*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kmstui.authz.model import Context
from kmstui.authz.patterns import Glob, Token, glob_of, tokens_of

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_INSIDE: Final = re.compile(r"\s*([^\s,'*?$]+)\s*(?:,\s*'([^']*)'\s*)?")
_ESCAPES: Final = frozenset("*?$")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a policy.

    Attributes:
        key: The condition key it stands for, in lower case.
        default: What it is when the request does not have the key; ``None`` without a default.
    """

    key: str
    default: str | None = None

    def value(self, context: Context) -> str | None:
        """Return what it stands for; ``None`` if for nothing, or for several values."""
        found = context.get(self.key)
        if isinstance(found, str):
            return found
        return self.default if not found else None


@dataclass(frozen=True, slots=True)
class Template:
    """A value with variables in it.

    Attributes:
        parts: Literal texts, wildcards and variables, in order.
    """

    parts: tuple[Token | Variable, ...]

    def tokens(self, context: Context) -> list[Token] | None:
        """Return it with its variables replaced; ``None`` if one stands for nothing."""
        tokens: list[Token] = []
        for part in self.parts:
            if isinstance(part, Variable):
                value = part.value(context)
                if value is None:
                    return None
                tokens.append(value)
            else:
                tokens.append(part)
        return tokens

    def text(self, context: Context) -> str | None:
        """Return it as a text, where it has no wildcards; ``None`` as for ``tokens``."""
        tokens = self.tokens(context)
        if tokens is None:
            return None
        return "".join(token for token in tokens if isinstance(token, str))

    def glob(self, context: Context, longest: int) -> Glob | None:
        """Return it as a pattern; ``None`` as for ``tokens``.

        Args:
            context: What variables stand for.
            longest: Length of the longest text of interest. A value can be long and stand in a
                policy many times: ``None`` too if no such text can match.
        """
        tokens = self.tokens(context)
        if tokens is None:
            return None
        if sum(len(token) for token in tokens if isinstance(token, str)) > longest:
            return None
        return glob_of(tokens)

    def matches(self, text: str, context: Context) -> bool:
        """Tell whether a text matches it, with its variables replaced."""
        glob = self.glob(context, len(text))
        return glob is not None and glob.matches(text)

    @property
    def fixed(self) -> tuple[Token, ...] | None:
        """Its tokens, if it has no variables."""
        tokens = tuple(part for part in self.parts if not isinstance(part, Variable))
        return tokens if len(tokens) == len(self.parts) else None


def template_of(text: str, *, wildcards: bool) -> Template:
    """Return a value taken apart; what is not well formed is plain text.

    Args:
        text: The value.
        wildcards: Whether ``*`` and ``?`` outside of ``${...}`` are wildcards.
    """
    parts: list[Token | Variable] = []
    position = 0
    for found in _VARIABLE.finditer(text):
        part = _part(found.group(1))
        if part is None:
            continue
        parts += _literal(text[position : found.start()], wildcards=wildcards)
        parts.append(part)
        position = found.end()
    parts += _literal(text[position:], wildcards=wildcards)
    return Template(tuple(parts))


def _part(inside: str) -> Token | Variable | None:
    if inside in _ESCAPES:
        return inside
    match = _INSIDE.fullmatch(inside)
    if match is None or ":" not in match.group(1):
        return None
    return Variable(match.group(1).lower(), match.group(2))


def _literal(text: str, *, wildcards: bool) -> list[Token]:
    if wildcards:
        return tokens_of(text)
    return [text] if text else []


def split_arn(text: str) -> tuple[str, ...]:
    """Return the parts of an ARN pattern: split at its first five colons outside of ``${...}``."""
    masked = _VARIABLE.sub(lambda found: "_" * len(found.group()), text)
    parts: list[str] = []
    start = 0
    while len(parts) < 5:
        colon = masked.find(":", start)
        if colon < 0:
            break
        parts.append(text[start:colon])
        start = colon + 1
    return (*parts, text[start:])


def has_variables(text: str) -> bool:
    """Tell whether a value may hold variables or escapes."""
    return "${" in text
