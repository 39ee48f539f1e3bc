"""``kmstui demo``."""

from __future__ import annotations

from pathlib import Path

import click

from kmstui.cli.common import keystore_option, quota_scale_option
from kmstui.cli.opening import require_terminal


@click.command()
@click.option("--reset", is_flag=True, help="Build the demo anew; what was done in it is lost.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which account to invent.")
@keystore_option
@quota_scale_option
def demo(keystore: Path | None, seed: int, quota_scale: float | None, *, reset: bool) -> None:
    """Open the console, signed in, on a ready-made demo keystore.

    A year of a small company's keys, on a clock that you can move. Nothing in it is secret.
    """
    from kmstui.core.locations import default_demo_dir
    from kmstui.engine import Host
    from kmstui.engine.demo import ensure_demo

    require_terminal()
    directory = keystore or default_demo_dir(seed)
    ensure_demo(directory, Host.system("kmstui demo"), seed=seed, reset=reset)
    from kmstui.cli.starting import demo_launch
    from kmstui.tui.run import run_console

    raise SystemExit(run_console(demo_launch(directory, quota_scale)))


COMMANDS = {"demo": demo}
