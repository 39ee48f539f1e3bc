"""A small model of what AWS KMS says of a key's life: states, materials, Regions, time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.helpers.engines import OTHER_REGION, REGION

HOME, AWAY = REGION, OTHER_REGION
REGIONS = (HOME, AWAY)
ENABLED, DISABLED, PENDING_IMPORT = "Enabled", "Disabled", "PendingImport"
PENDING, PENDING_REPLICA = "PendingDeletion", "PendingReplicaDeletion"
STATE = "KMSInvalidStateException"
UNSUPPORTED = "UnsupportedOperationException"
_CONFLICT = timedelta(minutes=20)


@dataclass(slots=True)
class Copy:
    """A key in one Region.

    Attributes:
        state: AWS's KeyState.
        due: When it is destroyed.
        window: The waiting period's days.
        have: The imported material whose bytes are here, with its expiry.
    """

    state: str
    due: datetime | None = None
    window: int = 0
    have: dict[str, datetime | None] = field(default_factory=dict)

    @property
    def leaving(self) -> bool:
        """Whether its deletion is scheduled."""
        return self.state in {PENDING, PENDING_REPLICA}


@dataclass(slots=True)
class Key:
    """A key in all its Regions; its home is the primary.

    Attributes:
        imported: Whether its material is.
        multi: Whether it is a multi-Region key.
        copies: It, by Region.
        materials: Ids of what belongs to it, oldest first; the last encrypts.
        pending: Id of imported material that waits for rotation.
        on_demand: Rotations on demand so far.
        period: Days between automatic rotations.
        rotates: When the next is due.
        blobs: Ciphertexts with plaintext and material.
    """

    imported: bool
    multi: bool
    copies: dict[str, Copy]
    materials: list[str] = field(default_factory=list)
    pending: str = ""
    on_demand: int = 0
    period: int = 0
    rotates: datetime | None = None
    blobs: list[tuple[bytes, bytes, str]] = field(default_factory=list)

    @property
    def everywhere(self) -> bool:
        """Whether every Region has what waits for rotation."""
        return all(self.pending in copy.have for copy in self.copies.values())

    @property
    def states(self) -> list[str]:
        """AWS's KeyMaterialState of each material, oldest first."""
        states = ["NON_CURRENT"] * (len(self.materials) - 1) + ["CURRENT"] * bool(self.materials)
        if not self.pending:
            return states
        far = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
        return [*states, "PENDING_ROTATION" if self.everywhere else far]

    def use(self, region: str) -> str:
        """Return how a cryptographic use ends."""
        state = self.copies[region].state
        return {ENABLED: "", DISABLED: "DisabledException"}.get(state, STATE)

    def settle(self, region: str) -> None:
        """Put a copy into the state that its material puts it into."""
        copy = self.copies[region]
        lacking = self.lacks(region)
        if lacking and copy.state in {ENABLED, DISABLED}:
            copy.state = PENDING_IMPORT
        elif not lacking and copy.state == PENDING_IMPORT:
            copy.state = ENABLED

    def lacks(self, region: str) -> bool:
        """Tell whether a copy misses material that belongs to it."""
        have = self.copies[region].have
        return self.imported and not (self.materials and have.keys() >= set(self.materials))

    def toggle(self, region: str) -> str:
        """Return how enabling or disabling ends."""
        copy = self.copies[region]
        return STATE if copy.leaving or copy.state == PENDING_IMPORT else ""

    def schedule(self, region: str, days: int, now: datetime) -> None:
        """Begin a waiting period; that of a primary with replicas has no date yet."""
        copy = self.copies[region]
        copy.window = days
        if region == HOME and AWAY in self.copies:
            copy.state = PENDING_REPLICA
        else:
            copy.state, copy.due = PENDING, now + timedelta(days=days)

    def cancel(self, region: str) -> None:
        """End a waiting period."""
        copy = self.copies[region]
        copy.state = PENDING_IMPORT if self.lacks(region) else DISABLED
        copy.due, copy.window = None, 0

    def rotation(self, region: str, now: datetime) -> str:
        """Return how a rotation on demand ends."""
        if self.use(region):
            return self.use(region)
        if region != HOME:
            return UNSUPPORTED
        if self.on_demand >= 25:
            return "LimitExceededException"
        if self.imported:
            return "" if self.pending and self.everywhere else STATE
        due = self.rotates is not None and self.rotates - now <= _CONFLICT
        return "ConflictException" if due else ""

    def scheduling(self, region: str) -> str:
        """Return how a change of the rotation period ends."""
        copy = self.copies[region]
        if copy.state == DISABLED:
            return "DisabledException"
        if copy.leaving:
            return STATE
        return UNSUPPORTED if self.imported or region != HOME else ""

    def import_parameters(self, region: str) -> str:
        """Return how asking for a wrapping key ends."""
        if self.copies[region].leaving:
            return STATE
        return "" if self.imported else UNSUPPORTED

    def importing(self, region: str, material: str, *, new: bool | None) -> str:
        """Return how an import ends; ``material`` is empty for one the key never had."""
        if new and region != HOME:
            return UNSUPPORTED
        if not material:
            as_new = not (self.materials or self.pending) if new is None else new
            if not as_new:
                return "IncorrectKeyMaterialException"
            return STATE if self.pending else ""
        return "IncorrectKeyMaterialException" if new and material in self.materials else ""

    def place(self, region: str, material: str, expires: datetime | None) -> None:
        """Take imported material in."""
        if not self.materials:
            self.materials.append(material)
        elif material not in self.materials:
            self.pending = material
        self.copies[region].have[material] = expires
        self.settle(region)

    def remove(self, region: str, material: str) -> None:
        """Delete imported material of a copy; what never encrypted goes from its replicas too."""
        if material == self.pending and region == HOME:
            self.pending = ""
            for copy in self.copies.values():
                copy.have.pop(material, None)
        else:
            self.copies[region].have.pop(material, None)
        self.settle(region)

    def maintain(self, now: datetime) -> None:
        """Do what has become due."""
        for region in (AWAY, HOME):
            copy = self.copies.get(region)
            if copy is None:
                continue
            if copy.due is not None and copy.due <= now:
                self._destroy(region, now)
                continue
            for material, expires in list(copy.have.items()):
                if expires is not None and expires <= now:
                    self.remove(region, material)

    def rotates_at(self, now: datetime) -> bool:
        """Tell whether maintenance rotates it."""
        home = self.copies.get(HOME)
        due = self.rotates is not None and self.rotates <= now
        return home is not None and home.state == ENABLED and due

    def _destroy(self, region: str, now: datetime) -> None:
        del self.copies[region]
        home = self.copies.get(HOME)
        if home is not None and home.state == PENDING_REPLICA:
            home.state, home.due = PENDING, now + timedelta(days=home.window)
