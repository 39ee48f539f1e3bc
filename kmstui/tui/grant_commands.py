"""The commands of a key's Access tab, of grants, and of the editor of policies, as data."""

from __future__ import annotations

from kmstui.tui.commands import Command, Context, Danger, Scope
from kmstui.tui.legality import in_a_field, may_write, own_key

_SHOWN = (Scope.KEY_ACCESS,)


def _a_grant(context: Context) -> str | None:
    return "no grant is selected" if context.subject is None else None


def _changeable(context: Context) -> str | None:
    return _a_grant(context) or may_write(context)


KEY_ACCESS: tuple[Command, ...] = (
    Command(
        id="edit-key-policy",
        title="Edit the key policy…",
        help="Change who may use the key, with remarks and what changes before it is saved.",
        keys=("e",),
        verb="edit-policy",
        scopes=_SHOWN,
        danger=Danger.REVERSIBLE,
        footer=22,
        label="edit policy",
        legal=own_key,
    ),
    Command(
        id="access-policy",
        title="Key policy",
        help="Show the key policy, with remarks beside its lines.",
        keys=("p",),
        verb="key-policy",
        scopes=_SHOWN,
        footer=24,
        label="policy",
    ),
    Command(
        id="access-matrix",
        title="Matrix",
        help="Show who may do what with the key, and why.",
        keys=("m",),
        verb="matrix",
        scopes=_SHOWN,
        footer=26,
        label="matrix",
    ),
    Command(
        id="access-grants",
        title="Grants of the key",
        help="Show the grants on the key.",
        keys=("r",),
        verb="key-grants",
        scopes=_SHOWN,
        footer=28,
        label="grants",
    ),
)
"""Commands of a key's Access tab."""

GRANTS: tuple[Command, ...] = (
    Command(
        id="orphans",
        title="Orphaned grants",
        help="Show the grants whose grantee or key is gone, or soon will be.",
        verb="orphans",
    ),
    Command(
        id="unconstrained",
        title="Unconstrained grants",
        help="Show the grants that no encryption context bounds.",
        verb="unconstrained",
    ),
    Command(
        id="create-grant",
        title="Create a grant…",
        help="Let a principal use a key, without changing its policy.",
        keys=("n",),
        verb="grant",
        scopes=(Scope.GRANT,),
        danger=Danger.REVERSIBLE,
        footer=25,
        label="new grant",
        legal=may_write,
    ),
    Command(
        id="open-grant-key",
        title="Open its key",
        help="Open the key that the grant is on.",
        keys=("o",),
        verb="grant-key",
        scopes=(Scope.GRANTS,),
        footer=40,
        label="its key",
        legal=_a_grant,
        selection=True,
    ),
    Command(
        id="retire-grant",
        title="Retire…",
        help="End the grant as its retiring principal or grantee: its work is done.",
        keys=("z",),
        verb="retire",
        scopes=(Scope.GRANT,),
        danger=Danger.REVERSIBLE,
        footer=60,
        label="retire",
        legal=_changeable,
        selection=True,
    ),
    Command(
        id="revoke-grant",
        title="Revoke…",
        help="End the grant as an administrator; what it let in is refused from then on.",
        keys=("Z",),
        verb="revoke",
        scopes=(Scope.GRANT,),
        danger=Danger.REVERSIBLE,
        footer=65,
        label="revoke",
        legal=_changeable,
        selection=True,
    ),
)
"""Commands on grants, in the place and on a key's page."""

EDITOR: tuple[Command, ...] = (
    Command(
        id="template",
        title="Insert a statement…",
        help="Insert a statement made from a template, after a few questions.",
        keys=("f2",),
        verb="template",
        scopes=(Scope.POLICY_EDITOR,),
        footer=12,
        label="template",
        typing=True,
    ),
    Command(
        id="external-editor",
        title="Open in your own editor",
        help="Edit the text in the program that $VISUAL or $EDITOR names, and come back.",
        keys=("f4",),
        verb="editor",
        scopes=(Scope.POLICY_EDITOR,),
        footer=16,
        label="$EDITOR",
        typing=True,
    ),
    Command(
        id="next-finding",
        title="Next remark",
        help="Go to the next line that there is a remark on.",
        keys=("f8",),
        verb="next-remark",
        scopes=(Scope.POLICY_EDITOR,),
        footer=18,
        label="next remark",
        typing=True,
    ),
    Command(
        id="revert",
        title="Revert…",
        help="Drop every change and begin again from the policy as it is.",
        verb="revert",
        scopes=(Scope.POLICY_EDITOR,),
    ),
    Command(
        id="type-on",
        title="Back to the text",
        help="Put the cursor back into the text.",
        keys=("i",),
        scopes=(Scope.POLICY_EDITOR,),
        footer=8,
        label="type",
        legal=lambda context: None if in_a_field(context) else "the cursor is there",
    ),
)
"""Commands of the editor of policies."""
