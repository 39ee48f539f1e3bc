"""Opening a key by its ARN, wherever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmstui.core.arn import Arn, is_account, is_region
from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.places.keys.detail.facts import KeyFacts, read_facts
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


async def read_across_regions(console: KmsApp, identifier: str) -> KeyFacts:
    """Read a key; if it is in another Region of this account, work in that Region from then on.

    When the key is not there either, the session stays where it was.

    Raises:
        KmsError: There is no such key, or the caller may not see it.
    """
    session = console.session
    region = _other_region(identifier, session.account, session.region) if session else ""
    if session is None or not region:
        return await read_facts(console, identifier)
    await console.switch_region(region)
    try:
        facts = await read_facts(console, identifier)
    except KmsError:
        console.session = session
        await console.read_standing()
        raise
    said = text.template(
        "[$info]Now in $region, where this key is.[/] [$muted]:region $before goes back.[/]",
        region=region,
        before=session.region,
    )
    console.main.say(said)
    await _refresh_others(console)
    return facts


async def _refresh_others(console: KmsApp) -> None:
    """Have the views below read again: what they list is of another Region."""
    for view in console.main.stage.trail[:-1]:
        try:
            await view.refresh_data()
        except KmsError as error:
            console.tell(Outcome("Refresh", "", "", error))


def _other_region(identifier: str, account: str, region: str) -> str:
    try:
        arn = Arn.parse(identifier)
    except ValueError:
        return ""
    elsewhere = arn.account == account and is_region(arn.region) and arn.region != region
    return arn.region if elsewhere else ""


def explain(identifier: str, error: KmsError, account: str, region: str) -> Content:
    """Say why a key cannot be shown, and what to do instead.

    Args:
        identifier: How it was named; untrusted text.
        error: What the engine answered.
        account: The session's account.
        region: The session's Region.
    """
    lines = [
        text.literal("This key cannot be shown", "bold"),
        text.literal(identifier, "$muted"),
        text.literal(""),
        text.literal(_reason(identifier, error, account, region)),
    ]
    if error.hint and f":{account}:" in identifier:
        lines.append(text.literal(error.hint, "$muted"))
    lines += [
        text.literal(""),
        text.template(
            "[$danger]$code[/] [$muted]$message[/]", code=error.code, message=error.message
        ),
        text.literal(""),
        text.markup("[b $key-accent]esc[/] [$muted]goes back; nothing was changed.[/]"),
    ]
    return text.lines(*lines)


def _reason(identifier: str, error: KmsError, account: str, region: str) -> str:
    try:
        arn = Arn.parse(identifier)
    except ValueError:
        return "That is not the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID"
    if arn.service != "kms" or not is_account(arn.account):
        return "That is not the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID"
    if arn.account != account:
        return (
            f"It belongs to account {arn.account}, and you are signed in to {account}. "
            "A key of another account opens only if that account's key policy lets you in, "
            "and this keystore holds no such key."
        )
    if arn.region != region and error.message == f"Invalid arn {arn.region}":
        return f"It is in {arn.region}, and you work in {region} now. F5 goes back to it."
    if error.code == "NotFoundException":
        return f"There is no such key in {arn.region}; you still work in {region}."
    return "The engine refused to show it."
