"""Values that conditions compare other than as text: numbers, instants, addresses, bytes.

Each reader answers ``None`` for a text that is no such value; a condition with it never matches.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_DATE: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?"
    r"(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_EPOCH: Final = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
_LONGEST_ADDRESS: Final = 49
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)

Network = IPv4Network | IPv6Network


@lru_cache(maxsize=1024)
def number(text: str) -> Decimal | None:
    """Return the number that a text writes in decimal."""
    trimmed = text.strip()
    return Decimal(trimmed) if _NUMBER.fullmatch(trimmed) else None


@lru_cache(maxsize=1024)
def instant(text: str) -> Decimal | None:
    """Return the seconds since 1970 that a text names.

    ISO 8601 as W3C profiles it, from a year alone to fractions of a second, in UTC where no zone
    is given; or epoch seconds. Four digits are a year.
    """
    trimmed = text.strip()
    if _EPOCH.fullmatch(trimmed) and not _YEAR.fullmatch(trimmed):
        return Decimal(trimmed)
    match = _DATE.fullmatch(trimmed)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=_zone(zone),
        )
    except ValueError:
        return None
    whole = (moment - _BEGINNING) // timedelta(seconds=1)
    return Decimal(f"{whole}") + Decimal(f"0.{fraction or 0}")


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes >= 60:
        message = "no such zone"
        raise ValueError(message)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


@lru_cache(maxsize=1024)
def network(text: str) -> Network | None:
    """Return the network that a CIDR block or a single address names, IPv4 or IPv6."""
    if len(text) > _LONGEST_ADDRESS:
        return None
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


class Blocks:
    """CIDR blocks and addresses, asked all at once whether they hold an address.

    Args:
        texts: What is no network is left out.
    """

    __slots__ = ("_blocks",)

    def __init__(self, texts: Iterable[str]) -> None:
        self._blocks: dict[tuple[int, int], set[int]] = {}
        for text in texts:
            block = network(text)
            if block is not None:
                place = (block.version, block.prefixlen)
                known = self._blocks.setdefault(place, set())
                known.add(int(block.network_address) >> (block.max_prefixlen - block.prefixlen))

    def hold(self, text: str) -> bool:
        """Tell whether an address, or the whole of a block, lies in one of the same family."""
        seen = network(text)
        if seen is None:
            return False
        first = int(seen.network_address)
        return any(
            version == seen.version
            and length <= seen.prefixlen
            and first >> (seen.max_prefixlen - length) in known
            for (version, length), known in self._blocks.items()
        )


def boolean(text: str) -> bool | None:
    """Return whether a text says true or false."""
    return {"true": True, "false": False}.get(text.lower())


def decoded(text: str) -> bytes | None:
    """Return the bytes that a text holds in base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
