"""Copying what identifies keys, and saying honestly what became of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.dialogs.json import JsonDialog
from kmstui.tui.echo import aws_command
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.wording import keys_label, name

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

OSC52_BYTES = 74_994
"""Base64 bytes that the common terminals take in one OSC 52 sequence; longer ones get lost."""


def as_json(answer: Mapping[str, Any]) -> str:
    """Write an answer as AWS's JSON, laid out."""
    return json.dumps(answer, indent=2, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(type(value).__name__)


def copy(console: KmsApp, value: str, what: str) -> None:
    """Send a text to the terminal's clipboard and say so on the result line.

    A terminal does not answer, so nothing is claimed beyond that it was sent.
    """
    console.copy_to_clipboard(value)
    size = len(base64.b64encode(value.encode()))
    if size > OSC52_BYTES:
        said = text.template(
            "[$warn]Sent $what, $count characters: more than most terminals take[/]",
            what=what,
            count=f"{len(value):,}",
        )
    else:
        said = text.template(
            "[$ok]✓[/] Sent $what to the terminal's clipboard  [$muted]OSC 52: it does not answer"
            " whether it took it[/]",
            what=what,
        )
    console.main.say(said)


async def copy_keys(console: KmsApp, keys: Sequence[KeySummary]) -> None:
    """Ask what of some keys to copy, and copy it."""
    if not keys:
        return
    one, masked = len(keys) == 1, console.masked
    key = keys[0]
    named = [each for each in keys if each.aliases]
    choices = [
        Choice(
            "alias",
            text.literal("Alias" if one else "Aliases"),
            _note(key.alias, one, masked),
            reason="" if named else "there is none",
        ),
        Choice("id", text.literal("Key id" if one else "Key ids"), _note(key.key_id, one, masked)),
        Choice("arn", text.literal("ARN" if one else "ARNs"), _note(key.arn, one, masked)),
        Choice(
            "json",
            text.literal("JSON"),
            "as DescribeKey answers",
            reason="" if one else "one key at a time",
        ),
        Choice("cli", text.literal("CLI command"), "aws kms describe-key …"),
    ]
    title = text.template("Copy from $what", what=keys_label(keys, masked=masked))
    start = "alias" if named else "id"
    chosen = await console.ask(Choose(title, choices, current=start))
    if chosen == "json":
        copy(console, await described(console, key), "the JSON")
    elif chosen is not None:
        lines = [_text(console, each, chosen) for each in (named if chosen == "alias" else keys)]
        copy(console, "\n".join(lines), _what(chosen, one=one))


async def described(console: KmsApp, key: KeySummary) -> str:
    """Return a key as DescribeKey answers it.

    Raises:
        KmsError: The engine refused.
    """
    answer = await console.fetch("DescribeKey", KeyId=key.arn)
    return as_json({"KeyMetadata": answer["KeyMetadata"]})


async def show_json(console: KmsApp, key: KeySummary) -> None:
    """Show a key as DescribeKey answers it; not while names are hidden.

    Raises:
        KmsError: The engine refused.
    """
    if console.masked:
        console.main.say(text.literal("The JSON is full of names; F12 shows them first.", "$warn"))
        return
    title = text.template("$key [$muted]DescribeKey[/]", key=name(key.label, masked=False))
    await console.ask(JsonDialog(title, await described(console, key)))


def _note(value: str, one: bool, masked: bool) -> str:
    if not one:
        return "one a line"
    return text.MASK if masked and value else value


def _text(console: KmsApp, key: KeySummary, chosen: str) -> str:
    if chosen == "cli":
        region = console.session.region if console.session is not None else ""
        return aws_command("DescribeKey", {"KeyId": key.arn}, region=region)
    return {"alias": key.aliases[0] if key.aliases else "", "id": key.key_id, "arn": key.arn}[
        chosen
    ]


def _what(chosen: str, *, one: bool) -> str:
    singular = {"alias": "the alias", "id": "the key id", "arn": "the ARN", "cli": "the command"}
    plural = {
        "alias": "the aliases",
        "id": "the key ids",
        "arn": "the ARNs",
        "cli": "the commands",
    }
    return (singular if one else plural)[chosen]
