"""The sealed head: one row that speaks for the whole keystore.

Its generation counts commits. Its set hash and counts say which rows belong: XOR over
``HMAC(set key, table | id | generation | tag)``, so that a commit updates it from the rows it
changes alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from kmstui.core.canonical import encode
from kmstui.core.errors import KeystoreTamperedError
from kmstui.core.position import TrailPosition
from kmstui.hsm.base import Hsm, Purpose

EMPTY_SET = bytes(32)
"""Set hash of no rows."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the keystore knows of itself after its last commit.

    Args:
        generation: Number of the last commit; never goes down.
        clock_mark: The latest account time that was seen.
        trail: Where the trail was, durably, at that commit.
        set_hash: 32 bytes that stand for the set of all rows.
        row_count: How many rows there are, in all tables.
        key_counts: How many keys each ``account/region`` has, sorted by name.
        account: The account that the keystore was created for.
        region: The Region that it opens in.
        training: Whether clocks can be moved and checkpoints restored.
        header_digest: SHA-256 of the header.
    """

    generation: int
    clock_mark: datetime
    trail: TrailPosition
    set_hash: bytes
    row_count: int
    key_counts: tuple[tuple[str, int], ...]
    account: str
    region: str
    training: bool
    header_digest: bytes

    @property
    def key_count(self) -> int:
        """How many keys there are, in all accounts and Regions."""
        return sum(count for _, count in self.key_counts)

    def seal(self, hsm: Hsm, store_id: str) -> bytes:
        """Return the head as it is stored."""
        fields = {
            "clock_mark": self.clock_mark.isoformat(),
            "trail": [
                self.trail.segment,
                self.trail.offset,
                self.trail.sequence,
                self.trail.line_hash,
            ],
            "set_hash": self.set_hash.hex(),
            "row_count": self.row_count,
            "key_counts": self.key_counts,
            "account": self.account,
            "region": self.region,
            "training": self.training,
            "header_digest": self.header_digest.hex(),
        }
        return hsm.seal(Purpose.ROW, orjson.dumps(fields), _aad(store_id, self.generation))

    @classmethod
    def unseal(cls, hsm: Hsm, store_id: str, generation: int, sealed: bytes) -> Head:
        """Return the head of a stored row.

        Raises:
            KeystoreTamperedError: It does not authenticate for this keystore and generation.
        """
        if not 0 <= generation < 1 << 63:
            raise KeystoreTamperedError("the keystore's generation is damaged")
        data = hsm.unseal(Purpose.ROW, sealed, _aad(store_id, generation))
        fields: dict[str, Any] = orjson.loads(data)
        return cls(
            generation=generation,
            clock_mark=datetime.fromisoformat(fields["clock_mark"]),
            trail=TrailPosition(*fields["trail"]),
            set_hash=bytes.fromhex(fields["set_hash"]),
            row_count=fields["row_count"],
            key_counts=tuple((scope, count) for scope, count in fields["key_counts"]),
            account=fields["account"],
            region=fields["region"],
            training=fields["training"],
            header_digest=bytes.fromhex(fields["header_digest"]),
        )


def xor(*hashes: bytes) -> bytes:
    """Return the XOR of set hashes, 32 bytes each."""
    total = 0
    for value in hashes:
        total ^= int.from_bytes(value)
    return total.to_bytes(32)


def _aad(store_id: str, generation: int) -> bytes:
    return encode("head", store_id, generation)
