"""Giving an MFA code on the command line, when a call is refused for want of one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from kmstui.authz.refusal import Refusal
from kmstui.core.arn import iam_arn
from kmstui.core.errors import (
    AccessDeniedException,
    InvalidAuthenticationCodeException,
    UsageError,
)
from kmstui.tui.mfa.codes import DIGITS, cleaned

if TYPE_CHECKING:
    from kmstui.engine import Engine, Session

ASK = ""
"""What ``--mfa-code`` without a value stands for: ask when a code is wanted."""

_TRIES = 3


def call_with_code(
    engine: Engine,
    session: Session,
    operation: str,
    request: Mapping[str, Any],
    *,
    code: str | None,
    device: str = "",
) -> dict[str, Any]:
    """Perform an operation; where only a fresh code is missing, give one and repeat the call.

    Args:
        engine: The engine.
        session: Who calls.
        operation: Such as ``kms:PutKeyPolicy``.
        request: Members under AWS's names.
        code: The code, :data:`ASK` to ask for it on the terminal, None to give none.
        device: Name or ARN of the device that the code is of; empty for the only one.

    Raises:
        UsageError: A code is to be asked for and there is no terminal.
        KmsError: The operation's refusal, or the code's.
    """
    try:
        return engine.call(session, operation, request)
    except AccessDeniedException as error:
        refusal = error.refusal
        if not (isinstance(refusal, Refusal) and refusal.mfa_would_help):
            raise
        if code is None:
            error.hint = f"{error.hint} Add --mfa-code to be asked for it."
            raise
    if code == ASK:
        _ask(engine, session, operation, device)
    else:
        _give(engine, session, code, device)
    return engine.call(session, operation, request)


def _ask(engine: Engine, session: Session, operation: str, device: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask for the MFA code on.", hint="Use --mfa-code CODE."
        )
    for left in reversed(range(_TRIES)):
        typed = click.prompt(f"MFA code for {operation}", hide_input=True, err=True)
        try:
            _give(engine, session, typed, device)
        except InvalidAuthenticationCodeException as error:
            if not left:
                raise
            click.echo(f"{error.message} {error.hint}".strip(), err=True)
        else:
            return


def _give(engine: Engine, session: Session, typed: str, device: str) -> None:
    """Give what was typed: six digits are a device's code, anything else a recovery code."""
    code = cleaned(typed)
    if len(code) != DIGITS:
        engine.call(session, "kmstui:AuthenticateMfa", {"RecoveryCode": typed.strip()})
        return
    request = {"TokenCode": code}
    if device:
        request["SerialNumber"] = _serial(session, device)
    engine.call(session, "kmstui:AuthenticateMfa", request)


def _serial(session: Session, device: str) -> str:
    return device if device.startswith("arn:") else iam_arn(session.account, "mfa", "/", device)
