"""``kmstui export`` and ``kmstui restore``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.helpers.engines import PASSPHRASE, Bench
from tests.helpers.program import Outcome, Vault, run


def test_export_and_restore(vault: Vault, tmp_path: Path) -> None:
    """A backup restores every key with its aliases; what they encrypted still opens."""
    vault.key("alias/app")
    blob = vault.call("Encrypt", "--key-id", "alias/app", "--plaintext", "text:x")
    backup = tmp_path / "backup"
    written = vault.run("export", str(backup))
    assert written.code == 0
    assert f"Wrote {backup}: 1 keys, {backup.stat().st_size} bytes; it opens.\n" == written.out
    assert oct(backup.stat().st_mode)[-3:] == "600"
    other = Vault(tmp_path / "other", vault.passphrase_file, vault.code)
    restored = other.run("restore", str(backup))
    assert (restored.code, restored.err) == (0, "")
    assert restored.out == f"Restored 1 keys to {other.directory}; a new trail was begun.\n"
    opened = other.call("Decrypt", "--ciphertext-blob", blob["CiphertextBlob"])
    assert opened["Plaintext"] == "eA=="
    assert other.run("doctor").code == 0


def test_export_overwrites_nothing(vault: Vault, tmp_path: Path) -> None:
    """A file that is there stays as it is; that is a refusal, not damage."""
    backup = tmp_path / "backup"
    backup.write_text("precious")
    outcome = vault.run("export", str(backup))
    assert (outcome.code, outcome.out) == (1, "")
    assert "never overwrites" in outcome.err
    assert backup.read_text() == "precious"


def test_export_to_nowhere(vault: Vault) -> None:
    """A directory that is not there is a refusal."""
    outcome = vault.run("export", "/nowhere/at/all")
    assert outcome.code == 1
    assert "cannot be written to /nowhere/at" in outcome.err


def test_restore_refuses_a_keystore_that_is_there(vault: Vault, tmp_path: Path) -> None:
    """An existing keystore is kept unless --replace is given; then it is set aside."""
    backup = tmp_path / "backup"
    vault.key()
    assert vault.run("export", str(backup)).code == 0
    vault.key()
    refused = vault.run("restore", str(backup))
    assert refused.code == 1
    assert "--replace" in refused.err
    replaced = vault.run("restore", str(backup), "--replace")
    assert (replaced.code, replaced.err) == (0, "")
    assert replaced.out.endswith("its trail goes on.\n")
    assert len(vault.call("ListKeys")["Keys"]) == 1
    assert len(list(vault.directory.glob("keystore.db.replaced-*"))) == 1
    assert vault.run("doctor").code == 0


def test_restore_with_a_wrong_passphrase(vault: Vault, tmp_path: Path) -> None:
    """A wrong passphrase makes nothing."""
    backup = tmp_path / "backup"
    assert vault.run("export", str(backup)).code == 0
    vault.passphrase_file.write_text("not the passphrase")
    outcome = Vault(tmp_path / "new", vault.passphrase_file, "").run("restore", str(backup))
    assert outcome.code == 3
    assert "does not open this backup" in outcome.err
    assert not (tmp_path / "new").exists()


def test_restore_with_the_recovery_code(vault: Vault, tmp_path: Path) -> None:
    """The recovery code opens a backup too."""
    backup = tmp_path / "backup"
    assert vault.run("export", str(backup)).code == 0
    vault.passphrase_file.write_text(vault.code)
    other = Vault(tmp_path / "new", vault.passphrase_file, vault.code)
    assert other.run("restore", str(backup)).code == 0


def test_restore_of_what_is_no_backup(vault: Vault, tmp_path: Path) -> None:
    """Neither another file nor none at all is taken for a backup."""
    note = tmp_path / "note"
    note.write_text("shopping: eggs\n" * 400)
    note.chmod(0o600)
    other = Vault(tmp_path / "new", vault.passphrase_file, vault.code)
    for path in (note, tmp_path / "absent", vault.directory / "keystore.db"):
        outcome = other.run("restore", str(path))
        assert outcome.code in {1, 4}, path
        assert outcome.err.startswith(("BackupError", "KeystoreTamperedError")), path
    assert not (tmp_path / "new").exists()


def test_damaged_backup(vault: Vault, tmp_path: Path) -> None:
    """A backup with changed bytes is exit code 4 and makes nothing."""
    vault.key()
    backup = tmp_path / "backup"
    assert vault.run("export", str(backup)).code == 0
    data = bytearray(backup.read_bytes())
    for offset in range(len(data) - 4096 * 2, len(data), 7):
        data[offset] ^= 0x40
    backup.write_bytes(data)
    outcome = Vault(tmp_path / "new", vault.passphrase_file, "").run("restore", str(backup))
    assert outcome.code == 4
    assert not (tmp_path / "new" / "keystore.db").exists()


@dataclass(frozen=True, slots=True)
class Since:
    """A keystore with two keys, of which one was destroyed after the backup.

    Attributes:
        vault: The keystore.
        backup: Made before.
        kept: The key that is there still.
        destroyed: The one that is not.
    """

    vault: Vault
    backup: Path
    kept: str
    destroyed: str

    def restore(self, *options: str) -> Outcome:
        """Restore the backup over the keystore."""
        return self.vault.run("restore", str(self.backup), "--replace", *options)

    def keys(self, vault: Vault) -> set[str]:
        """Return the ids of a keystore's keys."""
        return {key["KeyId"] for key in vault.call("ListKeys")["Keys"]}


