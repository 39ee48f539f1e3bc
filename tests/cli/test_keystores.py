"""``kmstui init`` and ``kmstui passphrase``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kmstui.cli.keystores import random_account
from kmstui.core.arn import is_account
from tests.helpers.program import Vault, run

NEW = "another rather unlikely sentence"


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    """Return a file with a good passphrase."""
    file = tmp_path / "passphrase-of-init"
    file.write_text(f"{NEW}\nthe second line does not count\n")
    return file


def test_init_makes_a_keystore_that_opens(passphrase_file: Path, own_machine: Path) -> None:
    """One command makes a production keystore in the data directory; a second one refuses."""
    made = run("init", "--region", "eu-west-1", "--passphrase-file", str(passphrase_file))
    assert (made.code, made.err) == (0, "")
    directory = own_machine / "data" / "kmstui" / "keystore"
    assert f"Created a keystore in {directory}\n" in made.out
    assert "  Region   eu-west-1\n" in made.out
    assert re.search(r"^  account  [1-9]\d{11}$", made.out, re.MULTILINE)
    assert re.search(r"^  (?:[0-9A-Z]{5}-){6}[0-9A-Z]{5}$", made.out, re.MULTILINE)
    assert oct(directory.stat().st_mode)[-3:] == "700"
    again = run("init", "--passphrase-file", str(passphrase_file))
    assert (again.code, again.out) == (1, "")
    assert "KeystoreExistsError" in again.err
    report = run("doctor", "--passphrase-file", str(passphrase_file))
    assert report.code == 0
    assert "production" in report.out


@pytest.mark.parametrize("weak", ["short", "password1234", "aaaaaaaaaaaaaaaa", "qwertyuiop12"])
def test_weak_passphrases_are_refused(tmp_path: Path, weak: str) -> None:
    """A weak passphrase is refused before anything is made, with advice, and not repeated."""
    file = tmp_path / "weak"
    file.write_text(weak)
    outcome = run("--keystore", str(tmp_path / "new"), "init", "--passphrase-file", str(file))
    assert (outcome.code, outcome.out) == (2, "")
    assert "WeakPassphraseError" in outcome.err
    assert "hint: " in outcome.err
    assert weak not in outcome.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "options",
    [("--account", "12"), ("--account", "1111\n2222333"), ("--region", "eu\x1b[1m")],
)
def test_malformed_account_and_region(
    tmp_path: Path, passphrase_file: Path, options: tuple[str, ...]
) -> None:
    """An account or Region that no ARN could hold is refused before anything is made."""
    outcome = run(
        *("--keystore", str(tmp_path / "new"), "--passphrase-file", str(passphrase_file)),
        *("init", *options),
    )
    assert outcome.code == 1
    assert "ValidationException" in outcome.err
    assert "\x1b" not in outcome.err
    assert not (tmp_path / "new").exists()


def test_random_accounts_are_accounts() -> None:
    """An invented account id is well formed, and not the same twice."""
    accounts = {random_account() for _ in range(50)}
    assert len(accounts) == 50
    assert all(is_account(account) and account[0] != "0" for account in accounts)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\nsecond", "is empty"),
        (b"x" * 5000, "longer than 4096 bytes"),
        (b"\xff\xfe\n", "UnicodeDecodeError"),
        (None, "FileNotFoundError"),
    ],
)
def test_unusable_passphrase_files(vault: Vault, content: bytes | None, message: str) -> None:
    """A passphrase file without a usable first line is a usage error that says why."""
    vault.passphrase_file.unlink()
    if content is not None:
        vault.passphrase_file.write_bytes(content)
    outcome = vault.run("doctor")
    assert outcome.code == 2
    assert message in outcome.err


def test_first_line_may_end_as_on_windows(vault: Vault) -> None:
    """A line end of either kind is not part of the passphrase; a blank at the end is."""
    text = vault.passphrase_file.read_text().strip()
    vault.passphrase_file.write_bytes(f"{text}\r\n".encode())
    assert vault.run("doctor").code == 0
    vault.passphrase_file.write_bytes(f"{text} \n".encode())
    assert vault.run("doctor").code == 3


def test_passphrase_file_from_the_environment(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both places can come from the environment."""
    monkeypatch.setenv("KMSTUI_KEYSTORE", str(vault.directory))
    monkeypatch.setenv("KMSTUI_PASSPHRASE_FILE", str(vault.passphrase_file))
    assert run("doctor").code == 0


