"""The commands of the console, as data. The vocabulary is in :mod:`kmstui.tui.commands`."""

from __future__ import annotations

from kmstui.tui.access_commands import ACCESS
from kmstui.tui.commands import PLACES, Command, Danger
from kmstui.tui.grant_commands import EDITOR, GRANTS, KEY_ACCESS
from kmstui.tui.identity_commands import IDENTITY
from kmstui.tui.legality import (
    can_undo,
    concealed,
    has_earlier,
    has_later,
    has_result,
    in_training,
    something,
)
from kmstui.tui.material_commands import MATERIAL, REGIONS
from kmstui.tui.use_commands import PUBLIC_KEY, TRY_IT
from kmstui.tui.view_commands import EDITORS, KEY, KEYS, LINES, LISTS, TRAIL, WIZARDS


def _place(digit: str, identity: str, title: str, purpose: str) -> Command:
    return Command(
        id=f"place-{identity}",
        title=title,
        help=purpose,
        keys=(digit,),
        verb=identity,
    )


_EVERYWHERE = (
    *(_place(*place) for place in PLACES),
    Command(
        id="help",
        title="Keys and commands",
        help="List what can be done here, by key and by verb.",
        keys=("question_mark", "f1"),
        verb="help",
    ),
    Command(
        id="command-line",
        title="Command line",
        help="Type a verb; tab completes it.",
        keys=("colon",),
    ),
    Command(
        id="palette",
        title="Command palette",
        help="Search every command by its words.",
        keys=("ctrl+p",),
        verb="palette",
        typing=True,
    ),
    Command(
        id="back",
        title="Back",
        help="Leave the field, the filter, the marks, then the view. Never quits.",
        keys=("escape", "q"),
        verb="back",
        footer=90,
        label="back",
        typing=True,
    ),
    Command(
        id="last-view",
        title="Last view",
        help="Switch between the two views last looked at.",
        keys=("minus",),
        verb="last",
        legal=has_earlier,
    ),
    Command(
        id="earlier",
        title="Earlier view",
        help="Step back through the views of this session.",
        keys=("less_than_sign", "alt+left"),
        verb="earlier",
        legal=has_earlier,
    ),
    Command(
        id="later",
        title="Later view",
        help="Step forward again.",
        keys=("greater_than_sign", "alt+right"),
        verb="later",
        legal=has_later,
    ),
    Command(
        id="refresh",
        title="Refresh",
        help="Read the view's data again.",
        keys=("f5",),
        verb="refresh",
    ),
    Command(
        id="actions",
        title="Actions…",
        help="List what can be done with what is selected, and why the rest cannot.",
        keys=("a",),
        verb="actions",
        footer=30,
        label="actions",
        legal=something,
    ),
    Command(
        id="undo",
        title="Undo",
        help="Take back the last change, if it can be taken back.",
        keys=("u",),
        verb="undo",
        danger=Danger.REVERSIBLE,
        legal=can_undo,
    ),
    Command(
        id="why",
        title="Why?",
        help="Explain the last answer: what decided it, and what would change it.",
        keys=("w",),
        verb="why",
        legal=has_result,
    ),
    Command(
        id="cli",
        title="AWS CLI echo",
        help="List what was done as AWS CLI commands, to copy.",
        keys=("exclamation_mark",),
        verb="cli",
    ),
    Command(
        id="messages",
        title="Messages",
        help="List the results and notices of this session.",
        keys=("grave_accent",),
        verb="messages",
    ),
    Command(
        id="mask",
        title="Privacy mask",
        help="Hide ids, ARNs, names and tags while somebody looks on.",
        keys=("f12",),
        verb="mask",
        typing=True,
        over=True,
    ),
    Command(
        id="screenshot",
        title="Screenshot",
        help="Save the screen as an SVG file, masked.",
        verb="screenshot",
        legal=concealed,
    ),
    Command(
        id="lock",
        title="Lock now",
        help="Hide everything and drop the keys from memory.",
        keys=("ctrl+l",),
        verb="lock",
        typing=True,
        over=True,
    ),
    Command(
        id="quit",
        title="Quit",
        help="Lock, close the keystore and leave.",
        keys=("ctrl+q",),
        verb="q",
        typing=True,
        over=True,
    ),
    Command(
        id="theme",
        title="Theme",
        help="Change the colours.",
        verb="theme",
        argument="NAME",
    ),
    Command(
        id="region",
        title="Region",
        help="Work in another Region of this keystore.",
        verb="region",
        argument="NAME",
    ),
    Command(
        id="arn",
        title="Open a key by its ARN",
        help="Open a key of any account and Region.",
        verb="arn",
        argument="ARN",
    ),
    Command(
        id="deletions",
        title="Keys waiting to be deleted",
        help="Show the keys in their waiting period.",
        verb="deletions",
    ),
    Command(
        id="rotation",
        title="Rotation of keys",
        help="Show the keys by rotation.",
        verb="rotation",
    ),
    Command(
        id="aliases",
        title="Aliases",
        help="Show every alias and the key it names.",
        verb="aliases",
    ),
    Command(
        id="doctor",
        title="Doctor",
        help="Verify keystore and trail, and say what protects the keys.",
        verb="doctor",
    ),
    Command(
        id="backup",
        title="Export a backup…",
        help="Write a sealed copy of the keystore and prove that it opens.",
        verb="export",
        argument="FILE",
    ),
    Command(
        id="warp",
        title="Move account time forward",
        help="Let account time pass: 8d, 12h, 30m.",
        verb="warp",
        argument="TIME",
        danger=Danger.REVERSIBLE,
        legal=in_training,
    ),
    Command(
        id="checkpoint",
        title="Checkpoint",
        help="Remember the keystore as it is, under a name.",
        verb="checkpoint",
        argument="NAME",
        legal=in_training,
    ),
    Command(
        id="restore",
        title="Restore a checkpoint…",
        help="Put the keystore back to a checkpoint.",
        verb="restore",
        argument="NAME",
        danger=Danger.TYPED,
        legal=in_training,
    ),
    Command(
        id="reset",
        title="Reset…",
        help="Put the training keystore back to its beginning.",
        verb="reset",
        danger=Danger.TYPED,
        legal=in_training,
    ),
)

COMMANDS: tuple[Command, ...] = (
    *_EVERYWHERE,
    *IDENTITY,
    *LISTS,
    *KEYS,
    *KEY,
    *MATERIAL,
    *REGIONS,
    *PUBLIC_KEY,
    *TRY_IT,
    *KEY_ACCESS,
    *GRANTS,
    *ACCESS,
    *TRAIL,
    *LINES,
    *EDITORS,
    *EDITOR,
    *WIZARDS,
)
"""Every command of the console."""
