"""Who gains and who loses what by another key policy, found by simulating both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmstui.core.errors import ValidationException
from kmstui.tui.verdicts import Judged, Verdict

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

AT_ONCE = 12
"""Principals of one call, so that nothing else waits for long."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What changes for one principal.

    Attributes:
        principal: ARN or a service's name.
        gains: The actions it gets further with, and how far.
        loses: The actions it gets less far with, and how far still.
    """

    principal: str
    gains: tuple[tuple[str, Verdict], ...]
    loses: tuple[tuple[str, Verdict], ...]


def shifts(before: Iterable[Judged], after: Iterable[Judged]) -> list[Shift]:
    """Compare decisions; only principals for whom something changes are named.

    An explicit deny in place of an implicit one changes nothing for anybody, nor does a grant in
    place of a policy.
    """
    was = {(cell.principal, cell.action): cell.verdict for cell in before}
    gains: dict[str, list[tuple[str, Verdict]]] = {}
    loses: dict[str, list[tuple[str, Verdict]]] = {}
    order: dict[str, None] = {}
    for cell in after:
        former = was.get((cell.principal, cell.action))
        if former is None or former.reach == cell.verdict.reach:
            continue
        order[cell.principal] = None
        side = gains if cell.verdict.reach > former.reach else loses
        side.setdefault(cell.principal, []).append((cell.action, cell.verdict))
    return [Shift(each, tuple(gains.get(each, ())), tuple(loses.get(each, ()))) for each in order]


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared.

    Attributes:
        key_arn: The key.
        policy: Its policy as it would be.
        principals: About whom.
        actions: About what.
    """

    key_arn: str
    policy: str
    principals: tuple[str, ...]
    actions: tuple[str, ...]


async def impact(
    console: KmsApp, question: Question, progress: Callable[[int, list[Shift]], None]
) -> list[str]:
    """Simulate a key's policy as it is and as it would be, some principals at a time.

    Args:
        console: The application.
        question: What is compared.
        progress: Told how many principals are decided, and what has changed among the latest.

    Returns:
        The principals about whom nothing could be decided.

    Raises:
        KmsError: The engine does not let the caller simulate.
    """
    unknown: list[str] = []
    for start in range(0, len(question.principals), AT_ONCE):
        asked = list(question.principals[start : start + AT_ONCE])
        try:
            found = await _compare(console, question, asked)
        except ValidationException:
            found = []
            for each in asked:
                try:
                    found += await _compare(console, question, [each])
                except ValidationException:
                    unknown.append(each)
        progress(start + len(asked), found)
    return unknown


async def _compare(console: KmsApp, question: Question, principals: list[str]) -> list[Shift]:
    members: dict[str, Any] = {
        "Principals": principals,
        "Actions": list(question.actions),
        "KeyId": question.key_arn,
    }
    before = await console.fetch("kmstui:SimulateAccess", **members)
    after = await console.fetch("kmstui:SimulateAccess", Policy=question.policy, **members)
    return shifts(map(Judged.read, before["Cells"]), map(Judged.read, after["Cells"]))
