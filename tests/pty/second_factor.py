"""An authenticator app beside the terminal: it reads the secret off the screen and shows codes."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from dataclasses import dataclass

from kmstui.hsm.primitives import MacKey
from kmstui.hsm.totp import STEP_SECONDS, hotp
from tests.pty.terminal import Terminal

_GROUP = re.compile(r"\b[A-Z2-7]{4}\b")
_SECRET_GROUPS = 8


@dataclass(frozen=True, slots=True)
class App:
    """An app that has scanned a secret.

    Attributes:
        seed: The secret in base 32.
    """

    seed: str

    def code(self, offset: int = 0) -> str:
        """Return the code of now, or of some steps from now."""
        step = int(time.time()) // STEP_SECONDS + offset
        return hotp(MacKey(b32decode(self.seed), "SHA_1"), step).decode("ascii")


def scan(terminal: Terminal) -> App:
    """Read the secret that is shown as text beside the QR code."""
    shown = terminal.wait_until(
        lambda text: len(_GROUP.findall(text)) >= _SECRET_GROUPS, "the secret as text"
    )
    return App("".join(_GROUP.findall(shown)[:_SECRET_GROUPS]))


def enrol(terminal: Terminal, passphrase: str) -> App:
    """Enrol a first device from `:mfa` on, and keep its recovery codes."""
    terminal.command("mfa")
    terminal.wait_for("Enrol a device…")
    terminal.press("enter")
    terminal.wait_focus("Passphrase")
    terminal.enter_secret(passphrase)
    terminal.wait_for("Scan the code", "█")
    app = scan(terminal)
    terminal.wait_focus("First code")
    terminal.write(app.code(-1))
    terminal.press("enter")
    terminal.wait_focus("The next one")
    terminal.write(app.code())
    terminal.press("enter")
    terminal.wait_for("Keep the MFA recovery codes.")
    terminal.press("enter")
    terminal.wait_for("✓ enabled", "10 left")
    return app
