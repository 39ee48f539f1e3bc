"""Building the demo keystore by real calls, on a clock that the builder moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from kmstui.core.clock import FakeClock
from kmstui.core.errors import KeystoreExistsError, WrongPassphraseError
from kmstui.core.files import Directory
from kmstui.core.ids import SeededIds
from kmstui.core.locations import keystore_exists
from kmstui.core.secret import Secret
from kmstui.engine.core import CHECKPOINT_DIRECTORY, TRAIL_DIRECTORY
from kmstui.engine.demo.setting import ACCOUNT, ADMINISTRATOR, REGION, YEAR_DAYS
from kmstui.engine.demo.year import Year
from kmstui.engine.facade import Engine
from kmstui.engine.host import Host
from kmstui.engine.opening import NewKeystore
from kmstui.hsm import DEFAULT, KdfProfile
from kmstui.hsm.cluster import CLUSTERS
from kmstui.hsm.xks_proxy import MANAGERS
from kmstui.keystore.place import DATABASE, LOCK
from kmstui.trail.log import SyncPolicy

DEMO_PASSPHRASE: Final = "demo"  # noqa: S105 - shown to everybody; nothing in a demo is secret
START: Final = "start"
"""The checkpoint that a reset goes back to."""


class _StoryIds(SeededIds):
    """Identifiers of a story: its keys keep their ids when the story has more calls."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._keys = SeededIds(seed)

    def key_id(self, *, multi_region: bool) -> str:
        """Return a new key id."""
        return self._keys.key_id(multi_region=multi_region)


def demo_passphrase() -> Secret:
    """Return the demo's passphrase."""
    return Secret.from_text(DEMO_PASSPHRASE)


def ensure_demo(directory: Path, host: Host, *, seed: int, reset: bool) -> None:
    """Make sure that there is a demo keystore; build it when it is missing or to be reset.

    Raises:
        KeystoreExistsError: Another keystore is there; it is left alone.
        KmsError: The keystore cannot be built, or another process owns it.
    """
    if keystore_exists(directory):
        if not reset:
            return
        _remove(directory, host)
    build_demo(directory, host, seed=seed)


def _remove(directory: Path, host: Host) -> None:
    """Delete a demo's own files, once it has proven to be one."""
    engine = Engine.open(directory, host=host)
    try:
        engine.unlock(demo_passphrase())
        training = engine.status().training
    except WrongPassphraseError:
        training = False
    finally:
        engine.close()
    if not training:
        raise KeystoreExistsError(f"The keystore in {directory} is no demo; nothing was changed.")
    with Directory.open(directory) as held:
        lock = held.lock(LOCK, host.holder)
        try:
            for path in sorted(_files(directory)):
                path.unlink()
        finally:
            lock.release()


def _files(directory: Path) -> Iterator[Path]:
    yield from directory.glob(f"{DATABASE}*")
    yield from (directory / TRAIL_DIRECTORY).glob("*.jsonl")
    yield from (directory / CHECKPOINT_DIRECTORY).glob("*.checkpoint")
    for device in (CLUSTERS, MANAGERS):
        yield from (path for path in (directory / device).glob("*") if path.is_file())


def build_demo(
    directory: Path,
    host: Host,
    *,
    seed: int,
    profile: KdfProfile = DEFAULT,
    test_profile: bool = False,
) -> None:
    """Build the demo keystore; its year ends at the host's present time.

    Key ids, dates and calls are the same for a seed and a present time; key material never is.

    Args:
        directory: Where.
        host: The machine; its clock says when today is.
        seed: Varies hours and amounts.
        profile: Cost of a passphrase guess.
        test_profile: Whether the cheapest profile is accepted.

    Raises:
        KmsError: There is a keystore already, or it cannot be written.
    """
    today = host.clock.wall().replace(microsecond=0)
    clock = FakeClock(today - timedelta(days=YEAR_DAYS))
    past = replace(host, clock=clock, ids=_StoryIds(seed), background=False, sync=SyncPolicy.NONE)
    new = NewKeystore(
        ACCOUNT,
        REGION,
        profile,
        training=True,
        test_profile=test_profile,
        administrator=ADMINISTRATOR,
    )
    engine, session, _ = Engine.create(directory, host=past, new=new, passphrase=demo_passphrase())
    try:
        Year(engine, session, clock, today, seed).live()
        engine.call(session, "kmstui:CreateCheckpoint", {"Name": START})
    finally:
        engine.close()
