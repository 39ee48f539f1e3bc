"""``kmstui init`` and ``kmstui passphrase``."""

from __future__ import annotations

from pathlib import Path

import click

from kmstui.cli.common import (
    keystore_option,
    keystore_path,
    new_passphrase,
    passphrase_option,
)
from kmstui.cli.exits import printable

DEFAULT_REGION = "us-east-1"
DEFAULT_ADMINISTRATOR = "admin"


def random_account() -> str:
    """Return an account id for a new keystore: twelve digits, not beginning with 0."""
    from kmstui.core.ids import SystemIds

    number = int(SystemIds().material_id(), 16)
    return str(10**11 + number % (9 * 10**11))


@click.command()
@click.option("--account", help="Account id, twelve digits.  [default: a random one]")
@click.option("--region", default=DEFAULT_REGION, show_default=True, help="Home Region.")
@click.option(
    "--admin",
    default=DEFAULT_ADMINISTRATOR,
    show_default=True,
    metavar="NAME",
    help='Your user name, an administrator; "" signs the root user in instead.',
)
@click.option(
    "--kdf",
    type=click.Choice(["default", "strong"]),
    default="default",
    show_default=True,
    help="Cost of a passphrase guess: 64 MiB, or 256 MiB.",
)
@click.option(
    "--training", is_flag=True, help="Account time can be moved; checkpoints can be restored."
)
@keystore_option
@passphrase_option
@click.pass_context
def init(
    ctx: click.Context,
    account: str | None,
    region: str,
    admin: str,
    kdf: str,
    *,
    training: bool,
    keystore: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Create a keystore and show its recovery code once."""
    from kmstui.core.errors import KeystoreExistsError
    from kmstui.core.locations import keystore_exists
    from kmstui.engine import Engine, Host
    from kmstui.engine.opening import NewKeystore
    from kmstui.hsm import DEFAULT, STRONG

    outer = ctx.obj or {}
    directory = keystore_path(keystore or outer.get("keystore"))
    if keystore_exists(directory):
        raise KeystoreExistsError(f"There is a keystore in {directory} already.")
    new = NewKeystore(
        account or random_account(),
        region,
        STRONG if kdf == "strong" else DEFAULT,
        training=training,
        administrator=admin,
    )
    new.check()
    passphrase = new_passphrase(passphrase_file or outer.get("passphrase_file"))
    engine, _, code = Engine.create(
        directory, host=Host.system("kmstui init"), new=new, passphrase=passphrase
    )
    engine.close()
    click.echo(printable(f"Created a keystore in {directory}"))
    click.echo(f"  account  {new.account}")
    click.echo(f"  Region   {new.region}")
    click.echo(f"  user     {admin or 'root'}")
    click.echo("Recovery code of the root user (write it down; it is shown only now):")
    click.echo(f"  {code.reveal().decode()}")


@click.command()
@click.option(
    "--new-passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the new passphrase from the first line of a file instead of asking.",
)
@keystore_option
@passphrase_option
@click.pass_context
def passphrase(
    ctx: click.Context,
    new_passphrase_file: Path | None,
    keystore: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Change your passphrase; the old one stops working, the keys stay as they are."""
    from kmstui.cli.common import read_passphrase
    from kmstui.engine import Engine, Host

    outer = ctx.obj or {}
    directory = keystore_path(keystore or outer.get("keystore"))
    engine = Engine.open(directory, host=Host.system("kmstui passphrase"))
    try:
        old = read_passphrase(
            passphrase_file or outer.get("passphrase_file"), "Present passphrase"
        )
        session = engine.unlock(old)
        engine.change_passphrase(session, old, new_passphrase(new_passphrase_file))
    finally:
        engine.close()
    click.echo("The passphrase was changed.")


COMMANDS = {"init": init, "passphrase": passphrase}
