"""The algorithms that a key can be used with, from the HSM's table."""

from __future__ import annotations

from functools import lru_cache

from kmstui.hsm.algorithms import rows


@lru_cache(maxsize=64)
def algorithms_of(key_spec: str, key_usage: str) -> tuple[str, ...]:
    """Return AWS's names of a key's algorithms, in the order DescribeKey lists them."""
    return tuple(row.name for row in rows(key_spec, key_usage))
