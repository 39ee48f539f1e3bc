"""What has changed between two policies: what they say, not how they are written.

Order and formatting mean nothing in a policy, so they make no difference here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from kmstui.authz.document import Policy
from kmstui.authz.effect import Effect, canonical_principals, effect_of
from kmstui.authz.statement import Statement

__all__ = ["Change", "ChangeKind", "Effect", "Line", "diff"]

_ALIKE = 0.5
_MOST_PAIRS = 10_000


class ChangeKind(StrEnum):
    """What happened to a statement."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Line:
    """One element that differs.

    Attributes:
        element: Its name; of a condition with operator and key, such as ``Condition Bool
            aws:SecureTransport``.
        before: What only the old statement has.
        after: What only the new one has.
    """

    element: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        kind: What happened.
        sid: The statement's Sid, the new one if it has changed; empty for the document itself.
        number_old: The statement's number in the old policy, from 1; 0 if it is not there.
        number_new: The same in the new policy.
        statement_old: The statement as it was; ``None`` for an added one.
        statement_new: The statement as it is; ``None`` for a removed one.
        lines: What differs, element by element; for an added or removed statement all it says.
        effect: Whether the policy now gives more or less.
    """

    kind: ChangeKind
    sid: str
    number_old: int
    number_new: int
    statement_old: Statement | None
    statement_new: Statement | None
    lines: tuple[Line, ...]
    effect: Effect


@dataclass(frozen=True, slots=True)
class _Numbered:
    number: int
    statement: Statement
    content: frozenset[tuple[str, str]]


def diff(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Return what has changed, in the order of the new policy, removed statements last.

    Statements belong together if they have the same Sid, else if they say the same, else if they
    say more alike than not.
    """
    before, after = _numbered(old), _numbered(new)
    pairs = _pair(before, after)
    changes = [*_document_changes(old, new)]
    for one in after:
        former = pairs.get(one.number)
        change = _added(one) if former is None else _changed(former, one)
        if change is not None:
            changes.append(change)
    kept = {one.number for one in pairs.values()}
    changes += [_removed(one) for one in before if one.number not in kept]
    return tuple(changes)


def _numbered(policy: Policy) -> list[_Numbered]:
    return [
        _Numbered(number, statement, _content(statement))
        for number, statement in enumerate(policy.statements, start=1)
    ]


def _document_changes(old: Policy, new: Policy) -> Iterable[Change]:
    if old.version != new.version:
        lines = (Line("Version", (old.version,), (new.version,)),)
        variables = "${" in old.text or "${" in new.text
        effect = Effect.BOTH if variables else Effect.NEITHER
        yield Change(ChangeKind.CHANGED, "", 0, 0, None, None, lines, effect)
    if old.id != new.id:
        lines = (Line("Id", _some(old.id), _some(new.id)),)
        yield Change(ChangeKind.CHANGED, "", 0, 0, None, None, lines, Effect.NEITHER)


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _pair(before: list[_Numbered], after: list[_Numbered]) -> dict[int, _Numbered]:
    """Return the former statement of each new one that has one, by the new one's number."""
    pairs: dict[int, _Numbered] = {}
    left, open_ = list(before), list(after)

    def take(fits: Callable[[_Numbered, _Numbered], bool]) -> None:
        for one in list(open_):
            former = next((candidate for candidate in left if fits(candidate, one)), None)
            if former is not None:
                pairs[one.number] = former
                left.remove(former)
                open_.remove(one)

    take(lambda a, b: a.statement.sid == b.statement.sid and a.content == b.content)
    take(lambda a, b: bool(b.statement.sid) and a.statement.sid == b.statement.sid)
    take(lambda a, b: a.content == b.content)
    if len(left) * len(open_) <= _MOST_PAIRS:
        for _, one, former in sorted(_alike(left, open_), key=lambda each: -each[0]):
            if former in left and one in open_:
                pairs[one.number] = former
                left.remove(former)
                open_.remove(one)
    return pairs


