"""``kmstui`` and ``kmstui demo``: the verbs that open the console."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kmstui.cli.common import keystore_option, keystore_path
from kmstui.core.errors import KeystoreMissingError, UsageError


def open_console(keystore: Path | None) -> None:
    """Open the console on a keystore; onboarding if there is none."""
    from kmstui.engine.opening import keystore_exists

    directory = keystore_path(keystore)
    _require_terminal()
    if not keystore_exists(directory):
        raise KeystoreMissingError(f"There is no keystore in {directory}.")
    from kmstui.cli.starting import console_launch
    from kmstui.tui.run import run_console

    raise SystemExit(run_console(console_launch(directory)))


def _require_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The console needs a terminal.", hint="Without one, use `kmstui call` and its kin."
        )


@click.command()
@click.option("--reset", is_flag=True, help="Build the demo anew; what was done in it is lost.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which account to invent.")
@keystore_option
def demo(keystore: Path | None, seed: int, *, reset: bool) -> None:
    """Open the console, signed in, on a ready-made demo keystore.

    A year of a small company's keys, on a clock that you can move. Nothing in it is secret.
    """
    from kmstui.engine import Host
    from kmstui.engine.demo import default_demo_dir, ensure_demo

    _require_terminal()
    directory = keystore or default_demo_dir(seed)
    ensure_demo(directory, Host.system("kmstui demo"), seed=seed, reset=reset)
    from kmstui.cli.starting import demo_launch
    from kmstui.tui.run import run_console

    raise SystemExit(run_console(demo_launch(directory)))


COMMANDS = {"demo": demo}
