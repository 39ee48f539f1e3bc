"""The one table of key specs, usages and algorithms.

A new algorithm is a row here and its function in the package; operations, the blob codec and the
tests read the rows. Nothing cryptographic is imported.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One algorithm that one kind of key can be used with.

    Attributes:
        key_spec: AWS's KeySpec.
        key_usage: AWS's KeyUsage.
        name: AWS's algorithm name.
        code: Its byte in a ciphertext blob; never given to another algorithm.
        material_bytes: Size of the key material.
        max_plaintext_bytes: The most that one call encrypts.
        source: Where the parameters come from.
    """

    key_spec: str
    key_usage: str
    name: str
    code: int
    material_bytes: int
    max_plaintext_bytes: int
    source: str


ALGORITHMS: tuple[Algorithm, ...] = (
    Algorithm(
        key_spec="SYMMETRIC_DEFAULT",
        key_usage="ENCRYPT_DECRYPT",
        name="SYMMETRIC_DEFAULT",
        code=1,
        material_bytes=32,
        max_plaintext_bytes=4096,
        source="AES-256-GCM; AWS KMS Developer Guide, Key spec reference; NIST SP 800-38D",
    ),
)
"""Every supported combination."""

_BY_CODE = {row.code: row for row in ALGORITHMS}


def rows(key_spec: str, key_usage: str) -> tuple[Algorithm, ...]:
    """Return the rows of a key spec and usage, in the table's order; empty if unsupported."""
    return tuple(r for r in ALGORITHMS if r.key_spec == key_spec and r.key_usage == key_usage)


def find(key_spec: str, key_usage: str, name: str) -> Algorithm | None:
    """Return the row of an algorithm for a key, or None if the key cannot be used with it."""
    return next((row for row in rows(key_spec, key_usage) if row.name == name), None)


def by_code(code: int) -> Algorithm | None:
    """Return the row with that byte in a ciphertext blob, or None."""
    return _BY_CODE.get(code)


def key_specs() -> tuple[str, ...]:
    """Return the supported key specs, in the table's order."""
    return tuple(dict.fromkeys(row.key_spec for row in ALGORITHMS))


def key_usages(key_spec: str) -> tuple[str, ...]:
    """Return the usages that a key spec supports, in the table's order."""
    return tuple(dict.fromkeys(r.key_usage for r in ALGORITHMS if r.key_spec == key_spec))
