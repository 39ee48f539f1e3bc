"""Making a keystore of a sealed backup, without the keys that were destroyed since."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from kmstui.core.disk import Disk
from kmstui.core.errors import BackupError, KeystoreExistsError, WrongPassphraseError
from kmstui.core.files import Directory
from kmstui.core.position import TrailPosition
from kmstui.core.secret import Secret
from kmstui.engine.core import TRAIL_DIRECTORY
from kmstui.engine.facade import Engine
from kmstui.engine.host import Host
from kmstui.hsm import PASSPHRASE_SLOT, RECOVERY_SLOT, normalise_recovery_code
from kmstui.hsm.devices import Devices
from kmstui.hsm.software import SoftwareHsm
from kmstui.keystore import StoreKind
from kmstui.keystore.backup import Backup
from kmstui.keystore.place import DATABASE, own
from kmstui.keystore.sqlite import SIDES
from kmstui.keystore.store import TRAIL_START
from kmstui.trail.lines import LINE_BYTES, hash_line
from kmstui.trail.verify import verify

_SET_ASIDE: Final = ".replaced"
_SEGMENT: Final = re.compile(r"[0-9]{6}\.jsonl", re.ASCII)


@dataclass(frozen=True, slots=True)
class DestroyedKey:
    """A key in a backup that a trail says was destroyed since.

    Attributes:
        key_id: The key.
        when: The destruction's eventTime.
    """

    key_id: str
    when: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        keys: Keys in the new keystore.
        dropped: Keys left out, because they were destroyed since the backup.
        resurrected: Keys taken back although they were destroyed since.
        continued: Whether the existing trail is continued.
    """

    keys: int
    dropped: tuple[DestroyedKey, ...]
    resurrected: tuple[DestroyedKey, ...]
    continued: bool


def restore_backup(
    backup: Path,
    directory: Path,
    host: Host,
    passphrase: Secret,
    *,
    resurrect: bool = False,
    replace: bool = False,
    trail: Path | None = None,
) -> Restored:
    """Make a keystore of a backup.

    A trail that is in the directory already is verified and continued; keys that it, or the trail
    given besides, says were destroyed are left out.

    Args:
        backup: The backup file.
        directory: Where the keystore is to be.
        host: The machine.
        passphrase: Opens one of the backup's slots; a recovery code works too.
        resurrect: Take destroyed keys back all the same.
        replace: Set an existing keystore's database aside first.
        trail: Another trail to learn destructions from.

    Raises:
        KeystoreExistsError: There is a keystore in the directory and ``replace`` is not set.
        BackupError: There is no such backup, or the directory's trail is damaged.
        UnsafePathError: A segment of a trail is a link, not a regular file or not ours.
        UnsafePermissionsError: Others can reach a segment of a trail.
        WrongPassphraseError: No slot opens.
        KeystoreTamperedError: The backup does not verify.
    """
    existing = directory / DATABASE
    if existing.exists() and not replace:
        raise KeystoreExistsError(
            f"There is a keystore in {directory} already.",
            hint="Choose another directory, or set it aside with --replace.",
        )
    with Backup.open(backup, SoftwareHsm(), disk=host.disk) as opened:
        _unlock(opened, passphrase)
        own_trail = directory / TRAIL_DIRECTORY
        position = _continue(own_trail, opened.header.store_id)
        sources = [source for source in (own_trail, trail) if source and source.is_dir()]
        destroyed = _destroyed(opened, sources, host.disk)
        moved = _set_aside(existing, host) if existing.exists() else {}
        try:
            opened.restore_to(
                directory,
                drop=() if resurrect else [key.key_id for key in destroyed],
                anchor_dir=host.anchor_dir,
                holder=host.holder,
                clock_mark=opened.head.clock_mark,
                trail=position or TRAIL_START,
                disk=host.disk,
            )
            _bring_devices(opened, directory, host, destroyed, resurrect=resurrect)
        except BaseException:
            _put_back(directory, moved, host)
            raise
    keys = _record(directory, host, passphrase, destroyed, resurrect=resurrect)
    return Restored(
        keys,
        () if resurrect else tuple(destroyed),
        tuple(destroyed) if resurrect else (),
        position is not None,
    )


def _bring_devices(
    opened: Backup,
    directory: Path,
    host: Host,
    destroyed: list[DestroyedKey],
    *,
    resurrect: bool,
) -> None:
    """Put clusters and key managers back that are not there any more.

    A device that is there stays as it is: it is one of its own, with a password of its own.
    """
    gone, held = {key.key_id for key in destroyed}, opened.keys()
    labels = {
        material.token.hex()
        for key in held
        if key.key_id in gone and key.origin == StoreKind.AWS_CLOUDHSM
        for material in key.materials
    }
    Devices(directory, SoftwareHsm(), host.disk).bring_back(
        opened.files,
        dropped=() if resurrect else labels,
        returned=labels if resurrect else (),
    )


