"""The copies of a multi-Region key, and what each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kmstui.core.arn import is_region
from kmstui.core.errors import KeystoreLockedError, KmsError
from kmstui.tui import text, timefmt
from kmstui.tui.elsewhere import fetch_in
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.text import Content
from kmstui.tui.widgets.state_chip import state_chip

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

SHARED = "key id, material, spec, usage, rotation"
"""What related keys have in common."""

OWN = "policy, grants, aliases, tags, description, state and deletion"
"""What each related key has for itself."""


@dataclass(frozen=True, slots=True)
class RegionalKey:
    """The copy of a key in one Region.

    Attributes:
        region: The Region.
        arn: Its ARN there.
        primary: Whether it leads.
        state: As AWS names it; empty if it could not be read.
        deletion_date: When it will be destroyed, while that is scheduled.
        refusal: Why it could not be read.
    """

    region: str
    arn: str
    primary: bool
    state: str = ""
    deletion_date: datetime | None = None
    refusal: str = ""

    @property
    def role(self) -> str:
        """What it is among its related keys."""
        return "primary" if self.primary else "replica"

    def standing(self, now: datetime) -> Content:
        """Write its state, with what is left of a waiting period."""
        if not self.state:
            return text.literal(self.refusal, "$muted")
        if self.deletion_date is not None:
            left = timefmt.until(self.deletion_date, now)
            return text.literal(f"◑ deletes {left}", "$state-pending")
        return state_chip(self.state)


def regions_of(key: KeySummary) -> tuple[str, ...]:
    """Return the Regions that have a copy of a key, the primary's first."""
    if not key.multi_region:
        return (key.region,)
    return tuple(dict.fromkeys((key.primary_region, *key.replica_regions)))


def arn_in(key: KeySummary, region: str) -> str:
    """Return a key's ARN in another Region."""
    parts = key.arn.split(":")
    parts[3] = region
    return ":".join(parts)


async def read_regions(console: KmsApp, key: KeySummary) -> tuple[RegionalKey, ...]:
    """Read each copy in its own Region; what a policy hides there is said instead.

    Raises:
        KeystoreLockedError: The console is locked.
    """
    return tuple([await _read(console, key, region) for region in regions_of(key)])


async def _read(console: KmsApp, key: KeySummary, region: str) -> RegionalKey:
    arn, primary = arn_in(key, region), region == key.primary_region
    try:
        answer = await fetch_in(console, region, "DescribeKey", KeyId=arn)
    except KeystoreLockedError:
        raise
    except KmsError as error:
        return RegionalKey(region, arn, primary, refusal=f"not readable: {error.code}")
    found = answer["KeyMetadata"]
    return RegionalKey(region, arn, primary, found["KeyState"], found.get("DeletionDate"))


def replica_problem(key: KeySummary, typed: str) -> str | None:
    """Say why a key cannot be replicated to a Region, or None."""
    region = typed.strip()
    if not is_region(region):
        return "Regions are named like eu-west-1."
    if region in regions_of(key):
        return f"{region} has it already."
    return None
