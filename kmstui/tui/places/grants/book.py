"""The grants of the session's account and Region: read page by page, kept while they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kmstui.core.errors import InvalidGrantIdException, KmsError
from kmstui.tui.places.grants.model import Counts, GrantRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kmstui.tui.app import KmsApp

PAGE = 2_000
"""Grants of one page, the most that the engine gives at a time."""

KEY_PAGE = 100
"""The same for one key."""


async def all_grants(console: KmsApp) -> AsyncIterator[list[GrantRow]]:
    """Read every grant of the account and Region, a page at a time.

    Raises:
        KmsError: The engine refused.
    """
    members: dict[str, Any] = {"Limit": PAGE}
    while True:
        answer = await console.fetch("kmstui:ListAllGrants", **members)
        yield [GrantRow.read(entry) for entry in answer["Grants"]]
        if not answer["Truncated"]:
            return
        members["Marker"] = answer["NextMarker"]


async def grants_of_key(
    console: KmsApp, key_arn: str, marker: str | None = None
) -> tuple[list[GrantRow], str | None]:
    """Read one page of a key's grants, and the marker of the next one if there is one.

    Raises:
        KmsError: The engine refused.
    """
    members: dict[str, Any] = {"KeyId": key_arn, "Limit": KEY_PAGE}
    if marker is not None:
        members["Marker"] = marker
    answer = await console.fetch("ListGrants", **members)
    return [GrantRow.read(entry) for entry in answer["Grants"]], answer.get("NextMarker")


async def one_grant(console: KmsApp, key_arn: str, grant_id: str) -> GrantRow | None:
    """Read one grant; ``None`` if it has ended.

    Raises:
        KmsError: The engine refused.
    """
    try:
        answer = await console.fetch("ListGrants", KeyId=key_arn, GrantId=grant_id)
    except InvalidGrantIdException:
        return None
    return next((GrantRow.read(entry) for entry in answer["Grants"]), None)


async def counts_of(console: KmsApp, row: GrantRow) -> Counts | None:
    """Count the grants on a grant's key, and those to its grantee; ``None`` if that is refused."""
    try:
        answer = await console.fetch(
            "kmstui:CountGrants", KeyId=row.key_arn, Principal=row.grantee
        )
    except KmsError:
        # What a person came for is the grant itself.
        return None
    return Counts(
        answer["Grants"],
        answer["GrantsMax"],
        answer["ToPrincipal"],
        answer.get("ToPrincipalMax", 0),
    )
