"""``kmstui doctor``."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.program import Outcome, Vault, run


def levels(outcome: Outcome) -> dict[str, str]:
    """Return what each subject was found to be, from the report as JSON."""
    return {finding["subject"]: finding["level"] for finding in outcome.json}


def trail_file(vault: Vault) -> Path:
    """Return the trail's only segment."""
    (segment,) = (vault.directory / "trail").glob("*.jsonl")
    return segment


def test_a_sound_keystore(vault: Vault) -> None:
    """A sound keystore has nothing bad, says what protects it and ends with 0."""
    vault.key("alias/app")
    report = vault.run("doctor")
    assert (report.code, report.err) == (0, "")
    for text in (
        "every row verified: 1 keys",
        "rollback protection: anchor",
        "memory protection: ",
        "chain unbroken",
        "held by this process (kmstui doctor, pid ",
        "cryptography ",
    ):
        assert text in report.out


def test_report_as_json(vault: Vault) -> None:
    """The report is data for programs too."""
    found = levels(vault.run("doctor", "--json"))
    assert set(found) == {
        *("kmstui", "packages", "lock", "slot", "keystore"),
        *("rollback", "memory", "clock", "trail"),
    }
    assert "bad" not in found.values()


def test_wrong_passphrase(vault: Vault) -> None:
    """A wrong passphrase is exit code 3, with a hint and without the passphrase."""
    vault.passphrase_file.write_text("not the passphrase\n")
    outcome = vault.run("doctor")
    assert (outcome.code, outcome.out) == (3, "")
    assert "WrongPassphraseError" in outcome.err
    assert "hint: " in outcome.err
    assert "not the passphrase" not in outcome.err


def test_recovery_code_opens_too(vault: Vault) -> None:
    """The recovery code stands in for the passphrase."""
    vault.passphrase_file.write_text(f"{vault.code.lower()}\n")
    assert vault.run("doctor").code == 0


def test_no_keystore(tmp_path: Path) -> None:
    """Where there is no keystore, the hint says how to get one."""
    outcome = run("--keystore", str(tmp_path / "none"), "doctor", "--offline")
    assert outcome.code == 3
    assert "kmstui init" in outcome.err


def change_first(lines: list[bytes]) -> list[bytes]:
    """Change a record in the middle of the trail."""
    return [*lines[:2], lines[2].replace(b"eventName", b"eventname"), *lines[3:]]


def remove_third(lines: list[bytes]) -> list[bytes]:
    """Take a record out of the trail."""
    return [*lines[:2], *lines[3:]]


def change_every(lines: list[bytes]) -> list[bytes]:
    """Change every record from the middle on, so that the end is another too."""
    return [*lines[:2], *(line.replace(b'"kms.', b'"kmS.') for line in lines[2:])]


@pytest.mark.parametrize("damage", [change_first, remove_third, change_every])
@pytest.mark.parametrize("options", [(), ("--offline",)])
def test_damaged_trail(
    vault: Vault, damage: Callable[[list[bytes]], list[bytes]], options: tuple[str, ...]
) -> None:
    """A damaged trail is exit code 4, and its first bad line is named, with passphrase or not."""
    vault.key()
    vault.key()
    path = trail_file(vault)
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True))))
    report = vault.run("doctor", *options)
    assert report.code == 4
    assert "bad   trail" in report.out
    assert "first bad line: 000001.jsonl, line " in report.out


def test_cut_tail_is_seen_with_the_passphrase(vault: Vault) -> None:
    """A trail whose end was cut off is found out by the keystore's own record of it."""
    vault.key()
    path = trail_file(vault)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    report = vault.run("doctor")
    assert report.code == 4
    assert "bad   trail" in report.out
    assert "a cut tail cannot be seen" in vault.run("doctor", "--offline").out


def test_damaged_keystore(vault: Vault) -> None:
    """A keystore with a changed byte is exit code 4."""
    vault.key()
    path = vault.directory / "keystore.db"
    data = bytearray(path.read_bytes())
    for offset in range(len(data) - 4096 * 2, len(data), 7):
        data[offset] ^= 0x40
    path.write_bytes(data)
    outcome = vault.run("doctor")
    assert outcome.code == 4
    assert "Tampered" in outcome.err or "bad " in outcome.out


def test_busy_keystore_names_its_holder(vault: Vault) -> None:
    """While another process has the keystore, doctor names it and still checks the trail."""
    engine = vault.open()
    try:
        report = vault.run("doctor")
        assert report.code == 0
        assert "note  lock" in report.out
        assert "kmstui console, pid " in report.out
        assert "chain unbroken" in report.out
        refused = vault.run("call", "ListKeys")
    finally:
        engine.close()
    assert refused.code == 3
    assert "kmstui console, pid " in refused.err


def test_offline_asks_for_no_passphrase(vault: Vault) -> None:
    """Without a passphrase the files and the trail are still checked."""
    report = run("--keystore", str(vault.directory), "doctor", "--offline", "--json")
    assert report.code == 0
    assert set(levels(report)) == {"kmstui", "packages", "lock", "trail"}


def test_unsafe_permissions(vault: Vault) -> None:
    """A keystore that others can read is exit code 3; the hint is the command that mends it."""
    vault.directory.chmod(0o755)
    outcome = vault.run("doctor")
    assert outcome.code == 3
    assert "chmod 700" in outcome.err


def test_a_user_without_a_name(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container whose user has no name, the holder is named by number."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 54321")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert vault.run("doctor", "--offline").code == 0
