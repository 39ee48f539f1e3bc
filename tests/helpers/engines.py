"""Engines on cheap keystores, with a clock and identifiers that a test controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import orjson

from kmstui.core.clock import FakeClock
from kmstui.core.disk import HOST_DISK, Disk
from kmstui.core.errors import KmsError
from kmstui.core.ids import SeededIds
from kmstui.core.secret import Secret
from kmstui.engine import Engine, Host, Session
from kmstui.engine.core import Core
from kmstui.engine.opening import NewKeystore
from kmstui.hsm import CHEAPEST
from kmstui.keystore.records import KeyRecord
from kmstui.trail.log import SyncPolicy

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
PASSPHRASE = "correct horse battery staple"
START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
UNKNOWN_KEY = "00000000-0000-4000-8000-000000000000"

Request = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(slots=True)
class Bench:
    """A keystore, its engine and the signed-in root user.

    Attributes:
        directory: The keystore's directory.
        host: The machine that the engine sees.
        clock: Its clock.
        engine: The engine that is open now.
        session: The root user's session.
        code: The recovery code.
    """

    directory: Path
    host: Host
    clock: FakeClock
    engine: Engine
    session: Session
    code: Secret

    @classmethod
    def make(
        cls,
        base: Path,
        *,
        training: bool = False,
        disk: Disk = HOST_DISK,
        sync: SyncPolicy = SyncPolicy.NONE,
        background: bool = False,
        seed: int = 1,
        start_days_ago: int = 0,
        administrator: str = "",
        mfa_guardrail: bool = False,
    ) -> Self:
        """Create a keystore in ``base/keystore``, its anchor in ``base/anchors``.

        Its critical actions need no MFA code unless asked for.
        """
        clock = FakeClock(START)
        host = Host(
            anchor_dir=base / "anchors",
            clock=clock,
            ids=SeededIds(seed),
            holder="tests",
            user_agent="tests/1.0",
            sync=sync,
            background=background,
            disk=disk,
        )
        new = NewKeystore(
            ACCOUNT,
            REGION,
            CHEAPEST,
            training=training,
            test_profile=True,
            start_days_ago=start_days_ago,
            administrator=administrator,
            mfa_guardrail=mfa_guardrail,
        )
        directory = base / "keystore"
        engine, session, code = Engine.create(
            directory, host=host, new=new, passphrase=Secret.from_text(PASSPHRASE)
        )
        return cls(directory, host, clock, engine, session, code)

    @property
    def core(self) -> Core:
        """The engine's state, for tests that force one."""
        return self.engine._core

    def call(self, operation: str, request: Request | None = None, **members: Any) -> Answer:
        """Call an operation of service kms, or of the one named before a colon."""
        name = operation if ":" in operation else f"kms:{operation}"
        return self.engine.call(self.session, name, {**(request or {}), **members})

    def refusal(self, operation: str, request: Request | None = None, **members: Any) -> KmsError:
        """Return the error that a call ends with.

        Raises:
            AssertionError: It succeeded.
        """
        try:
            self.call(operation, request, **members)
        except KmsError as error:
            return error
        message = f"{operation} was not refused"
        raise AssertionError(message)

    def key(self, alias: str = "", **members: Any) -> str:
        """Create a key, and an alias for it if one is named; return its id."""
        key_id: str = self.call("CreateKey", members)["KeyMetadata"]["KeyId"]
        if alias:
            self.call("CreateAlias", AliasName=alias, TargetKeyId=key_id)
        return key_id

    def record(self, key_id: str) -> KeyRecord:
        """Return a key as the keystore has it."""
        key = self.core.keystore.key(ACCOUNT, REGION, key_id)
        assert key is not None
        return key

    def force(self, key_id: str, **changes: Any) -> KeyRecord:
        """Rewrite fields of a stored key, whatever the operations would allow."""
        key = replace(self.record(key_id), **changes)
        self.store(key)
        return key

    def store(self, *keys: KeyRecord) -> None:
        """Write keys past the operations."""
        keystore = self.core.keystore
        with keystore.begin() as changes:
            for key in keys:
                changes.put_key(key)
            changes.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)

    def events(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Return the trail's records with a sequence above ``after``, oldest first."""
        trail = self.core.require_trail()
        # No more than that can be newer; the beginnings of segments have numbers of their own.
        newest = trail.latest(max(0, self.sequence() - after))
        lines = [orjson.loads(line) for line in reversed(newest)]
        return [line for line in lines if line["kmstui"]["sequence"] > after]

    def sequence(self) -> int:
        """Return the number of the trail's last line."""
        return self.core.require_trail().position.sequence

    def last_event(self) -> dict[str, Any]:
        """Return the newest record."""
        event: dict[str, Any] = orjson.loads(self.core.require_trail().latest(1)[0])
        return event

    def reopen(self, *, disk: Disk | None = None) -> Session:
        """Close the engine, open the keystore anew and sign in."""
        self.engine.close()
        return self.restart(disk=disk)

    def restart(self, *, disk: Disk | None = None) -> Session:
        """Open the keystore, which nobody has open, and sign in."""
        if disk is not None:
            self.host = replace(self.host, disk=disk)
        self.engine = Engine.open(self.directory, host=self.host)
        self.session = self.engine.unlock(Secret.from_text(PASSPHRASE))
        return self.session

    def crash(self) -> None:
        """Drop the engine as kill -9 would: files are closed, nothing more is written."""
        core = self.core
        core.standings.clear()
        core.keystore.close()
        trail = core.trail
        if trail is not None:
            trail._stop.set()
            trail._unsynced.set()
            trail._segment.close()
            trail._segments.close()
            trail._closed = True
        core.hsm.lock()

    def close(self) -> None:
        """Close the engine."""
        self.engine.close()


def arn_of(key_id: str, *, account: str = ACCOUNT, region: str = REGION) -> str:
    """Return a key's ARN."""
    return f"arn:aws:kms:{region}:{account}:key/{key_id}"


def alias_arn_of(name: str, *, account: str = ACCOUNT, region: str = REGION) -> str:
    """Return the ARN of an alias, named with its ``alias/``."""
    return f"arn:aws:kms:{region}:{account}:{name}"
