"""External key managers: somebody else's keys, in files of their own that can be taken offline.

A key manager stands for an external key manager with the proxy before it. It answers the proxy's
four functions (AWS KMS External Keystore Proxy API: GetHealthStatus, GetKeyMetadata, Encrypt,
Decrypt) inside this process; no connection is ever opened. Its file is sealed by the keystore's
HSM, so that no external key lies in the open.
"""

from __future__ import annotations

import os
import re
from base64 import b32encode, b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from kmstui.core.canonical import encode
from kmstui.core.disk import HOST_DISK, Disk
from kmstui.core.errors import KeystoreTamperedError, StrictJsonError
from kmstui.core.files import Directory
from kmstui.core.secret import Secret
from kmstui.core.store_errors import DeviceError
from kmstui.core.strictjson import dumps, loads
from kmstui.hsm import primitives
from kmstui.hsm.base import Hsm, Purpose

MANAGERS: Final = "key-managers"
"""Directory of the key managers' files, in the keystore's."""

SUFFIX: Final = ".json"

DEFAULT_PATH: Final = "/kms/xks/v1"
"""Where a proxy answers unless it is told otherwise."""

MANAGER_BYTES: Final = 16 * 1024 * 1024
"""Longest file of a key manager."""

OVERHEAD_BYTES: Final = primitives.GCM_IV_BYTES + primitives.GCM_TAG_BYTES
"""By how much what an external key encrypts grows."""

