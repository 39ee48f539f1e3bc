"""What the keystore keeps: frozen records of keys, aliases, usage, settings and pending events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kmstui.core.arn import alias_arn, key_arn
from kmstui.hsm.base import MaterialBinding


class KeyState(StrEnum):
    """State of a KMS key, spelled as AWS spells it.

    Source: AWS KMS API Reference, *KeyMetadata*, member ``KeyState``.
    """

    CREATING = "Creating"
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_IMPORT = "PendingImport"
    PENDING_REPLICA_DELETION = "PendingReplicaDeletion"
    UNAVAILABLE = "Unavailable"
    UPDATING = "Updating"


@dataclass(frozen=True, slots=True)
class KeyMaterialRecord:
    """One version of a key's material, wrapped by the HSM.

    Args:
        material_id: 64 hexadecimal digits.
        version: From 1; part of what the token is bound to.
        token: The exported key token; empty while imported material is missing.
        check: Sealed value that tells whether re-imported material is the same.
        created: When this version came to be, account time.
        state: AWS's KeyMaterialState: ``CURRENT`` for the version that encrypts,
            ``NON_CURRENT`` for one that was, ``PENDING_ROTATION`` or
            ``PENDING_MULTI_REGION_IMPORT_AND_ROTATION`` for one that is to be.
        rotated: When a rotation made it current, account time; None for the first.
        rotation_type: ``AUTOMATIC`` or ``ON_DEMAND``; empty if no rotation made it current.
        description: AWS's KeyMaterialDescription of imported material; untrusted text.
        expires: When imported material is deleted, account time; None if it is not.
    """

    material_id: str
    version: int
    token: bytes = field(repr=False)
    check: bytes = field(repr=False)
    created: datetime
    state: str
    rotated: datetime | None = None
    rotation_type: str = ""
    description: str = ""
    expires: datetime | None = None

    @property
    def missing(self) -> bool:
        """Whether it is imported material that was deleted, expired, or not yet imported here."""
        return not self.token

    @property
    def associated(self) -> bool:
        """Whether it is, or was, what the key encrypts with: it then belongs to it for good."""
        return self.state in {"CURRENT", "NON_CURRENT"}


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A KMS key.

    Args:
        account: Twelve digits.
        region: Such as ``eu-west-1``.
        key_id: A UUID or ``mrk-`` id.
        key_spec: Such as ``SYMMETRIC_DEFAULT``.
        key_usage: Such as ``ENCRYPT_DECRYPT``.
        origin: Such as ``AWS_KMS``.
        key_manager: ``CUSTOMER`` or ``AWS``.
        multi_region: Whether it is a multi-Region key.
        description: The operator's words; untrusted text.
        state: Its state.
        created: When it was created, account time.
        deletion_date: When its waiting period ends, account time; only while pending deletion.
        pending_window_days: Length of that waiting period in days.
        deletion_due_seen: Seconds of boot time at which the period was first seen to be over.
        deletion_due_boot: The boot those seconds belong to.
        materials: Its versions of key material, oldest first.
        aliases: Alias names that point here, each with ``alias/``.
        tags: Pairs of tag key and value.
        policy: Its key policy, as the text that was put.
        rotation_period_days: Days between automatic rotations; None while they are off.
        next_rotation: When the next automatic rotation is due, account time.
        primary_region: The primary's Region of a multi-Region key; empty for any other.
        replica_regions: The Regions of a multi-Region key's replicas, sorted.
        custom_key_store_id: The custom key store that holds its material; empty for none.
        xks_key_id: The external key of a key in an external key store.
        arn: Its ARN.
    """

    account: str
    region: str
    key_id: str
    key_spec: str
    key_usage: str
    origin: str
    key_manager: str
    multi_region: bool
    description: str
    state: KeyState
    created: datetime
    deletion_date: datetime | None = None
    pending_window_days: int | None = None
    deletion_due_seen: float | None = None
    deletion_due_boot: str | None = None
    materials: tuple[KeyMaterialRecord, ...] = ()
    aliases: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    policy: str = ""
    rotation_period_days: int | None = None
    next_rotation: datetime | None = None
    primary_region: str = ""
    replica_regions: tuple[str, ...] = ()
    custom_key_store_id: str = ""
    xks_key_id: str = ""
    arn: str = field(init=False, repr=False, compare=False)
    _handle: tuple[bytes, MaterialBinding] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        # Every call shows it several times.
        object.__setattr__(self, "arn", key_arn(self.account, self.region, self.key_id))

    @property
    def is_replica(self) -> bool:
        """Whether it is a replica of a multi-Region key."""
        return bool(self.primary_region) and self.primary_region != self.region

    @property
    def next_due(self) -> datetime | None:
        """When maintenance has something to do with it next, account time; None if never.

        The end of its waiting period, its next automatic rotation, or the first expiry of its
        imported material. Only an enabled primary rotates.
        """
        moments = [material.expires for material in self.materials if not material.missing]
        if self.state is KeyState.PENDING_DELETION:
            moments.append(self.deletion_date)
        if self.state is KeyState.ENABLED and not self.is_replica:
            moments.append(self.next_rotation)
        return min((moment for moment in moments if moment is not None), default=None)

    def binding(self, material: KeyMaterialRecord) -> MaterialBinding:
        """Return the facts that the token of one of its materials is bound to."""
        return MaterialBinding(
            self.account,
            self.key_id,
            material.material_id,
            material.version,
            self.key_spec,
            self.key_usage,
            self.origin,
            self.multi_region,
        )

    @property
    def handle(self) -> tuple[bytes, MaterialBinding]:
        """The token of the material that encrypts, and what it is bound to; worked out once.

        Raises:
            LookupError: As :attr:`current`.
        """
        known = self._handle
        if known is None:
            material = self.current
            known = (material.token, self.binding(material))
            object.__setattr__(self, "_handle", known)
        return known

    @property
    def current(self) -> KeyMaterialRecord:
        """The version of the material that encrypts.

        Raises:
            LookupError: The key has no material, because it is still to be imported.
        """
        for material in reversed(self.materials):
            if material.state == "CURRENT":
                return material
        message = f"{self.key_id} has no current key material"
        raise LookupError(message)