def _unlock(opened: Backup, typed: Secret) -> None:
    try:
        kind, secret = RECOVERY_SLOT, normalise_recovery_code(typed)
    except WrongPassphraseError:
        kind, secret = PASSPHRASE_SLOT, typed
    for slot in opened.header.slots:
        if slot.kind != kind:
            continue
        try:
            opened.unlock(slot.slot_id, secret)
        except WrongPassphraseError:
            continue
        return
    raise WrongPassphraseError("The passphrase does not open this backup.")


def _continue(directory: Path, store_id: str) -> TrailPosition | None:
    """Return the end of the trail that is to be continued, if there is one."""
    if not directory.is_dir():
        return None
    report = verify(directory, store_id=store_id)
    if report.flaw is not None or report.end is None:
        raise BackupError(
            f"The trail in {directory} cannot be continued: {report.flaw}.",
            hint="Keep it as evidence in another place, and name it with --trail.",
        )
    return report.end


def _destroyed(opened: Backup, trails: list[Path], disk: Disk) -> list[DestroyedKey]:
    """Return the backup's keys that a trail says were destroyed since, in key id order."""
    keys = opened.keys()
    held = {key.key_id for key in keys}
    place = opened.head.trail.line_hash
    found: dict[str, DestroyedKey] = {}
    for path in trails:
        with Directory.open(path, private=False, disk=disk) as directory:
            found |= _destroyed_in(directory, held, place)
    return [found[key_id] for key_id in sorted(found)]


def _destroyed_in(directory: Directory, held: set[str], place: str) -> dict[str, DestroyedKey]:
    """Return which of the keys a trail says were destroyed after the line with that hash.

    Where the trail does not hold the line, everything in it counts: it is another one, begun
    later. A trail named as evidence may be damaged; what is no record in it says nothing.
    """
    found: dict[str, DestroyedKey] = {}
    for name in directory.names():
        if not _SEGMENT.fullmatch(name):
            continue
        with open(directory.open_file(name), "rb") as lines:  # noqa: PTH123 - a descriptor
            while line := lines.readline(LINE_BYTES):
                if b'"DeleteKey"' in line:
                    _note_destroyed(line, held, found)
                if hash_line(line.removesuffix(b"\n")) == place:
                    # What was destroyed by then and is in the backup had come back before it.
                    found.clear()
    return found


def _note_destroyed(line: bytes, held: set[str], found: dict[str, DestroyedKey]) -> None:
    try:
        event = orjson.loads(line)
        if (event["eventName"], event["eventType"]) != ("DeleteKey", "AwsServiceEvent"):
            return
        for resource in event["resources"]:
            key_id = str(resource["ARN"]).rpartition("/")[2]
            if key_id in held:
                found[key_id] = DestroyedKey(key_id, str(event["eventTime"]))
    except (ValueError, LookupError, TypeError):
        return


def _set_aside(database: Path, host: Host) -> dict[str, str]:
    """Rename an existing database and its log, unless another process owns them.

    Returns:
        The new names by the old ones.
    """
    stamp = host.clock.wall().strftime("%Y%m%dT%H%M%SZ")
    aside = f"{database.name}{_SET_ASIDE}-{stamp}"
    with Directory.open(database.parent, disk=host.disk) as directory:
        lock = own(directory, host.holder)
        try:
            return _rename_all(directory, database.name, aside)
        finally:
            lock.release()


def _rename_all(directory: Directory, name: str, aside: str) -> dict[str, str]:
    """Rename a database, and its log to where SQLite looks for it: all of them or none."""
    if directory.exists(aside):
        raise BackupError(f"{directory.path / aside} exists and is not replaced.")
    moved: dict[str, str] = {}
    try:
        for side in ("", *SIDES):
            if directory.exists(name + side):
                directory.rename(name + side, aside + side)
                moved[name + side] = aside + side
    except BaseException:
        _rename_back(directory, moved)
        raise
    return moved


def _put_back(path: Path, moved: Mapping[str, str], host: Host) -> None:
    """Take back that a database was set aside."""
    if moved:
        with Directory.open(path, disk=host.disk) as directory:
            _rename_back(directory, moved)


def _rename_back(directory: Directory, moved: Mapping[str, str]) -> None:
    for name, aside in moved.items():
        directory.rename(aside, name)


def _record(
    directory: Path,
    host: Host,
    passphrase: Secret,
    destroyed: list[DestroyedKey],
    *,
    resurrect: bool,
) -> int:
    """Open the new keystore once and put the restore on its trail."""
    engine = Engine.open(directory, host=host)
    try:
        engine.unlock(passphrase)
        engine.wait_verified()
        engine.record(
            "RestoreBackup",
            {
                "Dropped": [] if resurrect else [key.key_id for key in destroyed],
                "Resurrected": [key.key_id for key in destroyed] if resurrect else [],
            },
        )
        return engine.status().key_count
    finally:
        engine.close()
