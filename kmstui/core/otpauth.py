"""The text behind the QR code that an authenticator app scans."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

LABEL_CHARACTERS: Final = 20
"""Longest label: with it a QR code stays small enough for a terminal of 24 lines."""


def otpauth_text(name: str, account: str, seed: str) -> str:
    """Return the text that enrols a device in an authenticator app.

    AWS's form: ``otpauth://totp/NAME@ACCOUNT?secret=SEED``; a long name is cut.

    Args:
        name: The device's name.
        account: The account's number.
        seed: The secret in base 32.
    """
    tail = f"@{account}"
    label = name[: LABEL_CHARACTERS - len(tail)] + tail
    return f"otpauth://totp/{quote(label, safe='@')}?secret={seed}"
