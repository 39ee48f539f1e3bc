"""Options that several verbs share, and how a keystore is opened for one command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kmstui.core.errors import UsageError
from kmstui.core.limits import QUOTA_SCALE_MAX
from kmstui.core.secret import Secret

if TYPE_CHECKING:
    from kmstui.engine import Engine, Session

PASSPHRASE_FILE_VARIABLE = "KMSTUI_PASSPHRASE_FILE"  # noqa: S105 - a variable's name

_LONGEST_PASSPHRASE = 4096

_F = TypeVar("_F", bound=Callable[..., Any])


def keystore_option(function: _F) -> _F:
    """Add ``--keystore``."""
    return click.option(
        "--keystore",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="KMSTUI_KEYSTORE",
        help="The keystore's directory.  [default: in the user's data directory]",
    )(function)


def passphrase_option(function: _F) -> _F:
    """Add ``--passphrase-file``; a passphrase is never an argument."""
    return click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar=PASSPHRASE_FILE_VARIABLE,
        help="Read the passphrase from the first line of a file instead of asking.",
    )(function)


def quota_scale_option(function: _F) -> _F:
    """Add ``--quota-scale`` to a verb that holds the engine open."""
    return click.option(
        "--quota-scale",
        type=click.FloatRange(0, QUOTA_SCALE_MAX),
        metavar="X",
        help="Enforce AWS's request quotas times X; 0 for none.  [default: a setting]",
    )(function)


def keystore_path(given: Path | None) -> Path:
    """Return the keystore to use: the one given, else the user's own."""
    from kmstui.core.locations import default_keystore_dir

    return given if given is not None else default_keystore_dir()


def read_passphrase(file: Path | None, prompt: str = "Passphrase") -> Secret:
    """Return a passphrase from a file's first line, or ask for it without echo.

    Raises:
        UsageError: The file cannot be read, or there is no terminal to ask on.
    """
    if file is not None:
        return Secret.from_text(_first_line(file))
    if not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask for the passphrase on.",
            hint=f"Use --passphrase-file or {PASSPHRASE_FILE_VARIABLE}.",
        )
    return Secret.from_text(click.prompt(prompt, hide_input=True, err=True))


def new_passphrase(file: Path | None, prompt: str = "New passphrase") -> Secret:
    """Return a passphrase for a new slot, asked for twice, refused when it is weak.

    Raises:
        UsageError: It cannot be read, or the two entries differ.
        WeakPassphraseError: It is too easily guessed.
    """
    from kmstui.core.passphrase import require_strong

    first = read_passphrase(file, prompt)
    if file is None and first != read_passphrase(None, f"{prompt} again"):
        raise UsageError("The two passphrases differ.", hint="Nothing was changed. Try again.")
    require_strong(first.reveal().decode())
    return first


def _first_line(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            line = stream.readline(_LONGEST_PASSPHRASE + 1).removesuffix(b"\n").removesuffix(b"\r")
        text = line.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The passphrase file {os.fspath(file)} cannot be read: {type(error).__name__}."
        ) from None
    if not text or len(line) > _LONGEST_PASSPHRASE:
        length = "empty" if not text else f"longer than {_LONGEST_PASSPHRASE} bytes"
        raise UsageError(f"The first line of the passphrase file {os.fspath(file)} is {length}.")
    return text


@contextmanager
def opened(
    keystore: Path | None, passphrase_file: Path | None, what: str
) -> Iterator[tuple[Engine, Session]]:
    """Open a keystore, sign in, and close it afterwards.

    Args:
        keystore: The directory given on the command line, if any.
        passphrase_file: The file given on the command line, if any.
        what: The command, as a second process is told who holds the keystore.
    """
    from kmstui.engine import Engine, Host

    engine = Engine.open(keystore_path(keystore), host=Host.system(what))
    try:
        yield engine, engine.unlock(read_passphrase(passphrase_file))
    finally:
        engine.close()
