"""Which actions of KMS a pattern covers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from kmstui.authz.patterns import matches
from kmstui.authz.vocabulary import KMS_ACTIONS

ALL: Final = frozenset(KMS_ACTIONS)
"""Every action of KMS."""

USE: Final = frozenset(name for name, action in KMS_ACTIONS.items() if action.cryptographic)
"""Work with key material."""

CRITICAL: Final = frozenset(
    {"kms:DeleteImportedKeyMaterial", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"}
)
"""What can make a key unusable or give it away."""

_LONGEST_ACTION = 128


@lru_cache(maxsize=8192)
def covered(pattern: str) -> frozenset[str]:
    """Return the KMS actions that an action pattern matches."""
    if len(pattern) > _LONGEST_ACTION:
        return frozenset()
    folded = pattern.lower()
    return frozenset(action for action in KMS_ACTIONS if matches(folded, action.lower()))


def all_covered(patterns: Iterable[str], *, inverted: bool) -> frozenset[str]:
    """Return the KMS actions that Action covers, or NotAction if ``inverted``."""
    named: frozenset[str] = frozenset().union(*map(covered, patterns))
    return ALL - named if inverted else named
