"""One run of maintenance: what its jobs share, and what it has done so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kmstui.engine.core import Core
from kmstui.engine.status import EngineEvent
from kmstui.keystore.records import KeyRecord, OutboxRecord
from kmstui.trail.event import KMS_SOURCE, service_event


@dataclass(slots=True)
class Run:
    """One run of maintenance; the core's lock is held.

    Attributes:
        core: Where.
        destroyed: ARNs of the keys that are gone.
        announced: What subscribers are told after the run, whatever it ends with.
    """

    core: Core
    destroyed: list[str] = field(default_factory=list)
    announced: list[EngineEvent] = field(default_factory=list)

    def announce(self, name: str, key: KeyRecord) -> None:
        """Have subscribers told that the service did something to a key."""
        self.announced.append(EngineEvent("service", name, resources=(key.arn,)))

    def event(
        self,
        name: str,
        key: KeyRecord,
        details: Mapping[str, Any],
        source: str = KMS_SOURCE,
        *,
        additional: Mapping[str, str] | None = None,
    ) -> OutboxRecord:
        """Return the trail's record of something that the service does to a key.

        Args:
            name: Such as ``DeleteKey``.
            key: The key.
            details: ``serviceEventDetails``, under AWS's names.
            source: The service's ``eventSource``.
            additional: ``additionalEventData``, under AWS's names.
        """
        event_id = self.core.host.ids.uuid()
        event = service_event(
            event_id=event_id,
            when=self.core.now(),
            name=name,
            region=key.region,
            account=key.account,
            details=details,
            resources=(key.arn,),
            additional=additional,
            source=source,
        )
        return OutboxRecord(event_id, event)


Job = Callable[[Run, KeyRecord], None]
"""Does to a key what has become due, if anything has, in a commit of its own with its event.

It asks the key itself: the index that led to it only says where to look.
"""
