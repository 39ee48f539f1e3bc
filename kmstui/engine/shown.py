"""What the trail shows of a request: members on the allow-list, in the form their spec gives them.

A refused request may carry anything under an allowed name, and an accepted one unknown members
inside a structure; neither may bring bytes or a member that nobody allowed into the trail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from kmstui.core.spec import Kind, Member

_SCALARS: Final = (str, bool, int, float)
_MOST_ENTRIES: Final = 1_000
"""The most that is shown of a list without a bound of its own."""


def needs_trimming(member: Member) -> bool:
    """Tell whether a valid value can hold more than its spec names: structures can."""
    if member.item is not None:
        return needs_trimming(member.item)
    return member.kind is Kind.STRUCTURE


def shown(member: Member, value: Any) -> Any:
    """Return what the trail shows of a member's value, valid or not."""
    if value is None or (member.kind is not Kind.BLOB and isinstance(value, _SCALARS)):
        return value
    if member.kind is Kind.LIST and member.item is not None and isinstance(value, list | tuple):
        return _entries(member, member.item, value)
    if isinstance(value, Mapping):
        if member.kind is Kind.TEXT_MAP:
            return {_name(key): _scalar(entry) for key, entry in value.items()}
        if member.kind is Kind.STRUCTURE:
            names = {inner.name: inner for inner in member.members}
            return {
                name: shown(inner, value[name]) for name, inner in names.items() if name in value
            }
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    return _foreign(value)


def _entries(member: Member, item: Member, value: Sequence[Any]) -> Any:
    if len(value) > (member.maximum or _MOST_ENTRIES):
        return f"[{len(value)} entries]"
    return [shown(item, entry) for entry in value]


def _scalar(value: Any) -> Any:
    return value if value is None or isinstance(value, _SCALARS) else _foreign(value)


def _name(key: Any) -> str:
    return key if isinstance(key, str) else _foreign(key)


def _foreign(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    return f"[{type(value).__name__}]"
