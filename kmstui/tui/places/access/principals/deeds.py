"""What can be done to a user, group or role, with its questions.

Every function takes the principal it is about, so that a moved cursor under an open dialog changes
nothing, and tells whether something changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.confirm import ConfirmTyped, confirmation_token
from kmstui.tui.place import Route
from kmstui.tui.places.access.picker import Pickable
from kmstui.tui.places.access.policies.model import PolicyRef, short_name
from kmstui.tui.places.access.principals.asking import ask_name, pick
from kmstui.tui.places.access.principals.model import PrincipalRow
from kmstui.tui.places.access.principals.reading import attached_to, in_the_way, read_all
from kmstui.tui.places.keys.dialogs.tags import TagsDialog
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_NO_BOUNDARY = "none"
_LISTED = 8
"""Things in the way that are written out before the rest is a number."""


async def _policies(console: KmsApp) -> list[Pickable]:
    found = await read_all(console, "iam:ListPolicies", "Policies", Scope="All")
    return [
        Pickable(
            str(each["Arn"]),
            str(each["PolicyName"]),
            "AWS managed" if ":aws:policy/" in str(each["Arn"]) else "customer managed",
        )
        for each in found
    ]


async def attach(console: KmsApp, row: PrincipalRow) -> bool:
    """Attach a managed policy that is chosen."""
    has = set(await attached_to(console, row))
    choices = [each for each in await _policies(console) if each.value not in has]
    arn = await pick(console, f"Attach a policy to {text.visible(row.name)}", choices)
    return bool(arn) and await _call(console, row, f"iam:Attach{row.noun}Policy", PolicyArn=arn)


async def detach(console: KmsApp, row: PrincipalRow) -> bool:
    """Detach a managed policy that is chosen."""
    has = await attached_to(console, row)
    if not has:
        raise UsageError("No managed policy is attached to it.", hint="A attaches one.")
    choices = [Pickable(arn, short_name(arn)) for arn in has]
    arn = await pick(console, f"Detach a policy from {text.visible(row.name)}", choices)
    return bool(arn) and await _call(console, row, f"iam:Detach{row.noun}Policy", PolicyArn=arn)


async def write_inline(console: KmsApp, row: PrincipalRow, name: str) -> bool:
    """Open the editor for an inline policy; it is saved there."""
    name = name or await ask_name(
        console,
        f"An inline policy of {text.visible(row.name)}",
        about="It belongs to this principal alone and goes with it. A name that is there "
        "already opens that policy.",
    )
    if name:
        ref = PolicyRef("identity-based policy", f"{row.arn} {name}")
        await console.go(Route("access", "edit", ref.argument()))
    return False


async def bound(console: KmsApp, row: PrincipalRow) -> bool:
    """Set the permissions boundary to a policy that is chosen, or lift it."""
    choices = await _policies(console)
    if row.boundary:
        choices = [Pickable(_NO_BOUNDARY, "none", "lift the boundary"), *choices]
    arn = await pick(console, f"What {text.visible(row.name)} may be given at most", choices)
    if not arn:
        return False
    if arn == _NO_BOUNDARY:
        return await _call(console, row, f"iam:Delete{row.noun}PermissionsBoundary")
    operation = f"iam:Put{row.noun}PermissionsBoundary"
    return await _call(console, row, operation, PermissionsBoundary=arn)


async def join_group(console: KmsApp, row: PrincipalRow, group: str) -> bool:
    """Add a user to a group."""
    if not group:
        found = await read_all(console, "iam:ListGroups", "Groups")
        names = [str(each["GroupName"]) for each in found]
        free = [Pickable(name, name) for name in names if name not in row.groups]
        if not free:
            raise UsageError("There is no further group.", hint="n creates one.")
        group = await pick(console, f"Add {text.visible(row.name)} to", free)
    return bool(group) and await _call(console, row, "iam:AddUserToGroup", GroupName=group)


async def leave(console: KmsApp, row: PrincipalRow, group: str) -> bool:
    """Take a user out of a group."""
    if not row.groups:
        raise UsageError("The user is in no group.", hint="m adds it to one.")
    if not group:
        choices = [Pickable(name, name) for name in row.groups]
        group = await pick(console, f"Take {text.visible(row.name)} out of", choices)
    return bool(group) and await _call(console, row, "iam:RemoveUserFromGroup", GroupName=group)


async def edit_tags(console: KmsApp, row: PrincipalRow) -> bool:
    """Edit the tags: one call for those to set, one for those to drop."""
    before = dict(row.tags)
    title = text.template("Tags of [b]$name[/]", name=row.name)
    after: Mapping[str, str] | None = await console.ask(TagsDialog(title, before))
    if after is None:
        return False
    changed = False
    put = {key: value for key, value in after.items() if before.get(key) != value}
    if put:
        tags = [{"Key": key, "Value": value} for key, value in put.items()]
        changed |= await _call(console, row, f"iam:Tag{row.noun}", Tags=tags)
    gone = [key for key in before if key not in after]
    if gone:
        changed |= await _call(console, row, f"iam:Untag{row.noun}", TagKeys=gone)
    return changed


async def delete(console: KmsApp, row: PrincipalRow) -> bool:
    """Delete a principal once its name was typed, and before it all that is in the way."""
    if console.session is not None and row.arn == console.session.principal:
        raise UsageError("That is who you are.", hint="Somebody else can delete this user.")
    calls = await in_the_way(console, row)
    dialog = ConfirmTyped(
        title=text.template("Delete $what [b]$name[/]", what=row.kind, name=row.name),
        message=_consequences(row, calls),
        token=confirmation_token(row.name, row.arn),
        verb=text.literal("Delete"),
        back=text.literal("Keep it"),
    )
    if await console.ask(dialog) is not True:
        return False
    for operation, members in calls:
        if await console.call(operation, members, about=row.about) is None:
            return True
    return await _call(console, row, f"iam:Delete{row.noun}")


def _consequences(row: PrincipalRow, calls: list[tuple[str, dict[str, object]]]) -> Content:
    lines = [
        text.literal(
            "Policies that name it keep its unique id and stop meaning anybody: a new one of the "
            "same name is somebody else."
        )
    ]
    if row.sessions:
        lines.append(text.styled(f"▲ {row.sessions} of its sessions are open.", "$warn"))
    if calls:
        lines.append(text.literal("In the way, and removed first:", "bold"))
    lines += [_step(operation, members) for operation, members in calls[:_LISTED]]
    if len(calls) > _LISTED:
        lines.append(text.literal(f"  and {len(calls) - _LISTED} more", "$muted"))
    return text.lines(*lines)


def _step(operation: str, members: Mapping[str, object]) -> Content:
    what = next(
        (str(members[name]) for name in _TELLING if name in members), str(members.get("UserName"))
    )
    return text.template("  · $operation [$muted]$what[/]", operation=operation, what=what)


_TELLING = ("PolicyArn", "PolicyName", "AccessKeyId", "SerialNumber", "GroupName")


async def _call(console: KmsApp, row: PrincipalRow, operation: str, **members: object) -> bool:
    answer = await console.call(operation, {**row.named, **members}, about=row.about)
    return answer is not None
