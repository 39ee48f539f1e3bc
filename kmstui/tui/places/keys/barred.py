"""What a single key has against commands that its kind does not allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kmstui.engine.key_kinds import key_kind
from kmstui.tui.commands import Subject
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.rotation.model import unrotatable, unschedulable

_SINGLE = "it is a single-Region key, and stays one; :rewrap moves its data keys elsewhere"
_SUCCEEDED = frozenset({"AWS_KMS", "EXTERNAL"})


def subject_of(key: KeySummary) -> Subject:
    """Return a key as what commands act on, with what it has against some of them."""
    return replace(key.subject, barred=tuple(_bars(key)))


def _bars(key: KeySummary) -> Iterator[tuple[str, str]]:
    if reason := unrotatable(key):
        yield "rotate-now", reason
    if reason := unschedulable(key):
        yield "rotation-schedule", reason
    if key.origin != "EXTERNAL":
        for command in ("import-material", "delete-material"):
            yield (
                command,
                "its material was made in the HSM; only a key of origin EXTERNAL imports",
            )
    if key.origin not in _SUCCEEDED:
        yield "successor", "keys of a custom key store are made in Settings"
    if key.usage != "ENCRYPT_DECRYPT" or key.spec != "SYMMETRIC_DEFAULT":
        yield "rewrap", "only symmetric keys encrypt data keys"
    if not has_public_key(key):
        yield "public-key", "it has none: symmetric and HMAC keys are secret as a whole"
    yield from _regions(key)


def has_public_key(key: KeySummary) -> bool:
    """Tell whether a key is asymmetric."""
    kind = key_kind(key.spec, key.usage)
    return kind is not None and kind.asymmetric


def _regions(key: KeySummary) -> Iterator[tuple[str, str]]:
    commands = ("regions", "replicate", "promote", "delete-replica")
    if not key.multi_region:
        yield from ((command, _SINGLE) for command in commands)
    elif key.is_replica:
        led = f"its primary in {key.primary_region} does that; :regions goes there"
        yield "replicate", led
        yield "promote", led
    elif not key.replica_regions:
        for command in ("promote", "delete-replica"):
            yield command, "it has no replica yet; :replicate makes one"
