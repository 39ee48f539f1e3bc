"""Request validation from an operation's members, with AWS's messages.

Source of the format: recorded answers of AWS KMS; ``<n> validation error(s) detected: Value '<v>'
at '<member>' failed to satisfy constraint: <constraint>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from kmstui.core.errors import SerializationException, ValidationException
from kmstui.core.spec import Kind, Member, Request

Check: TypeAlias = Callable[[Any, str, list[str]], None]
Validator: TypeAlias = Callable[[Request], None]

_TYPES: Mapping[Kind, tuple[type, str]] = {
    Kind.TEXT: (str, "a string"),
    Kind.BLOB: (bytes, "a blob"),
    Kind.INTEGER: (int, "an integer"),
    Kind.BOOLEAN: (bool, "a boolean"),
    Kind.TIMESTAMP: (datetime, "a timestamp"),
    Kind.TEXT_MAP: (dict, "a map of strings"),
    Kind.LIST: (list, "a list"),
    Kind.STRUCTURE: (dict, "a structure"),
}


_CLASSES: Mapping[str, str] = {
    r"\p{L}": r"\w",
    r"\p{N}": "",
    r"\p{Z}": r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
"""Unicode's classes, which Python does not name; ``\\w`` is letters, numbers and underscore."""


def lower_camel(name: str) -> str:
    """Return a member's name as AWS writes it in messages and in the trail."""
    return name[:1].lower() + name[1:]


def compile_validator(members: tuple[Member, ...]) -> Validator:
    """Return a function that checks a request against its members.

    Unknown members are ignored, as AWS ignores them; ``None`` counts as absent.

    The function raises:
        SerializationException: A value has another type than its member.
        ValidationException: One or more constraints are not satisfied; all are named.
    """
    check = _structure_check(members)

    def validate(request: Request) -> None:
        problems: list[str] = []
        check(request, "", problems)
        if problems:
            noun = "error" if len(problems) == 1 else "errors"
            raise ValidationException(
                f"{len(problems)} validation {noun} detected: {'; '.join(problems)}"
            )

    return validate


def _structure_check(members: tuple[Member, ...]) -> Check:
    checks = {
        member.name: (
            member,
            _TYPES[member.kind][0],
            _inner_check(member),
            lower_camel(member.name),
        )
        for member in members
    }
    required = tuple(member.name for member in members if member.required)

    def check(value: Any, path: str, problems: list[str]) -> None:
        prefix = f"{path}." if path else ""
        for name in required:
            if value.get(name) is None:
                problems.append(_missing(prefix + lower_camel(name)))  # noqa: PERF401 - rarely any
        for name, item in value.items():
            known = checks.get(name)
            if known is not None and item is not None:
                member, type_, inner, label = known
                if type(item) is not type_:
                    _require_type(member, item)
                inner(item, prefix + label, problems)

    return check


def _missing(path: str) -> str:
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def _check(member: Member) -> Check:
    inner = _inner_check(member)

    def check(value: Any, path: str, problems: list[str]) -> None:
        _require_type(member, value)
        inner(value, path, problems)

    return check


def _require_type(member: Member, value: Any) -> None:
    type_, noun = _TYPES[member.kind]
    if type(value) is not type_ and (not isinstance(value, type_) or isinstance(value, bool)):
        raise SerializationException(f"{member.name} must be {noun}, not {type(value).__name__}")


def _inner_check(member: Member) -> Check:
    makers: Mapping[Kind, Callable[[Member], Check]] = {
        Kind.TEXT: _text_check,
        Kind.BLOB: _sized_check,
        Kind.LIST: _sized_check,
        Kind.INTEGER: _number_check,
        Kind.TEXT_MAP: _map_check,
        Kind.STRUCTURE: lambda item: _structure_check(item.members),
        Kind.TIMESTAMP: _timestamp_check,
        Kind.BOOLEAN: lambda _item: _nothing,
    }
    return makers[member.kind](member)


def _nothing(_value: Any, _path: str, _problems: list[str]) -> None:
    return


def _problem(member: Member, value: Any, path: str, constraint: str) -> str:
    hidden = member.sensitive or member.kind is Kind.BLOB
    shown = "Value" if hidden else f"Value '{value}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _length_check(member: Member) -> Check:
    low = member.minimum or 0
    high = member.maximum

    def check(value: Any, path: str, problems: list[str]) -> None:
        size = len(value)
        if size < low:
            constraint = f"Member must have length greater than or equal to {low}"
            problems.append(_problem(member, value, path, constraint))
        elif high is not None and size > high:
            constraint = f"Member must have length less than or equal to {high}"
            problems.append(_problem(member, value, path, constraint))

    return check


def _text_check(member: Member) -> Check:
    length = _length_check(member)
    pattern = _pattern(member.pattern) if member.pattern else None
    allowed = frozenset(member.enum)

    def check(value: str, path: str, problems: list[str]) -> None:
        if allowed and value not in allowed:
            constraint = f"Member must satisfy enum value set: [{', '.join(member.enum)}]"
            problems.append(_problem(member, value, path, constraint))
            return
        length(value, path, problems)
        if pattern is not None and not pattern.fullmatch(value):
            constraint = f"Member must satisfy regular expression pattern: {member.pattern}"
            problems.append(_problem(member, value, path, constraint))
        if not value.isascii():
            _refuse_surrogates(member, value)

    return check


def _pattern(text: str) -> re.Pattern[str]:
    if "\\p{" not in text:
        return re.compile(text, re.ASCII)
    for java, python in _CLASSES.items():
        text = text.replace(java, python)
    return re.compile(text)


def _refuse_surrogates(member: Member, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise SerializationException(f"{member.name} is not valid Unicode") from None


def _sized_check(member: Member) -> Check:
    length = _length_check(member)
    if member.item is None:
        return length
    item = _check(member.item)
    high = member.maximum

    def check(value: Any, path: str, problems: list[str]) -> None:
        length(value, path, problems)
        if high is not None and len(value) > high:
            # Of a list that is too long nobody wants to read what else is wrong with each entry.
            return
        for position, entry in enumerate(value, start=1):
            item(entry, f"{path}.{position}.member", problems)

    return check


def _number_check(member: Member) -> Check:
    low, high = member.minimum, member.maximum

    def check(value: int, path: str, problems: list[str]) -> None:
        if low is not None and value < low:
            constraint = f"Member must have value greater than or equal to {low}"
            problems.append(_problem(member, value, path, constraint))
        elif high is not None and value > high:
            constraint = f"Member must have value less than or equal to {high}"
            problems.append(_problem(member, value, path, constraint))

    return check


def _map_check(member: Member) -> Check:
    def check(value: Mapping[Any, Any], _path: str, _problems: list[str]) -> None:
        for key, entry in value.items():
            if not isinstance(key, str) or not isinstance(entry, str):
                raise SerializationException(f"{member.name} must map strings to strings")
            _refuse_surrogates(member, key)
            _refuse_surrogates(member, entry)

    return check


def _timestamp_check(member: Member) -> Check:
    def check(value: datetime, _path: str, _problems: list[str]) -> None:
        if value.tzinfo is None:
            raise SerializationException(f"{member.name} must carry a time zone")

    return check
