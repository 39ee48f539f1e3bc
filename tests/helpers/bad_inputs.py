"""Bad requests made from an operation's spec, each with the code that AWS answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kmstui.core.spec import Kind, Member, Needs, OperationSpec, ResourceKind
from kmstui.core.validation import lower_camel
from tests.helpers.engines import (
    OTHER_ACCOUNT,
    OTHER_REGION,
    UNKNOWN_KEY,
    alias_arn_of,
    arn_of,
)

VALIDATION = "ValidationException"
SERIALIZATION = "SerializationException"
NOT_FOUND = "NotFoundException"
DENIED = "AccessDeniedException"
MARKER = "InvalidMarkerException"

_WRONG_TYPES: dict[Kind, tuple[Any, ...]] = {
    Kind.TEXT: (5, True, 1.5, b"bytes", ["list"], {"a": "map"}, object()),
    Kind.BLOB: ("text", 5, bytearray(b"x"), ["list"]),
    Kind.INTEGER: ("5", True, 1.5, b"5", [5]),
    Kind.BOOLEAN: ("true", 1, 0, b"", []),
    Kind.TIMESTAMP: ("2026", 5),
    Kind.TEXT_MAP: ("a=b", ["a"], {"a": 1}, {1: "a"}, {"a": None}, {"a": b"x"}, {"a": {"b": "c"}}),
    Kind.LIST: ("a", {"a": "b"}, 5, b"x"),
    Kind.STRUCTURE: ("a", ["a"], 5),
}
_LONG = 300_000


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad request.

    Attributes:
        label: What is bad about it.
        changes: Members to set; ``DROP`` removes one.
        code: The code that the call is refused with.
        text: Part of the message; empty for any.
    """

    label: str
    changes: dict[str, Any]
    code: str
    text: str = ""


DROP = object()


def apply(request: dict[str, Any], bad: Bad) -> dict[str, Any]:
    """Return a request with the changes of a bad one."""
    merged = request | bad.changes
    return {name: value for name, value in merged.items() if value is not DROP}


def bad_requests(spec: OperationSpec) -> Iterator[Bad]:
    """Yield bad requests for an operation."""
    for member in spec.members:
        yield from _absent(member)
        yield from _mistyped(member)
        yield from _bounds(member)
        yield from _texts(member)
        if member.item is not None:
            yield from _items(member, member.item)
        if member.name == "Marker":
            yield from _markers()
    for needs in spec.needs:
        if needs.resource is ResourceKind.KEY and needs.member:
            yield from _identifiers(needs)
    yield from _several(spec)


def _at(member: Member, constraint: str) -> str:
    return f"at '{lower_camel(member.name)}' failed to satisfy constraint: {constraint}"


def _absent(member: Member) -> Iterator[Bad]:
    if member.required:
        text = f"Value null {_at(member, 'Member must not be null')}"
        yield Bad(f"{member.name} missing", {member.name: DROP}, VALIDATION, text)
        yield Bad(f"{member.name} null", {member.name: None}, VALIDATION, text)


def _mistyped(member: Member) -> Iterator[Bad]:
    for number, value in enumerate(_WRONG_TYPES[member.kind], start=1):
        label = f"{member.name} wrong type {number} {type(value).__name__}"
        yield Bad(label, {member.name: value}, SERIALIZATION, member.name)


def _sized(member: Member, size: int) -> Any:
    if member.kind is Kind.TEXT:
        return "a" * size
    if member.kind is Kind.BLOB:
        return bytes(size)
    if member.kind is Kind.INTEGER:
        return size
    item = member.item
    assert item is not None
    if item.members:
        return [{inner.name: "a" for inner in item.members}] * size
    return [item.enum[0] if item.enum else "a"] * size


def _bounds(member: Member) -> Iterator[Bad]:
    what = "value" if member.kind is Kind.INTEGER else "length"
    low, high = member.minimum, member.maximum
    if low is not None and (low > 0 or member.kind is Kind.INTEGER):
        text = _at(member, f"Member must have {what} greater than or equal to {low}")
        yield Bad(f"{member.name} min-1", {member.name: _sized(member, low - 1)}, VALIDATION, text)
    if high is not None:
        text = _at(member, f"Member must have {what} less than or equal to {high}")
        yield Bad(
            f"{member.name} max+1", {member.name: _sized(member, high + 1)}, VALIDATION, text
        )
        huge = 2**80 if member.kind is Kind.INTEGER else _LONG
        yield Bad(f"{member.name} huge", {member.name: _sized(member, huge)}, VALIDATION, text)
    if member.kind is Kind.INTEGER:
        yield Bad(f"{member.name} negative", {member.name: -(2**70)}, VALIDATION)


