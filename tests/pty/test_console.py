"""The installed program on a terminal, used as a person uses it."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kmstui.core.secret import Secret
from kmstui.engine import Engine, Host
from tests.helpers.engines import PASSPHRASE
from tests.helpers.program import Vault
from tests.pty.second_factor import enrol
from tests.pty.terminal import Terminal, leaving

PHRASE = "correct zebra lantern 41"
FIRST_CIPHERTEXT = 60
"""Most keystrokes from an empty home to a first ciphertext, without the passphrases."""

DEMO_CIPHERTEXT = 12
"""Most keystrokes from the demo's first screen to a first ciphertext."""

PLAINTEXT = "canary-9c27"
ALIAS = "prod-files-storage"

_CODE = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){6}")
_COUNTDOWN = r"\d+ d \d\d:\d\d:\d\d"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a cheap keystore with one key, closed."""
    tmp_path.chmod(0o700)
    made = Vault.make(tmp_path)
    made.key(f"alias/{ALIAS}")
    return made


@pytest.fixture
def opened(vault: Vault) -> Iterator[Terminal]:
    """Return the console on that keystore, signed in."""
    with Terminal("--keystore", str(vault.directory)) as terminal:
        sign_in(terminal)
        yield terminal


def sign_in(terminal: Terminal, passphrase: str = PASSPHRASE, user: str = "root") -> None:
    """Type the passphrase when it is asked for."""
    terminal.wait_for("Passphrase", "The recovery code opens it too.")
    terminal.enter_secret(passphrase)
    terminal.wait_for(user, ": command")


def onboard(terminal: Terminal) -> str:
    """Make a keystore and return its recovery code."""
    terminal.wait_for("There is no keystore yet.")
    terminal.press("enter")
    terminal.wait_focus("Passphrase")
    terminal.enter_secret(PHRASE)
    terminal.wait_focus("Once more")
    terminal.enter_secret(PHRASE)
    code = terminal.wait_match(_CODE.pattern).group()
    terminal.press("enter")
    asked = terminal.wait_match(r"(?s)Two groups of it.*Group (\d).*Group (\d)").groups()
    groups = [code.split("-")[int(number) - 1] for number in asked]
    terminal.write(groups[0])
    terminal.press("enter")
    terminal.wait_focus(f"Group {asked[1]}")
    terminal.write(groups[1])
    terminal.press("enter")
    terminal.wait_for("Your keystore is ready.")
    return code


def show_keys(terminal: Terminal, *names: str) -> None:
    """Go to the list of keys, and wait until it shows some."""
    terminal.press("1")
    terminal.wait_for("All keys", *names)


def encrypt(terminal: Terminal, plaintext: str) -> None:
    """Encrypt something under the key that is selected."""
    terminal.press("E")
    terminal.wait_for("type what to encrypt")
    terminal.write(plaintext)
    terminal.wait_for(plaintext)
    terminal.press("enter")
    terminal.wait_for("✓ Ciphertext", "d decrypt  ", "X delete")


def schedule_deletion(terminal: Terminal, alias: str) -> None:
    """Schedule the deletion of the key that is selected, typing its name."""
    confirm_deletion(terminal, alias)
    wait_scheduled(terminal)


def use_demo_authenticator(terminal: Terminal) -> None:
    """Give the code that is asked for, off the demo authenticator."""
    terminal.wait_for("MFA code", "Show the demo authenticator")
    terminal.press("tab", "enter")
    terminal.wait_for("FAKE AUTHENTICATOR", "use the code", " s ")
    terminal.press("enter")
    terminal.wait_gone("FAKE AUTHENTICATOR")
    terminal.wait_match(r"Code +\d{3} \d{3}")
    terminal.press("enter")


def confirm_deletion(terminal: Terminal, alias: str) -> None:
    """Ask for the deletion of the key that is selected, and confirm it."""
    terminal.press("X")
    terminal.wait_for("Disable instead", "Schedule deletion…")
    terminal.press("down", "enter")
    terminal.wait_for(f"Type {alias} to confirm.", "Waiting period", "days, ends")
    terminal.write(alias)
    terminal.wait_for("✓ matches")
    terminal.press("enter")
    terminal.wait_bold("Schedule deletion")
    terminal.press("enter")


def wait_scheduled(terminal: Terminal) -> None:
    """Read until the deletion is scheduled and counts down."""
    terminal.wait_for("ScheduleKeyDeletion", "K keep")
    terminal.wait_match(_COUNTDOWN)


def opens(directory: Path, passphrase: str) -> bool:
    """Tell whether a passphrase opens a keystore that nobody holds."""
    engine = Engine.open(directory, host=Host.system("tests"))
    try:
        return bool(engine.unlock(Secret.from_text(passphrase)).principal)
    finally:
        engine.close()


def create_key(terminal: Terminal, alias: str) -> None:
    """Make a key of a name; its page then shows."""
    terminal.press("n")
    terminal.wait_for("Create a key", "Give it a name")
    terminal.write(alias)
    terminal.wait_for(alias)
    terminal.press("enter")
    terminal.wait_for(f"Created {alias}", "● enabled")


def decrypt_and_hide(terminal: Terminal, plaintext: str) -> None:
    """Decrypt the last ciphertext, reveal the plaintext and hide it again."""
    terminal.press("d")
    terminal.wait_for("◉ Decrypt", "paste another")
    terminal.press("enter")
    terminal.wait_for("✓ Plaintext", "enter shows it", "X delete")
    assert plaintext not in terminal.text
    terminal.press("enter")
    terminal.wait_for(plaintext)
    terminal.press("enter")
    terminal.wait_gone(plaintext)


def disable_try_enable(terminal: Terminal) -> None:
    """Disable the key shown, see that it refuses and why, and enable it."""
    terminal.press("t")
    terminal.wait_for("Stops at once", "Leave it enabled")
    terminal.press("enter")
    terminal.wait_for("DisableKey", "○ disabled")
    terminal.press("c")
    terminal.wait_for("◉ Encrypt", "type what to encrypt")
    terminal.write("again")
    terminal.press("enter")
    terminal.wait_for("✗ DisabledException", "t enables the key.")
    terminal.press("escape")
    terminal.wait_for("X delete")
    terminal.press("t")
    terminal.wait_for("Works again")
    terminal.press("enter")
    terminal.wait_for("EnableKey", "● enabled")


def keep(terminal: Terminal) -> None:
    """Cancel the deletion of the key shown; it stays disabled."""
    terminal.press("K")
    terminal.wait_for("Keep this key", "Leave it scheduled")
    terminal.press("enter")
    terminal.wait_for("is kept", "Leave disabled", "Enable")
    terminal.press("enter")
    terminal.wait_gone("is kept")
    terminal.wait_for("CancelKeyDeletion", "○ disabled")


class TestFirstUse:
    """From an empty home directory."""

    def test_the_life_of_a_key(self) -> None:
        """A key is made, used, disabled, refused, enabled, deleted, kept, and found again."""
        with leaving(Terminal()) as terminal:
            code = onboard(terminal)
            create_key(terminal, ALIAS)
            encrypt(terminal, PLAINTEXT)
            assert terminal.keystrokes <= FIRST_CIPHERTEXT

            decrypt_and_hide(terminal, PLAINTEXT)
            seen = len(terminal.raw)
            disable_try_enable(terminal)
            enrol(terminal, PHRASE)
            terminal.press("1")
            terminal.wait_for("◉ Encrypt", "enter run", "f1 keys")
            terminal.press("escape")
            terminal.wait_for("X delete")
            schedule_deletion(terminal, ALIAS)
            keep(terminal)

        assert terminal.restored
        assert "" == printed(terminal)
        assert PHRASE not in terminal.transcript
        assert PLAINTEXT not in terminal.raw[seen:].decode()

        with leaving(Terminal()) as again:
            sign_in(again, PHRASE, "admin")
            show_keys(again, ALIAS, "○ disabled")
            again.press("4")
            again.wait_for("● live", "Unlock")
            again.press("r")
            again.wait_for("Encrypt", "DisabledException")
        assert PHRASE not in again.transcript
        assert PLAINTEXT not in again.transcript
        assert not set(code.split("-")) & set(re.findall(r"[0-9A-Z]{5}", again.transcript))

    def test_nothing_is_left_by_leaving_at_once(self, own_machine: Path) -> None:
        """Leaving before a passphrase is chosen makes no keystore."""
        with Terminal() as terminal:
            terminal.wait_for("There is no keystore yet.")
            terminal.press("escape")
            assert 0 == terminal.wait_exit()
        assert terminal.restored
        assert not list(own_machine.rglob("keystore.db"))


def printed(terminal: Terminal) -> str:
    """Return what stays on the terminal after leaving, without what only sets modes."""
    return re.sub(r"\x1b\[[?<>=]?[0-9;]*[a-zA-Z]", "", terminal.outside).strip()


class TestDemo:
    """``kmstui demo``."""

    def test_a_year_in_the_demo(self) -> None:
        """Twelve keys to a ciphertext; account time passes, a key is destroyed, a reset undoes."""
        doomed = "dev-sandbox-platform"
        with leaving(Terminal("demo")) as terminal:
            terminal.wait_for("A demo:", "30 keys", doomed)
            terminal.wait_match(rf"▌\s+{doomed}")
            encrypt(terminal, "x")
            assert terminal.keystrokes <= DEMO_CIPHERTEXT

            confirm_deletion(terminal, doomed)
            use_demo_authenticator(terminal)
            wait_scheduled(terminal)
            show_keys(terminal, "Deletions 2")
            terminal.command("warp 31d")
            terminal.wait_for("AdvanceClock", "28 keys")
            terminal.wait_gone(doomed)
            terminal.press("4")
            terminal.wait_for("DeleteKey", "ClockAdvanced")

            terminal.command("reset")
            terminal.wait_for("Type reset to confirm.")
            terminal.write("reset")
            terminal.wait_for("✓ matches")
            terminal.press("enter")
            terminal.wait_bold("Go back")
            terminal.press("enter")
            terminal.wait_for("RestoreCheckpoint")
            show_keys(terminal, doomed, "30 keys", "Deletions 1")
        assert terminal.restored
        assert "" == printed(terminal)


class TestLock:
    """ctrl+l."""

    def test_hides_the_keys(self, opened: Terminal) -> None:
        """Locked, no key shows; a wrong passphrase opens nothing, the right one does."""
        show_keys(opened, ALIAS)
        opened.press("ctrl+l")
        opened.wait_for("You locked it.", "The recovery code opens it too.")
        opened.wait_gone(ALIAS)
        opened.press("1", ":")
        opened.wait_for("••")
        opened.press("backspace", "backspace")
        opened.wait_gone("•")
        opened.enter_secret("not this one at all")
        opened.wait_for("That passphrase opens nothing here.")
        assert ALIAS not in opened.text
        opened.enter_secret(PASSPHRASE)
        opened.wait_for(ALIAS)
        assert PASSPHRASE not in opened.transcript
        opened.press("ctrl+q")
        assert 0 == opened.wait_exit()
        assert opened.restored

    def test_hides_a_dialog_and_what_was_typed(self, opened: Terminal) -> None:
        """Locked over a dialog, nothing of the dialog shows, nor of a plaintext."""
        show_keys(opened, ALIAS)
        opened.press("E")
        opened.wait_for("type what to encrypt")
        opened.write(PLAINTEXT)
        opened.wait_for(PLAINTEXT)
        opened.press("escape")
        opened.wait_for("X delete")
        opened.press("t")
        opened.wait_for("Stops at once")
        opened.press("ctrl+l")
        opened.wait_for("You locked it.", "The recovery code opens it too.")
        shown = opened.wait_gone(ALIAS)
        assert PLAINTEXT not in shown
        assert "Stops at once" not in shown
        opened.enter_secret(PASSPHRASE)
        opened.wait_for(": command")
        assert PLAINTEXT not in opened.text


class TestEndings:
    """Ways the program ends other than ctrl+q."""

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
    def test_a_signal(self, opened: Terminal, vault: Vault, number: signal.Signals) -> None:
        """Told to end, it gives the terminal back and the keystore opens again."""
        show_keys(opened, ALIAS)
        opened.signal(number)
        assert 128 + number == opened.wait_exit()
        assert opened.restored
        assert "" == printed(opened)
        assert opens(vault.directory, PASSPHRASE)

    def test_a_closed_window(self, opened: Terminal, vault: Vault) -> None:
        """A terminal that goes away does not hold the program back from locking and leaving."""
        show_keys(opened, ALIAS)
        assert opened.hang_up()
        assert opens(vault.directory, PASSPHRASE)

    def test_a_kill(self, opened: Terminal, vault: Vault) -> None:
        """Killed outright, the keystore opens again."""
        show_keys(opened, ALIAS)
        opened.signal(signal.SIGKILL)
        assert -signal.SIGKILL == opened.wait_exit()
        assert opens(vault.directory, PASSPHRASE)

    def test_a_mistake_of_ours(self, vault: Vault) -> None:
        """A view that fails leaves a report without data, a good terminal and a whole store."""
        script = Path(__file__).with_name("failing_console.py")
        command = [sys.executable, str(script)]
        with Terminal("--keystore", str(vault.directory), command=command) as terminal:
            sign_in(terminal)
            terminal.press("9")
            assert 1 == terminal.wait_exit()
        said = printed(terminal)
        assert terminal.restored
        assert "kmstui stopped because of a mistake of its own." in said
        assert "MistakeError" in said
        assert "failing_console.py" in said
        assert "canary" not in terminal.transcript
        assert PASSPHRASE not in terminal.transcript
        assert opens(vault.directory, PASSPHRASE)
