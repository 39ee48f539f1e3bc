"""What stands beside a keystore's own HSM: clusters and external key managers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from kmstui.core.disk import HOST_DISK, Disk
from kmstui.core.errors import UnsafePathError
from kmstui.core.files import Directory
from kmstui.hsm.cluster import CLUSTERS, Clusters
from kmstui.hsm.cluster import SUFFIX as TOKEN_SUFFIX
from kmstui.hsm.cluster_token import TOKEN_BYTES, ClusterToken
from kmstui.hsm.external import ExternalHsm
from kmstui.hsm.key_manager import MANAGER_BYTES, Credential
from kmstui.hsm.software import SoftwareHsm
from kmstui.hsm.xks_proxy import MANAGERS, KeyManagers, Proxy
from kmstui.hsm.xks_proxy import SUFFIX as MANAGER_SUFFIX

_FOLDERS: Final = (
    (CLUSTERS, TOKEN_SUFFIX, TOKEN_BYTES),
    (MANAGERS, MANAGER_SUFFIX, MANAGER_BYTES),
)
_KNOWN: Final = frozenset({CLUSTERS, MANAGERS})


class Devices:
    """The devices of a keystore.

    Args:
        keystore: The keystore's directory.
        hsm: The keystore's HSM.
        disk: The system calls.

    Attributes:
        clusters: Tokens of their own.
        managers: External key managers.
    """

    def __init__(self, keystore: Path, hsm: SoftwareHsm, disk: Disk = HOST_DISK) -> None:
        self.clusters = Clusters(keystore, disk)
        self.managers = KeyManagers(keystore, hsm, disk)
        self._hsm = hsm
        self._path = keystore
        self._disk = disk

    def proxy(self, endpoint: str, path: str, credential: Credential) -> Proxy:
        """Return the client of an external key manager's proxy."""
        return Proxy(self.managers, endpoint, path, credential)

    def external(self, proxy: Proxy, key_id: str) -> ExternalHsm:
        """Return the HSM of the KMS key that an external key belongs to."""
        return ExternalHsm(self._hsm, proxy, key_id)

    def files(self) -> dict[str, bytes]:
        """Return every device's file, by its path in the keystore's directory.

        Raises:
            UnsafePathError: One is a link, not a regular file or not ours.
            UnsafePermissionsError: Others can reach one.
        """
        found: dict[str, bytes] = {}
        for folder, suffix, longest in _FOLDERS:
            try:
                with Directory.open(self._path / folder, disk=self._disk) as directory:
                    for name in directory.names():
                        if name.endswith(suffix):
                            found[f"{folder}/{name}"] = directory.read(name, longest)
            except FileNotFoundError:
                continue
        return found

    def replace_all(self, files: Mapping[str, bytes]) -> None:
        """Put these files in the place of those that are there, and drop every device's keys.

        Raises:
            UnsafePathError: A path is not that of a device.
        """
        self.lock()
        for path in self.files():
            if path not in files:
                self._folder(path, lambda directory, name: directory.discard(name))
        for path, data in files.items():
            self._write(path, data)

    def bring_back(
        self, files: Mapping[str, bytes], *, dropped: Collection[str], returned: Collection[str]
    ) -> None:
        """Put the files of a backup where there are none.

        A device that is there stays as it is: what happened to it since the backup is not undone,
        but for keys that are brought back on purpose.

        Args:
            files: As :meth:`files` returned them.
            dropped: Labels of key material that was destroyed since, to be left out.
            returned: Labels of key material that was destroyed since, to be taken back.
        """
        present = self.files()
        for path, data in files.items():
            known = path in present
            if path.startswith(CLUSTERS):
                self._bring_cluster(ClusterToken.decode(data), dropped, returned, known=known)
            elif not known:
                self._write(path, data)

    def _bring_cluster(
        self,
        past: ClusterToken,
        dropped: Collection[str],
        returned: Collection[str],
        *,
        known: bool,
    ) -> None:
        objects = past.objects
        if not known:
            kept = {label: data for label, data in objects.items() if label not in dropped}
            self.clusters.store(replace(past, objects=kept))
            return
        now = self.clusters.find(past.cluster_id)
        if now is not None and now.serial == past.serial:
            back = {label: data for label, data in objects.items() if label in returned}
            self.clusters.store(replace(now, objects={**back, **now.objects}))

    def _write(self, path: str, data: bytes) -> None:
        self._folder(path, lambda directory, name: directory.replace(name, data))

    def _folder(self, path: str, act: Callable[[Directory, str], None]) -> None:
        folder, _, name = path.partition("/")
        if folder not in _KNOWN:
            raise UnsafePathError(f"{path[:80]!a} is not the path of a device")
        with Directory.create(self._path / folder, disk=self._disk) as directory:
            act(directory, name)
            directory.sync()

    def lock(self) -> None:
        """Drop every key of every device."""
        self.clusters.lock()
        self.managers.lock()
