"""External key managers: somebody else's keys, and how their proxy answers. Values only.

A key manager stands for an external key manager with the proxy before it; ``docs/format.md``
specifies its file. This module imports no cryptographic library.
"""

from __future__ import annotations

import os
import re
from base64 import b32encode, b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from kmstui.core.secret import Secret
from kmstui.core.strictjson import dumps, loads

DOMAIN: Final = ".localhost"
"""What the host of every key manager ends with; nothing listens there."""

DEFAULT_PATH: Final = "/kms/xks/v1"
"""Where a proxy answers unless it is told otherwise."""

MANAGER_BYTES: Final = 16 * 1024 * 1024
"""Longest file of a key manager."""

_NAME: Final = re.compile("[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
_ACCESS_KEY_BYTES: Final = 13
_ACCESS_KEY_CHARACTERS: Final = 20
_SECRET_BYTES: Final = 36
_KEY_BYTES: Final = 32


def is_manager_name(text: str) -> bool:
    """Tell whether a key manager may have that name: a label of a host, in lower case."""
    return _NAME.fullmatch(text) is not None


def manager_name(endpoint: str) -> str:
    """Return the name of the key manager at an endpoint; empty if there can be none."""
    host = endpoint.removeprefix("https://")
    name = host.removesuffix(DOMAIN)
    return name if host != name and is_manager_name(name) else ""


class Condition(StrEnum):
    """How a key manager's proxy answers."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    SLOW = "SLOW"
    GARBLED = "GARBLED"
    REFUSING = "REFUSING"


@dataclass(frozen=True, slots=True)
class ExternalKey:
    """An AES-256 key of a key manager.

    Attributes:
        key_id: AWS's XksKeyId.
        material: Its 32 bytes.
        enabled: Whether it may be used.
    """

    key_id: str
    material: bytes = field(repr=False)
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Credential:
    """What a proxy knows its client by.

    Attributes:
        access_key_id: AWS's AccessKeyId.
        secret: AWS's RawSecretAccessKey.
    """

    access_key_id: str
    secret: Secret = field(repr=False)

    @classmethod
    def fresh(cls) -> Credential:
        """Return a new random credential."""
        name = b32encode(os.urandom(_ACCESS_KEY_BYTES)).decode()[:_ACCESS_KEY_CHARACTERS]
        return cls(name, Secret(b64encode(os.urandom(_SECRET_BYTES))))

    def encode(self) -> bytes:
        """Return the bytes that are sealed where a credential is kept."""
        return dumps([self.access_key_id, self.secret.reveal().decode()])

    @classmethod
    def decode(cls, data: bytes) -> Credential:
        """Return what :meth:`encode` wrote."""
        found: Any = loads(data)
        name, text = found
        return cls(str(name), Secret(str(text).encode()))


@dataclass(frozen=True, slots=True)
class KeyManager:
    """Everything that a key manager's file holds.

    Attributes:
        name: Lower-case letters, digits, hyphens; its host and its file are named after it.
        account: Whose it is.
        region: The Region that it serves.
        path: Where its proxy answers.
        service: Name of the VPC endpoint service that leads to it; empty for none.
        credential: What its proxy accepts.
        condition: How its proxy answers.
        keys: Its keys by id.
    """

    name: str
    account: str
    region: str
    path: str
    service: str
    credential: Credential
    condition: Condition = Condition.ONLINE
    keys: Mapping[str, ExternalKey] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """AWS's XksProxyUriEndpoint; nothing listens there."""
        return f"https://{self.name}{DOMAIN}"

    def with_key(self, key_id: str) -> KeyManager:
        """Return it with one more random key."""
        made = ExternalKey(key_id, os.urandom(_KEY_BYTES))
        return replace(self, keys={**self.keys, key_id: made})

    def with_switch(self, key_id: str, *, enabled: bool) -> KeyManager:
        """Return it with a key enabled or disabled."""
        changed = replace(self.keys[key_id], enabled=enabled)
        return replace(self, keys={**self.keys, key_id: changed})

    def without_key(self, key_id: str) -> KeyManager:
        """Return it without a key."""
        return replace(self, keys={name: key for name, key in self.keys.items() if name != key_id})


def encode_manager(manager: KeyManager) -> bytes:
    """Return the bytes that are sealed in a key manager's file."""
    return dumps(
        {
            "name": manager.name,
            "account": manager.account,
            "region": manager.region,
            "path": manager.path,
            "service": manager.service,
            "access_key_id": manager.credential.access_key_id,
            "secret": manager.credential.secret.reveal().decode(),
            "condition": str(manager.condition),
            "keys": {
                key.key_id: [b64encode(key.material).decode(), key.enabled]
                for key in manager.keys.values()
            },
        }
    )


def decode_manager(data: bytes) -> KeyManager:
    """Return the key manager that :func:`encode_manager` wrote."""
    found: Any = loads(data, max_bytes=MANAGER_BYTES)
    return KeyManager(
        name=str(found["name"]),
        account=str(found["account"]),
        region=str(found["region"]),
        path=str(found["path"]),
        service=str(found["service"]),
        credential=Credential(str(found["access_key_id"]), Secret(found["secret"].encode())),
        condition=Condition(found["condition"]),
        keys={
            key_id: ExternalKey(key_id, b64decode(material), enabled is True)
            for key_id, (material, enabled) in found["keys"].items()
        },
    )
