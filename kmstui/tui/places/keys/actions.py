"""What can be done to keys, with its questions: for the key list and for a key's page alike.

Every function takes the keys it is about, so that a refresh or a moved cursor under an open dialog
changes nothing, and returns the keys that changed as they are now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.dialogs.bulk import BulkDialog, Done
from kmstui.tui.places.keys.dialogs.deletion import DISABLE, DeletionDialog, InsteadDialog
from kmstui.tui.places.keys.dialogs.keep import EnableNext, KeepDialog
from kmstui.tui.places.keys.dialogs.switch import SwitchDialog
from kmstui.tui.places.keys.dialogs.tags import TagsDialog
from kmstui.tui.places.keys.wording import LeftOut, keys_label, left_out

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

Changed = list[KeySummary]
Apply = Callable[[KeySummary, Mapping[str, Any]], KeySummary]

_EPOCH = datetime.fromtimestamp(0, UTC)
_SWITCHABLE = frozenset({"Enabled", "Disabled"})


def account_time(console: KmsApp) -> datetime:
    """Return the account's time as the status strip last read it."""
    return console.standing.account_time or _EPOCH


async def toggle(
    console: KmsApp, keys: Sequence[KeySummary], skipped: Sequence[LeftOut] = ()
) -> Changed:
    """Ask, then disable what is enabled or enable what is disabled.

    Args:
        console: The application; a worker must be running.
        keys: Which. If some are enabled and some disabled, one side is chosen.
        skipped: Keys that the caller already left out, to be named.
    """
    keys, out = fitting(keys, _not_switchable, skipped)
    enabled = [key for key in keys if key.state == "Enabled"]
    disabled = [key for key in keys if key.state == "Disabled"]
    if not keys:
        return []
    if enabled and disabled:
        enable = await console.ask(
            Choose(
                text.literal("Enable or disable"),
                [
                    Choice(False, _count("Disable", enabled), "the enabled ones"),
                    Choice(True, _count("Enable", disabled), "the disabled ones"),
                ],
            )
        )
        if enable is None:
            return []
        other = "is enabled already" if enable else "is disabled already"
        rest = enabled if enable else disabled
        out = [*out, *(LeftOut(key.label, other) for key in rest)]
        keys = disabled if enable else enabled
    return await switch(console, keys, enable=keys[0].state == "Disabled", skipped=out)


async def switch(
    console: KmsApp,
    keys: Sequence[KeySummary],
    *,
    enable: bool,
    skipped: Sequence[LeftOut] = (),
    asked: bool = False,
) -> Changed:
    """Enable or disable keys.

    Args:
        console: The application; a worker must be running.
        keys: Which.
        enable: Whether to enable; else to disable.
        skipped: Keys that are left out, to be named.
        asked: Whether the person has answered already, so that nothing is asked again.
    """
    dialog = SwitchDialog(
        keys,
        enable=enable,
        now=account_time(console),
        skipped=skipped,
        masked=console.masked,
    )
    if not asked and await console.ask(dialog) is not True:
        return []
    operation = "EnableKey" if enable else "DisableKey"
    state = "Enabled" if enable else "Disabled"
    return await call_each(
        console, operation, keys, by_arn, lambda key, _: replace(key, state=state)
    )


async def schedule_deletion(
    console: KmsApp, keys: Sequence[KeySummary], skipped: Sequence[LeftOut] = ()
) -> Changed:
    """Offer to disable instead; else ask for a period and a typed token, and schedule deletion.

    Args:
        console: The application; a worker must be running.
        keys: Which.
        skipped: Keys that the caller already left out, to be named.
    """
    keys, out = fitting(keys, _already_pending, skipped)
    if not keys:
        return []
    now, masked = account_time(console), console.masked
    chosen = await console.ask(InsteadDialog(keys, now=now, skipped=out, masked=masked))
    if chosen is None:
        return []
    if chosen == DISABLE:
        enabled = [key for key in keys if key.state == "Enabled"]
        return await switch(console, enabled, enable=False, asked=True) if enabled else []
    dialog = DeletionDialog(keys, now=now, masked=masked)
    if await console.ask(dialog) is not True:
        return []
    days = dialog.period
    return await call_each(
        console,
        "ScheduleKeyDeletion",
        keys,
        lambda key: {"KeyId": key.arn, "PendingWindowInDays": days},
        lambda key, answer: replace(
            key,
            state=str(answer["KeyState"]),
            # A primary key with replicas has no date before they are gone.
            deletion_date=answer.get("DeletionDate"),
            pending_days=days,
        ),
    )


