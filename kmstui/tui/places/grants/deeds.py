"""What can be done to grants, with its questions: for the place and for a key's page alike.

Every function takes what it is about, so that a moved cursor under an open dialog changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.grants.book import one_grant
from kmstui.tui.places.grants.create import CreateGrantDialog, TokenDialog, grantable
from kmstui.tui.places.grants.ending import RETIRE, EndDialog, EndManyDialog, ending
from kmstui.tui.places.grants.model import GrantRow
from kmstui.tui.places.grants.principals import known_principals
from kmstui.tui.places.keys.wording import name

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


async def create(console: KmsApp, key: KeySummary) -> GrantRow | None:
    """Ask for a grant on a key, make it and show its token once.

    Returns:
        The grant, or None if none was made.

    Raises:
        KmsError: The engine refused something besides the grant itself.
    """
    dialog = CreateGrantDialog(
        name(key.label, masked=console.masked),
        operations=grantable(key.spec, key.usage),
        known=await known_principals(console),
        symmetric=key.spec == "SYMMETRIC_DEFAULT",
        masked=console.masked,
    )
    members = await console.ask(dialog)
    if not members:
        return None
    request = {"KeyId": key.arn, **members}
    answer = await console.call("CreateGrant", request, about=key.label, explain=True)
    if answer is None:
        return None
    await console.ask(TokenDialog(str(answer["GrantToken"]), str(answer["GrantId"])))
    return await one_grant(console, key.arn, str(answer["GrantId"]))


async def end(console: KmsApp, rows: Sequence[GrantRow], deed: str) -> list[GrantRow]:
    """Ask, then retire or revoke grants.

    Returns:
        Those that have ended.

    Raises:
        KmsError: The engine refused something besides ending them.
    """
    if not rows:
        raise UsageError("No grant is selected.")
    masked = console.masked
    if len(rows) > 1:
        agreed = await console.ask(EndManyDialog(rows, deed, masked=masked))
    else:
        found = await ending(console, rows[0])
        agreed = await console.ask(EndDialog(rows[0], found, deed, masked=masked))
    if agreed is not True:
        return []
    operation = "RetireGrant" if deed == RETIRE else "RevokeGrant"
    ended: list[GrantRow] = []
    for row in rows:
        members: dict[str, Any] = {"KeyId": row.key_arn, "GrantId": row.grant_id}
        before = {"Grant": row.request()} if len(rows) == 1 else None
        if await console.call(operation, members, about=row.label, before=before) is None:
            break
        ended.append(row)
    if len(ended) > 1:
        done = "retired" if deed == RETIRE else "revoked"
        said = text.template(
            "[$ok]✓[/] $count $done", count=text.plural(len(ended), "grant"), done=done
        )
        console.main.say(said)
    return ended
