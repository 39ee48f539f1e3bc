"""What the engine tells edges about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine's condition at a moment.

    Attributes:
        directory: The keystore's directory.
        store_id: The keystore's identifier.
        account: The account it was created for.
        region: Its home Region.
        training: Whether account time can be moved and checkpoints restored.
        unlocked: Whether keys are loaded.
        verification: ``pending``, ``verified`` or ``failed``.
        verified_rows: Rows verified so far.
        total_rows: Rows to verify.
        rollback_protection: ``anchor`` or ``none``.
        memory_protection: One honest line.
        trail_broken: Whether the trail refuses to be written.
        trail_sequence: Number of the trail's last line.
        now: Account time; UTC.
        generation: Number of the last commit.
        key_count: KMS keys in the keystore, in every state.
        clock_behind: Seconds that the wall clock is behind account time.
        format_version: Of the keystore.
        self_tested: Whether the power-on self-tests have passed in this process.
        passphrase_cost: What each guess of a passphrase costs, in words.
        anchor_directory: Where rollback anchors are kept; empty for nowhere.
    """

    directory: str
    store_id: str
    account: str
    region: str
    training: bool
    unlocked: bool
    verification: str
    verified_rows: int
    total_rows: int
    rollback_protection: str
    memory_protection: str
    trail_broken: bool
    trail_sequence: int
    now: datetime | None
    generation: int
    key_count: int
    clock_behind: float
    format_version: int
    self_tested: bool = False
    passphrase_cost: str = ""
    anchor_directory: str = ""


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """Something that happened, for those who subscribed.

    Attributes:
        kind: ``call``, ``service``, ``verification``, ``locked`` or ``restored``.
        name: The operation or service event.
        error: The error code; empty for success.
        resources: ARNs concerned.
    """

    kind: str
    name: str
    error: str = ""
    resources: tuple[str, ...] = ()
