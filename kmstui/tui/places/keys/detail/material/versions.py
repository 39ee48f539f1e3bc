"""The versions of a key's material, as ListKeyRotations tells of them.

Keys that cannot rotate have one version, of which DescribeKey says what there is to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kmstui.tui.places.keys.detail.facts import KeyFacts
from kmstui.tui.places.keys.rotation.model import SYMMETRIC

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

CURRENT, OLD = "CURRENT", "NON_CURRENT"
WAITING = "PENDING_ROTATION"
ON_ITS_WAY = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a key's material.

    Attributes:
        number: From 1, in the order they came.
        material_id: Its id; empty where AWS tells none.
        state: AWS's KeyMaterialState.
        imported: Whether it came from outside.
        missing: Whether it is imported material that is not there.
        since: When it came to be current; None where nobody tells.
        rotation: ``AUTOMATIC`` or ``ON_DEMAND``; empty if no rotation made it current.
        description: What was said of it on import; untrusted text.
        expires: When it expires; None if it does not.
    """

    number: int
    material_id: str
    state: str
    imported: bool
    missing: bool = False
    since: datetime | None = None
    rotation: str = ""
    description: str = ""
    expires: datetime | None = None

    @property
    def associated(self) -> bool:
        """Whether the key encrypted with it, so that it belongs to the key for good."""
        return self.state in {CURRENT, OLD}


def rotates(facts: KeyFacts) -> bool:
    """Tell whether ListKeyRotations knows keys of this kind."""
    return facts.key.spec == SYMMETRIC and facts.key.origin in {"AWS_KMS", "EXTERNAL"}


async def read_versions(console: KmsApp, facts: KeyFacts) -> tuple[Version, ...]:
    """Read the versions, the oldest first.

    Raises:
        KmsError: The engine refused.
    """
    if not rotates(facts):
        return only_version(facts)
    rows: list[Mapping[str, Any]] = []
    marker: dict[str, object] = {}
    while True:
        answer = await console.fetch(
            "ListKeyRotations",
            KeyId=facts.key.arn,
            IncludeKeyMaterial="ALL_KEY_MATERIAL",
            Limit=_PAGE,
            **marker,
        )
        rows += answer["Rotations"]
        if not answer["Truncated"]:
            return versions(facts, rows)
        marker = {"Marker": answer["NextMarker"]}


def versions(facts: KeyFacts, rows: Sequence[Mapping[str, Any]]) -> tuple[Version, ...]:
    """Return the versions of the rows that ListKeyRotations answers."""
    imported = facts.key.origin == "EXTERNAL"
    found = []
    for number, row in enumerate(rows, start=1):
        state = row.get("KeyMaterialState", OLD)
        first = not imported and number == 1
        found.append(
            Version(
                number,
                row["KeyMaterialId"],
                state,
                imported,
                missing=row.get("ImportState") == "PENDING_IMPORT",
                since=row.get("RotationDate") or (facts.key.created if first else None),
                rotation=row.get("RotationType", ""),
                description=row.get("KeyMaterialDescription", ""),
                expires=row.get("ValidTo"),
            )
        )
    return tuple(found)


def only_version(facts: KeyFacts) -> tuple[Version, ...]:
    """Return the one version of a key that cannot rotate, none before the first import."""
    key = facts.key
    imported = key.origin == "EXTERNAL"
    if imported and not key.materials:
        return ()
    version = Version(
        1,
        facts.material_id,
        CURRENT,
        imported,
        missing=imported and "ExpirationModel" not in facts.metadata,
        since=None if imported else key.created,
        expires=facts.metadata.get("ValidTo"),
    )
    return (version,)
