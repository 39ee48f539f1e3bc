"""How strong a new passphrase is. Old passphrases are never judged, only tried."""

from __future__ import annotations

from dataclasses import dataclass

from kmstui.core.errors import WeakPassphraseError
from kmstui.core.limits import PASSPHRASE_MIN_CHARACTERS

_WORDS = ("very weak", "weak", "fair", "strong", "very strong")
_LONGEST_JUDGED = 72
_LEAST_SCORE = 3


@dataclass(frozen=True, slots=True)
class Strength:
    """The judgement on a passphrase.

    Attributes:
        score: 0 (very weak) to 4 (very strong).
        word: The score in words.
        advice: What would make it better; may be empty.
        accepted: Whether it may protect a keystore.
    """

    score: int
    word: str
    advice: str
    accepted: bool


def judge(passphrase: str) -> Strength:
    """Return how hard a passphrase is to guess, as zxcvbn estimates it."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its word lists cost start-up time

    if len(passphrase) < PASSPHRASE_MIN_CHARACTERS:
        short = PASSPHRASE_MIN_CHARACTERS - len(passphrase)
        advice = f"{short} more character{'s' if short > 1 else ''}; several words work well"
        return Strength(0, _WORDS[0], advice, accepted=False)
    found = zxcvbn(passphrase[:_LONGEST_JUDGED])
    score = int(found["score"])
    feedback = found["feedback"]
    advice = str(feedback["warning"] or next(iter(feedback["suggestions"]), ""))
    return Strength(score, _WORDS[score], advice, accepted=score >= _LEAST_SCORE)


def require_strong(passphrase: str) -> None:
    """Refuse a new passphrase that is too easily guessed.

    Raises:
        WeakPassphraseError: With advice in its hint; the passphrase is not repeated.
    """
    strength = judge(passphrase)
    if not strength.accepted:
        raise WeakPassphraseError(
            f"The passphrase is {strength.word}.",
            hint=strength.advice or f"Use at least {PASSPHRASE_MIN_CHARACTERS} characters.",
        )
