"""Small keystores on disk, with the cheapest key derivation, for whoever needs one open."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kmstui.core.disk import HOST_DISK, Disk
from kmstui.core.position import TrailPosition
from kmstui.core.secret import Secret
from kmstui.hsm import CHEAPEST, PASSPHRASE_SLOT, UnlockSlot
from kmstui.hsm.software import SoftwareHsm
from kmstui.keystore import (
    AliasRecord,
    KeyMaterialRecord,
    KeyRecord,
    KeyState,
    Keystore,
    UnitOfWork,
)

ACCOUNT = "111122223333"
REGION = "eu-central-1"
STORE_ID = "6f2c1a54-0f0e-4f5a-9a56-3a0b8b1f9d10"
START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
TRAIL = TrailPosition(segment=1, offset=0, sequence=0, line_hash="0" * 64)
SLOT = "slot-1"
PASSPHRASE = "correct horse battery staple"
HOLDER = "pid 1 on host since 2026-01-15T09:00:00Z"


def key_id(number: int) -> str:
    """Return the id of the numbered key; ids ascend with numbers."""
    return f"{number:08x}-1111-4222-8333-444455556666"


def make_key(number: int = 1, **members: object) -> KeyRecord:
    """Return a key with one version of material that no HSM has made."""
    material = KeyMaterialRecord(
        material_id=f"{number:064x}",
        version=1,
        token=os.urandom(93),
        check=os.urandom(60),
        created=START,
        state="CURRENT",
    )
    fields: dict[str, object] = {
        "account": ACCOUNT,
        "region": REGION,
        "key_id": key_id(number),
        "key_spec": "SYMMETRIC_DEFAULT",
        "key_usage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
        "key_manager": "CUSTOMER",
        "multi_region": False,
        "description": f"key {number}",
        "state": KeyState.ENABLED,
        "created": START,
        "materials": (material,),
        "tags": (("owner", "payments"),),
        "policy": '{"Version":"2012-10-17","Statement":[]}',
    }
    return KeyRecord(**{**fields, **members})  # type: ignore[arg-type]


def make_alias(name: str, number: int = 1) -> AliasRecord:
    """Return an alias of the numbered key."""
    return AliasRecord(ACCOUNT, REGION, name, key_id(number), START, START)


def commit(unit: UnitOfWork) -> int:
    """Commit a unit at the time and trail position that tests stand still at."""
    return unit.commit(clock_mark=START, trail=TRAIL)


@dataclass(slots=True)
class Place:
    """Where a keystore is, and what opens it.

    Attributes:
        root: A directory of the test's own.
        anchored: Whether there is a place for the anchor.
        disk: The system calls.
    """

    root: Path
    anchored: bool = True
    disk: Disk = HOST_DISK
    hsm: SoftwareHsm = field(default_factory=SoftwareHsm)

    @property
    def directory(self) -> Path:
        """The keystore's directory."""
        return self.root / "keystore"

    @property
    def database(self) -> Path:
        """The keystore's database file."""
        return self.directory / "keystore.db"

    @property
    def anchor_dir(self) -> Path | None:
        """Where anchors are kept."""
        return self.root / "anchors" if self.anchored else None

    @property
    def passphrase(self) -> Secret:
        """What opens the slot."""
        return Secret.from_text(PASSPHRASE)

    def slot(self, slot_id: str = SLOT, passphrase: str = PASSPHRASE) -> UnlockSlot:
        """Return a new slot of the provisioned HSM."""
        return self.hsm.make_slot(
            slot_id=slot_id,
            kind=PASSPHRASE_SLOT,
            principal=f"arn:aws:iam::{ACCOUNT}:root",
            passphrase=Secret.from_text(passphrase),
            profile=CHEAPEST,
            created=START,
        )

    def create(self, *, training: bool = False) -> Keystore:
        """Return a new keystore, unlocked."""
        domain_keys = self.hsm.provision(STORE_ID, test_profile=True)
        return Keystore.create(
            self.directory,
            self.hsm,
            store_id=STORE_ID,
            account=ACCOUNT,
            region=REGION,
            training=training,
            test_profile=True,
            slots=(self.slot(),),
            domain_keys=domain_keys,
            clock_mark=START,
            anchor_dir=self.anchor_dir,
            holder=HOLDER,
            disk=self.disk,
        )

    def open(self) -> Keystore:
        """Return the keystore, locked."""
        return Keystore.open(
            self.directory,
            self.hsm,
            anchor_dir=self.anchor_dir,
            holder=HOLDER,
            disk=self.disk,
        )

    def unlock(self) -> Keystore:
        """Return the keystore, unlocked and not verified yet."""
        keystore = self.open()
        try:
            keystore.unlock(SLOT, self.passphrase)
        except BaseException:
            keystore.close()
            raise
        return keystore

    def fill(self, count: int, *, training: bool = False) -> None:
        """Leave a closed keystore with ``count`` keys, each with one alias."""
        with self.create(training=training) as keystore, keystore.begin() as unit:
            for number in range(1, count + 1):
                name = f"alias/key-{number}"
                unit.put_key(make_key(number, aliases=(name,)))
                unit.put_alias(make_alias(name, number))
            commit(unit)
