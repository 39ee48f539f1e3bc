"""The engine's own acts, as the operations of service ``kmstui`` ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kmstui.core.arn import KeyIdentifier
from kmstui.core.caller import Caller
from kmstui.core.errors import CheckpointError, KeystoreLockedError, TrailError
from kmstui.core.files import Directory
from kmstui.core.spec import Needs
from kmstui.core.strictjson import JsonValue
from kmstui.engine.core import CHECKPOINT_DIRECTORY, Core
from kmstui.engine.maintenance import maintain
from kmstui.engine.managed_keys import make_managed_key, planned_key, service_of
from kmstui.engine.status import EngineStatus
from kmstui.hsm.device_files import DEVICES_BYTES, pack_files, unpack_files
from kmstui.keystore import KeystoreHeader, Verification
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.settings import SETTINGS, setting_of

_SUFFIX = ".checkpoint"
_DEVICES = ".devices"
_KIB_OF_A_MIB = 1024


def engine_status(core: Core) -> EngineStatus:
    """Return the engine's condition; works locked and unlocked."""
    keystore, unlocked = core.keystore, core.hsm.unlocked
    header: KeystoreHeader = keystore.header
    head = keystore.head if unlocked and keystore.verification != "failed" else None
    return EngineStatus(
        directory=str(core.directory),
        store_id=header.store_id,
        account="" if head is None else head.account,
        region="" if head is None else head.region,
        training=head is not None and head.training,
        unlocked=unlocked,
        verification=str(keystore.verification),
        verified_rows=core.progress[0],
        total_rows=core.progress[1],
        rollback_protection=str(keystore.rollback_protection),
        memory_protection=core.hsm.status().memory.line,
        trail_broken=core.trail is not None and core.trail.broken,
        trail_sequence=0 if core.trail is None else core.trail.position.sequence,
        now=None if core.clock is None else core.now(),
        generation=0 if head is None else head.generation,
        key_count=0 if head is None else head.key_count,
        clock_behind=core.behind().total_seconds(),
        format_version=header.format_version,
        self_tested=core.hsm.status().self_tested,
        passphrase_cost=_cost(header),
        anchor_directory=str(core.host.anchor_dir or ""),
    )


def _cost(header: KeystoreHeader) -> str:
    """Say what a guess at a passphrase costs; the first slot speaks for all."""
    if not header.slots:
        return ""
    profile = header.slots[0].profile
    small = profile.memory_kib < _KIB_OF_A_MIB
    memory = f"{profile.memory_kib} KiB" if small else f"{profile.memory_kib // _KIB_OF_A_MIB} MiB"
    passes = "1 pass" if profile.iterations == 1 else f"{profile.iterations} passes"
    lanes = "1 lane" if profile.lanes == 1 else f"{profile.lanes} lanes"
    return f"Argon2id, {memory}, {passes}, {lanes}"


class EngineControl:
    """Status, training clock, checkpoints, backup and settings of a core."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def status(self) -> Mapping[str, Any]:
        """Return the engine's condition under AWS-style names."""
        facts = asdict(engine_status(self._core))
        return {
            "".join(part.capitalize() for part in name.split("_")): value
            for name, value in facts.items()
            if value is not None
        }

    def advance_clock(self, by: timedelta) -> datetime:
        """Move account time forward, keep it, and do what has become due."""
        core = self._core
        if core.clock is None:
            raise KeystoreLockedError("the keystore is locked")
        before = core.now()
        core.clock.warp(by)
        try:
            core.record("ClockAdvanced", {"Seconds": int(by.total_seconds())})
        except TrailError:
            # The keystore has the new time already.
            raise
        except BaseException:
            core.clock.reset(before)
            raise
        maintain(core)
        return core.now()

    def checkpoints(self) -> list[Mapping[str, Any]]:
        """Return name, size and time of each checkpoint, newest first."""
        found = sorted(
            self._directory().glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime
        )
        return [
            {"Name": path.name.removesuffix(_SUFFIX), "Bytes": path.stat().st_size}
            for path in reversed(found)
        ]

    def make_checkpoint(self, name: str) -> None:
        """Keep the keystore's rows and devices in files of their own, sealed as they are."""
        core = self._core
        core.store_position()
        self._directory().mkdir(mode=0o700, exist_ok=True)
        files = core.devices.files()
        core.keystore.snapshot_to(self._path(name))
        with Directory.open(self._directory(), disk=core.host.disk) as directory:
            if files:
                directory.replace(name + _DEVICES, pack_files(files))
            else:
                directory.discard(name + _DEVICES)

    def restore_checkpoint(self, name: str) -> None:
        """Put kept rows back in one transaction, then devices; the trail has a new segment."""
        core, path = self._core, self._path(name)
        if not path.is_file():
            known = ", ".join(str(entry["Name"]) for entry in self.checkpoints()) or "none"
            raise CheckpointError(f"There is no checkpoint {name}.", hint=f"There is: {known}.")
        with Directory.open(self._directory(), disk=core.host.disk) as directory:
            kept = name + _DEVICES
            data = directory.read(kept, DEVICES_BYTES) if directory.exists(kept) else b""
        files = unpack_files(data) if data else {}
        core.restore(path, name)
        core.devices.replace_all(files)

    def export_backup(self, destination: Path) -> Mapping[str, Any]:
        """Write a sealed backup and prove that it opens."""
        core = self._core
        # A backup has no events to append: where it is restored beside its trail, they are there.
        core.require_trail().sync()
        core.store_position()
        core.keystore.export_backup(
            destination, created=core.host.clock.wall(), files=core.devices.files()
        )
        return {"Keys": core.keystore.head.key_count, "Bytes": destination.stat().st_size}

    def managed_key(self, call: Call, named: KeyIdentifier, needs: Needs) -> KeyRecord | None:
        """Make the key of an AWS service that a call is the first to need, if it may use it."""
        core, acting = self._core, call.standing.acting
        service = service_of(named.name)
        if not service or named.account != call.caller.account:
            return None
        using = acting is not None and acting.service.partition(".")[0] == service
        verified = core.keystore.verification is Verification.VERIFIED
        if not verified or not (using or call.spec.name == "DescribeKey"):
            return None
        planned = planned_key(core, named.account, named.region, named.name)
        call.keys[needs.role] = planned
        try:
            core.access.authorise(call, needs)
        finally:
            del call.keys[needs.role]
        return make_managed_key(core, planned)

    def settings(self) -> Mapping[str, JsonValue]:
        """Return every setting with its value or default."""
        values: dict[str, JsonValue] = {}
        for setting in SETTINGS:
            values[setting.name] = setting_of(self._core.keystore, setting.name)
        return values

    def settings_changed(self) -> None:
        """Go by the settings that were just stored."""
        self._core.apply_settings()

    def quotas(self, caller: Caller) -> Mapping[str, Any]:
        """Return the request quotas of a caller's account and Region."""
        quotas = self._core.quotas
        return {
            "Scale": f"{quotas.scale:g}",
            "Fixed": quotas.fixed is not None,
            "Quotas": quotas.shown(caller.account, caller.region),
        }

    def scrub(self) -> None:
        """Leave no byte of what a committed change has removed in any file."""
        self._core.scrub()

    def _directory(self) -> Path:
        return self._core.directory / CHECKPOINT_DIRECTORY

    def _path(self, name: str) -> Path:
        return self._directory() / f"{name}{_SUFFIX}"
