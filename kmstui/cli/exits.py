"""Exit codes, and how an error becomes one."""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

import click

from kmstui.core.errors import (
    KdfParametersError,
    KeystoreBusyError,
    KeystoreFormatError,
    KeystoreLockedError,
    KeystoreMissingError,
    KeystoreRollbackError,
    KeystoreTamperedError,
    KmsError,
    SelfTestError,
    TrailTamperedError,
    UnsafePathError,
    UnsafePermissionsError,
    UsageError,
    WeakPassphraseError,
    WrongPassphraseError,
)


class Exit(IntEnum):
    """What the program's exit code says."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    KEYSTORE = 3
    DAMAGED = 4


EXIT_HELP = (
    "Exit codes: 0 done; 1 the operation was refused; 2 the command line makes no sense; "
    "3 the keystore cannot be opened (missing, busy, wrong passphrase, unsafe permissions); "
    "4 the keystore, a backup, the trail or this installation is damaged."
)

_USAGE = (UsageError, WeakPassphraseError)
_KEYSTORE = (
    KeystoreMissingError,
    KeystoreBusyError,
    KeystoreLockedError,
    KeystoreFormatError,
    UnsafePathError,
    UnsafePermissionsError,
    WrongPassphraseError,
)
_DAMAGED = (
    KeystoreTamperedError,
    KeystoreRollbackError,
    TrailTamperedError,
    KdfParametersError,
    SelfTestError,
)


def exit_code(error: KmsError) -> Exit:
    """Return the exit code of an error."""
    for kinds, code in (
        (_USAGE, Exit.USAGE),
        (_KEYSTORE, Exit.KEYSTORE),
        (_DAMAGED, Exit.DAMAGED),
    ):
        if isinstance(error, kinds):
            return code
    return Exit.REFUSED


def printable(text: str) -> str:
    """Return text that stays one line and cannot act on a terminal: the rest is escaped."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def of_the_system(error: OSError) -> KmsError:
    """Return what the operating system refused as an error with a hint."""
    where = f"{error.filename}: " if error.filename else ""
    return UnsafePathError(
        f"{where}{error.strerror or type(error).__name__}",
        hint="Check that the directory is yours and the disk is well.",
    )


def fail(error: KmsError) -> NoReturn:
    """Print an error and its hint on standard error and exit with its code."""
    text = f"{error.code}: {error.message}" if error.message else error.code
    click.echo(printable(text), err=True)
    if error.hint:
        click.echo(printable(f"hint: {error.hint}"), err=True)
    raise SystemExit(int(exit_code(error)))