def _texts(member: Member) -> Iterator[Bad]:
    if member.kind is Kind.TEXT_MAP:
        yield Bad(f"{member.name} surrogate", {member.name: {"a": "\ud800"}}, SERIALIZATION)
        yield Bad(f"{member.name} surrogate key", {member.name: {"\udfff": "a"}}, SERIALIZATION)
    if member.kind is not Kind.TEXT:
        return
    if member.enum:
        text = _at(member, "Member must satisfy enum value set: [")
        for value in ("nonsense", member.enum[0].lower(), f"{member.enum[0]} ", "", "\u202e"):
            yield Bad(f"{member.name} enum {value!r}", {member.name: value}, VALIDATION, text)
        return
    yield Bad(f"{member.name} surrogate", {member.name: "a\ud800"}, SERIALIZATION)
    if member.pattern and member.name != "Marker":
        text = f"Member must satisfy regular expression pattern: {member.pattern}"
        for value in ("é\u0100", "a\x00b", "a\x1b[31m", "a\u2028"):
            changes = {member.name: value}
            yield Bad(f"{member.name} pattern {value!r}", changes, VALIDATION, text)


def _items(member: Member, item: Member) -> Iterator[Bad]:
    entries: list[Any] = [5, None, b"x", ["a"]]
    for entry in entries:
        label = f"{member.name} item {entry!r}"
        yield Bad(label, {member.name: [entry]}, SERIALIZATION)
    if item.kind is Kind.TEXT and item.enum:
        yield Bad(f"{member.name} item enum", {member.name: ["nonsense"]}, VALIDATION)
    for inner in item.members:
        sound = {each.name: "a" for each in item.members}
        path = f"{lower_camel(member.name)}.1.member.{lower_camel(inner.name)}"
        text = f"Value null at '{path}' failed to satisfy constraint: Member must not be null"
        changes = {member.name: [{k: v for k, v in sound.items() if k != inner.name}]}
        yield Bad(f"{member.name} without {inner.name}", changes, VALIDATION, text)
        long = {member.name: [sound | {inner.name: "a" * ((inner.maximum or 0) + 1)}]}
        text = f"at '{path}' failed to satisfy constraint: Member must have length less than"
        yield Bad(f"{member.name} long {inner.name}", long, VALIDATION, text)
        foreign = {member.name: [sound | {inner.name: b"x"}]}
        yield Bad(f"{member.name} bytes {inner.name}", foreign, SERIALIZATION)


def _markers() -> Iterator[Bad]:
    for value in ("nonsense", "AAAA", "=", "a" * 300, "é", "A" * 44):
        yield Bad(f"Marker {value[:10]!r}", {"Marker": value}, MARKER, "The marker is not valid.")
    yield Bad("Marker pattern", {"Marker": "\u0100"}, VALIDATION)


def _identifiers(needs: Needs) -> Iterator[Bad]:
    name = needs.member
    spellings = (
        "nonsense",
        UNKNOWN_KEY.upper().replace("0", "A"),
        "arn:",
        f"arn:aws:s3:us-east-1:{OTHER_ACCOUNT}:key/{UNKNOWN_KEY}",
        f"{arn_of(UNKNOWN_KEY)}/more",
        arn_of("nonsense"),
        f" {UNKNOWN_KEY}",
        f"{UNKNOWN_KEY}\n",
        "\u202e",
    )
    for text in spellings:
        yield Bad(f"{name} {text!r}", {name: text}, NOT_FOUND, f"Invalid keyId '{text}'")
    missing = f"Key '{arn_of(UNKNOWN_KEY)}' does not exist"
    yield Bad(f"{name} unknown id", {name: UNKNOWN_KEY}, NOT_FOUND, missing)
    yield Bad(f"{name} unknown ARN", {name: arn_of(UNKNOWN_KEY)}, NOT_FOUND, missing)
    region = arn_of(UNKNOWN_KEY, region=OTHER_REGION)
    yield Bad(f"{name} other Region", {name: region}, NOT_FOUND, f"Invalid arn {OTHER_REGION}")
    foreign = arn_of(UNKNOWN_KEY, account=OTHER_ACCOUNT)
    hidden = f"perform: {needs.action.partition(':')[0]}:"
    yield Bad(f"{name} other account", {name: foreign}, DENIED, hidden)
    if needs.aliases:
        text = f"Alias {alias_arn_of('alias/nope')} is not found."
        yield Bad(f"{name} unknown alias", {name: "alias/nope"}, NOT_FOUND, text)
        long = "alias/" + "a" * 2042
        yield Bad(f"{name} long alias", {name: long}, NOT_FOUND)
        there = alias_arn_of("alias/it", account=OTHER_ACCOUNT)
        yield Bad(f"{name} foreign alias", {name: there}, DENIED)
    else:
        code = VALIDATION if name == "TargetKeyId" else NOT_FOUND
        yield Bad(f"{name} alias", {name: "alias/it"}, code)
        yield Bad(f"{name} alias ARN", {name: alias_arn_of("alias/it")}, code)


def _several(spec: OperationSpec) -> Iterator[Bad]:
    """Yield a request with every required member missing: all are named in one answer."""
    required = [member.name for member in spec.members if member.required]
    if len(required) > 1:
        changes = dict.fromkeys(required, DROP)
        text = f"{len(required)} validation errors detected: "
        yield Bad("nothing", changes, VALIDATION, text)
