"""A cluster's token file: its front panel, its crypto user's slot, and the keys in it.

``docs/format.md`` specifies it. The file may have been written by anyone: it is read strictly, the
root key opens with the crypto user's password only, and each key is bound to what it is for.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from kmstui.core.errors import KeystoreFormatError, KeystoreTamperedError, StrictJsonError
from kmstui.core.strictjson import dumps, loads
from kmstui.hsm.base import PASSPHRASE_SLOT, KdfProfile, UnlockSlot, WrappedDomainKey

CRYPTO_USER: Final = "kmsuser"
"""Who logs in to a cluster; AWS's name."""

TOKEN_BYTES: Final = 16 * 1024 * 1024
"""Longest token file; some forty thousand keys."""

_FORMAT: Final = 1


class ClusterState(StrEnum):
    """What a cluster's front panel says; AWS CloudHSM's words, and one for a pulled cable."""

    ACTIVE = "ACTIVE"
    INITIALIZED = "INITIALIZED"
    DETACHED = "DETACHED"


class CryptoUserState(StrEnum):
    """How the crypto user's account stands."""

    READY = "READY"
    LOGGED_IN = "LOGGED_IN"
    LOCKED_OUT = "LOCKED_OUT"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class ClusterToken:
    """Everything that a token file holds.

    Attributes:
        cluster_id: ``cluster-`` and 11 characters; also the file's name.
        account: Whose cluster it is.
        region: Where it is.
        serial: What everything sealed in it is bound to; copies of a cluster share it.
        certificate: Its trust anchor, PEM; copies share it too.
        hsms: How many HSMs it has.
        state: What its front panel says.
        user: How its crypto user's account stands.
        failures: Wrong passwords in a row.
        created: When it was made.
        test_profile: Whether the cheapest key derivation is accepted.
        slot: The root key under the crypto user's password.
        domain_keys: The token's domain keys.
        objects: Exported key tokens by label.
    """

    cluster_id: str
    account: str
    region: str
    serial: str
    certificate: str
    hsms: int
    state: ClusterState
    user: CryptoUserState
    failures: int
    created: datetime
    test_profile: bool
    slot: UnlockSlot
    domain_keys: tuple[WrappedDomainKey, ...]
    objects: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def encode(self) -> bytes:
        """Return the file's bytes."""
        profile = self.slot.profile
        return dumps(
            {
                "format": _FORMAT,
                "cluster_id": self.cluster_id,
                "account": self.account,
                "region": self.region,
                "serial": self.serial,
                "certificate": self.certificate,
                "hsms": self.hsms,
                "state": str(self.state),
                "user": str(self.user),
                "failures": self.failures,
                "created": self.created.isoformat(),
                "test_profile": self.test_profile,
                "slot": {
                    "slot_id": self.slot.slot_id,
                    "profile": [
                        profile.name,
                        profile.memory_kib,
                        profile.iterations,
                        profile.lanes,
                    ],
                    "salt": _text(self.slot.salt),
                    "sealed_root": _text(self.slot.sealed_root),
                    "created": self.slot.created.isoformat(),
                },
                "domain_keys": [[key.term, _text(key.token)] for key in self.domain_keys],
                "objects": {label: _text(token) for label, token in self.objects.items()},
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> ClusterToken:
        """Return what a token file holds; nothing in it is authenticated yet.

        Raises:
            KeystoreFormatError: It is of an unknown version.
            KeystoreTamperedError: It is not a token file.
        """
        try:
            found: Any = loads(data, max_bytes=TOKEN_BYTES)
            if found["format"] != _FORMAT:
                raise KeystoreFormatError("the cluster's token file is of an unknown version")
            return cls._read(found)
        except (StrictJsonError, LookupError, TypeError, ValueError) as error:
            raise KeystoreTamperedError("the cluster's token file is damaged") from error

    @classmethod
    def _read(cls, found: Any) -> ClusterToken:
        slot = found["slot"]
        name, memory, iterations, lanes = slot["profile"]
        return cls(
            cluster_id=str(found["cluster_id"]),
            account=str(found["account"]),
            region=str(found["region"]),
            serial=str(found["serial"]),
            certificate=str(found["certificate"]),
            hsms=int(found["hsms"]),
            state=ClusterState(found["state"]),
            user=CryptoUserState(found["user"]),
            failures=int(found["failures"]),
            created=datetime.fromisoformat(found["created"]),
            test_profile=found["test_profile"] is True,
            slot=UnlockSlot(
                slot_id=str(slot["slot_id"]),
                kind=PASSPHRASE_SLOT,
                principal=CRYPTO_USER,
                profile=KdfProfile(str(name), memory, iterations, lanes),
                salt=b64decode(slot["salt"], validate=True),
                sealed_root=b64decode(slot["sealed_root"], validate=True),
                created=datetime.fromisoformat(slot["created"]),
            ),
            domain_keys=tuple(
                WrappedDomainKey(int(term), b64decode(token, validate=True))
                for term, token in found["domain_keys"]
            ),
            objects={
                str(label): b64decode(token, validate=True)
                for label, token in found["objects"].items()
            },
        )


def _text(data: bytes) -> str:
    return b64encode(data).decode()
