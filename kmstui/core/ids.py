"""Identifiers that the engine makes up. None of them is key material."""

from __future__ import annotations

import hashlib
import os
from typing import Protocol


class IdSource(Protocol):
    """Where new identifiers come from; injected, so that a demo or a test repeats."""

    def key_id(self, *, multi_region: bool) -> str:
        """Return a new key id: a UUID, or ``mrk-`` and 32 hex digits."""

    def material_id(self) -> str:
        """Return a new key material id: 64 hex digits."""

    def uuid(self) -> str:
        """Return a new request, event, store or slot id: a UUID."""


_VARIANTS = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""The digit that says which layout a UUID has, for each random one."""


def _format_uuid(digits: str) -> str:
    """Return 32 hex digits as an RFC 9562 version 4 UUID."""
    variant = _VARIANTS[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


class SystemIds:
    """Identifiers from the operating system's random source.

    UUIDs are drawn in batches, because every call needs two; a forked child draws its own.
    """

    _BATCH = 64

    def __init__(self) -> None:
        self._drawn: list[str] = []
        os.register_at_fork(after_in_child=self._drawn.clear)

    def key_id(self, *, multi_region: bool) -> str:
        """Return a new key id."""
        digits = os.urandom(16).hex()
        return f"mrk-{digits}" if multi_region else _format_uuid(digits)

    def material_id(self) -> str:
        """Return a new key material id."""
        return os.urandom(32).hex()

    def uuid(self) -> str:
        """Return a new UUID."""
        try:
            return self._drawn.pop()
        except IndexError:
            return self._draw()

    def _draw(self) -> str:
        digits = os.urandom(16 * self._BATCH).hex()
        drawn = [_format_uuid(digits[at : at + 32]) for at in range(0, len(digits), 32)]
        self._drawn += drawn[1:]
        return drawn[0]


class SeededIds:
    """Identifiers that repeat for a seed, for demos and tests.

    Args:
        seed: Any integer; the same seed gives the same sequence.
        taken: How many have been drawn before, to go on after a restart.
    """

    def __init__(self, seed: int, taken: int = 0) -> None:
        self._seed = seed
        self._count = taken

    def _draw(self, kind: str) -> str:
        self._count += 1
        data = f"kmstui ids {kind} {self._seed} {self._count}"
        return hashlib.sha256(data.encode()).hexdigest()

    def key_id(self, *, multi_region: bool) -> str:
        """Return a new key id."""
        digits = self._draw("key")
        return f"mrk-{digits[:32]}" if multi_region else _format_uuid(digits)

    def material_id(self) -> str:
        """Return a new key material id."""
        return self._draw("material")

    def uuid(self) -> str:
        """Return a new UUID."""
        return _format_uuid(self._draw("uuid"))
