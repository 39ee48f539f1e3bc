"""Imported material that expires, rotation, and a second Region, in the installed program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.program import Vault
from tests.pty.terminal import Terminal, leaving
from tests.pty.test_console import decrypt_and_hide, sign_in

IMPORTED = "prod-settlement-payments"
SHARED = "prod-devices-fleet"
PLAINTEXT = "canary-41d7"
ELSEWHERE = "eu-west-1"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a training keystore with a key that waits for an import, and a multi-Region key."""
    tmp_path.chmod(0o700)
    made = Vault.make(tmp_path, training=True)
    for alias, members in ((IMPORTED, ("--origin", "EXTERNAL")), (SHARED, ("--multi-region",))):
        key_id = made.call("kms:CreateKey", *members)["KeyMetadata"]["KeyId"]
        named = ("--alias-name", f"alias/{alias}", "--target-key-id", key_id)
        assert made.run("call", "kms:CreateAlias", *named).code == 0
    return made


@pytest.fixture
def terminal(vault: Vault) -> Iterator[Terminal]:
    """Return the console on that keystore, signed in."""
    with leaving(Terminal("--keystore", str(vault.directory))) as shown:
        sign_in(shown)
        shown.press("1")
        shown.wait_for("All keys", IMPORTED, SHARED)
        yield shown


def open_key(terminal: Terminal, alias: str) -> None:
    """Open the page of one of the two keys."""
    terminal.press("1")
    terminal.wait_for("All keys", IMPORTED, SHARED)
    terminal.press("g", "g") if alias == SHARED else terminal.press("G")
    terminal.press("enter")
    terminal.wait_for(f" {alias}", "Overview", "Key id")


def encrypt(terminal: Terminal) -> None:
    """Encrypt under the key shown; its ciphertext stays in Try-it."""
    terminal.press("E")
    terminal.wait_for("◉ Encrypt", "type what to encrypt")
    terminal.write(PLAINTEXT)
    terminal.wait_for(PLAINTEXT)
    terminal.press("enter")
    terminal.wait_for("✓ Ciphertext", "d decrypt it")


def begin_import(terminal: Terminal) -> None:
    """Open the wizard for the key shown."""
    terminal.press("I")
    terminal.wait_for("Material · SYMMETRIC_DEFAULT takes 32 bytes", "its path", "f1 keys")


def finish_import(terminal: Terminal) -> None:
    """Wrap and import what was chosen."""
    terminal.press("ctrl+n")
    terminal.wait_for("✓ Parameters", "✓ Import", "the key is Enabled")
    terminal.press("escape")
    terminal.wait_gone("✓ Parameters")


def test_imported_material_expires_and_comes_back(terminal: Terminal, tmp_path: Path) -> None:
    """Imported for some days, used, expired, refused, imported again: the old words decrypt."""
    copy = tmp_path / "ceremony-7.bin"
    open_key(terminal, IMPORTED)
    begin_import(terminal)
    terminal.press("shift+tab")
    terminal.wait_for("? keys")
    terminal.press("right")
    terminal.wait_for("◉ fresh material, made here")
    terminal.press("tab")
    terminal.wait_for("f1 keys")
    terminal.write(str(copy))
    terminal.wait_for(copy.name)
    terminal.press("ctrl+n")
    terminal.wait_for("Terms", "◉ never", "? keys")
    terminal.press("right", "right")
    terminal.wait_for("◉ after days", " 90\n")
    terminal.press("tab")
    terminal.wait_for("f1 keys")
    terminal.write("5")
    terminal.wait_match(r"(?m)^ +5$")
    finish_import(terminal)
    assert copy.stat().st_size == 32
    assert copy.stat().st_mode & 0o777 == 0o600

    open_key(terminal, IMPORTED)
    encrypt(terminal)
    terminal.command("warp 6d")
    terminal.wait_for("AdvanceClock", "pending import")
    terminal.press("d")
    terminal.wait_for("◉ Decrypt", "paste another")
    terminal.press("enter")
    terminal.wait_for("✗ KMSInvalidStateException", "is pending import", "f1 keys")
    terminal.press("escape")
    terminal.wait_for("X delete")

    begin_import(terminal)
    terminal.write(str(copy))
    terminal.wait_for(copy.name)
    terminal.press("ctrl+n")
    terminal.wait_for("Terms", "◉ the same again", "? keys")
    finish_import(terminal)
    terminal.wait_for("◉ Decrypt", "● enabled", "f1 keys")
    terminal.press("escape")
    terminal.wait_for("X delete")
    decrypt_and_hide(terminal, PLAINTEXT)
    assert copy.read_bytes() not in terminal.outside.encode("latin-1", "replace")
    assert PLAINTEXT not in terminal.outside


def test_rotated_and_replicated_keys_decrypt_what_they_encrypted(terminal: Terminal) -> None:
    """A key is rotated and replicated; what it encrypted before decrypts here and there."""
    open_key(terminal, SHARED)
    encrypt(terminal)
    terminal.press("escape")
    terminal.wait_for("X delete")
    terminal.command("rotate")
    terminal.wait_for(f"Rotate {SHARED} now?", "goes on decrypting")
    terminal.press("enter")
    terminal.wait_for("RotateKeyOnDemand", SHARED)
    decrypt_and_hide(terminal, PLAINTEXT)

    terminal.command(f"replicate {ELSEWHERE}")
    terminal.wait_for(ELSEWHERE, "Replicate")
    terminal.press("enter")
    terminal.wait_for("ReplicateKey", "The same name")
    terminal.press("enter")
    terminal.wait_for("CreateAlias")
    blob = terminal.wait_match(r"Ciphertext +(\S+)\n +(\S+)")
    terminal.command(f"region {ELSEWHERE}")
    terminal.wait_for(f"· {ELSEWHERE} ·")
    terminal.press("1")
    terminal.wait_for("All keys", "Keys   1 key ", SHARED)
    terminal.press("enter")
    terminal.wait_for(f" {SHARED}", "Overview", "Key id")
    terminal.press("E")
    terminal.wait_for("◉ Encrypt", "type what to encrypt", "f1 keys")
    terminal.press("escape")
    terminal.wait_for("X delete")
    terminal.press("d")
    terminal.wait_for("◉ Decrypt", "no ciphertext yet")
    terminal.paste("".join(blob.groups()))
    terminal.press("enter")
    terminal.wait_for("✓ Plaintext", "enter shows it")
    terminal.press("enter")
    terminal.wait_for(PLAINTEXT)
