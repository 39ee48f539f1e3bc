"""The team's naming rule for aliases, a pattern such as ``alias/<Environment>-<Function>-<Team>``.

A part in angle brackets stands for letters and digits. The rule warns; it never refuses.
"""

from __future__ import annotations

import re

_PART = re.compile(r"<[^<>]*>")


def follows(pattern: str, alias: str) -> bool:
    """Tell whether an alias follows the pattern; an empty pattern is followed by every name."""
    if not pattern:
        return True
    literal = [re.escape(text) for text in _PART.split(pattern)]
    return re.fullmatch("[A-Za-z0-9]+".join(literal), alias, re.ASCII) is not None


def deviation(pattern: str, alias: str) -> str:
    """Return the warning for an alias that does not follow the pattern; empty when it does."""
    if follows(pattern, alias):
        return ""
    return f"{alias} does not follow {pattern}"
