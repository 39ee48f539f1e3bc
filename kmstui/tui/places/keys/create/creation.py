"""Making a key and naming it: two calls, of which the second may fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.echo import aws_command
from kmstui.tui.keys_model import short_alias, short_id
from kmstui.tui.place import Route
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

SPEC, USAGE, ORIGIN = "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS"
"""What a key is made as if nothing else is asked for."""

EXTERNAL = "EXTERNAL"
"""The origin of material that is imported."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A key that is to be made.

    Attributes:
        alias: Its alias with ``alias/``; empty for none.
        description: What it is for.
        tags: Tag key to tag value.
        policy: Its policy; empty for the default one.
        multi_region: Whether it can be replicated to other Regions.
        spec: Its KeySpec.
        usage: Its KeyUsage.
        origin: Its Origin.
        store: Id of the custom key store that it is made in; empty for none.
        outside: XksKeyId of the key in an external key manager; empty for none.
    """

    alias: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    policy: str = ""
    multi_region: bool = False
    spec: str = SPEC
    usage: str = USAGE
    origin: str = ORIGIN
    store: str = ""
    outside: str = ""

    def request(self) -> dict[str, object]:
        """Return the members of CreateKey, leaving out what is the default."""
        members: dict[str, object] = {}
        if self.spec != SPEC:
            members |= {"KeySpec": self.spec, "KeyUsage": self.usage}
        if self.origin != ORIGIN:
            members["Origin"] = self.origin
        if self.store:
            members["CustomKeyStoreId"] = self.store
        if self.outside:
            members["XksKeyId"] = self.outside
        if self.description:
            members["Description"] = self.description
        if self.tags:
            tags = [{"TagKey": tag, "TagValue": value} for tag, value in self.tags.items()]
            members["Tags"] = tags
        if self.policy:
            members["Policy"] = self.policy
        if self.multi_region:
            members["MultiRegion"] = True
        return members

    def commands(self, region: str) -> list[str]:
        """Write the AWS CLI commands that make it."""
        lines = [aws_command("CreateKey", self.request(), region=region)]
        if self.alias:
            members = {"AliasName": self.alias, "TargetKeyId": "KEY-ID"}
            lines.append(aws_command("CreateAlias", members, region=region))
        return lines


@dataclass(frozen=True, slots=True)
class Creation:
    """How far making a key came.

    Attributes:
        arn: The key that exists; empty if none was made.
        error: What stopped it, or None if all was done.
        said: What to tell the person.
    """

    arn: str
    error: KmsError | None
    said: Content


async def create_key(console: KmsApp, draft: Draft, made: str = "") -> Creation:
    """Make a key and its alias.

    The name is looked up before the key is made, so that a taken one costs nothing.

    Args:
        console: The application.
        draft: What to make.
        made: ARN of a key that an earlier try made and could not name; then it is only named.

    Raises:
        KmsError: The name could not be looked up.
    """
    if draft.alias and (taken := await _taken_by(console, draft.alias)):
        return Creation(made, None, text.literal("")) if taken == made else _taken(made, taken)
    arn = made or await _make(console, draft)
    if not arn:
        return _refused(console, "")
    if not draft.alias:
        return Creation(arn, None, text.literal(""))
    request = {"AliasName": draft.alias, "TargetKeyId": arn}
    if await console.call("CreateAlias", request, about=short_alias(draft.alias)) is None:
        return _refused(console, arn)
    return Creation(arn, None, text.literal(""))


async def _taken_by(console: KmsApp, alias: str) -> str:
    try:
        answer = await console.fetch("DescribeKey", KeyId=alias)
    except KmsError as error:
        if error.code == "NotFoundException":
            return ""
        raise
    return str(answer["KeyMetadata"]["Arn"])


async def _make(console: KmsApp, draft: Draft) -> str:
    about = short_alias(draft.alias) or "without a name"
    answer = await console.call("CreateKey", draft.request(), about=about)
    return "" if answer is None else str(answer["KeyMetadata"]["Arn"])


def _taken(made: str, other: str) -> Creation:
    error = KmsError("That name is taken.")
    said = text.template(
        "[$danger]✗ That name is taken[/] [$muted]by key $key. $made[/]",
        key=other.rpartition("/")[2],
        made="The key made before still has no name." if made else "No key was made.",
    )
    return Creation(made, error, said)


def _refused(console: KmsApp, arn: str) -> Creation:
    last = console.caller.last
    error = last.error if last is not None and last.error is not None else KmsError()
    head = text.template("[$danger]✗ $code[/] $message", code=error.code, message=error.message)
    if not arn:
        lines = [head, text.literal("No key was made.", "$muted")]
    else:
        key_id = arn.rpartition("/")[2]
        exists = text.template(
            "[$warn]▲ The key exists and is enabled, but has no name:[/] $key", key=key_id
        )
        again = "Type another name: enter then makes the alias only. esc leaves the key as it is."
        lines = [head, exists, text.literal(again, "$muted")]
    if error.hint and not arn:
        lines.append(text.literal(error.hint, "$muted"))
    return Creation(arn, error, text.lines(*lines))


async def open_created(console: KmsApp, arn: str, draft: Draft, *, show: bool = True) -> None:
    """Leave the pages of creation and show the key that was made.

    Args:
        console: The application.
        arn: The key.
        draft: What it was made from.
        show: Whether the person still waits for it; else it is only told of.
    """
    if console.locked:
        return
    stage = console.main.stage
    while show and stage.trail and stage.trail[-1].route.view.startswith("create"):
        await stage.back()
    if show:
        await console.go(Route("keys", "key", arn))
    for view in stage.trail[:-1] if show else stage.trail:
        await view.refresh_data()
    label = short_alias(draft.alias) or short_id(arn.rpartition("/")[2])
    console.main.say(text.template(_CREATED[draft.origin == EXTERNAL], key=label))


_CREATED = {
    False: "[$ok]✓[/] Created [b]$key[/] · [b $key-accent]E[/] [$muted]try it[/]",
    True: (
        "[$ok]✓[/] Created [b]$key[/], empty · [b $key-accent]I[/] [$muted]imports its material[/]"
    ),
}
"""What is said of a new key, by whether its material is still to come."""
