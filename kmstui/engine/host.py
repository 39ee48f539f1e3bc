"""What the engine takes from the machine, injected so that tests and demos repeat."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from kmstui import __version__
from kmstui.core.clock import HostClock, SystemClock
from kmstui.core.disk import HOST_DISK, Disk
from kmstui.core.ids import IdSource, SystemIds
from kmstui.core.locations import default_anchor_dir
from kmstui.trail.log import SyncPolicy


@dataclass(frozen=True, slots=True)
class Host:
    """The machine, as the engine sees it.

    Attributes:
        anchor_dir: Where rollback anchors are kept, outside every keystore; ``None`` for none.
        clock: Host time.
        ids: New identifiers.
        holder: How this process is named to a second one that finds the keystore busy.
        user_agent: CloudTrail's ``userAgent`` of calls made in this process.
        source_ip: CloudTrail's ``sourceIPAddress`` of such calls.
        sync: When trail lines of calls that change nothing are made durable.
        background: Whether verification and maintenance run in threads of their own.
        disk: The file system calls.
        quota_scale: What AWS's request quotas are multiplied by; 0 turns them off, ``None`` leaves
            that to the keystore's setting.
    """

    anchor_dir: Path | None
    clock: HostClock = field(default_factory=SystemClock)
    ids: IdSource = field(default_factory=SystemIds)
    holder: str = "kmstui"
    user_agent: str = f"kmstui/{__version__}"
    source_ip: str = "127.0.0.1"
    sync: SyncPolicy = SyncPolicy.INTERVAL
    background: bool = True
    disk: Disk = HOST_DISK
    quota_scale: float | None = None

    @classmethod
    def system(cls, what: str = "kmstui", *, quota_scale: float | None = None) -> Host:
        """Return this machine.

        Args:
            what: The command that runs, for the holder's name.
            quota_scale: What request quotas are multiplied by, if the command says so.
        """
        holder = f"{what}, pid {os.getpid()}, {_user()}@{socket.gethostname()}"
        return cls(anchor_dir=default_anchor_dir(), holder=holder, quota_scale=quota_scale)


def _user() -> str:
    """Return the user's name, or the number where a container has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
