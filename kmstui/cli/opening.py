"""Opening the console without a command line to parse: what a person waits for most often."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import NoReturn

from kmstui.core.errors import KmsError, UsageError
from kmstui.core.locations import default_keystore_dir, keystore_exists


def open_default() -> NoReturn:
    """Open the console on the keystore of ``KMSTUI_KEYSTORE``, or on the user's own."""
    named = os.environ.get("KMSTUI_KEYSTORE")
    try:
        open_console(Path(named) if named else None)
    except KmsError as error:
        from kmstui.cli.exits import fail

        fail(error)
    except OSError as error:
        from kmstui.cli.exits import fail, of_the_system

        fail(of_the_system(error))


def open_console(keystore: Path | None, quota_scale: float | None = None) -> NoReturn:
    """Open the console on a keystore; onboarding if there is none.

    Raises:
        UsageError: There is no terminal.
    """
    directory = default_keystore_dir() if keystore is None else keystore
    require_terminal()
    # Nothing that start-up allocates is garbage: the console collects after its first frame.
    gc.disable()
    from kmstui.cli.starting import console_launch, onboarding_launch
    from kmstui.tui.run import run_console

    launch = console_launch if keystore_exists(directory) else onboarding_launch
    raise SystemExit(run_console(launch(directory, quota_scale)))


def require_terminal() -> None:
    """Refuse to open the console where nobody could see it.

    Raises:
        UsageError: Standard input or output is not a terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The console needs a terminal.", hint="Without one, use `kmstui call` and its kin."
        )
