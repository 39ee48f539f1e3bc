"""Asking for passphrases on a terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect

from tests.helpers.engines import PASSPHRASE
from tests.helpers.program import CHECKOUT, Vault


def start(*arguments: str) -> pexpect.spawn[str]:
    """Start the program on a terminal."""
    return pexpect.spawn(
        sys.executable,
        ["-m", "kmstui", *arguments],
        cwd=str(CHECKOUT),
        encoding="utf-8",
        timeout=30,
        dimensions=(24, 80),
    )


def test_passphrase_is_asked_for_without_echo(vault: Vault) -> None:
    """On a terminal the passphrase is asked for, and is not shown."""
    child = start("--keystore", str(vault.directory), "doctor")
    child.expect_exact("Passphrase: ")
    child.sendline(PASSPHRASE)
    child.expect_exact("chain unbroken")
    seen = str(child.before)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert PASSPHRASE not in seen


def test_new_passphrase_is_asked_for_twice(tmp_path: Path) -> None:
    """Two different entries make nothing."""
    child = start("--keystore", str(tmp_path / "new"), "init")
    child.expect_exact("New passphrase: ")
    child.sendline("an unlikely sentence of mine")
    child.expect_exact("New passphrase again: ")
    child.sendline("an unlikely sentence of thine")
    child.expect_exact("UsageError: The two passphrases differ.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
    assert not (tmp_path / "new").exists()


def test_interrupting_the_question(vault: Vault) -> None:
    """Ctrl+C at the question ends the program and gives the keystore up."""
    child = start("--keystore", str(vault.directory), "call", "ListKeys")
    child.expect_exact("Passphrase: ")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
    assert vault.run("doctor").code == 0
