"""Access keys of users: made with their secret shown once, switched, deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.confirm import ConfirmTyped
from kmstui.tui.places.access.picker import Pickable
from kmstui.tui.places.access.principals.asking import pick, sure
from kmstui.tui.places.access.principals.model import PrincipalRow
from kmstui.tui.places.access.principals.reading import access_keys_of
from kmstui.tui.widgets.opaque_value import OpaqueKind, OpaqueValue

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_ID_TAIL = 8


class SecretDialog(Dialog[bool]):
    """Shows an access key with its secret, which nobody can read again afterwards.

    Args:
        key_id: The access key's id.
        secret: Its secret.
        masked: Whether the privacy mask is on.
    """

    def __init__(self, key_id: str, secret: str, *, masked: bool) -> None:
        done = Answer(value=True, label=text.literal("I have stored it"), tone=Tone.MAIN)
        super().__init__(text.literal("Access key"), (done,))
        self._key_id = key_id
        self._masked = masked
        self._secret = OpaqueValue(
            OpaqueKind.SECRET_ACCESS_KEY, secret, size=len(secret.encode()), id="secret"
        )

    def body(self) -> Iterable[Widget]:
        """Yield id, secret and what to do with them."""
        shown = text.mask(self._key_id) if self._masked else self._key_id
        yield Static(text.template("[$muted]id[/]      [b]$key[/]", key=shown))
        yield self._secret
        yield Static(
            text.literal(
                "The secret is shown here once and never again. Enter shows it, y copies it; "
                "store it where the program finds it and nobody else does.",
                "$warn",
            ),
            classes="paragraph",
        )

    def first_focus(self) -> None:
        """Focus the secret."""
        self._secret.focus()

    def conceal(self) -> None:
        """Drop the secret when the console locks."""
        self._secret.clear()

    @on(OpaqueValue.CopyRequested)
    def _copy(self, event: OpaqueValue.CopyRequested) -> None:
        event.stop()
        self.app.copy_to_clipboard(event.widget.value_to_copy())
        self.notify("The secret was sent to the terminal's clipboard.")


async def create(console: KmsApp, row: PrincipalRow) -> bool:
    """Make an access key and show its secret."""
    title = text.template("An access key for [b]$name[/]", name=row.name)
    about = (
        "A program that has it acts as this user, without MFA, until it is deactivated. "
        "A role is the better way for whatever can assume one."
    )
    if not await sure(console, title, about, "Create it"):
        return False
    answer = await console.call("iam:CreateAccessKey", row.named, about=row.about)
    if answer is None:
        return False
    key = answer["AccessKey"]
    await console.ask(
        SecretDialog(str(key["AccessKeyId"]), str(key["SecretAccessKey"]), masked=console.masked)
    )
    return True


async def toggle(console: KmsApp, row: PrincipalRow, key_id: str) -> bool:
    """Activate what is inactive, deactivate what is active."""
    key = await _chosen(console, row, key_id, "Activate or deactivate")
    if key is None:
        return False
    active = key["Status"] == "Active"
    verb = "Deactivate" if active else "Activate"
    about = (
        "Programs that sign with it are refused from now on; t lets them again."
        if active
        else "Programs that sign with it work again."
    )
    title = text.template("$verb [b]$key[/]", verb=verb, key=str(key["AccessKeyId"]))
    if not await sure(console, title, about, verb):
        return False
    members = {
        **row.named,
        "AccessKeyId": key["AccessKeyId"],
        "Status": "Inactive" if active else "Active",
    }
    return await console.call("iam:UpdateAccessKey", members, about=row.about) is not None


async def delete(console: KmsApp, row: PrincipalRow, key_id: str) -> bool:
    """Delete an access key once the end of its id was typed."""
    key = await _chosen(console, row, key_id, "Delete")
    if key is None:
        return False
    identity = str(key["AccessKeyId"])
    dialog = ConfirmTyped(
        title=text.template("Delete access key [b]$key[/]", key=identity),
        message=text.literal(
            "Programs that sign with it are refused for good. Deactivating it first shows who "
            "still does."
        ),
        token=identity[-_ID_TAIL:],
        verb=text.literal("Delete"),
        back=text.literal("Keep it"),
    )
    if await console.ask(dialog) is not True:
        return False
    members = {**row.named, "AccessKeyId": identity}
    return await console.call("iam:DeleteAccessKey", members, about=row.about) is not None


async def _chosen(
    console: KmsApp, row: PrincipalRow, key_id: str, verb: str
) -> dict[str, Any] | None:
    keys = await access_keys_of(console, row)
    if not keys:
        raise UsageError("The user has no access key.", hint="K creates one.")
    if not key_id and len(keys) == 1:
        return keys[0]
    if not key_id:
        choices = [
            Pickable(str(each["AccessKeyId"]), str(each["AccessKeyId"]), str(each["Status"]))
            for each in keys
        ]
        key_id = await pick(console, f"{verb} which access key", choices)
    return next((each for each in keys if each["AccessKeyId"] == key_id), None)
