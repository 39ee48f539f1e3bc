"""What is wrong with what is typed about key stores; the engine has the last word. Pure."""

from __future__ import annotations

import re
from typing import Final

_PASSWORD: Final = range(7, 33)
_NAME: Final = re.compile("[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
_KEY: Final = re.compile("[a-zA-Z0-9_.-]{1,128}", re.ASCII)
_ACCESS_KEY: Final = re.compile("[A-Z2-7]{20,30}", re.ASCII)
_SECRET: Final = re.compile("[a-zA-Z0-9/+=]{43,64}", re.ASCII)
_HSMS_MAX: Final = 28


def store_name_problem(typed: str) -> str | None:
    """Judge the name of a key store."""
    return None if typed.strip() else "Give it a name."


def password_problem(typed: str) -> str | None:
    """Judge a password of kmsuser."""
    return None if len(typed) in _PASSWORD else "kmsuser's password has 7 to 32 characters."


def manager_problem(typed: str) -> str | None:
    """Judge the name of a key manager."""
    good = _NAME.fullmatch(typed.strip())
    return None if good else "A host's name: lower-case letters, digits, hyphens inside."


def external_key_problem(typed: str) -> str | None:
    """Judge the id of an external key."""
    good = _KEY.fullmatch(typed.strip())
    return None if good else "Letters, digits, dots, hyphens, underscores; at most 128."


def access_key_problem(typed: str) -> str | None:
    """Judge an access key id of a proxy."""
    good = _ACCESS_KEY.fullmatch(typed.strip())
    return None if good else "20 to 30 of A to Z and 2 to 7."


def secret_problem(typed: str) -> str | None:
    """Judge a secret access key of a proxy."""
    good = _SECRET.fullmatch(typed.strip())
    return None if good else "43 to 64 of A to Z, a to z, 0 to 9, / + and =."


def hsms_problem(typed: str) -> str | None:
    """Judge a number of HSMs."""
    good = typed.isascii() and typed.isdigit() and int(typed) <= _HSMS_MAX
    return None if good else f"A number, 0 to {_HSMS_MAX}."