@dataclass(frozen=True, slots=True)
class AliasRecord:
    """An alias of a KMS key.

    Args:
        account: Twelve digits.
        region: Such as ``eu-west-1``.
        name: With ``alias/``; untrusted text.
        key_id: The key it points to, in the same account and Region.
        created: When it was created, account time.
        updated: When it was last pointed elsewhere, account time.
        row_id: Place in the order of listings; set by the keystore when it reads the record.
    """

    account: str
    region: str
    name: str
    key_id: str
    created: datetime
    updated: datetime
    row_id: str = field(default="", compare=False, repr=False)

    @property
    def arn(self) -> str:
        """The alias's ARN."""
        return alias_arn(self.account, self.region, self.name)


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """The last successful cryptographic use of a key (``GetKeyLastUsage``).

    Args:
        account: Twelve digits.
        region: Such as ``eu-west-1``.
        key_id: The key that was used.
        operation: Name of the operation.
        timestamp: When, account time.
        event_id: The trail event that records it.
        request_id: The request that did it.
    """

    account: str
    region: str
    key_id: str
    operation: str
    timestamp: datetime
    event_id: str
    request_id: str


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """A trail event that is durable here until the trail has it.

    Args:
        event_id: The event's id.
        event: JSON of the record, without sequence and chain.
    """

    event_id: str
    event: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SettingRecord:
    """A setting of the keystore.

    Args:
        name: Its name.
        value: Its value as JSON text.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DueRecord:
    """A key that time will change, from the index that maintenance reads.

    Args:
        account: Twelve digits.
        region: Such as ``eu-west-1``.
        key_id: The key.
        when: The key's ``next_due``, account time.
    """

    account: str
    region: str
    key_id: str
    when: datetime
