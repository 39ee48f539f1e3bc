"""What lint says about a document: findings, and what a check yields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """The document is refused."""

    WARNING = "warning"
    """It is accepted, but part of it does not do what it seems to."""

    SECURITY = "security"
    """It gives away more than it should."""

    SUGGESTION = "suggestion"
    """It could be said better."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a policy document.

    Attributes:
        level: How much it matters.
        line: The line that it is about, from 1.
        code: Which check made it, such as ``UNKNOWN_ACTION``.
        message: What is wrong, in one sentence.
        hint: What to do about it; may be empty.
    """

    level: Level
    line: int
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a check yields: where and what; its row in the table has the rest.

    Attributes:
        line: The line that it is about, from 1.
        message: What is wrong, in one sentence.
        hint: What to do about it, where the row's hint does not do.
    """

    line: int
    message: str
    hint: str = ""
