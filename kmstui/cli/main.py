"""The command group: no verb but the console imports Textual."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Final

import click

from kmstui import __version__
from kmstui.cli.common import keystore_option, passphrase_option, quota_scale_option
from kmstui.cli.exits import EXIT_HELP, fail, of_the_system
from kmstui.core.errors import KmsError, UsageError

VERBS: Final = {
    "init": ("kmstui.cli.keystores", "Create a keystore."),
    "demo": ("kmstui.cli.console", "Open the console on a ready-made demo keystore."),
    "call": ("kmstui.cli.call", "Perform one operation and print its answer as JSON."),
    "operations": ("kmstui.cli.operations", "List operations, or describe one."),
    "material": ("kmstui.cli.material", "Make and wrap key material for its import."),
    "doctor": ("kmstui.cli.doctor", "Verify the keystore and the trail."),
    "passphrase": ("kmstui.cli.keystores", "Change the passphrase."),
    "export": ("kmstui.cli.backups", "Write a sealed backup and prove that it opens."),
    "restore": ("kmstui.cli.backups", "Make a keystore from a sealed backup."),
}
"""Verb to its module and one line; a module is imported only when its verb runs."""


class LazyGroup(click.Group):
    """A group whose verbs are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order they are documented."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb's command."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(VERBS[cmd_name][0])
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])


@click.group(cls=LazyGroup, invoke_without_command=True, epilog=EXIT_HELP)
@click.version_option(__version__, prog_name="kmstui")
@keystore_option
@passphrase_option
@quota_scale_option
@click.pass_context
def cli(
    ctx: click.Context,
    keystore: Path | None,
    passphrase_file: Path | None,
    *,
    quota_scale: float | None,
) -> None:
    """A key-management console for the terminal with a whole local KMS inside.

    Without a command, kmstui opens the console on your keystore, and helps you to make one if
    there is none.
    """
    if quota_scale is not None and ctx.invoked_subcommand is not None:
        raise UsageError(
            "--quota-scale is for the console.", hint="Of the commands, `kmstui demo` has its own."
        )
    ctx.obj = {"keystore": keystore, "passphrase_file": passphrase_file}
    if ctx.invoked_subcommand is None:
        from kmstui.cli.opening import open_console

        open_console(keystore, quota_scale)


def run(arguments: list[str]) -> Any:
    """Run the program; errors go to standard error with a hint and an exit code."""
    try:
        return cli.main(args=arguments, prog_name="kmstui", standalone_mode=True)
    except KmsError as error:
        fail(error)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as error:
        fail(of_the_system(error))
