"""Codes, roles and refusals in the installed program, on a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.engines import ACCOUNT, PASSPHRASE
from tests.helpers.program import Vault
from tests.pty.second_factor import enrol
from tests.pty.terminal import Terminal, leaving

ALIAS = "prod-files-storage"
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
_LOOK = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["kms:Describe*", "kms:List*", "kms:Get*", "kmstui:*"],
                "Resource": "*",
            }
        ],
    }
)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a keystore with its guardrail, an administrator, a key and a role that looks."""
    tmp_path.chmod(0o700)
    made = Vault.make(tmp_path, administrator="admin", mfa_guardrail=True)
    made.key(f"alias/{ALIAS}")
    role = ("--role-name", "Auditor")
    made.call("iam:CreateRole", *role, "--assume-role-policy-document", _TRUST)
    put = ("--policy-name", "look", "--policy-document", _LOOK)
    assert 0 == made.run("call", "iam:PutRolePolicy", *role, *put).code
    return made


def sign_in(terminal: Terminal) -> None:
    """Type the passphrase when it is asked for."""
    terminal.wait_for("Passphrase", "The recovery code opens it too.")
    terminal.enter_secret(PASSPHRASE)
    terminal.wait_for("admin", ": command")


def test_a_code_is_asked_for_in_a_new_session(vault: Vault) -> None:
    """Enrolled, signed in anew, refused, given a wrong code and a right one: it is done."""
    with leaving(Terminal("--keystore", str(vault.directory))) as terminal:
        sign_in(terminal)
        app = enrol(terminal, PASSPHRASE)
        terminal.press("ctrl+l")
        sign_in(terminal)
        terminal.press("1")
        terminal.wait_for("All keys", ALIAS)
        terminal.press("X")
        terminal.wait_for("Disable instead", "Schedule deletion…")
        terminal.press("down", "enter")
        terminal.wait_for(f"Type {ALIAS} to confirm.", "Waiting period")
        terminal.write(ALIAS)
        terminal.wait_for("✓ matches")
        terminal.press("enter")
        terminal.wait_bold("Schedule deletion")
        terminal.press("enter")
        terminal.wait_for("MFA code", "5 tries", "TOTP code")
        terminal.write("12345")
        terminal.press("enter")
        terminal.wait_for("six digits; this has 5")
        # What a key is bound to is done later than what it types: the field must be seen empty.
        terminal.press("ctrl+u")
        terminal.wait_gone("12345")
        code = app.code(1)
        terminal.write(f"{code[:3]} {code[3:]}")
        terminal.press("enter")
        terminal.wait_for("ScheduleKeyDeletion", "K keep", "MFA 5m")
    assert app.seed not in terminal.outside


def test_a_role_is_refused_and_told_why(vault: Vault) -> None:
    """Switched by one key, refused, explained, and taken to the simulator with the call."""
    with leaving(Terminal("--keystore", str(vault.directory))) as terminal:
        sign_in(terminal)
        terminal.press("1")
        terminal.wait_for("All keys", ALIAS)
        terminal.press("R")
        terminal.wait_for("Switch role", "Auditor")
        terminal.press("enter")
        terminal.wait_for("admin ▸ Auditor", ALIAS)
        terminal.press("E")
        terminal.wait_for("type what to encrypt", "f1 keys")
        terminal.write("canary")
        terminal.press("enter")
        terminal.wait_for("✗ AccessDeniedException", "why and what next")
        terminal.press("escape")
        terminal.wait_for("X delete")
        terminal.press("w")
        terminal.wait_for("nothing allows it", "no identity policy allows it", "simulator")
        terminal.press("s")
        terminal.wait_for("kms:Encrypt", "Auditor", "Access")