async def keep(
    console: KmsApp, keys: Sequence[KeySummary], skipped: Sequence[LeftOut] = ()
) -> Changed:
    """Ask, then cancel deletions and offer to enable what was kept.

    Args:
        console: The application; a worker must be running.
        keys: Which.
        skipped: Keys that the caller already left out, to be named.
    """
    keys, out = fitting(keys, _not_pending, skipped)
    if not keys:
        return []
    dialog = KeepDialog(keys, now=account_time(console), skipped=out, masked=console.masked)
    if await console.ask(dialog) is not True:
        return []
    kept = await call_each(
        console,
        "CancelKeyDeletion",
        keys,
        by_arn,
        lambda key, _: replace(key, state="Disabled", deletion_date=None, pending_days=None),
    )
    if not kept or await console.ask(EnableNext(kept, masked=console.masked)) is not True:
        return kept
    enabled = {key.arn: key for key in await switch(console, kept, enable=True, asked=True)}
    return [enabled.get(key.arn, key) for key in kept]


async def tag(
    console: KmsApp, keys: Sequence[KeySummary], skipped: Sequence[LeftOut] = ()
) -> Changed:
    """Ask for tags, and give them to each of many keys; other tags stay.

    Args:
        console: The application; a worker must be running.
        keys: Which.
        skipped: Keys that the caller already left out, to be named.

    Raises:
        UsageError: None of them can be tagged.
    """
    keys, out = fitting(keys, _pending, skipped)
    if not keys:
        raise UsageError("None of these keys can be tagged.", hint="K keeps a key first.")
    title = text.template("Tags to add to $what", what=keys_label(keys, masked=console.masked))
    said = text.literal("A tag that a key has already gets the new value; the others stay.")
    if out:
        said = text.lines(said, left_out(out, masked=console.masked))
    tags = await console.ask(TagsDialog(title, {}, note=said))
    if not tags:
        return []
    members = [{"TagKey": tag, "TagValue": value} for tag, value in tags.items()]
    return await call_each(
        console,
        "TagResource",
        keys,
        lambda key: {"KeyId": key.arn, "Tags": members},
        lambda key, _: replace(key, tags={**key.tags, **tags}),
    )


async def call_each(
    console: KmsApp,
    operation: str,
    keys: Sequence[KeySummary],
    request: Callable[[KeySummary], Mapping[str, object]],
    apply: Apply,
) -> Changed:
    """Make one call for each key: on the result line for one, in a dialog for many.

    Args:
        console: The application; a worker must be running.
        operation: Its name.
        keys: To which.
        request: Makes the request for a key.
        apply: Makes of a key and the answer the key as it is then.
    """
    if len(keys) == 1:
        key = keys[0]
        answer = await console.call(operation, request(key), about=key.label)
        return [] if answer is None else [apply(key, answer)]
    title = text.template("$operation on $count keys", operation=operation, count=len(keys))
    dialog = BulkDialog(title, operation, keys, request, masked=console.masked)
    results = await console.ask(dialog) or []
    console.main.say(_summary(operation, results, len(keys)))
    return [apply(each.key, each.answer) for each in results if each.answer is not None]


def _summary(operation: str, results: Sequence[Done], wanted: int) -> text.Content:
    refused = sum(1 for each in results if each.outcome.error is not None)
    done = len(results) - refused
    parts = [
        text.template(
            "[$ok]✓[/] [b]$operation[/] $done of $wanted keys",
            operation=operation,
            done=f"{done:,}",
            wanted=f"{wanted:,}",
        )
    ]
    if refused:
        parts.append(text.literal(f"{refused:,} refused", "$danger"))
    if len(results) < wanted:
        parts.append(text.literal("stopped", "$warn"))
    return text.join(parts, " · ")


def by_arn(key: KeySummary) -> dict[str, object]:
    """Name a key by its ARN."""
    return {"KeyId": key.arn}


def _count(verb: str, keys: Sequence[KeySummary]) -> text.Content:
    return text.template("$verb $what", verb=verb, what=text.plural(len(keys), "key"))


def fitting(
    keys: Sequence[KeySummary],
    why_not: Callable[[KeySummary], str],
    skipped: Sequence[LeftOut],
) -> tuple[list[KeySummary], list[LeftOut]]:
    """Keep the keys that a command can act on; name the others.

    Args:
        keys: All that are meant.
        why_not: Says why a key cannot be acted on, empty if it can.
        skipped: Keys that are left out already.
    """
    reasons = [(key, "is managed by AWS" if key.aws_managed else why_not(key)) for key in keys]
    out = [LeftOut(key.label, reason) for key, reason in reasons if reason]
    return [key for key, reason in reasons if not reason], [*skipped, *out]


def _not_switchable(key: KeySummary) -> str:
    if key.state in _SWITCHABLE:
        return ""
    return "is waiting to be deleted" if key.pending else "has no key material"


def _already_pending(key: KeySummary) -> str:
    return "is already waiting to be deleted" if key.pending else ""


def _pending(key: KeySummary) -> str:
    return "is waiting to be deleted" if key.pending else ""


def _not_pending(key: KeySummary) -> str:
    return "" if key.pending else "has no deletion scheduled"
