"""Records of identity and access as the JSON documents that are sealed, and back.

A document has every member of its record under the record's own name. What JSON does not have is
given a shape here; every other member is a text, a number, a truth value or null as it stands.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from kmstui.keystore.codec import Fields
from kmstui.keystore.principals import (
    AccessKeyRecord,
    AccountRecord,
    DepartedRecord,
    GrantRecord,
    GroupRecord,
    ManagedPolicyRecord,
    MfaDeviceRecord,
    PolicyText,
    PolicyVersion,
    RecoveryCodesRecord,
    RoleRecord,
    UserRecord,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    _Bound = DataclassInstance
else:
    _Bound = object

_Record = TypeVar("_Record", bound=_Bound)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a member that JSON does not have is written and read."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


class Codec(Generic[_Record]):
    """The document of one kind of record, and the record of its document.

    Args:
        kind: The record's class.
        shapes: The members that are not JSON values as they stand.
    """

    def __init__(self, kind: type[_Record], **shapes: Shape) -> None:
        self._kind = kind
        self._members = tuple((field.name, shapes.get(field.name)) for field in fields(kind))

    def fields(self, record: _Record) -> Fields:
        """Return the document of a record."""
        return {
            name: getattr(record, name) if shape is None else shape.write(getattr(record, name))
            for name, shape in self._members
        }

    def record(self, fields: Mapping[str, Any], _row_id: str = "") -> _Record:
        """Return the record of a document."""
        return self._kind(
            **{
                name: fields[name] if shape is None else shape.read(fields[name])
                for name, shape in self._members
            }
        )


def _each(codec: Codec[Any]) -> Shape:
    return Shape(
        lambda records: [codec.fields(record) for record in records],
        lambda documents: tuple(codec.record(document) for document in documents),
    )


def _optional(shape: Shape) -> Shape:
    return Shape(
        lambda value: None if value is None else shape.write(value),
        lambda value: None if value is None else shape.read(value),
    )


_BYTES: Final = Shape(lambda data: b64encode(data).decode(), b64decode)
_TEXTS: Final = Shape(list, tuple)
_PAIRS: Final = Shape(
    lambda pairs: [list(pair) for pair in pairs],
    lambda pairs: tuple((key, value) for key, value in pairs),
)
_MOMENT: Final = Shape(datetime.isoformat, datetime.fromisoformat)
_HASHES: Final = Shape(
    lambda hashes: [_BYTES.write(each) for each in hashes],
    lambda texts: tuple(_BYTES.read(text) for text in texts),
)
_POLICIES: Final = _each(Codec(PolicyText))

ACCOUNT: Final = Codec(AccountRecord, created=_MOMENT, scps=_POLICIES)
USER: Final = Codec(
    UserRecord,
    created=_MOMENT,
    inline=_POLICIES,
    attached=_TEXTS,
    groups=_TEXTS,
    tags=_PAIRS,
)
GROUP: Final = Codec(GroupRecord, created=_MOMENT, inline=_POLICIES, attached=_TEXTS)
ROLE: Final = Codec(RoleRecord, created=_MOMENT, inline=_POLICIES, attached=_TEXTS, tags=_PAIRS)
MANAGED_POLICY: Final = Codec(
    ManagedPolicyRecord,
    created=_MOMENT,
    updated=_MOMENT,
    versions=_each(Codec(PolicyVersion, created=_MOMENT)),
    tags=_PAIRS,
)
ACCESS_KEY: Final = Codec(
    AccessKeyRecord, token=_BYTES, created=_MOMENT, last_used=_optional(_MOMENT)
)
MFA_DEVICE: Final = Codec(
    MfaDeviceRecord,
    token=_BYTES,
    created=_MOMENT,
    enabled=_optional(_MOMENT),
    locked_until=_optional(_MOMENT),
    tags=_PAIRS,
)
RECOVERY_CODES: Final = Codec(RecoveryCodesRecord, hashes=_HASHES, created=_MOMENT)
DEPARTED: Final = Codec(DepartedRecord, deleted=_MOMENT)
GRANT: Final = Codec(
    GrantRecord,
    created=_MOMENT,
    operations=_TEXTS,
    equals=_optional(_PAIRS),
    subset=_optional(_PAIRS),
)
