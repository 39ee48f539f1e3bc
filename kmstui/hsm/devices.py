"""What stands beside a keystore's own HSM: clusters and external key managers."""

from __future__ import annotations

from pathlib import Path

from kmstui.core.disk import HOST_DISK, Disk
from kmstui.hsm.cluster import Clusters
from kmstui.hsm.external import ExternalHsm
from kmstui.hsm.key_manager import Credential
from kmstui.hsm.software import SoftwareHsm
from kmstui.hsm.xks_proxy import KeyManagers, Proxy


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

    def proxy(self, endpoint: str, path: str, credential: Credential) -> Proxy:
        """Return the client of an external key manager's proxy."""
        return Proxy(self.managers, endpoint, path, credential)

    def external(self, proxy: Proxy, key_id: str) -> ExternalHsm:
        """Return the HSM of the KMS key that an external key belongs to."""
        return ExternalHsm(self._hsm, proxy, key_id)

    def lock(self) -> None:
        """Drop every key of every device."""
        self.clusters.lock()
        self.managers.lock()
