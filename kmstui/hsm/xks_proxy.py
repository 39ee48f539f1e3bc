"""The proxies of external key managers, answered inside this process.

A proxy has four functions (AWS KMS External Keystore Proxy API: GetHealthStatus, GetKeyMetadata,
Encrypt, Decrypt). No connection is ever opened: an address leads to a key manager's file, which
is sealed by the keystore's HSM, so that no external key lies in the open.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, Final

from kmstui.core.canonical import encode
from kmstui.core.disk import HOST_DISK, Disk
from kmstui.core.errors import KeystoreTamperedError, StrictJsonError
from kmstui.core.files import Directory
from kmstui.core.store_errors import DeviceError
from kmstui.core.strictjson import dumps, loads
from kmstui.hsm import primitives
from kmstui.hsm.base import Hsm, Purpose
from kmstui.hsm.key_manager import (
    MANAGER_BYTES,
    Condition,
    Credential,
    ExternalKey,
    KeyManager,
    decode_manager,
    encode_manager,
    manager_name,
)

MANAGERS: Final = "key-managers"
"""Directory of the key managers' files, in the keystore's."""

SUFFIX: Final = ".json"

OVERHEAD_BYTES: Final = primitives.GCM_IV_BYTES + primitives.GCM_TAG_BYTES
"""By how much what an external key encrypts grows."""

_FORMAT: Final = 1


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
        self._read: dict[str, tuple[tuple[int, ...], KeyManager]] = {}

    def lock(self) -> None:
        """Drop every external key that is held."""
        self._read.clear()

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
                seen = directory.check(name + SUFFIX)
                stamp = (seen.st_ino, seen.st_mtime_ns, seen.st_size)
                held = self._read.get(name)
                if held is not None and held[0] == stamp:
                    return held[1]
                data = directory.read(name + SUFFIX, MANAGER_BYTES)
        except FileNotFoundError:
            self._read.pop(name, None)
            return None
        manager = self._opened(name, data)
        self._read[name] = (stamp, manager)
        return manager

    def _opened(self, name: str, data: bytes) -> KeyManager:
        try:
            outer: Any = loads(data, max_bytes=MANAGER_BYTES)
            sealed = b64decode(outer["sealed"], validate=True)
            opened = self._hsm.unseal(Purpose.KEY_STORE, sealed, _aad(name))
            return decode_manager(opened)
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
        sealed = self._hsm.seal(Purpose.KEY_STORE, encode_manager(manager), _aad(manager.name))
        data = dumps({"format": _FORMAT, "sealed": b64encode(sealed).decode()})
        with Directory.create(self._path, disk=self._disk) as directory:
            directory.replace(manager.name + SUFFIX, data)

    def remove(self, name: str) -> None:
        """Remove a key manager's file for good."""
        with Directory.create(self._path, disk=self._disk) as directory:
            directory.discard(name + SUFFIX)
            directory.sync()

    def answering(self, endpoint: str, path: str) -> KeyManager:
        """Return the key manager that answers at an address.

        Raises:
            DeviceError: None does, or it does not answer as it should.
        """
        name = manager_name(endpoint)
        found = self.find(name) if name else None
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
