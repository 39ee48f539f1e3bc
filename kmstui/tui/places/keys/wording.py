"""How lists and dialogs put a key into words. Pure: the caller says what time it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kmstui.tui import text, timefmt
from kmstui.tui.keys_model import KeySummary, short_alias
from kmstui.tui.text import Content

NAMES_SHOWN = 4
"""Names written out before the rest is a number."""

_SHORT_SPECS = {
    "SYMMETRIC_DEFAULT": "SYMMETRIC",
    "ECC_NIST_EDWARDS25519": "ED25519",
    "ECC_SECG_P256K1": "SECP256K1",
}
"""Specs by the names that people know them by."""


def short_spec(spec: str) -> str:
    """Write a key spec in at most nine cells: ``SYMMETRIC``, ``ECC_P256``, ``MLKEM1024``."""
    short = _SHORT_SPECS.get(spec) or spec.replace("ECC_NIST_", "ECC_")
    return short.replace("ML_KEM_", "MLKEM")


def algorithm_families(names: Iterable[str]) -> list[str]:
    """Write algorithms that differ in their hash alone as one: ``RSASSA_PSS_SHA_256/384/512``."""
    families: dict[str, list[str]] = {}
    for each in names:
        head, between, size = each.rpartition("_SHA_")
        families.setdefault(head + between, []).append(size)
    return [head + "/".join(sizes) for head, sizes in families.items()]


def name(value: str, *, masked: bool) -> Content:
    """Write something that identifies, or what stands for it under the privacy mask."""
    return text.mask(value) if masked else text.literal(value)


def names(values: Sequence[str], *, masked: bool, shown: int = NAMES_SHOWN) -> Content:
    """Write some names and how many more there are: ``a, b +2``."""
    written = text.join([name(value, masked=masked) for value in values[:shown]], ", ")
    more = len(values) - shown
    return written + text.literal(f" +{more:,}", "$muted") if more > 0 else written


def keys_label(keys: Sequence[KeySummary], *, masked: bool = False) -> Content:
    """Call keys what a person calls them: the name of the one, or their number."""
    if len(keys) == 1:
        return name(keys[0].label, masked=masked)
    return text.plural(len(keys), "key")


def last_use(key: KeySummary, now: datetime) -> Content:
    """Say when a key was last used and what for: ``Decrypt, 2 d ago``."""
    if key.last_used is None:
        return text.literal("never used", "$muted")
    return text.template(
        "$operation, $ago",
        operation=key.last_operation or "used",
        ago=timefmt.ago(key.last_used, now),
    )


def aliases_of(keys: Sequence[KeySummary]) -> list[str]:
    """List the aliases of keys without their prefix."""
    return [short_alias(alias) for key in keys for alias in key.aliases]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A key that a command on many does not touch.

    Attributes:
        label: What a person calls it; untrusted text.
        reason: Why, in few words.
    """

    label: str
    reason: str


def left_out(skipped: Sequence[LeftOut], *, masked: bool) -> Content:
    """Name what a command leaves out, by reason: ``2 are disabled already: a, b``."""
    reasons = dict.fromkeys(each.reason for each in skipped)
    parts = []
    for reason in reasons:
        labels = [each.label for each in skipped if each.reason == reason]
        parts.append(
            text.template(
                "$count $reason: $names",
                count=f"{len(labels):,}",
                reason=reason,
                names=names(labels, masked=masked),
            )
        )
    return text.lines(*parts)
