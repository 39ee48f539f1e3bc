"""Keystores and backups that earlier versions wrote, opened for ever.

Each directory holds what one format version wrote. A new version adds a directory; none changes.
"""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from kmstui.core.secret import Secret
from kmstui.keystore import FORMAT_VERSION, KeyState, Keystore, OutboxRecord, SettingRecord
from kmstui.keystore.backup import Backup
from tests.helpers.golden_keystore import CONTEXT, PLAINTEXT, binding
from tests.helpers.identities import assert_each
from tests.helpers.key_stores import assert_stores
from tests.helpers.keystores import (
    ACCOUNT,
    HOLDER,
    REGION,
    SLOT,
    START,
    Place,
    commit,
    key_id,
    make_alias,
    make_key,
)

_VERSIONS = sorted((Path(__file__).parents[1] / "golden" / "keystore").glob("v*"))


def _facts(golden: Path) -> dict[str, str]:
    facts: dict[str, str] = json.loads((golden / "facts.json").read_text())
    return facts


def _assert_golden(place: Place, keystore: Keystore, golden: Path) -> None:
    keystore.verify()
    used = keystore.key(ACCOUNT, REGION, key_id(1))
    doomed = keystore.key(ACCOUNT, REGION, key_id(2))
    assert used is not None
    assert doomed is not None
    blob = bytes.fromhex(_facts(golden)["ciphertext"])
    opened = place.hsm.decrypt(used.current.token, binding(used), blob, CONTEXT)
    assert opened == PLAINTEXT
    assert used.description == make_key(1).description
    assert used.tags == (("owner", "payments"),)
    assert used.aliases == ("alias/golden",)
    assert doomed.state is KeyState.PENDING_DELETION
    assert doomed.deletion_date == START + timedelta(days=7)
    assert doomed.pending_window_days == 7
    assert [key_id(2)] == [due.key_id for due in keystore.due_keys()]
    assert make_alias("alias/golden") == keystore.alias(ACCOUNT, REGION, "alias/golden")
    usage = keystore.usage(ACCOUNT, REGION, key_id(1))
    assert usage is not None
    assert usage.operation == "Encrypt"
    assert keystore.setting("pattern") == SettingRecord("pattern", '"<Function>"')
    assert keystore.outbox() == [OutboxRecord("event-1", b'{"eventID":"event-1"}')]
    if golden.name == "v1":
        assert keystore.account(ACCOUNT) is None
    else:
        assert_each(keystore)
    if golden.name in {"v1", "v2"}:
        assert keystore.key_stores(ACCOUNT) == ()
    else:
        assert_stores(keystore)


def test_there_is_a_golden_keystore_of_every_version() -> None:
    """No format version is without a golden keystore."""
    assert [f"v{number}" for number in range(1, FORMAT_VERSION + 1)] == [
        golden.name for golden in _VERSIONS
    ]


@pytest.mark.parametrize("golden", _VERSIONS, ids=lambda golden: golden.name)
def test_a_golden_keystore_opens_and_goes_on(place: Place, golden: Path) -> None:
    """All that an earlier version stored reads as it was, decrypts, and can be changed."""
    place.directory.mkdir(mode=0o700)
    shutil.copyfile(golden / "keystore.db", place.database)
    place.database.chmod(0o600)
    with place.open() as keystore:
        keystore.unlock(SLOT, Secret.from_text(_facts(golden)["passphrase"]))
        _assert_golden(place, keystore, golden)
        with keystore.begin() as unit:
            unit.put_key(make_key(3))
            commit(unit)
        keystore.verify()


@pytest.mark.parametrize("golden", _VERSIONS, ids=lambda golden: golden.name)
def test_a_golden_backup_restores(place: Place, golden: Path) -> None:
    """A backup that an earlier version wrote restores to all that it held."""
    path = place.root / "backup.kmstui"
    shutil.copyfile(golden / "backup.kmstui", path)
    path.chmod(0o600)
    with Backup.open(path, place.hsm) as backup:
        backup.unlock(SLOT, Secret.from_text(_facts(golden)["passphrase"]))
        backup.restore_to(
            place.directory,
            drop=frozenset(),
            anchor_dir=place.anchor_dir,
            holder=HOLDER,
            clock_mark=START,
        )
    with place.unlock() as keystore:
        _assert_golden(place, keystore, golden)