def _alike(
    left: list[_Numbered], open_: list[_Numbered]
) -> list[tuple[float, _Numbered, _Numbered]]:
    found: list[tuple[float, _Numbered, _Numbered]] = []
    for one in open_:
        for former in left:
            share = len(one.content & former.content) / len(one.content | former.content)
            if share >= _ALIKE:
                found.append((share, one, former))
    return found


def _added(one: _Numbered) -> Change:
    lines = tuple(
        Line(part.name, (), tuple(part.items.values())) for part in _parts(one.statement)
    )
    return Change(
        ChangeKind.ADDED,
        one.statement.sid,
        0,
        one.number,
        None,
        one.statement,
        lines,
        Effect.MORE if one.statement.allow else Effect.LESS,
    )


def _removed(one: _Numbered) -> Change:
    lines = tuple(
        Line(part.name, tuple(part.items.values()), ()) for part in _parts(one.statement)
    )
    return Change(
        ChangeKind.REMOVED,
        one.statement.sid,
        one.number,
        0,
        one.statement,
        None,
        lines,
        Effect.LESS if one.statement.allow else Effect.MORE,
    )


def _changed(former: _Numbered, one: _Numbered) -> Change | None:
    old, new = former.statement, one.statement
    if former.content == one.content and old.sid == new.sid:
        return None
    lines: list[Line] = []
    if old.sid != new.sid:
        lines.append(Line("Sid", _some(old.sid), _some(new.sid)))
    renamed = former.content == one.content
    if not renamed:
        lines += _lines(old, new)
    return Change(
        ChangeKind.RENAMED if renamed else ChangeKind.CHANGED,
        new.sid or old.sid,
        former.number,
        one.number,
        old,
        new,
        tuple(lines),
        Effect.NEITHER if renamed else effect_of(old, new),
    )


def _lines(old: Statement, new: Statement) -> Iterable[Line]:
    before = {part.folded: part for part in _parts(old)}
    after = {part.folded: part for part in _parts(new)}
    for folded in dict.fromkeys((*before, *after)):
        mine, theirs = before.get(folded), after.get(folded)
        had, has = mine.items if mine else {}, theirs.items if theirs else {}
        gone = tuple(text for value, text in had.items() if value not in has)
        come = tuple(text for value, text in has.items() if value not in had)
        part = theirs or mine
        if part is not None and (gone or come or mine is None or theirs is None):
            yield Line(part.name, gone, come)


@dataclass(frozen=True, slots=True)
class _Part:
    """An element of a statement: its values as they are written, by how they compare."""

    folded: str
    name: str
    items: dict[str, str]


def _content(statement: Statement) -> frozenset[tuple[str, str]]:
    """Return all that a statement says but its Sid, as pairs of element and value."""
    return frozenset(
        (part.folded, folded) for part in _parts(statement) for folded in part.items or {"": ""}
    )


def _parts(statement: Statement) -> list[_Part]:
    effect = "Allow" if statement.allow else "Deny"
    parts = [_part("Effect", _plain((effect,)))]
    if statement.principals is not None:
        items = dict(canonical_principals(statement.principals))
        parts.append(_part(_named("Principal", statement.inverted_principal), items))
    if statement.actions or statement.inverted_action:
        actions = {action.lower(): action for action in statement.actions}
        parts.append(_part(_named("Action", statement.inverted_action), actions))
    if statement.resources or statement.inverted_resource:
        resources = _plain(statement.resources)
        parts.append(_part(_named("Resource", statement.inverted_resource), resources))
    for each in statement.conditions:
        folded = f"Condition {each.operator} {each.key}"
        name = f"Condition {each.operator} {each.written}"
        parts.append(_Part(folded, name, _plain(each.values)))
    return parts


def _part(name: str, items: dict[str, str]) -> _Part:
    return _Part(name, name, items)


def _named(element: str, inverted: bool) -> str:
    return f"Not{element}" if inverted else element


def _plain(items: Iterable[str]) -> dict[str, str]:
    return {item: item for item in items}
