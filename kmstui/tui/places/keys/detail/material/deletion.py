"""Deleting imported key material: what stops working, typed, and a fresh code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kmstui.tui import text
from kmstui.tui.dialogs.confirm import ConfirmTyped
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.detail.material.versions import Version
from kmstui.tui.places.keys.detail.material.words import deletion_warning
from kmstui.tui.places.keys.rotation.model import SYMMETRIC
from kmstui.tui.places.keys.wording import last_use, name

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

MASKED_TYPED = "delete material"
"""What is typed while names are hidden."""


async def delete(
    console: KmsApp, key: KeySummary, version: Version, versions: Sequence[Version]
) -> bool:
    """Ask, then delete a version of imported material; tell whether that was done.

    Args:
        console: The application; a worker must be running.
        key: The key.
        version: Which of its versions.
        versions: All of them.
    """
    others = sum(1 for each in versions if each.associated and each is not version)
    now = console.standing.account_time or key.created
    message = text.template(
        "$warning\n[$muted]Last use of the key:[/] $use$replicas",
        warning=deletion_warning(version, others),
        use=last_use(key, now),
        replicas=_replicas(key, version),
    )
    dialog = ConfirmTyped(
        title=text.template(
            "Delete version $number of the material of $key",
            number=version.number,
            key=name(key.label, masked=console.masked),
        ),
        message=message,
        token=MASKED_TYPED if console.masked else key.token,
        verb=text.literal("Delete the material"),
        back=text.literal("Keep it"),
    )
    if await console.ask(dialog) is not True:
        return False
    request: dict[str, object] = {"KeyId": key.arn}
    if key.spec == SYMMETRIC and version.material_id:
        request["KeyMaterialId"] = version.material_id
    return await console.call("DeleteImportedKeyMaterial", request, about=key.label) is not None


def _replicas(key: KeySummary, version: Version) -> str:
    if not key.multi_region:
        return ""
    if not version.associated and not key.is_replica and key.replica_regions:
        return f"\nIt goes from the replicas too: {', '.join(key.replica_regions)}."
    return f"\nOnly {key.region} loses it; related keys in other Regions keep theirs."
