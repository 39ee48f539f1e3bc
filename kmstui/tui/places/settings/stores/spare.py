"""Clusters and key managers that belong to no key store: the only ones that can be destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.dialogs.confirm import ConfirmTyped

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


async def spare_devices(console: KmsApp) -> None:
    """Offer to destroy a device that no key store has.

    Raises:
        UsageError: There is none.
    """
    clusters = await console.fetch("kmstui:ListClusters")
    managers = await console.fetch("kmstui:ListKeyManagers")
    choices = [
        Choice(
            ("kmstui:DeleteCluster", "ClusterId", str(each["ClusterId"])),
            text.literal(str(each["ClusterId"])),
            f"cluster, {each['KeyCount']} keys",
        )
        for each in clusters["Clusters"]
        if "CustomKeyStoreId" not in each
    ] + [
        Choice(
            ("kmstui:DeleteKeyManager", "Name", str(each["Name"])),
            text.literal(str(each["Name"])),
            f"key manager, {len(each['Keys'])} keys",
        )
        for each in managers["KeyManagers"]
        if "CustomKeyStoreId" not in each
    ]
    if not choices:
        raise UsageError(
            "Every cluster and key manager has its key store.",
            hint="They are changed with their key store; those without one can be destroyed.",
        )
    chosen = await console.ask(Choose(text.literal("Destroy which device?"), choices))
    if chosen is None:
        return
    operation, member, name = chosen
    dialog = ConfirmTyped(
        title=text.template("Destroy $name and every key in it?", name=name),
        message=text.literal("Nothing brings them back; a backup may still have them."),
        token=name,
        verb=text.literal("Destroy it"),
        back=text.literal("Keep it"),
    )
    if await console.ask(dialog) is True:
        await console.call(operation, {member: name}, about=name)