@pytest.fixture
def since(own_machine: Path, tmp_path: Path) -> Since:
    """Return a backup and a keystore in which a waiting period has ended since."""
    base = own_machine / "state" / "kmstui"
    base.mkdir(mode=0o700, parents=True)
    bench = Bench.make(base)
    kept, destroyed = bench.key("alias/kept"), bench.key("alias/gone")
    bench.call("ScheduleKeyDeletion", KeyId=destroyed, PendingWindowInDays=7)
    backup = tmp_path / "backup"
    bench.call("kmstui:ExportBackup", Destination=str(backup))
    bench.clock.advance(timedelta(days=7, minutes=1))
    bench.engine.maintain()
    bench.clock.advance(timedelta(hours=2))
    assert len(bench.engine.maintain()) == 1
    bench.close()
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE)
    return Since(Vault(bench.directory, file, ""), backup, kept, destroyed)


def test_destroyed_keys_stay_destroyed(since: Since) -> None:
    """A key that the trail says was destroyed is listed and left out."""
    outcome = since.restore()
    assert (outcome.code, outcome.err) == (0, "")
    first, last = outcome.out.splitlines()
    assert first.startswith(f"left out  {since.destroyed}  destroyed 2026-06-08T")
    assert last.startswith("Restored 1 keys to ")
    assert since.keys(since.vault) == {since.kept}
    assert since.vault.run("doctor").code == 0


def test_destroyed_keys_can_be_taken_back(since: Since) -> None:
    """With --resurrect they are taken back, and that is said."""
    outcome = since.restore("--resurrect")
    assert outcome.code == 0
    assert outcome.out.startswith(f"resurrected  {since.destroyed}  destroyed ")
    assert since.keys(since.vault) == {since.kept, since.destroyed}


def test_destructions_are_learnt_from_another_trail(since: Since, tmp_path: Path) -> None:
    """On another machine the trail is named with --trail."""
    other = Vault(tmp_path / "elsewhere", since.vault.passphrase_file, "")
    trail = since.vault.directory / "trail"
    outcome = other.run("restore", str(since.backup), "--trail", str(trail))
    assert outcome.code == 0
    assert outcome.out.startswith(f"left out  {since.destroyed}")
    assert since.keys(other) == {since.kept}


def test_trail_that_is_not_there(since: Since, tmp_path: Path) -> None:
    """A trail that is named must be there."""
    outcome = run("restore", str(since.backup), "--trail", str(tmp_path / "none"))
    assert outcome.code == 2


def test_damaged_trail_is_not_continued(since: Since) -> None:
    """A restore never goes on from a damaged trail; the hint says what to do with it."""
    path = since.vault.directory / "trail" / "000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b"CreateKey", b"ForgetKey", 1))
    outcome = since.restore()
    assert outcome.code == 1
    assert "cannot be continued: 000001.jsonl, line " in outcome.err
    assert "--trail" in outcome.err
    assert since.vault.directory.joinpath("keystore.db").exists()
