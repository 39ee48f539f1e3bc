"""Writes the golden keystore of the present format version, once, when the version is new.

``python -m tests.helpers.golden_keystore DIRECTORY`` from the checkout. What is there already is
never written again: a keystore that was released opens for ever.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from kmstui.core.canonical import encode_map
from kmstui.hsm import MaterialBinding
from kmstui.keystore import (
    KeyMaterialRecord,
    KeyRecord,
    KeyState,
    OutboxRecord,
    SettingRecord,
    UsageRecord,
)
from tests.helpers.identities import put_each
from tests.helpers.key_stores import put_stores
from tests.helpers.keystores import (
    ACCOUNT,
    PASSPHRASE,
    REGION,
    START,
    Place,
    commit,
    key_id,
    make_alias,
    make_key,
)

CONTEXT = encode_map({"project": "golden"})
PLAINTEXT = b"opened for ever"


def binding(key: KeyRecord) -> MaterialBinding:
    """Return what the current material of a key is bound to."""
    material = key.current
    return MaterialBinding(
        account=key.account,
        key_id=key.key_id,
        material_id=material.material_id,
        version=material.version,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        origin=key.origin,
        multi_region=key.multi_region,
    )


def _with_material(place: Place, key: KeyRecord) -> KeyRecord:
    wrapped = place.hsm.generate(binding(key))
    material: KeyMaterialRecord = replace(key.current, token=wrapped.token, check=wrapped.check)
    return replace(key, materials=(material,))


def write(target: Path) -> None:
    """Write keystore, backup and what they hold into a directory that must be new."""
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        place = Place(Path(scratch))
        with place.create(training=True) as keystore:
            used = _with_material(place, make_key(1, aliases=("alias/golden",)))
            doomed = make_key(
                2, state=KeyState.PENDING_DELETION, deletion_date=START + timedelta(days=7)
            )
            doomed = _with_material(place, replace(doomed, pending_window_days=7))
            with keystore.begin() as unit:
                unit.put_key(used)
                unit.put_key(doomed)
                unit.put_alias(make_alias("alias/golden"))
                unit.put_usage(UsageRecord(ACCOUNT, REGION, key_id(1), "Encrypt", START, "e", "r"))
                unit.put_setting(SettingRecord("pattern", '"<Function>"'))
                unit.add_outbox(OutboxRecord("event-1", b'{"eventID":"event-1"}'))
                put_each(unit)
                put_stores(unit)
                commit(unit)
            blob = place.hsm.encrypt(used.current.token, binding(used), PLAINTEXT, CONTEXT)
            backup = place.root / "backup"
            keystore.export_backup(backup, created=START)
        shutil.copyfile(place.database, target / "keystore.db")
        shutil.copyfile(backup, target / "backup.kmstui")
    facts = {"passphrase": PASSPHRASE, "ciphertext": blob.hex()}
    (target / "facts.json").write_text(json.dumps(facts, indent=2) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
