"""The header: what must be readable before any slot is opened.

It is strict JSON with sorted keys, so that one header has one text. Its MAC is checked as soon as
a slot is open, and its digest stands in the sealed head, so an older header of the same keystore
does not pass either.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar, cast

from kmstui.core.canonical import encode
from kmstui.core.errors import KeystoreFormatError, KeystoreTamperedError, StrictJsonError
from kmstui.core.strictjson import JsonValue, dumps, loads
from kmstui.hsm.base import KdfProfile, UnlockSlot, WrappedDomainKey

_T = TypeVar("_T")

FORMAT_VERSION = 3
"""The format this version of kmstui writes."""

HEADER_BYTES = 256 * 1024
"""Longest header that is read."""


@dataclass(frozen=True, slots=True)
class KeystoreHeader:
    """What a keystore says before it is unlocked; authentic only afterwards.

    Args:
        format_version: Version of the on-disk format.
        store_id: The keystore's own id.
        test_profile: Whether the cheap key-derivation profile is accepted.
        slots: The ways to open it.
        domain_keys: Domain keys, wrapped by the root key.
        created: When it was created, account time.
    """

    format_version: int
    store_id: str
    test_profile: bool
    slots: tuple[UnlockSlot, ...]
    domain_keys: tuple[WrappedDomainKey, ...]
    created: datetime

    def slot(self, slot_id: str) -> UnlockSlot | None:
        """Return the slot of that id, if there is one."""
        return next((slot for slot in self.slots if slot.slot_id == slot_id), None)

    def encode(self) -> bytes:
        """Return the header's text as it is stored."""
        return dumps(
            {
                "format": self.format_version,
                "store_id": self.store_id,
                "test_profile": self.test_profile,
                "created": self.created.isoformat(),
                "slots": [_slot_json(slot) for slot in self.slots],
                "domain_keys": [
                    {"term": key.term, "token": b64encode(key.token).decode()}
                    for key in self.domain_keys
                ],
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> KeystoreHeader:
        """Return the header of a stored text.

        Raises:
            KeystoreFormatError: Its version is not one that is known here.
            KeystoreTamperedError: It is not the one text of a header.
        """
        try:
            value = loads(data, max_bytes=HEADER_BYTES)
            fields = cast("Mapping[str, Any]", value)
            version = fields["format"]
            if type(version) is int and version > FORMAT_VERSION:
                raise KeystoreFormatError(
                    f"the keystore has format version {version}; this kmstui knows up to "
                    f"{FORMAT_VERSION}"
                )
            header = _header(fields)
            if header.encode() != data:
                raise KeystoreTamperedError("the keystore's header is not in canonical form")
        except (StrictJsonError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise KeystoreTamperedError("the keystore's header is damaged") from error
        return header

    def digest(self) -> bytes:
        """Return the SHA-256 of the header's text."""
        return sha256(self.encode()).digest()

    def authenticated(self) -> bytes:
        """Return what the header's MAC covers."""
        return encode("header", self.encode())


def _slot_json(slot: UnlockSlot) -> JsonValue:
    return {
        "slot_id": slot.slot_id,
        "kind": slot.kind,
        "principal": slot.principal,
        "profile": {
            "name": slot.profile.name,
            "memory_kib": slot.profile.memory_kib,
            "iterations": slot.profile.iterations,
            "lanes": slot.profile.lanes,
        },
        "salt": b64encode(slot.salt).decode(),
        "sealed_root": b64encode(slot.sealed_root).decode(),
        "created": slot.created.isoformat(),
    }


def _header(fields: Mapping[str, Any]) -> KeystoreHeader:
    return KeystoreHeader(
        format_version=_typed(fields["format"], int),
        store_id=_typed(fields["store_id"], str),
        test_profile=_typed(fields["test_profile"], bool),
        slots=tuple(_slot(slot) for slot in _typed(fields["slots"], list)),
        domain_keys=tuple(
            WrappedDomainKey(_typed(key["term"], int), _bytes(key["token"]))
            for key in _typed(fields["domain_keys"], list)
        ),
        created=datetime.fromisoformat(_typed(fields["created"], str)),
    )


def _slot(fields: Mapping[str, Any]) -> UnlockSlot:
    profile = fields["profile"]
    return UnlockSlot(
        slot_id=_typed(fields["slot_id"], str),
        kind=_typed(fields["kind"], str),
        principal=_typed(fields["principal"], str),
        profile=KdfProfile(
            name=_typed(profile["name"], str),
            memory_kib=_typed(profile["memory_kib"], int),
            iterations=_typed(profile["iterations"], int),
            lanes=_typed(profile["lanes"], int),
        ),
        salt=_bytes(fields["salt"]),
        sealed_root=_bytes(fields["sealed_root"]),
        created=datetime.fromisoformat(_typed(fields["created"], str)),
    )


def _typed(value: object, kind: type[_T]) -> _T:
    # A boolean is an int to isinstance; a header that says true for a number is not one of ours.
    if type(value) is not kind:
        message = f"expected {kind.__name__}"
        raise TypeError(message)
    return value


def _bytes(value: object) -> bytes:
    return b64decode(_typed(value, str), validate=True)
