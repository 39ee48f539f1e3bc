"""The keys before and after one, in the order of the list it was opened from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_FEW = 2_000
"""Keys looked through where no list is open."""


@runtime_checkable
class Ordered(Protocol):
    """A view that lists keys."""

    def neighbours(self) -> list[str]:
        """Return the ARNs of the keys in the order shown."""


def listed(console: KmsApp) -> Sequence[str]:
    """Return the ARNs that the list below shows, in its order; none if there is no list."""
    first = next(iter(console.main.stage.trail), None)
    return first.neighbours() if isinstance(first, Ordered) else ()


async def order(console: KmsApp, arn: str) -> Sequence[str]:
    """Return the keys to step through: those listed, or those of the Region by key id.

    Raises:
        KmsError: The engine refused to list.
    """
    arns = listed(console)
    if arn in arns:
        return arns
    answer = await console.fetch("kmstui:ListKeySummaries", Limit=_FEW)
    return [row["Arn"] for row in answer["Keys"]]


def standing(arns: Sequence[str], arn: str) -> str:
    """Say where a key stands: ``3 of 14``; nothing if it is not there."""
    try:
        return f"{arns.index(arn) + 1:,} of {len(arns):,}"
    except ValueError:
        return ""


def neighbour(arns: Sequence[str], arn: str, by: int) -> str | None:
    """Return the ARN of the key before (negative) or after one, or None at the end."""
    if arn not in arns:
        return None
    at = arns.index(arn) + by
    return arns[at] if 0 <= at < len(arns) else None
