"""What is done with the copies of a key in other Regions, with the questions that takes.

Every function takes the key it is about, and returns whether something was changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.elsewhere import call_in, fetch_in
from kmstui.tui.keys_model import KeySummary, short_alias
from kmstui.tui.places.keys.actions import Changed, account_time, call_each, fitting
from kmstui.tui.places.keys.regions.dialogs import (
    PromoteDialog,
    Replica,
    ReplicaDeletionDialog,
    ReplicateDialog,
)
from kmstui.tui.places.keys.regions.model import (
    RegionalKey,
    arn_in,
    read_regions,
    regions_of,
    replica_problem,
)
from kmstui.tui.places.keys.wording import LeftOut, name

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


async def choose_region(console: KmsApp, key: KeySummary) -> str | None:
    """Show the key's copy in each Region, and return the ARN of the one that is chosen.

    Raises:
        KmsError: The console is locked.
    """
    now = account_time(console)
    copies = await read_regions(console, key)
    choices = [_choice(copy, key, now) for copy in copies]
    title = text.template("Regions of $key", key=name(key.label, masked=console.masked))
    said = (
        "Aliases are a Region's own: the same name may lead to another key there, or to none. "
        "Ciphertexts of one copy decrypt under each other."
    )
    return await console.ask(
        Choose(title, choices, current=key.arn, message=text.literal(said, "$muted"))
    )


def _choice(copy: RegionalKey, key: KeySummary, now: Any) -> Choice[str]:
    label = text.template(
        "[b]$region[/] [$muted]$role[/]  $state",
        region=copy.region,
        role=copy.role,
        state=copy.standing(now),
    )
    return Choice(copy.arn, label, "you are here" if copy.arn == key.arn else "enter goes there")


def _unreplicable(key: KeySummary) -> str:
    if not key.multi_region:
        return "is a single-Region key, and stays one"
    if key.is_replica:
        return f"is a replica; its primary in {key.primary_region} is replicated"
    if key.state != "Enabled":
        return "is not enabled"
    return ""


async def replicate(
    console: KmsApp,
    keys: Sequence[KeySummary],
    skipped: Sequence[LeftOut] = (),
    argument: str = "",
) -> Changed:
    """Ask for a Region, and replicate keys there; one key may get its alias there too.

    Raises:
        UsageError: None of them can be replicated.
        KmsError: The console is locked.
    """
    keys, out = fitting(keys, _unreplicable, skipped)
    if not keys:
        reason = out[0].reason if len(out) == 1 else "none of them is an enabled primary"
        raise UsageError(f"This cannot be replicated: {reason}.")
    if len(keys) == 1 and argument and (problem := replica_problem(keys[0], argument)):
        raise UsageError(problem)
    wanted = await console.ask(
        ReplicateDialog(keys, region=argument.strip(), skipped=out, masked=console.masked)
    )
    if wanted is None:
        return []

    def request(key: KeySummary) -> dict[str, object]:
        return _request(key, wanted)

    def replicated(key: KeySummary, _answer: Mapping[str, Any]) -> KeySummary:
        there = tuple(sorted({*key.replica_regions, wanted.region}))
        return replace(key, replica_regions=there)

    changed = await call_each(console, "ReplicateKey", keys, request, replicated)
    if len(keys) == 1 and changed:
        await _offer_alias(console, keys[0], wanted.region)
    return changed


def _request(key: KeySummary, wanted: Replica) -> dict[str, object]:
    members: dict[str, object] = {"KeyId": key.arn, "ReplicaRegion": wanted.region}
    if wanted.labelled and key.description:
        members["Description"] = key.description
    if wanted.labelled and key.tags:
        members["Tags"] = [{"TagKey": tag, "TagValue": value} for tag, value in key.tags.items()]
    return members


async def _offer_alias(console: KmsApp, key: KeySummary, region: str) -> None:
    """Offer the same name there: a replica begins without one."""
    if not key.aliases:
        return
    alias = key.aliases[0]
    shown = name(short_alias(alias), masked=console.masked)
    choices = [
        Choice(
            value=True,
            label=text.template("The same name: [b]$alias[/]", alias=shown),
            note="Programs that name it work there too.",
        ),
        Choice(value=False, label=text.literal("No name there"), note="Its id and ARN find it."),
    ]
    title = text.template("What is it called in $region?", region=region)
    said = text.literal("Aliases are a Region's own, so the replica has none yet.", "$muted")
    if await console.ask(Choose(title, choices, message=said)):
        request = {"AliasName": alias, "TargetKeyId": arn_in(key, region)}
        await call_in(console, region, "CreateAlias", request, about=short_alias(alias))


async def promote(console: KmsApp, key: KeySummary, argument: str = "") -> bool:
    """Ask which Region is to lead, and have it lead.

    Raises:
        UsageError: The key has no copy there, or that one leads already.
        KmsError: The console is locked.
    """
    region = await _other_region(console, key, argument, "Which Region is to be primary?")
    if region is None:
        return False
    if await console.ask(PromoteDialog(key, region, masked=console.masked)) is not True:
        return False
    primary = arn_in(key, key.primary_region)
    request = {"KeyId": primary, "PrimaryRegion": region}
    answer = await call_in(
        console, key.primary_region, "UpdatePrimaryRegion", request, about=key.label
    )
    return answer is not None


async def delete_replica(console: KmsApp, key: KeySummary, argument: str = "") -> bool:
    """Ask which replica, a period and a typed token, and schedule its deletion there.

    Raises:
        UsageError: The key has no replica there.
        KmsError: It cannot be read there, or the console is locked.
    """
    region = await _other_region(console, key, argument, "Delete the replica in which Region?")
    if region is None:
        return False
    rows = (await fetch_in(console, region, "kmstui:ListKeySummaries", KeyIds=[key.key_id]))[
        "Keys"
    ]
    if not rows:
        raise UsageError(
            f"There is no replica in {region} any more.", hint=":refresh looks again."
        )
    there = KeySummary.from_answer(rows[0])
    if there.pending:
        raise UsageError(
            f"The replica in {region} is waiting to be deleted already.",
            hint=f":regions goes to {region}, and K keeps it there.",
        )
    dialog = ReplicaDeletionDialog(there, now=account_time(console), masked=console.masked)
    if await console.ask(dialog) is not True:
        return False
    request = {"KeyId": there.arn, "PendingWindowInDays": dialog.period}
    answer = await call_in(console, region, "ScheduleKeyDeletion", request, about=there.label)
    return answer is not None


async def _other_region(console: KmsApp, key: KeySummary, argument: str, title: str) -> str | None:
    """Return the Region of a replica that is named, asking if there are several."""
    others = [region for region in regions_of(key) if region != key.primary_region]
    named = argument.strip()
    if named:
        if named not in others:
            raise UsageError(
                f"{named} has no replica of this key.", hint=f"There are: {', '.join(others)}."
            )
        return named
    choices = [Choice(region, text.literal(region)) for region in others]
    return await console.ask(Choose(text.literal(title), choices))
