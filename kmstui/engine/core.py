"""The engine's state and its one lock: what the facade, the control and maintenance share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from kmstui.core.arn import Arn
from kmstui.core.clock import AccountClock
from kmstui.core.errors import (
    KeystoreLockedError,
    KeystoreTamperedError,
    KeystoreVerifyingError,
    KMSInternalException,
    TrailError,
    TrailTamperedError,
)
from kmstui.core.position import TrailPosition
from kmstui.core.spec import OperationSpec
from kmstui.engine.access import Access
from kmstui.engine.host import Host
from kmstui.engine.pipeline import Plan, make_plan
from kmstui.engine.quotas import Quotas
from kmstui.engine.session import Session
from kmstui.engine.status import EngineEvent
from kmstui.hsm.base import Hsm
from kmstui.keystore import Keystore, OutboxRecord, UnitOfWork, UsageRecord
from kmstui.keystore.records import KeyRecord
from kmstui.ops import load
from kmstui.ops.settings import REQUEST_QUOTA_SCALE, setting_of
from kmstui.ops.standing import Standing
from kmstui.trail.event import service_event
from kmstui.trail.log import Trail

if TYPE_CHECKING:
    from kmstui.hsm.devices import Devices

TRAIL_DIRECTORY: Final = "trail"
CHECKPOINT_DIRECTORY: Final = "checkpoints"
OWN_SOURCE: Final = "kmstui"
"""CloudTrail's eventSource of operations that AWS has no API for."""

Listener = Callable[[EngineEvent], None]


def event_source(service: str) -> str:
    """Return CloudTrail's ``eventSource`` of a service."""
    return OWN_SOURCE if service == "kmstui" else f"{service}.amazonaws.com"


class Use(NamedTuple):
    """A cryptographic use that is not stored yet; see ``UsageRecord``."""

    operation: str
    timestamp: datetime
    event_id: str
    request_id: str


