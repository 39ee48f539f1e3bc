"""The making of a keystore, for a child that is killed on its way."""

from __future__ import annotations

import os
from pathlib import Path

from kmstui.core.secret import Secret
from kmstui.engine import Engine
from kmstui.engine.opening import NewKeystore
from kmstui.hsm import CHEAPEST, selftest_pairs
from kmstui.trail.log import SyncPolicy
from tests.faults.story import child_host
from tests.helpers.engines import ACCOUNT, PASSPHRASE, REGION
from tests.helpers.nursery import Watch


def child(watch: Watch, base: str) -> None:
    """Make a keystore in ``base`` and acknowledge it once it is made."""
    selftest_pairs.TESTS = ()
    new = NewKeystore(ACCOUNT, REGION, CHEAPEST, training=True, test_profile=True)
    host = child_host(Path(base), SyncPolicy.NONE)
    watch()
    engine, _, _ = Engine.create(
        Path(base) / "keystore", host=host, new=new, passphrase=Secret.from_text(PASSPHRASE)
    )
    os.write(1, b"made\n")
    engine.close()
