"""Changing what a key is called and what is written on it, with the questions that takes.

For the key list and a key's page alike. Every function takes the key it is about, so that a moved
cursor under an open dialog changes nothing, and tells whether anything was changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kmstui.core.arn import ALIAS_PREFIX
from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose, Prompt
from kmstui.tui.dialogs.confirm import ConfirmTyped
from kmstui.tui.keys_model import KeySummary, short_alias
from kmstui.tui.places.keys.dialogs.naming import AliasDialog
from kmstui.tui.places.keys.dialogs.pick_key import KeyPicker
from kmstui.tui.places.keys.dialogs.tags import TagsDialog
from kmstui.tui.places.keys.wording import last_use, name
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

DESCRIPTION_CHARACTERS = 8_192
"""Most characters of a description (AWS KMS API Reference, UpdateKeyDescription)."""

_LISTED = 2_000
"""Keys that the picker offers."""


async def alias_pattern(console: KmsApp) -> str:
    """Read the naming rule for aliases; empty for none.

    Raises:
        KmsError: The engine refused.
    """
    settings = (await console.fetch("kmstui:GetSettings"))["Settings"]
    return str(settings.get("alias-pattern", ""))


async def listed_keys(console: KmsApp) -> list[KeySummary]:
    """List the keys of the Region, as many as a picker can offer.

    Raises:
        KmsError: The engine refused.
    """
    answer = await console.fetch("kmstui:ListKeySummaries", Limit=_LISTED)
    return [KeySummary.from_answer(row) for row in answer["Keys"]]


def _title(words: str, key: KeySummary, console: KmsApp) -> Content:
    return text.template(f"{words} [$muted]$key[/]", key=name(key.label, masked=console.masked))


async def edit_description(console: KmsApp, key: KeySummary, argument: str = "") -> bool:
    """Ask for a description and store it.

    Raises:
        KmsError: The engine refused something besides the change itself.
    """
    hidden = text.without_hidden(key.description) != key.description
    note = "It holds characters that cannot be shown here; saving drops them." if hidden else ""
    value: str | None = argument
    if not argument:
        value = await console.ask(
            Prompt(
                _title("Description of", key, console),
                text.literal("What is it for?", "$muted"),
                text.literal("Save"),
                value=key.description,
                check=_description_problem,
                message=text.literal(note, "$warn") if note else None,
            )
        )
    if value is None or value == key.description:
        return False
    answer = await console.call(
        "UpdateKeyDescription",
        {"KeyId": key.arn, "Description": value},
        about=key.label,
        before={"Description": key.description},
    )
    return answer is not None


def _description_problem(value: str) -> str | None:
    over = len(value) - DESCRIPTION_CHARACTERS
    return f"{over:,} characters too long." if over > 0 else None


async def add_alias(console: KmsApp, key: KeySummary, argument: str = "") -> bool:
    """Ask for a name and make it an alias of the key.

    Raises:
        KmsError: The engine refused something besides the change itself.
    """
    alias: str | None = ALIAS_PREFIX + short_alias(argument.strip()) if argument else None
    if alias is None:
        taken = frozenset(each for row in await listed_keys(console) for each in row.aliases)
        pattern = await alias_pattern(console)
        title = _title("One more name for", key, console)
        alias = await console.ask(AliasDialog(title, pattern=pattern, taken=taken))
    if alias is None:
        return False
    request = {"AliasName": alias, "TargetKeyId": key.arn}
    return await console.call("CreateAlias", request, about=short_alias(alias)) is not None


async def _which_alias(console: KmsApp, key: KeySummary, argument: str, words: str) -> str | None:
    """Return the alias that is meant, asking if there are several."""
    if not key.aliases:
        raise UsageError("This key has no alias.", hint="A gives it one.")
    if argument:
        alias = ALIAS_PREFIX + short_alias(argument.strip())
        if alias not in key.aliases:
            raise UsageError(f"{alias} is no alias of this key.")
        return alias
    if len(key.aliases) == 1:
        return key.aliases[0]
    masked = console.masked
    choices = [Choice(each, name(each, masked=masked)) for each in key.aliases]
    return await console.ask(Choose(_title(words, key, console), choices))


async def move_alias(console: KmsApp, key: KeySummary, argument: str = "") -> bool:
    """Ask which other key an alias is to name, and move it.

    Raises:
        KmsError: The key has no such alias, or the engine refused.
    """
    alias = await _which_alias(console, key, argument, "Move which alias of")
    if alias is None:
        return False
    keys = [each for each in await listed_keys(console) if each.arn != key.arn]
    title = text.template(
        "Move [b]$alias[/] to another key", alias=name(alias, masked=console.masked)
    )
    note = (
        "From then on, programs that name the alias encrypt under the other key. "
        "What this key encrypted still opens: a ciphertext names its key itself."
    )
    picker = KeyPicker(title, keys, note=text.literal(note), like=key, masked=console.masked)
    target = await console.ask(picker)
    if target is None:
        return False
    answer = await console.call(
        "UpdateAlias",
        {"AliasName": alias, "TargetKeyId": target},
        about=short_alias(alias),
        before={"TargetKeyId": key.arn},
    )
    return answer is not None


async def remove_alias(console: KmsApp, key: KeySummary, argument: str = "") -> bool:
    """Ask for the alias to be typed, and delete it.

    Raises:
        KmsError: The key has no such alias, or the engine refused.
    """
    alias = await _which_alias(console, key, argument, "Remove which alias of")
    if alias is None:
        return False
    now = console.standing.account_time or key.created
    only = "It is the key's only name." if len(key.aliases) == 1 else ""
    message = text.template(
        "Programs that call [b]$alias[/] get NotFoundException from then on. $only\n"
        "The key, its other names and everything it encrypted stay. u puts the name back.\n"
        "[$muted]Last use of the key:[/] $use",
        alias=alias,
        only=only,
        use=last_use(key, now),
    )
    dialog = ConfirmTyped(
        title=_title("Remove an alias of", key, console),
        message=message,
        token=_token(alias),
        verb=text.literal("Remove the alias"),
        back=text.literal("Leave it"),
    )
    if await console.ask(dialog) is not True:
        return False
    answer = await console.call(
        "DeleteAlias",
        {"AliasName": alias},
        about=short_alias(alias),
        before={"TargetKeyId": key.arn},
    )
    return answer is not None


def _token(alias: str) -> str:
    shown = short_alias(alias)
    return shown if len(shown) <= 32 else shown[-8:]


async def edit_tags(console: KmsApp, key: KeySummary, _argument: str = "") -> bool:
    """Show the tags in an editor and store what was changed.

    Raises:
        KmsError: The engine refused something besides the change itself.
    """
    dialog = TagsDialog(_title("Tags of", key, console), key.tags)
    tags = await console.ask(dialog)
    if tags is None:
        return False
    changed = False
    for operation, members in tag_calls(key.tags, tags):
        answer = await console.call(
            operation,
            {"KeyId": key.arn, **members},
            about=key.label,
            before={"Tags": dict(key.tags)},
        )
        if answer is None:
            break
        changed = True
    return changed


def tag_calls(
    before: Mapping[str, str], after: Mapping[str, str]
) -> list[tuple[str, dict[str, object]]]:
    """List the calls that turn some tags into others.

    Removed tags go first, since a key has room for 50; changed and new ones are apart, so that
    each call has an inverse.
    """
    gone = [tag for tag in before if tag not in after]
    changed = [tag for tag in after if tag in before and before[tag] != after[tag]]
    new = [tag for tag in after if tag not in before]
    calls: list[tuple[str, dict[str, object]]] = []
    if gone:
        calls.append(("UntagResource", {"TagKeys": gone}))
    for tags in (changed, new):
        if tags:
            listed = [{"TagKey": tag, "TagValue": after[tag]} for tag in tags]
            calls.append(("TagResource", {"Tags": listed}))
    return calls
