"""The algorithms that a key can be used with, from the HSM's table."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from kmstui.core.errors import InvalidKeyUsageException, UnsupportedOperationException
from kmstui.hsm.algorithms import SYMMETRIC, find, rows

__all__ = ["SYMMETRIC", "UNSUPPORTED_HINTS", "algorithms_of", "require_algorithm"]

_CHINA: Final = "SM2 keys exist in the China Regions only."
UNSUPPORTED_HINTS: Final = {
    "SM2": _CHINA,
    "SM2DSA": _CHINA,
    "SM2PKE": _CHINA,
    "ML_KEM_512": "ML_KEM_768 and ML_KEM_1024 are there.",
    "ED25519_PH_SHA_512": "Sign the message itself, with ED25519_SHA_512 and MessageType RAW.",
}
"""What to do instead, by the key spec or algorithm that is not supported."""


@lru_cache(maxsize=64)
def algorithms_of(key_spec: str, key_usage: str) -> tuple[str, ...]:
    """Return AWS's names of a key's algorithms, in the order DescribeKey lists them."""
    return tuple(row.name for row in rows(key_spec, key_usage))


def require_algorithm(key_spec: str, key_usage: str, algorithm: str) -> None:
    """Refuse an algorithm that a kind of key does not have.

    Raises:
        InvalidKeyUsageException: AWS does not have it for such keys.
        UnsupportedOperationException: AWS has it, and there is no such thing here.
    """
    row = find(key_spec, key_usage, algorithm)
    if row is None:
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key_spec}."
        )
    if not row.supported:
        raise UnsupportedOperationException(
            f"Algorithm {algorithm} is not supported.", hint=UNSUPPORTED_HINTS.get(algorithm)
        )
