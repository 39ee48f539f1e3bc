"""``kmstui export`` and ``kmstui restore``."""

from __future__ import annotations

from pathlib import Path

import click

from kmstui.cli.common import (
    keystore_option,
    keystore_path,
    opened,
    passphrase_option,
    read_passphrase,
)
from kmstui.cli.exits import printable


@click.command()
@click.argument("destination", type=click.Path(path_type=Path, dir_okay=False))
@keystore_option
@passphrase_option
@click.pass_context
def export(
    ctx: click.Context, destination: Path, keystore: Path | None, passphrase_file: Path | None
) -> None:
    """Write a sealed backup to the file DESTINATION and prove that it opens.

    The backup opens with the same passphrase and recovery code as the keystore does now.
    """
    outer = ctx.obj or {}
    with opened(
        keystore or outer.get("keystore"),
        passphrase_file or outer.get("passphrase_file"),
        "kmstui export",
    ) as (engine, session):
        target = str(destination.absolute())
        answer = engine.call(session, "kmstui:ExportBackup", {"Destination": target})
    text = f"Wrote {destination}: {answer['Keys']} keys, {answer['Bytes']} bytes; it opens."
    click.echo(printable(text))


@click.command()
@click.argument("backup", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--resurrect", is_flag=True, help="Take back keys that were destroyed since.")
@click.option("--replace", is_flag=True, help="Set a keystore that is there aside first.")
@click.option(
    "--trail",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Another trail to learn from which keys were destroyed.",
)
@keystore_option
@passphrase_option
@click.pass_context
def restore(
    ctx: click.Context,
    backup: Path,
    trail: Path | None,
    keystore: Path | None,
    passphrase_file: Path | None,
    *,
    resurrect: bool,
    replace: bool,
) -> None:
    """Make a keystore of the sealed file BACKUP.

    Keys that the trail says were destroyed since are listed and left out, unless --resurrect.
    """
    from kmstui.engine import Host
    from kmstui.engine.backup import restore_backup

    outer = ctx.obj or {}
    directory = keystore_path(keystore or outer.get("keystore"))
    passphrase = read_passphrase(
        passphrase_file or outer.get("passphrase_file"), "Passphrase of the backup"
    )
    done = restore_backup(
        backup.absolute(),
        directory,
        Host.system("kmstui restore"),
        passphrase,
        resurrect=resurrect,
        replace=replace,
        trail=trail,
    )
    for key in done.dropped:
        click.echo(printable(f"left out  {key.key_id}  destroyed {key.when}"))
    for key in done.resurrected:
        click.echo(printable(f"resurrected  {key.key_id}  destroyed {key.when}"))
    trail_text = "its trail goes on" if done.continued else "a new trail was begun"
    click.echo(printable(f"Restored {done.keys} keys to {directory}; {trail_text}."))


COMMANDS = {"export": export, "restore": restore}
