"""``kmstui doctor``: is everything as it should be?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from kmstui.cli.common import keystore_option, keystore_path, passphrase_option, read_passphrase
from kmstui.cli.exits import Exit, printable


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--offline", is_flag=True, help="Check only what needs no passphrase: files and trail."
)
@keystore_option
@passphrase_option
@click.pass_context
def doctor(
    ctx: click.Context,
    keystore: Path | None,
    passphrase_file: Path | None,
    *,
    as_json: bool,
    offline: bool,
) -> None:
    """Verify the keystore and the trail, and say what protects them."""
    from kmstui.engine import Host
    from kmstui.engine.doctor import examine

    outer = ctx.obj or {}
    directory = keystore_path(keystore or outer.get("keystore"))
    file = passphrase_file or outer.get("passphrase_file")
    report = examine(
        directory,
        Host.system("kmstui doctor"),
        passphrase=None if offline else lambda: read_passphrase(file),
    )
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in report], indent=2))
    else:
        width = max(len(finding.subject) for finding in report)
        for finding in report:
            mark = "ok  " if finding.level == "ok" else finding.level.ljust(4)
            click.echo(printable(f"{mark}  {finding.subject:{width}}  {finding.text}"))
    if any(finding.level == "bad" for finding in report):
        raise SystemExit(int(Exit.DAMAGED))


COMMANDS = {"doctor": doctor}
