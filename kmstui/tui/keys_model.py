"""A KMS key as the console's lists and dialogs know it: one typed, frozen row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kmstui.tui.commands import Subject
from kmstui.tui.dialogs.confirm import confirmation_token

ALIAS_PREFIX = "alias/"
SHORT_ID = 8
"""Characters of a key id that stand for the key where it has no alias."""

PENDING_STATES = frozenset({"PendingDeletion", "PendingReplicaDeletion"})
"""States in which a key waits for its end."""


def short_alias(alias: str) -> str:
    """Leave out the ``alias/`` that every alias begins with."""
    return alias.removeprefix(ALIAS_PREFIX)


def short_id(key_id: str) -> str:
    """Shorten a key id to what tells keys of one account apart: ``1234abcd…``."""
    head = 4 + SHORT_ID if key_id.startswith("mrk-") else SHORT_ID
    return f"{key_id[:head]}…" if len(key_id) > head else key_id


@dataclass(frozen=True, slots=True)
class KeySummary:
    """What a list shows of a key.

    Strings come from other people: they are painted through :mod:`kmstui.tui.text` only.

    Attributes:
        key_id: The id.
        arn: The ARN.
        aliases: Names with ``alias/``, in order.
        state: As AWS names it, ``Enabled``.
        spec: The key spec.
        usage: The key usage.
        origin: Where the material came from.
        manager: ``CUSTOMER`` or ``AWS``.
        description: What it says it is for.
        created: When it was created.
        material_date: Since when its current material encrypts; None if it has none.
        deletion_date: When it will be destroyed, while that is scheduled.
        pending_days: The waiting period, while deletion is scheduled.
        tags: Tag key to tag value.
        last_used: When it last did something, or None.
        last_operation: What that was; empty if nothing.
        multi_region: Whether it is a multi-Region key.
        primary_region: The primary's Region of a multi-Region key; empty for any other.
        replica_regions: The Regions of its replicas.
        rotation_days: Days between automatic rotations; None while they are off.
        next_rotation: When the next automatic rotation is due.
        last_rotation: When the material was rotated last; None if it never was.
        on_demand: How many times it was rotated on demand.
        materials: How many versions its material has.
        rotation_waits: Whether imported material waits to be rotated in.
        expires: When the first of its imported material expires; None if none does.
    """

    key_id: str
    arn: str
    aliases: tuple[str, ...]
    state: str
    spec: str
    usage: str
    origin: str
    manager: str
    description: str
    created: datetime
    material_date: datetime | None
    deletion_date: datetime | None = None
    pending_days: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    last_used: datetime | None = None
    last_operation: str = ""
    multi_region: bool = False
    primary_region: str = ""
    replica_regions: tuple[str, ...] = ()
    rotation_days: int | None = None
    next_rotation: datetime | None = None
    last_rotation: datetime | None = None
    on_demand: int = 0
    materials: int = 1
    rotation_waits: bool = False
    expires: datetime | None = None

    @classmethod
    def from_answer(cls, row: Mapping[str, Any]) -> KeySummary:
        """Read one of the rows that ``kmstui:ListKeySummaries`` answers.

        Raises:
            KeyError: A member is missing; a mistake of ours.
        """
        return cls(
            key_id=row["KeyId"],
            arn=row["Arn"],
            aliases=tuple(row["Aliases"]),
            state=row["KeyState"],
            spec=row["KeySpec"],
            usage=row["KeyUsage"],
            origin=row["Origin"],
            manager=row["KeyManager"],
            description=row["Description"],
            created=row["CreationDate"],
            material_date=row.get("MaterialDate"),
            deletion_date=row.get("DeletionDate"),
            pending_days=row.get("PendingWindowInDays"),
            tags=row["Tags"],
            last_used=row.get("LastUsed"),
            last_operation=row.get("LastUsedOperation", ""),
            multi_region=row["MultiRegion"],
            primary_region=row.get("PrimaryRegion", ""),
            replica_regions=tuple(row.get("ReplicaRegions", ())),
            rotation_days=row.get("RotationPeriodInDays"),
            next_rotation=row.get("NextRotationDate"),
            last_rotation=row.get("LastRotationDate"),
            on_demand=row.get("OnDemandRotations", 0),
            materials=row.get("Materials", 1),
            rotation_waits=row.get("PendingRotation", False),
            expires=row.get("ValidTo"),
        )

    @property
    def region(self) -> str:
        """The Region it is in."""
        return self.arn.split(":", 4)[3]

    @property
    def is_replica(self) -> bool:
        """Whether it is a replica of a multi-Region key."""
        return bool(self.primary_region) and self.primary_region != self.region

    @property
    def alias(self) -> str:
        """The first alias without its prefix; empty if there is none."""
        return short_alias(self.aliases[0]) if self.aliases else ""

    @property
    def label(self) -> str:
        """What a person calls it: the first alias, or the short id."""
        return self.alias or short_id(self.key_id)

    @property
    def token(self) -> str:
        """What to type to confirm its deletion."""
        return confirmation_token(self.alias, self.key_id)

    @property
    def pending(self) -> bool:
        """Whether it waits to be destroyed."""
        return self.state in PENDING_STATES

    @property
    def aws_managed(self) -> bool:
        """Whether AWS manages it, so that it cannot be changed."""
        return self.manager == "AWS"

    @property
    def subject(self) -> Subject:
        """The key as what commands act on."""
        return Subject(
            kind="key",
            identity=self.arn,
            label=self.label,
            states=(self.state,),
            aws_managed=self.aws_managed,
        )
