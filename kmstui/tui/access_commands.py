"""The commands of Access, as data."""

from __future__ import annotations

from collections.abc import Callable

from kmstui.tui.commands import Command, Context, Danger, Legality, Scope
from kmstui.tui.legality import may_write, something


def _of_kind(kinds: frozenset[str], wanted: str) -> Legality:
    def legal(context: Context) -> str | None:
        subject = context.subject
        if subject is None or subject.kind not in kinds:
            return f"{wanted} is not selected"
        return may_write(context)

    return legal


_a_user = _of_kind(frozenset({"user"}), "a user")
_a_holder = _of_kind(frozenset({"user", "group", "role"}), "a user, group or role")
_a_bounded = _of_kind(frozenset({"user", "role"}), "a user or role")


def _a_role(context: Context) -> str | None:
    subject = context.subject
    return None if subject is not None and subject.kind == "role" else "a role is not selected"


def _go(identity: str, title: str, text: str) -> Command:
    return Command(id=f"access-{identity}", title=title, help=text, verb=identity)


def _deed(scope: Scope, legal: Callable[[Context], str | None]) -> Callable[..., Command]:
    def make(
        identity: str,
        title: str,
        text: str,
        *keys: str,
        verb: str = "",
        argument: str = "",
        danger: Danger = Danger.REVERSIBLE,
        footer: int = 0,
        label: str = "",
        legal: Legality = legal,
    ) -> Command:
        return Command(
            id=identity,
            title=title,
            help=text,
            keys=keys,
            verb=verb or identity,
            scopes=(scope,),
            argument=argument,
            danger=danger,
            footer=footer,
            label=label,
            legal=legal,
            selection=True,
        )

    return make


_on_holder = _deed(Scope.PRINCIPAL, _a_holder)
_on_user = _deed(Scope.PRINCIPAL, _a_user)

VIEWS: tuple[Command, ...] = (
    _go("policies", "Policies", "Find statements of every policy."),
    _go("principals", "Principals", "Show users, groups and roles."),
    _go("simulator", "Simulator", "Decide a call without making it, step by step."),
)
"""Ways to the views of the place."""

POLICIES: tuple[Command, ...] = (
    Command(
        id="simulate",
        title="Simulate",
        help="Open the simulator with the call, principal or statement filled in.",
        keys=("S",),
        verb="simulate",
        scopes=(Scope.TRAIL, Scope.EVENT, Scope.PRINCIPAL, Scope.POLICY, Scope.KEY_ACCESS),
        footer=45,
        label="simulate",
        legal=something,
        selection=True,
    ),
    Command(
        id="edit-policy",
        title="Edit the policy…",
        help="Change the document, with remarks and what changes before it is saved.",
        keys=("e",),
        verb="edit",
        scopes=(Scope.POLICY,),
        danger=Danger.REVERSIBLE,
        footer=30,
        label="edit",
        legal=may_write,
        selection=True,
    ),
    Command(
        id="open-owner",
        title="Open whose it is",
        help="Open the key, user, group or role that the policy belongs to.",
        keys=("o",),
        verb="owner",
        scopes=(Scope.POLICY,),
        footer=40,
        label="whose",
        legal=something,
        selection=True,
    ),
)
"""Commands on policies, and the way to the simulator from wherever there is a call."""

