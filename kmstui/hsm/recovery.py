"""Recovery codes: printed once, typed back by hand, with mistakes caught before they count.

A code is 33 random characters of Crockford's base 32 (165 bits) and two check characters, in seven
groups of five. The whole, read as a number, is divisible by the prime 1021, so every single wrong
character and every swap of two neighbours is noticed without the KDF being run.
"""

from __future__ import annotations

import os

from kmstui.core.errors import WrongPassphraseError
from kmstui.core.secret import Secret

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U."""

GROUPS = 7
"""Groups of a code."""

GROUP_CHARACTERS = 5
"""Characters of a group."""

_CHARACTERS = GROUPS * GROUP_CHARACTERS
_RANDOM_BITS = (_CHARACTERS - 2) * 5
_CHECK_BITS = 10
_MODULUS = 1021
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans("OIL", "011", "- \t\r\n\u00a0\u2010\u2011\u2013")
_MISTYPED = "The recovery code is mistyped."


def recovery_code() -> Secret:
    """Return a new recovery code as it is printed: seven groups of five, joined by hyphens."""
    payload = int.from_bytes(os.urandom(-(-_RANDOM_BITS // 8))) & ((1 << _RANDOM_BITS) - 1)
    shifted = payload << _CHECK_BITS
    return Secret(_format(shifted + -shifted % _MODULUS))


def normalise_recovery_code(text: str | Secret) -> Secret:
    """Return a typed recovery code in the form it was printed in.

    Case and separators do not matter, O counts as zero, I and L as one.

    Raises:
        WrongPassphraseError: It is too short or long, has another character, or fails its check.
    """
    typed = text if isinstance(text, str) else text.reveal().decode("utf-8", "replace")
    characters = typed.upper().translate(_LOOKALIKES)
    number = 0
    for character in characters:
        if character not in _VALUES:
            raise WrongPassphraseError(_MISTYPED)
        number = number << 5 | _VALUES[character]
    if len(characters) != _CHARACTERS or number % _MODULUS:
        raise WrongPassphraseError(_MISTYPED)
    return Secret(_format(number))


def _format(number: int) -> bytes:
    shifts = range((_CHARACTERS - 1) * 5, -1, -5)
    characters = [ALPHABET[number >> shift & 31] for shift in shifts]
    groups = [
        "".join(characters[start : start + GROUP_CHARACTERS])
        for start in range(0, _CHARACTERS, GROUP_CHARACTERS)
    ]
    return "-".join(groups).encode("ascii")
