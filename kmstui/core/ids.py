"""Identifiers that the engine makes up. None of them is key material."""

from __future__ import annotations

import base64
import hashlib
import os
from struct import Struct
from typing import Final, Protocol


class IdSource(Protocol):
    """Where new identifiers come from; injected, so that a demo or a test repeats."""

    def key_id(self, *, multi_region: bool) -> str:
        """Return a new key id: a UUID, or ``mrk-`` and 32 hex digits."""

    def material_id(self) -> str:
        """Return a new key material id: 64 hex digits."""

    def uuid(self) -> str:
        """Return a new request, event, store or slot id: a UUID."""

    def iam_id(self, prefix: str, length: int = 21) -> str:
        """Return a new id of IAM: a prefix such as ``AIDA``, then capitals and digits."""


_UUID_BYTES: Final = 16
_UUID_GROUPS: Final = Struct("8s4s4s4s12s")
"""The hex digits of a UUID between its dashes."""

_VERSIONED: Final = bytes(0x40 | byte & 0x0F for byte in range(256))
_VARIED: Final = bytes(0x80 | byte & 0x3F for byte in range(256))
"""Each byte as the one that has a UUID's version, and as the one that has its variant."""


def _format_uuids(drawn: bytes) -> list[str]:
    """Return random bytes as RFC 9562 version 4 UUIDs, one for every 16 of them."""
    data = bytearray(drawn)
    data[6::_UUID_BYTES] = data[6::_UUID_BYTES].translate(_VERSIONED)
    data[8::_UUID_BYTES] = data[8::_UUID_BYTES].translate(_VARIED)
    digits = data.hex().encode()
    return [b"-".join(groups).decode() for groups in _UUID_GROUPS.iter_unpack(digits)]


_IAM_BYTES: Final = 20
"""Enough random bytes for the longest id of IAM."""


def _iam_id(prefix: str, length: int, drawn: bytes) -> str:
    return (prefix + base64.b32encode(drawn).decode())[:length]


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
        drawn = os.urandom(_UUID_BYTES)
        return f"mrk-{drawn.hex()}" if multi_region else _format_uuids(drawn)[0]

    def material_id(self) -> str:
        """Return a new key material id."""
        return os.urandom(32).hex()

    def uuid(self) -> str:
        """Return a new UUID."""
        try:
            return self._drawn.pop()
        except IndexError:
            return self._draw()

    def iam_id(self, prefix: str, length: int = 21) -> str:
        """Return a new id of IAM."""
        return _iam_id(prefix, length, os.urandom(_IAM_BYTES))

    def _draw(self) -> str:
        first, *rest = _format_uuids(os.urandom(_UUID_BYTES * self._BATCH))
        self._drawn += rest
        return first


class SeededIds:
    """Identifiers that repeat for a seed, for demos and tests.

    Args:
        seed: Any integer; the same seed gives the same sequence.
        taken: How many have been drawn before, to go on after a restart.
    """

    def __init__(self, seed: int, taken: int = 0) -> None:
        self._seed = seed
        self._count = taken

    def _draw(self, kind: str) -> bytes:
        self._count += 1
        data = f"kmstui ids {kind} {self._seed} {self._count}"
        return hashlib.sha256(data.encode()).digest()

    def key_id(self, *, multi_region: bool) -> str:
        """Return a new key id."""
        drawn = self._draw("key")[:_UUID_BYTES]
        return f"mrk-{drawn.hex()}" if multi_region else _format_uuids(drawn)[0]

    def material_id(self) -> str:
        """Return a new key material id."""
        return self._draw("material").hex()

    def uuid(self) -> str:
        """Return a new UUID."""
        return _format_uuids(self._draw("uuid")[:_UUID_BYTES])[0]

    def iam_id(self, prefix: str, length: int = 21) -> str:
        """Return a new id of IAM."""
        return _iam_id(prefix, length, self._draw("iam")[:_IAM_BYTES])
