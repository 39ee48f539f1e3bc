"""What keys of each spec and usage can do, for screens that offer and explain them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kmstui.hsm.algorithms import EVERY_ALGORITHM, KEY_SPECS, spec


@dataclass(frozen=True, slots=True)
class AlgorithmFacts:
    """An algorithm that keys of a kind can be used with.

    Attributes:
        name: AWS's name.
        digest: Its hash function, such as ``SHA_256``; empty if it has none of its own.
        message_types: What it signs: ``RAW``, ``DIGEST``, ``EXTERNAL_MU``; empty for no signature.
        plaintext_bytes: The most that one call encrypts; 0 if it does not encrypt.
    """

    name: str
    digest: str
    message_types: tuple[str, ...]
    plaintext_bytes: int


@dataclass(frozen=True, slots=True)
class KeyKind:
    """Keys of one spec and one usage.

    Attributes:
        spec: AWS's KeySpec.
        usage: AWS's KeyUsage.
        supported: Whether such keys can be made here.
        importable: Whether their material can be imported.
        asymmetric: Whether they have a public key.
        algorithms: What they can be used with here, in the order DescribeKey lists them.
    """

    spec: str
    usage: str
    supported: bool
    importable: bool
    asymmetric: bool
    algorithms: tuple[AlgorithmFacts, ...]


@lru_cache(maxsize=1)
def key_kinds() -> tuple[KeyKind, ...]:
    """Return every kind of key of the KMS API, in the order of its specs."""
    usages = dict.fromkeys((row.key_spec, row.key_usage) for row in EVERY_ALGORITHM)
    order = [each.name for each in KEY_SPECS]
    return tuple(_kind(*each) for each in sorted(usages, key=lambda one: order.index(one[0])))


def key_kind(key_spec: str, key_usage: str) -> KeyKind | None:
    """Return the kind of keys of a spec and usage, or None if there is none."""
    found = (each for each in key_kinds() if (each.spec, each.usage) == (key_spec, key_usage))
    return next(found, None)


def data_key_pair_specs() -> tuple[str, ...]:
    """Return the specs of key pairs that can be made under a key here."""
    return tuple(each.name for each in KEY_SPECS if each.data_key_pair and each.supported)


def _kind(key_spec: str, key_usage: str) -> KeyKind:
    rows = [
        row for row in EVERY_ALGORITHM if (row.key_spec, row.key_usage) == (key_spec, key_usage)
    ]
    row = spec(key_spec)
    return KeyKind(
        key_spec,
        key_usage,
        supported=any(row.supported for row in rows),
        importable=row is not None and row.importable,
        asymmetric=row is not None and row.kind not in {"AES", "HMAC"},
        algorithms=tuple(
            AlgorithmFacts(row.name, row.digest, row.message_types, row.max_plaintext_bytes)
            for row in rows
            if row.supported
        ),
    )