class Core:
    """State of an opened keystore, guarded by :attr:`lock`.

    Attributes:
        lock: Covers resolve to commit; also every read of the keystore.
        host: The machine.
        hsm: Key material.
        keystore: Stored documents.
        devices: Clusters and external key managers behind custom key stores.
        trail: Recorded events; ``None`` until the first unlock.
        clock: Account time; ``None`` until the first unlock.
        standings: The sessions that are valid now, and what is known of each.
        access: Principals and their policies.
        quotas: Request quotas.
        usage: Uses since the last commit, by key ARN.
        verified: Set once verification of this unlock has ended, either way; each unlock has its
            own, so that a verification that outlives a lock says nothing about the next one.
        wanted: Set once a call waits for that verification.
        unscrubbed: Whether files may still hold bytes of what was removed.
        plans: Every operation, prepared.
        watched: Whether anybody subscribed.
    """

    def __init__(
        self, host: Host, hsm: Hsm, keystore: Keystore, directory: Path, devices: Devices
    ) -> None:
        self.lock = threading.RLock()
        self.host = host
        self.hsm = hsm
        self.keystore = keystore
        self.directory = directory
        self.devices = devices
        self.trail: Trail | None = None
        self.clock: AccountClock | None = None
        self.standings: dict[Session, Standing] = {}
        self.access = Access(keystore)
        self.quotas = Quotas(host.clock, host.quota_scale)
        self.usage: dict[str, Use] = {}
        self.verified = threading.Event()
        self.wanted = threading.Event()
        self.progress = (0, 0)
        self.unscrubbed = False
        self.plans: Mapping[str, Plan] = {
            name: make_plan(spec, event_source(spec.service)) for name, spec in load().items()
        }
        self._pending: list[tuple[str, int]] = []
        self._listeners: list[Listener] = []
        self.watched = False

    @property
    def specs(self) -> Mapping[str, OperationSpec]:
        """Every operation's spec by its full name."""
        return {name: plan.spec for name, plan in self.plans.items()}

    def now(self) -> datetime:
        """Return account time.

        Raises:
            KeystoreLockedError: Before the first unlock.
        """
        if self.clock is None:
            raise KeystoreLockedError("the keystore is locked")
        return self.clock.now()

    def apply_settings(self) -> None:
        """Go by the settings that the keystore has now."""
        self.quotas.use(setting_of(self.keystore, REQUEST_QUOTA_SCALE))

    def require_trail(self) -> Trail:
        """Return the trail, if it can be written: no trail, no service.

        Raises:
            KeystoreLockedError: Before the first unlock.
            TrailError: A write or sync has failed.
        """
        if self.trail is None:
            raise KeystoreLockedError("the keystore is locked")
        if self.trail.broken:
            raise TrailError("The audit trail cannot be written.")
        return self.trail

    def wait_verified(self) -> None:
        """Wait until the keystore has been verified, or locked.

        Raises:
            KeystoreTamperedError: Verification failed.
            KeystoreVerifyingError: Verification could not be finished.
        """
        self.wanted.set()
        self.verified.wait()
        if self.keystore.verification == "failed":
            raise KeystoreTamperedError("The keystore does not hold exactly what it held.")
        if self.keystore.verification != "verified" and self.hsm.unlocked:
            raise KeystoreVerifyingError(
                "The keystore could not be verified.", hint="Lock it and sign in again."
            )

    def commit(
        self,
        changes: UnitOfWork,
        event_id: str,
        event: bytes,
        others: Sequence[OutboxRecord] = (),
    ) -> None:
        """Make changes durable together with their events, then append these to the trail.

        Uses that are not stored yet go along, and events that the trail has meanwhile made
        durable leave the outbox.

        Args:
            changes: The changes.
            event_id: The id of the event that is appended first.
            event: That event.
            others: The events of whatever else the changes are, in their order.

        Raises:
            KmsError: Nothing was changed; or, for :class:`TrailError`, the change is durable and
                its events will be appended when the keystore is opened again.
        """
        trail = self.require_trail()
        events = (OutboxRecord(event_id, event), *others)
        for each in events:
            changes.add_outbox(each)
        self._commit(changes)
        for each in events:
            self._pending.append((each.event_id, trail.append(each.event).sequence))

    def own_event(self, name: str, details: Mapping[str, Any]) -> OutboxRecord:
        """Return the event of something that was done to the keystore as a whole."""
        head = self.keystore.head
        event_id = self.host.ids.uuid()
        event = service_event(
            event_id=event_id,
            when=self.now(),
            name=name,
            region=head.region,
            account=head.account,
            details=details,
            source=OWN_SOURCE,
        )
        return OutboxRecord(event_id, event)

    def record(self, name: str, details: Mapping[str, Any]) -> None:
        """Commit account time and what is pending, with an event of our own."""
        event = self.own_event(name, details)
        with self.keystore.begin() as changes:
            self.commit(changes, event.event_id, event.event)

    def restore(self, path: Path, name: str) -> None:
        """Put a kept state back, with its event; the trail goes on in a marked segment."""
        trail = self.require_trail()
        event = self.own_event("CheckpointRestored", {"Name": name})
        trail.start_segment(f"restoring checkpoint {name}")
        synced = trail.synced
        self.keystore.restore_from(
            path, trail=synced, outbox=(event,), dropped=self._settled(synced)
        )
        self.access.forget()
        self.apply_settings()
        self.usage.clear()
        self._forget(synced)
        if self.clock is not None:
            self.clock.reset(self.keystore.head.clock_mark)
        self._pending.append((event.event_id, trail.append(event.event).sequence))

    def store_position(self) -> None:
        """Keep account time, the trail's durable position and pending uses in the keystore."""
        with self.keystore.begin() as changes:
            self._commit(changes)

    def scrub(self) -> None:
        """Leave no byte of what was removed in any file; maintenance tries again what fails.

        Raises:
            KeystoreBusyError: Verification is reading.
        """
        self.unscrubbed = True
        self.keystore.checkpoint_wal()
        self.unscrubbed = False

    def _commit(self, changes: UnitOfWork) -> None:
        """Commit, with the uses that are not stored yet and without the events that are."""
        synced = self.require_trail().synced
        for arn, use in self.usage.items():
            self._store_use(changes, arn, use)
        changes.drop_outbox(self._settled(synced))
        changes.commit(clock_mark=self.now(), trail=synced)
        self.usage.clear()
        self._forget(synced)

    def _settled(self, synced: TrailPosition) -> list[str]:
        """Return the events in the outbox that the trail has durably."""
        return [known for known, sequence in self._pending if sequence <= synced.sequence]

    def _forget(self, synced: TrailPosition) -> None:
        self._pending = [entry for entry in self._pending if entry[1] > synced.sequence]

    def _store_use(self, changes: UnitOfWork, arn: str, use: Use) -> None:
        parts = Arn.parse(arn)
        key_id = parts.resource.removeprefix("key/")
        if changes.key(parts.account, parts.region, key_id) is not None:
            changes.put_usage(self._usage_record(arn, use))

    @staticmethod
    def _usage_record(arn: str, use: Use) -> UsageRecord:
        parts = Arn.parse(arn)
        return UsageRecord(
            parts.account,
            parts.region,
            parts.resource.removeprefix("key/"),
            use.operation,
            use.timestamp,
            use.event_id,
            use.request_id,
        )

    def last_usage(self, key: KeyRecord) -> UsageRecord | None:
        """Return the last use of a key, from memory or the keystore."""
        use = self.usage.get(key.arn)
        if use is not None:
            return self._usage_record(key.arn, use)
        return self.keystore.usage(key.account, key.region, key.key_id)

    def last_usages(self, keys: Sequence[KeyRecord], after: str | None) -> dict[str, UsageRecord]:
        """Return the last uses of a page of keys, by key id.

        Args:
            keys: Keys of one account and Region that follow each other in key id order.
            after: The key id that the page begins behind.
        """
        if not keys:
            return {}
        first, last = keys[0], keys[-1]
        stored = self.keystore.usages(first.account, first.region, after=after, until=last.key_id)
        found = {usage.key_id: usage for usage in stored}
        if self.usage:
            for key in keys:
                use = self.usage.get(key.arn)
                if use is not None:
                    found[key.key_id] = self._usage_record(key.arn, use)
        return found

    def replay(self) -> int:
        """Bring trail and outbox together after the keystore was opened.

        Events that were committed and did not reach the trail are appended. Uses recorded after
        the head's position are taken back into memory.

        Returns:
            How many events were appended.

        Raises:
            TrailTamperedError: A line after the head's position is not a record of ours.
            TrailError: The trail cannot be read or written.
        """
        trail = self.require_trail()
        recorded: set[str] = set()
        for line in trail.since(self.keystore.head.trail):
            try:
                event: dict[str, Any] = orjson.loads(line)
                recorded.add(event["eventID"])
                self._remember_use(event)
            except (ValueError, LookupError, TypeError):
                raise TrailTamperedError("A line of the trail is not a record.") from None
        appended = 0
        for record in self.keystore.outbox():
            if record.event_id not in recorded:
                trail.append(record.event)
                appended += 1
            self._pending.append((record.event_id, trail.position.sequence))
        return appended

    def _remember_use(self, event: Mapping[str, Any]) -> None:
        plan = self.plans.get(f"kms:{event['eventName']}")
        if plan is None or not plan.spec.is_use or "errorCode" in event:
            return
        when = datetime.fromisoformat(event["eventTime"])
        use = Use(event["eventName"], when, event["eventID"], event["requestID"])
        for resource in event["resources"]:
            self.usage[str(Arn.parse(resource["ARN"]))] = use

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` for every event from now on; the answer ends that."""
        self._listeners.append(listener)
        self.watched = True

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)
                self.watched = bool(self._listeners)

        return leave

    def publish(self, event: EngineEvent) -> None:
        """Tell those who subscribed; called without holding the lock."""
        for listener in tuple(self._listeners):
            listener(event)

    def behind(self) -> timedelta:
        """Return how far the wall clock is behind account time."""
        return timedelta(0) if self.clock is None else self.clock.behind()


def internal(error: Exception, request_id: str) -> KMSInternalException:
    """Return the error that a caller sees for a fault of ours; it names no values."""
    return KMSInternalException(
        f"Internal failure in request {request_id} ({type(error).__name__}).",
        hint="Nothing was changed. Please report it with the request id.",
    )