def test_options_may_stand_before_or_after_the_verb(vault: Vault) -> None:
    """The two places can be named before the verb or behind it."""
    assert run(*vault.options, "doctor").code == 0
    assert run("doctor", *vault.options).code == 0


def test_changed_passphrase(vault: Vault, tmp_path: Path) -> None:
    """After a change only the new passphrase and the recovery code open; keys stay usable."""
    vault.key("alias/app")
    blob = vault.call("Encrypt", "--key-id", "alias/app", "--plaintext", "text:x")
    new = tmp_path / "new"
    new.write_text(NEW)
    changed = vault.run("passphrase", "--new-passphrase-file", str(new))
    assert (changed.code, changed.out) == (0, "The passphrase was changed.\n")
    assert vault.run("doctor").code == 3
    vault.passphrase_file.write_text(NEW)
    opened = vault.call("Decrypt", "--ciphertext-blob", blob["CiphertextBlob"])
    assert opened["Plaintext"] == "eA=="
    vault.passphrase_file.write_text(vault.code)
    assert vault.run("doctor").code == 0


@pytest.mark.parametrize(("new", "code"), [("short", 2), (NEW, 3)])
def test_refused_change_keeps_the_old(vault: Vault, tmp_path: Path, new: str, code: int) -> None:
    """With a weak new passphrase or a wrong old one, nothing changes."""
    old = vault.passphrase_file.read_text()
    if code == 3:
        vault.passphrase_file.write_text("wrong wrong wrong\n")
    file = tmp_path / "new"
    file.write_text(new)
    refused = vault.run("passphrase", "--new-passphrase-file", str(file))
    assert (refused.code, refused.out) == (code, "")
    vault.passphrase_file.write_text(old)
    assert vault.run("doctor").code == 0


def test_without_a_terminal_nothing_is_asked(vault: Vault) -> None:
    """Where there is no terminal, the refusal names the option and the variable."""
    outcome = run("--keystore", str(vault.directory), "call", "ListKeys", stdin=b"x\n")
    assert outcome.code == 2
    assert "--passphrase-file or KMSTUI_PASSPHRASE_FILE" in outcome.err


@pytest.mark.parametrize(
    ("options", "user"),
    [((), "admin"), (("--admin", "chris"), "chris"), (("--admin", ""), "root")],
)
def test_init_names_who_the_passphrase_signs_in(
    tmp_path: Path, passphrase_file: Path, options: tuple[str, ...], user: str
) -> None:
    """An administrator is made unless asked otherwise; the recovery code is the root user's."""
    place = ("--keystore", str(tmp_path / "new"), "--passphrase-file", str(passphrase_file))
    made = run(*place, "init", *options)
    assert (made.code, made.err) == (0, "")
    assert f"  user     {user}\n" in made.out
    assert "Recovery code of the root user" in made.out
    arn = run(*place, "call", "sts:GetCallerIdentity").json["Arn"]
    assert arn.endswith(":root" if user == "root" else f":user/{user}")


def test_init_refuses_what_is_no_user_name(tmp_path: Path, passphrase_file: Path) -> None:
    """Nothing is made for an administrator whom IAM could not name."""
    place = ("--keystore", str(tmp_path / "new"), "--passphrase-file", str(passphrase_file))
    outcome = run(*place, "init", "--admin", "two words")
    assert (outcome.code, outcome.out) == (1, "")
    assert not (tmp_path / "new").exists()
