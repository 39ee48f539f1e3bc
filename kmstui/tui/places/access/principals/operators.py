"""Giving a user a passphrase that opens the keystore, and taking it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.dialogs.confirm import ConfirmTyped, confirmation_token
from kmstui.tui.dialogs.new_passphrase import NewPassphraseDialog
from kmstui.tui.places.access.principals.model import PrincipalRow

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


class OperatorDialog(NewPassphraseDialog):
    """Asks for a user's new passphrase, twice, and gives it to the user.

    Args:
        name: The user.
    """

    EXPLAINED = (
        "Whoever knows it opens this keystore and can read everything in a copy of it offline; "
        "policies bind what the user does here. Let the user type it."
    )
    BUSY = "Giving it takes a moment…"

    def __init__(self, name: str) -> None:
        title = text.template("A passphrase for [b]$name[/]", name=name)
        super().__init__(title, text.literal("Give it"))
        self._user = name

    async def hand_on(self) -> None:
        """Give the user the passphrase, after a code if one is asked for."""
        passphrase, console = Secret.from_text(self.field("first").value), self.console
        try:
            error = await self._open_to(passphrase)
            refused = Outcome("CreateOperator", self._user, "", error)
            if error is not None and await console.proven(refused):
                error = await self._open_to(passphrase)
        finally:
            passphrase.wipe()
        if error is not None:
            self.complain(text.literal(error.message or error.code, "$danger"))
            return
        self.conceal()
        self.dismiss(True)

    async def _open_to(self, passphrase: Secret) -> KmsError | None:
        console = self.console
        try:
            door = await console.door()
            await console.caller.run(door.add_operator, console.session, self._user, passphrase)
        except KmsError as error:
            return error
        return None


async def toggle(console: KmsApp, row: PrincipalRow) -> bool:
    """Give the user a passphrase, or take it away once the name was typed."""
    if not row.operator:
        given = await console.ask(OperatorDialog(row.name)) is True
        if given:
            console.main.say(
                text.template("[$ok]✓[/] [b]$name[/] can open this keystore now", name=row.name)
            )
        return given
    dialog = ConfirmTyped(
        title=text.template("Take the passphrase of [b]$name[/]", name=row.name),
        message=text.literal(
            "The user can no longer open this keystore. A copy made before still opens with it: "
            "keys are not changed by this. Policies and access keys stay."
        ),
        token=confirmation_token(row.name, row.arn),
        verb=text.literal("Take it"),
        back=text.literal("Leave it"),
    )
    if await console.ask(dialog) is not True:
        return False
    members = {"UserName": row.name}
    return await console.call("kmstui:DeleteOperator", members, about=row.about) is not None
