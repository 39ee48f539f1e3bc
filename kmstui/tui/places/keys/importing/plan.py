"""What an import is to do: the request it makes, and what is wrong with it beforehand. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kmstui.core.limits import VALID_TO_MAX_DAYS
from kmstui.tui import timefmt
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.detail.material.versions import Version
from kmstui.tui.places.keys.rotation.model import SYMMETRIC

NEW, EXISTING = "NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"
FIRST = "FIRST"
"""The first import of a key, for which AWS has no ImportType to choose."""

NEVER, ON, AFTER = "never", "on", "after"
"""When material expires: not, on a date, after so many days."""

DESCRIPTION_CHARACTERS = 256
_DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M UTC")
_ALLOWED = frozenset(":/_ .-")


@dataclass(frozen=True, slots=True)
class Terms:
    """How material is imported.

    Attributes:
        algorithm: The WrappingAlgorithm.
        wrapping_key: The WrappingKeySpec.
        kind: :data:`FIRST`, :data:`NEW` or :data:`EXISTING`.
        expires: When it expires; None if it does not.
        description: What is said of it.
    """

    algorithm: str
    wrapping_key: str
    kind: str = FIRST
    expires: datetime | None = None
    description: str = ""

    def parameters(self, key: KeySummary) -> dict[str, object]:
        """Return the request of GetParametersForImport."""
        return {
            "KeyId": key.arn,
            "WrappingAlgorithm": self.algorithm,
            "WrappingKeySpec": self.wrapping_key,
        }

    def request(self, key: KeySummary, token: bytes, wrapped: bytes) -> dict[str, object]:
        """Return the request of ImportKeyMaterial."""
        members: dict[str, object] = {
            "KeyId": key.arn,
            "ImportToken": token,
            "EncryptedKeyMaterial": wrapped,
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }
        if self.expires is not None:
            members |= {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": self.expires}
        if key.spec == SYMMETRIC and self.kind != FIRST:
            members["ImportType"] = self.kind
        if key.spec == SYMMETRIC and self.description:
            members["KeyMaterialDescription"] = self.description
        return members


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which kinds of import a key takes now.

    Attributes:
        chosen: The sensible one.
        barred: Why another one is not possible, by kind; what is not named is possible.
    """

    chosen: str
    barred: Mapping[str, str]


def kinds(key: KeySummary, versions: Sequence[Version]) -> Kinds:
    """Return which kinds of import a key takes now.

    Source: AWS KMS Developer Guide, *Importing key material*.
    """
    if not versions:
        none = "it has no material yet"
        return Kinds(FIRST, {NEW: none, EXISTING: none})
    had = {FIRST: "it had material before"}
    if key.spec != SYMMETRIC:
        return Kinds(EXISTING, {**had, NEW: "such a key has one material for life"})
    if key.is_replica:
        return Kinds(EXISTING, {**had, NEW: f"its primary in {key.primary_region} comes first"})
    if any(version.missing for version in versions):
        return Kinds(EXISTING, had | _waiting(versions))
    waiting = _waiting(versions)
    return Kinds(EXISTING if waiting else NEW, had | waiting)


def _waiting(versions: Sequence[Version]) -> dict[str, str]:
    taken = any(not version.associated for version in versions)
    return {NEW: "other new material waits; O rotates to it"} if taken else {}


def expiry(when: str, typed: str, now: datetime) -> datetime | str | None:
    """Read when material is to expire.

    Args:
        when: :data:`NEVER`, :data:`ON` or :data:`AFTER`.
        typed: The date, or the days.
        now: The account's time.

    Returns:
        The moment, None for never, or what is wrong.
    """
    if when == NEVER:
        return None
    found = _date(typed) if when == ON else _after(typed, now)
    if found is None:
        return "Write a date: 2026-12-31." if when == ON else "Write days: 90."
    if found <= now:
        return "That is over already."
    if found > now + timedelta(days=VALID_TO_MAX_DAYS):
        return f"At most {VALID_TO_MAX_DAYS} days ahead: import it again before then."
    return found


def _date(typed: str) -> datetime | None:
    plain = " ".join(typed.split())
    for form in _DATES:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _after(typed: str, now: datetime) -> datetime | None:
    plain = typed.strip()
    whole = plain.isascii() and plain.isdigit() and len(plain) <= 4
    span = timedelta(days=int(plain)) if whole else timefmt.parse_span(plain)
    return None if span is None else (now + span).replace(microsecond=0)


def description_problem(typed: str) -> str | None:
    """Say what is wrong with a description, or None."""
    if len(typed) > DESCRIPTION_CHARACTERS:
        return f"{len(typed) - DESCRIPTION_CHARACTERS:,} characters too long."
    if not all(each.isascii() and (each.isalnum() or each in _ALLOWED) for each in typed):
        return "Letters, digits, spaces and : / _ . - only."
    return None


SHORT_ALGORITHMS = {
    "RSAES_OAEP_SHA_256": "OAEP-256",
    "RSAES_OAEP_SHA_1": "OAEP-1",
    "RSA_AES_KEY_WRAP_SHA_256": "AES+OAEP-256",
    "RSA_AES_KEY_WRAP_SHA_1": "AES+OAEP-1",
}
"""Wrapping algorithms in few cells."""

_ABOUT = {
    "RSAES_OAEP_SHA_256": "the material goes under the RSA key directly",
    "RSAES_OAEP_SHA_1": "as OAEP-256, for old tools that know SHA-1 only",
    "RSA_AES_KEY_WRAP_SHA_256": "the material goes under an AES key, that one under the RSA key",
    "RSA_AES_KEY_WRAP_SHA_1": "as AES+OAEP-256, for old tools that know SHA-1 only",
}


def about_algorithm(algorithm: str) -> str:
    """Say how an algorithm wraps: ``RSAES_OAEP_SHA_256: the material …``."""
    return f"{algorithm}: {_ABOUT.get(algorithm, '')}"
