"""Building the demo keystore by real calls, on a clock that the builder moves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kmstui.core.clock import FakeClock
from kmstui.core.errors import KeystoreExistsError, KmsError, WrongPassphraseError
from kmstui.core.files import Directory
from kmstui.core.ids import SeededIds
from kmstui.core.locations import keystore_exists
from kmstui.core.secret import Secret
from kmstui.engine.core import CHECKPOINT_DIRECTORY, TRAIL_DIRECTORY
from kmstui.engine.demo.story import ACCOUNT, ACTS, KEYS, REGION, YEAR_DAYS, DemoAct, DemoKey
from kmstui.engine.facade import Engine
from kmstui.engine.host import Host
from kmstui.engine.opening import NewKeystore
from kmstui.engine.session import Session
from kmstui.hsm import DEFAULT, KdfProfile
from kmstui.keystore.place import DATABASE, LOCK
from kmstui.trail.log import SyncPolicy

DEMO_PASSPHRASE: Final = "demo"  # noqa: S105 - shown to everybody; nothing in a demo is secret
START: Final = "start"
"""The checkpoint that a reset goes back to."""

_FIRST_HOUR = timedelta(hours=8)


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
    past = replace(host, clock=clock, ids=SeededIds(seed), background=False, sync=SyncPolicy.NONE)
    new = NewKeystore(
        ACCOUNT,
        REGION,
        profile,
        training=True,
        test_profile=test_profile,
        mfa_guardrail=False,
    )
    engine, session, _ = Engine.create(directory, host=past, new=new, passphrase=demo_passphrase())
    try:
        _Year(engine, session, clock, today, seed).live()
        engine.call(session, "kmstui:CreateCheckpoint", {"Name": START})
    finally:
        engine.close()


@dataclass(frozen=True, slots=True)
class _Moment:
    when: datetime
    order: int
    act: DemoAct | DemoKey
    use: bool = False


class _Year:
    """The story, played on an engine."""

    def __init__(
        self, engine: Engine, session: Session, clock: FakeClock, today: datetime, seed: int
    ) -> None:
        self._engine = engine
        self._home = session
        self._clock = clock
        self._begin = today - timedelta(days=YEAR_DAYS)
        self._today = today
        self._seed = seed
        self._sessions = {REGION: session}
        self._ids: dict[tuple[str, str], str] = {}
        self._kept: dict[tuple[str, str], bytes] = {}

    def live(self) -> None:
        """Play every moment in order, with maintenance as it would have run."""
        for moment in sorted(self._moments(), key=lambda item: (item.when, item.order)):
            step = moment.when - self._clock.wall()
            if step > timedelta(0):
                self._clock.advance(step)
                self._engine.maintain()
            self._play(moment)
        self._clock.advance(self._today - self._clock.wall())
        self._engine.maintain()

    def _moments(self) -> Iterator[_Moment]:
        for number, key in enumerate(KEYS):
            yield _Moment(self._hour(key.day, f"create {number}"), number, key)
            if key.every:
                for day in range(key.day + 1, min(key.until, YEAR_DAYS - 1) + 1, key.every):
                    when = self._hour(day, f"use {number} {day}")
                    yield _Moment(when, 1000 + number, key, use=True)
        for number, act in enumerate(ACTS):
            yield _Moment(self._hour(act.day, f"act {number}"), 2000 + number, act)

    def _pick(self, label: str, choices: int) -> int:
        digest = hashlib.sha256(f"{self._seed} {label}".encode()).digest()
        return int.from_bytes(digest[:4]) % choices

    def _hour(self, day: int, label: str) -> datetime:
        seconds = self._pick(label, 10 * 3600)
        return self._begin + timedelta(days=day - 1) + _FIRST_HOUR + timedelta(seconds=seconds)

    def _play(self, moment: _Moment) -> None:
        if isinstance(moment.act, DemoAct):
            self._act(moment.act)
        elif moment.use:
            self._use(moment.act, moment.when)
        else:
            self._create(moment.act)

    def _session(self, region: str) -> Session:
        if region not in self._sessions:
            self._sessions[region] = self._engine.switch_region(self._home, region)
        return self._sessions[region]

    def _call(self, region: str, operation: str, **members: Any) -> dict[str, Any]:
        return self._engine.call(self._session(region), operation, members)

    def _create(self, key: DemoKey) -> None:
        tags = {
            "DataClassification": key.classification,
            "Owner": key.owner,
            "CostCenter": key.cost_center,
        }
        members: dict[str, Any] = {
            "Description": key.description,
            "Tags": [{"TagKey": name, "TagValue": value} for name, value in tags.items()],
        }
        if key.multi_region:
            members["MultiRegion"] = True
        key_id = self._call(key.region, "kms:CreateKey", **members)["KeyMetadata"]["KeyId"]
        self._ids[key.region, key.alias] = key_id
        alias = f"alias/{key.alias}"
        self._call(key.region, "kms:CreateAlias", AliasName=alias, TargetKeyId=key_id)

    def _use(self, key: DemoKey, when: datetime) -> None:
        """Seal something new, and open what the last use sealed."""
        place = key.region, key.alias
        context = {"EncryptionContext": dict(key.context)} if key.context else {}
        kept = self._kept.get(place)
        if kept is not None:
            self._call(key.region, "kms:Decrypt", CiphertextBlob=kept, **context)
        named = {"KeyId": f"alias/{key.alias}"} | context
        if key.data_keys:
            answer = self._call(key.region, "kms:GenerateDataKey", KeySpec="AES_256", **named)
        else:
            sealed = f"entry of {when:%Y-%m-%d}".encode()
            answer = self._call(key.region, "kms:Encrypt", Plaintext=sealed, **named)
        self._kept[place] = answer["CiphertextBlob"]

    def _act(self, act: DemoAct) -> None:
        key_id = self._ids[REGION, act.alias]
        members: dict[str, Any] = {"KeyId": key_id, **dict(act.members)}
        if act.operation == "kms:Encrypt":
            members["Plaintext"] = b"late entry"
        if act.operation == "kms:Decrypt":
            members["CiphertextBlob"] = self._kept[REGION, act.alias]
        try:
            self._call(REGION, act.operation, **members)
        except KmsError:
            if not act.refused:
                raise
