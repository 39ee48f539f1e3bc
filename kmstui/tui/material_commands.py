"""The commands on key material and Regions, as data."""

from __future__ import annotations

from kmstui.tui.commands import Command, Danger, Legality, Scope
from kmstui.tui.legality import a_key, can_change, own_key, unless_barred

_ON_KEYS = (Scope.KEYS, Scope.KEY)


def _command(
    identity: str,
    title: str,
    text: str,
    legal: Legality = can_change,
    *,
    key: str = "",
    verb: str,
    argument: str = "",
    danger: Danger = Danger.REVERSIBLE,
    scopes: tuple[Scope, ...] = _ON_KEYS,
    footer: int = 0,
    label: str = "",
) -> Command:
    return Command(
        id=identity,
        title=title,
        help=text,
        keys=(key,) if key else (),
        verb=verb,
        scopes=scopes,
        selection=True,
        argument=argument,
        danger=danger,
        footer=footer,
        label=label,
        legal=unless_barred(identity, legal),
    )


MATERIAL: tuple[Command, ...] = (
    _command(
        "rotate-now",
        "Rotate now…",
        "Give the key new material; what it encrypted still decrypts.",
        key="O",
        verb="rotate",
    ),
    _command(
        "rotation-schedule",
        "Rotation schedule…",
        "Rotate the key by itself every so many days, or no longer.",
        key="F",
        verb="schedule",
        argument="DAYS",
    ),
    _command(
        "import-material",
        "Import key material…",
        "Bring material of your own into a key made for it, step by step.",
        key="I",
        verb="import",
    ),
    _command(
        "delete-material",
        "Delete imported material…",
        "Take imported material out of the key, which then cannot be used until it is back.",
        own_key,
        key="d",
        verb="delete-material",
        danger=Danger.TYPED,
        scopes=(Scope.KEY_MATERIAL,),
        footer=55,
        label="delete it",
    ),
    _command(
        "successor",
        "Make a successor…",
        "Rotate by hand: a new key of the same kind takes over the alias.",
        verb="successor",
    ),
    _command(
        "rewrap",
        "Re-wrap data keys…",
        "Move encrypted data keys in files to another key or Region; the data stays as it is.",
        a_key,
        verb="rewrap",
        argument="PATH",
    ),
)
"""Commands on key material."""

REGIONS: tuple[Command, ...] = (
    _command(
        "regions",
        "Regions of the key…",
        "Show the key's copy in each Region, and go to one.",
        a_key,
        verb="regions",
        danger=Danger.READ,
    ),
    _command(
        "replicate",
        "Replicate to a Region…",
        "Make a copy of the same material in another Region.",
        verb="replicate",
        argument="REGION",
    ),
    _command(
        "promote",
        "Make another Region primary…",
        "Let the copy in another Region lead: rotation and replication are its own then.",
        verb="primary",
        argument="REGION",
    ),
    _command(
        "delete-replica",
        "Delete a replica…",
        "Schedule the deletion of the copy in another Region.",
        own_key,
        verb="delete-replica",
        argument="REGION",
        danger=Danger.TYPED,
    ),
)
"""Commands on a multi-Region key's Regions."""
