"""Examining a keystore and its trail.

Signing in to examine the rows is a sign-in like any other: it is recorded, and what is due is
done.
"""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kmstui import __version__
from kmstui.core.clock import BACKWARDS_ALARM
from kmstui.core.errors import (
    KeystoreBusyError,
    KeystoreTamperedError,
    KmsError,
    TrailError,
    TrailTamperedError,
)
from kmstui.core.position import TrailPosition
from kmstui.core.secret import Secret
from kmstui.engine.core import TRAIL_DIRECTORY, Core
from kmstui.engine.device_check import SUBJECT, DeviceFinding, examine_devices
from kmstui.engine.facade import Engine
from kmstui.engine.host import Host
from kmstui.trail.verify import verify

Progress = Callable[[str, int, int], None]
"""Told what is being checked, how much is done, and of how much."""

_PACKAGES = ("cryptography", "textual", "tinydb", "orjson", "click")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        level: ``ok``, ``note`` for what deserves a look, ``bad`` for damage.
        subject: What was looked at.
        text: What was found.
    """

    level: str
    subject: str
    text: str


def examine(
    directory: Path, host: Host, *, passphrase: Callable[[], Secret] | None
) -> list[Finding]:
    """Return what is found about a keystore.

    Args:
        directory: The keystore.
        host: The machine.
        passphrase: Asked for once the files have been found sound; ``None`` to look only at what
            needs none.

    Raises:
        KmsError: There is no keystore, it cannot be opened, or the passphrase is wrong.
    """
    findings = list(_versions())
    try:
        engine = Engine.open(directory, host=host)
    except KeystoreBusyError as error:
        findings.append(Finding("note", "lock", error.message))
        findings.append(_trail(directory, None, None))
        return findings
    try:
        findings.append(Finding("ok", "lock", f"held by this process ({host.holder})"))
        if passphrase is None:
            findings.append(_trail(directory, None, engine.status().store_id))
            return findings
        findings += _opened(engine, directory, passphrase())
    finally:
        engine.close()
    return findings


def check_open(core: Core, progress: Progress) -> Iterator[Finding]:
    """Verify the rows and the trail of a keystore that is unlocked and in use.

    Args:
        core: The engine's state.
        progress: Called with what is being checked, how much is done, and of how much.
    """
    with core.lock:
        head, store_id = core.keystore.head, core.keystore.header.store_id
        # What this process wrote last vouches for the last line too, which no later one does yet.
        position = core.require_trail().position
    try:
        core.keystore.verify(lambda done, total: progress("keystore", done, total))
    except KeystoreTamperedError as error:
        yield Finding("bad", "keystore", error.message)
    else:
        text = f"every row verified: {head.key_count} keys, generation {head.generation}"
        yield Finding("ok", "keystore", text)
        yield from _devices(examine_devices(core))
    yield _trail(
        core.directory,
        position,
        store_id,
        lambda done, total: progress("trail", done, total),
    )


def _devices(found: list[DeviceFinding]) -> Iterator[Finding]:
    """Say what is found about clusters and key managers, if there are any."""
    for each in found:
        yield Finding(each.level, SUBJECT, each.text)


def _versions() -> Iterator[Finding]:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    yield Finding("ok", "kmstui", f"{__version__} on {python}, SQLite {sqlite3.sqlite_version}")
    yield Finding("ok", "packages", ", ".join(f"{name} {_version(name)}" for name in _PACKAGES))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _opened(engine: Engine, directory: Path, passphrase: Secret) -> Iterator[Finding]:
    try:
        engine.unlock(passphrase)
    except TrailTamperedError as error:
        found = _trail(directory, None, engine.status().store_id)
        yield found if found.level == "bad" else Finding("bad", "trail", error.message)
        return
    except TrailError as error:
        yield Finding("bad", "trail", error.message)
        return
    yield Finding("ok", "slot", "opens with the passphrase; header and head authenticate")
    rows = _rows(engine)
    yield rows
    if rows.level == "ok":
        yield from _devices(engine.examine_devices())
    status = engine.status()
    protection = status.rollback_protection
    yield Finding(
        "ok" if protection == "anchor" else "note",
        "rollback",
        f"rollback protection: {protection}",
    )
    guarded = "without" not in status.memory_protection
    yield Finding("ok" if guarded else "note", "memory", status.memory_protection)
    late = status.clock_behind > BACKWARDS_ALARM.total_seconds()
    text = f"wall clock is {status.clock_behind:.0f} s behind account time"
    yield Finding("note" if late else "ok", "clock", text)
    yield _trail(directory, engine.trail_mark(), status.store_id)


def _rows(engine: Engine) -> Finding:
    try:
        engine.wait_verified()
    except KeystoreTamperedError as error:
        return Finding("bad", "keystore", error.message)
    status = engine.status()
    kind = "training" if status.training else "production"
    return Finding(
        "ok",
        "keystore",
        f"every row verified: {status.key_count} keys, generation {status.generation}, "
        f"account {status.account}, {kind}",
    )


def _trail(
    directory: Path,
    position: TrailPosition | None,
    store_id: str | None,
    progress: Callable[[int, int], None] | None = None,
) -> Finding:
    try:
        report = verify(
            directory / TRAIL_DIRECTORY, position=position, store_id=store_id, progress=progress
        )
    except KmsError as error:
        return Finding("bad", "trail", error.message)
    if report.flaw is not None:
        return Finding("bad", "trail", f"first bad line: {report.flaw}")
    known = "" if position is not None else "; a cut tail cannot be seen without the passphrase"
    return Finding("ok", "trail", f"{report.events} events, chain unbroken{known}")
