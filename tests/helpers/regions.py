"""The same keystore, called in several Regions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kmstui.core.errors import KmsError
from kmstui.engine import Session
from kmstui.keystore.records import KeyRecord
from tests.helpers.engines import ACCOUNT, OTHER_REGION, REGION, Bench

THIRD_REGION = "ap-south-1"
REGIONS = (REGION, OTHER_REGION, THIRD_REGION)


@dataclass(slots=True)
class World:
    """A bench, and its root user in every Region.

    Attributes:
        bench: The bench.
        sessions: The session of each Region that was called.
    """

    bench: Bench
    sessions: dict[str, Session] = field(default_factory=dict)

    def session(self, region: str) -> Session:
        """Return a session whose calls go to a Region."""
        if region == REGION:
            return self.bench.session
        if region not in self.sessions:
            engine = self.bench.engine
            self.sessions[region] = engine.switch_region(self.bench.session, region)
        return self.sessions[region]

    def call(self, region: str, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation of service kms in a Region."""
        return self.bench.engine.call(self.session(region), f"kms:{operation}", members)

    def refusal(self, region: str, operation: str, **members: Any) -> KmsError:
        """Return the error that a call in a Region ends with.

        Raises:
            AssertionError: It succeeded.
        """
        try:
            self.call(region, operation, **members)
        except KmsError as error:
            return error
        message = f"{operation} was not refused"
        raise AssertionError(message)

    def replicate(self, key: str, *regions: str, primary: str = REGION) -> None:
        """Make replicas of a primary key."""
        for region in regions:
            self.call(primary, "ReplicateKey", KeyId=key, ReplicaRegion=region)

    def metadata(self, region: str, key: str) -> dict[str, Any]:
        """Return a key's KeyMetadata in a Region."""
        metadata: dict[str, Any] = self.call(region, "DescribeKey", KeyId=key)["KeyMetadata"]
        return metadata

    def record(self, region: str, key: str) -> KeyRecord | None:
        """Return a key as the keystore has it in a Region, if there is one."""
        return self.bench.core.keystore.key(ACCOUNT, region, key)

    def everywhere(self, key: str) -> list[KeyRecord]:
        """Return a key's records in all Regions."""
        found = (self.record(region, key) for region in REGIONS)
        return [record for record in found if record is not None]

    def reopen(self) -> None:
        """Close the keystore, open it and sign in anew."""
        self.bench.reopen()
        self.sessions.clear()
