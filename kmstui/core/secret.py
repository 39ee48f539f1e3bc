"""Bytes that must not show: elided in repr, compared in constant time, never pickled."""

from __future__ import annotations

import hmac
import unicodedata
from typing import NoReturn, Self


class Secret:
    """A secret held in a buffer that :meth:`wipe` overwrites.

    What Python copies out of it (``reveal``) cannot be wiped; keep such copies short-lived.

    Args:
        data: The secret bytes; copied.
    """

    __slots__ = ("_data",)

    def __init__(self, data: bytes | bytearray) -> None:
        self._data = bytearray(data)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the secret of a typed passphrase: NFKC, then UTF-8.

        NFKC makes the same passphrase typed on two keyboards the same bytes.
        """
        return cls(unicodedata.normalize("NFKC", text).encode("utf-8", "surrogatepass"))

    def reveal(self) -> bytes:
        """Return a copy of the bytes."""
        return bytes(self._data)

    def wipe(self) -> None:
        """Overwrite the bytes with zeros and forget their length."""
        for index in range(len(self._data)):
            self._data[index] = 0
        self._data.clear()

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._data, other._data)

    def __hash__(self) -> NoReturn:
        message = "a Secret is not hashable"
        raise TypeError(message)

    def __repr__(self) -> str:
        return "Secret(elided)"

    def __reduce__(self) -> NoReturn:
        message = "a Secret is neither pickled nor copied"
        raise TypeError(message)
