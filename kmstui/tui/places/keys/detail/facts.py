"""What the page of a key knows about it, read by the calls that AWS has for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kmstui.core.arn import Arn
from kmstui.core.errors import AccessDeniedException
from kmstui.tui.keys_model import KeySummary

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_ALIASES = 100
"""Most aliases of one page of ListAliases; a key has at most 50."""

_TAGS = 50
"""Most tags of one page of ListResourceTags, and of a key."""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A key, as DescribeKey and its companions answered.

    Attributes:
        key: What lists show of it.
        metadata: DescribeKey's answer, for the raw view.
        material_id: The current key material; empty where there is none.
        tracked_since: Since when last use is known.
        pattern: The naming rule for aliases; empty for none.
    """

    key: KeySummary
    metadata: Mapping[str, Any] = field(repr=False)
    material_id: str
    tracked_since: datetime
    pattern: str

    @property
    def arn(self) -> Arn:
        """The key's ARN, split."""
        return Arn.parse(self.key.arn)

    @property
    def usable(self) -> bool:
        """Whether cryptographic operations are possible."""
        return self.key.state == "Enabled"


async def read_facts(console: KmsApp, arn: str) -> KeyFacts:
    """Read a key.

    Raises:
        KmsError: It does not exist, or the caller may not.
    """
    metadata = (await console.fetch("DescribeKey", KeyId=arn))["KeyMetadata"]
    aliases = (await console.fetch("ListAliases", KeyId=arn, Limit=_ALIASES))["Aliases"]
    tags = (await console.fetch("ListResourceTags", KeyId=arn, Limit=_TAGS))["Tags"]
    usage = await console.fetch("GetKeyLastUsage", KeyId=arn)
    settings = (await console.fetch("kmstui:GetSettings"))["Settings"]
    last = usage["KeyLastUsage"]
    summary = KeySummary(
        key_id=metadata["KeyId"],
        arn=metadata["Arn"],
        aliases=tuple(sorted(alias["AliasName"] for alias in aliases)),
        state=metadata["KeyState"],
        spec=metadata["KeySpec"],
        usage=metadata["KeyUsage"],
        origin=metadata["Origin"],
        manager=metadata["KeyManager"],
        description=metadata["Description"],
        created=metadata["CreationDate"],
        material_date=metadata["CreationDate"],
        deletion_date=metadata.get("DeletionDate"),
        tags={tag["TagKey"]: tag["TagValue"] for tag in tags},
        last_used=last.get("Timestamp"),
        last_operation=last.get("Operation", ""),
        multi_region=metadata["MultiRegion"],
        **_regions(metadata),
    )
    return KeyFacts(
        key=await _with_rotation(console, summary),
        metadata=metadata,
        material_id=metadata.get("CurrentKeyMaterialId", ""),
        tracked_since=usage["TrackingStartDate"],
        pattern=str(settings.get("alias-pattern", "")),
    )


def _regions(metadata: Mapping[str, Any]) -> dict[str, Any]:
    configuration = metadata.get("MultiRegionConfiguration")
    if configuration is None:
        return {}
    replicas = tuple(each["Region"] for each in configuration["ReplicaKeys"])
    return {
        "primary_region": configuration["PrimaryKey"]["Region"],
        "replica_regions": replicas,
    }


async def _with_rotation(console: KmsApp, key: KeySummary) -> KeySummary:
    """Add what lists show of rotation and material, where the caller may list keys."""
    try:
        answer = await console.fetch("kmstui:ListKeySummaries", KeyIds=[key.key_id])
    except AccessDeniedException:
        return key
    for row in answer["Keys"]:
        listed = KeySummary.from_answer(row)
        if listed.arn == key.arn:
            return replace(
                key,
                material_date=listed.material_date,
                pending_days=listed.pending_days,
                rotation_days=listed.rotation_days,
                next_rotation=listed.next_rotation,
                last_rotation=listed.last_rotation,
                on_demand=listed.on_demand,
                materials=listed.materials,
                rotation_waits=listed.rotation_waits,
                expires=listed.expires,
            )
    return key


async def with_last_use(console: KmsApp, key: KeySummary) -> KeySummary:
    """Return a key with its last use as it is now.

    Raises:
        KmsError: It does not exist, or the caller may not.
    """
    last = (await console.fetch("GetKeyLastUsage", KeyId=key.arn))["KeyLastUsage"]
    return replace(key, last_used=last.get("Timestamp"), last_operation=last.get("Operation", ""))