_DOMAIN: Final = ".localhost"
_NAME: Final = re.compile("[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
_FORMAT: Final = 1
_ACCESS_KEY_BYTES: Final = 13
_ACCESS_KEY_CHARACTERS: Final = 20
_SECRET_BYTES: Final = 36
_KEY_BYTES: Final = 32


def is_manager_name(text: str) -> bool:
    """Tell whether a key manager may have that name: a label of a host, in lower case."""
    return _NAME.fullmatch(text) is not None


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
        return f"https://{self.name}{_DOMAIN}"

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


class KeyManagers:
    """The key managers of a keystore.

    Args:
        keystore: The keystore's directory.
        hsm: What seals their files.
        disk: The system calls.
    """

    def __init__(self, keystore: Path, hsm: Hsm, disk: Disk = HOST_DISK) -> None:
        self._path = keystore / MANAGERS
        self._hsm = hsm
        self._disk = disk

    def names(self) -> list[str]:
        """Return the name of every key manager whose file is there, sorted."""
        try:
            with Directory.open(self._path, disk=self._disk) as directory:
                return [
                    name.removesuffix(SUFFIX)
                    for name in directory.names()
                    if name.endswith(SUFFIX)
                ]
        except FileNotFoundError:
            return []

    def find(self, name: str) -> KeyManager | None:
        """Return a key manager, if its file is there.

        Raises:
            UnsafePathError: It is a link, not a regular file or not ours.
            UnsafePermissionsError: Others can reach it.
            KeystoreTamperedError: It is not what was written.
        """
        try:
            with Directory.open(self._path, disk=self._disk) as directory:
                data = directory.read(name + SUFFIX, MANAGER_BYTES)
        except FileNotFoundError:
            return None
        try:
            outer: Any = loads(data, max_bytes=MANAGER_BYTES)
            sealed = b64decode(outer["sealed"], validate=True)
            opened = self._hsm.unseal(Purpose.KEY_STORE, sealed, _aad(name))
            return _decoded(loads(opened, max_bytes=MANAGER_BYTES))
        except (StrictJsonError, LookupError, TypeError, ValueError) as error:
            raise KeystoreTamperedError("the key manager's file is damaged") from error

    def every(self, account: str, region: str) -> list[KeyManager]:
        """Return the key managers of an account and Region, by name."""
        found = [self.find(name) for name in self.names()]
        return [
            manager
            for manager in found
            if manager is not None and (manager.account, manager.region) == (account, region)
        ]

    def store(self, manager: KeyManager) -> None:
        """Write a key manager's file, durably and in one step."""
        sealed = self._hsm.seal(Purpose.KEY_STORE, _encoded(manager), _aad(manager.name))
        data = dumps({"format": _FORMAT, "sealed": b64encode(sealed).decode()})
        with Directory.create(self._path, disk=self._disk) as directory:
            directory.replace(manager.name + SUFFIX, data)

    def answering(self, endpoint: str, path: str) -> KeyManager:
        """Return the key manager that answers at an address.

        Raises:
            DeviceError: None does, or it does not answer as it should.
        """
        host = endpoint.removeprefix("https://")
        name = host.removesuffix(_DOMAIN)
        found = self.find(name) if host != name and is_manager_name(name) else None
        if found is None or found.path != path or found.condition is Condition.OFFLINE:
            raise DeviceError(
                f"The external key store proxy at {endpoint}{path} cannot be reached.",
                "XKS_PROXY_NOT_REACHABLE",
            )
        if found.condition is not Condition.ONLINE:
            raise DeviceError(*_FAULTS[found.condition])
        return found


class Proxy:
    """The client of a key manager's proxy: each call is answered by what its file holds then.

    Args:
        managers: The key managers.
        endpoint: AWS's XksProxyUriEndpoint.
        path: AWS's XksProxyUriPath.
        credential: What the client says it is.
    """

    def __init__(
        self, managers: KeyManagers, endpoint: str, path: str, credential: Credential
    ) -> None:
        self._managers = managers
        self._endpoint = endpoint
        self._path = path
        self._credential = credential

    def health(self) -> None:
        """Return if the proxy answers and accepts the credential.

        Raises:
            DeviceError: It does not.
        """
        self._reach()

    def key_enabled(self, key_id: str) -> bool | None:
        """Return whether an external key is enabled; None if there is none of that id.

        Raises:
            DeviceError: As :meth:`health`.
        """
        key = self._reach().keys.get(key_id)
        return None if key is None else key.enabled

    def encrypt(self, key_id: str, plaintext: bytes, aad: bytes) -> bytes:
        """Return ``IV 12 || ciphertext || tag 16`` under an external key.

        Raises:
            DeviceError: As :meth:`health`; or the key is gone or disabled.
        """
        key = primitives.gcm_key(self._key(key_id).material)
        iv = os.urandom(primitives.GCM_IV_BYTES)
        return iv + primitives.gcm_encrypt(key, iv, plaintext, aad)

    def decrypt(self, key_id: str, sealed: bytes, aad: bytes) -> bytes:
        """Return what :meth:`encrypt` encrypted.

        Raises:
            DeviceError: As :meth:`encrypt`; or it is not what was encrypted.
        """
        key = primitives.gcm_key(self._key(key_id).material)
        iv, body = sealed[: primitives.GCM_IV_BYTES], sealed[primitives.GCM_IV_BYTES :]
        opened = primitives.gcm_decrypt(key, iv, body, aad) if body else None
        if opened is None:
            raise DeviceError(
                "The external key store proxy rejected the request because the ciphertext or the "
                "additional authenticated data is corrupted, missing, or otherwise invalid.",
                "XKS_PROXY_INVALID_RESPONSE",
            )
        return opened

    def _key(self, key_id: str) -> ExternalKey:
        key = self._reach().keys.get(key_id)
        if key is None:
            raise DeviceError(
                f"The external key store proxy has no key {key_id}.", "XKS_PROXY_INVALID_RESPONSE"
            )
        if not key.enabled:
            raise DeviceError(
                f"The external key {key_id} is disabled in its key manager.",
                "XKS_PROXY_ACCESS_DENIED",
            )
        return key

    def _reach(self) -> KeyManager:
        manager = self._managers.answering(self._endpoint, self._path)
        accepted, given = manager.credential, self._credential
        if not primitives.same_bytes(accepted.encode(), given.encode()):
            raise DeviceError(
                "The external key store proxy does not accept the credential.",
                "INVALID_CREDENTIALS",
            )
        return manager


_FAULTS: Final = {
    Condition.SLOW: (
        "The external key store proxy did not answer within 250 ms.",
        "XKS_PROXY_TIMED_OUT",
    ),
    Condition.GARBLED: (
        "The answer of the external key store proxy cannot be understood.",
        "XKS_PROXY_INVALID_RESPONSE",
    ),
    Condition.REFUSING: (
        "The external key store proxy denied access to its key manager.",
        "XKS_PROXY_ACCESS_DENIED",
    ),
}


def _aad(name: str) -> bytes:
    return encode("key-manager", name)


def _encoded(manager: KeyManager) -> bytes:
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


def _decoded(found: Any) -> KeyManager:
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
