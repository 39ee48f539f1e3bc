"""Where and when the demo plays, and the ARNs of those who appear in it."""

from __future__ import annotations

from typing import Final

from kmstui.core.arn import iam_arn

YEAR_DAYS: Final = 365
ACCOUNT: Final = "111122223333"
PARTNER: Final = "444455556666"
"""The account of a partner, in the same keystore."""

REGION: Final = "us-east-1"
SECOND_REGION: Final = "eu-west-1"
ADMINISTRATOR: Final = "admin"
"""The user whom the demo's passphrase signs in."""

CONSOLE: Final = "console"
"""What sessions are called that stand for a program's role."""


def user_arn(name: str) -> str:
    """Return the ARN of a user of the demo's account."""
    return iam_arn(ACCOUNT, "user", "/", name)


def role_arn(name: str, account: str = ACCOUNT) -> str:
    """Return the ARN of a role."""
    return iam_arn(account, "role", "/", name)


def session_arn(name: str) -> str:
    """Return the ARN of the session that a program's role calls from."""
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{CONSOLE}"
