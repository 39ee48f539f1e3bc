"""Codes as people type them. Pure."""

from __future__ import annotations

import re

DIGITS = 6
"""Digits of a code."""

STEP_SECONDS = 30
"""How long a code is shown."""

_SEPARATORS = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212]+")


def cleaned(typed: str) -> str:
    """Leave out what people and apps put between digits: ``492 039`` and ``492-039`` are one."""
    return _SEPARATORS.sub("", typed)


def code_problem(typed: str) -> str:
    """Say what is wrong with the form of a code; empty if nothing is."""
    code = cleaned(typed)
    if not code:
        return "Type the code that the device shows."
    if not (code.isascii() and code.isdigit()):
        return "A code has digits only."
    if len(code) != DIGITS:
        return f"A code has six digits; this has {len(code)}."
    return ""


def spaced(code: str) -> str:
    """Write a code in two groups, as it is read out."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"


def seconds_left(timestamp: float) -> int:
    """Return how long the code of a moment is still shown, 1 to 30 seconds."""
    return STEP_SECONDS - int(timestamp) % STEP_SECONDS