PRINCIPALS: tuple[Command, ...] = (
    Command(
        id="new-principal",
        title="New user, role or group…",
        help="Create a user, a role that others can assume, or a group.",
        keys=("n",),
        verb="new",
        scopes=(Scope.PRINCIPAL,),
        argument="KIND",
        danger=Danger.REVERSIBLE,
        footer=25,
        label="new",
        legal=may_write,
    ),
    _on_holder(
        "attach-policy", "Attach a policy…", "Attach a managed policy.", "A", verb="attach"
    ),
    _on_holder(
        "detach-policy", "Detach a policy…", "Take a managed policy away.", "D", verb="detach"
    ),
    _on_holder(
        "inline-policy",
        "Write an inline policy…",
        "Embed a policy of its own, checked while it is written.",
        "I",
        verb="inline",
        argument="NAME",
    ),
    _on_holder(
        "set-boundary",
        "Set the permissions boundary…",
        "Bound what its policies can give at most, or lift the bound.",
        "B",
        verb="boundary",
        legal=_a_bounded,
    ),
    _on_user(
        "create-access-key",
        "Create an access key…",
        "Make credentials for a program; the secret is shown once.",
        "K",
        verb="access-key",
    ),
    _on_user(
        "toggle-access-key",
        "Activate or deactivate an access key…",
        "Stop a program's credentials from working, or let them work again.",
        "t",
    ),
    _on_user(
        "delete-access-key",
        "Delete an access key…",
        "Remove a program's credentials for good.",
        "d",
        danger=Danger.FINAL,
    ),
    _on_user(
        "join-group", "Add to a group…", "Give the user what a group has.", "m", argument="GROUP"
    ),
    _on_user(
        "leave-group",
        "Take out of a group…",
        "Take what a group has from the user.",
        "M",
        argument="GROUP",
    ),
    _on_user(
        "toggle-operator",
        "Give or take a passphrase…",
        "Let the user open this keystore, or stop that; others keep theirs.",
        "O",
        verb="operator",
        danger=Danger.TYPED,
    ),
    _on_holder(
        "principal-tags",
        "Edit tags…",
        "Change the principal's tags.",
        "T",
        legal=_a_bounded,
    ),
    Command(
        id="assume-role",
        title="Switch to the role",
        help="Go on as a session of this role.",
        keys=("r",),
        verb="assume",
        scopes=(Scope.PRINCIPAL,),
        legal=_a_role,
        selection=True,
    ),
    _on_holder(
        "delete-principal",
        "Delete…",
        "Delete the user, role or group; what is in the way is listed first.",
        "X",
        danger=Danger.FINAL,
        footer=70,
        label="delete",
    ),
)
"""Commands on users, groups and roles."""


def _simulator(
    identity: str,
    title: str,
    text: str,
    *keys: str,
    footer: int = 0,
    label: str = "",
    verb: str = "",
    argument: str = "",
) -> Command:
    return Command(
        id=identity,
        title=title,
        help=text,
        keys=keys,
        scopes=(Scope.SIMULATOR,),
        footer=footer,
        label=label,
        verb=verb,
        argument=argument,
    )


SIMULATOR: tuple[Command, ...] = (
    Command(
        id="simulate-run",
        title="Decide",
        help="Decide the call of the form.",
        keys=("enter",),
        scopes=(Scope.SIMULATOR,),
        footer=5,
        label="decide",
        native=True,
        typing=True,
    ),
    Command(
        id="pick-value",
        title="Pick a value…",
        help="List what the field can be; the arrow down does too.",
        keys=("f2",),
        scopes=(Scope.SIMULATOR,),
        verb="pick",
        footer=8,
        label="pick",
        typing=True,
    ),
    _simulator("next-step", "Next step", "Show one step more.", "space", footer=10, label="step"),
    _simulator(
        "play-steps",
        "Play",
        "Show a step now and then, or stop.",
        "p",
        footer=12,
        label="play",
        verb="play",
    ),
    _simulator(
        "all-steps", "All steps", "Show every step.", "A", footer=14, label="all", verb="all-steps"
    ),
    _simulator(
        "compare-principals",
        "Compare with another…",
        "Decide the same call for a second principal, beside the first.",
        "c",
        footer=16,
        label="compare",
        verb="compare",
        argument="PRINCIPAL",
    ),
    _simulator(
        "export-decision",
        "Export the decision…",
        "Write the decision and its steps to a file, as a page of text.",
        "x",
        footer=18,
        label="export",
        verb="export-decision",
        argument="FILE",
    ),
    _simulator(
        "edit-call",
        "Edit the call",
        "Go back to the form.",
        "e",
        verb="call",
        footer=20,
        label="form",
    ),
)
"""Commands of the simulator."""

ACCESS: tuple[Command, ...] = (*VIEWS, *POLICIES, *PRINCIPALS, *SIMULATOR)
"""Every command of the place."""
