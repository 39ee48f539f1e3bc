"""The commands of the console, as data. The vocabulary is in :mod:`kmstui.tui.commands`."""

from __future__ import annotations

from kmstui.tui.commands import PLACES, Command, Context, Danger, Legality, Scope

_PENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})
_SWITCHABLE = frozenset({"Enabled", "Disabled", "Unavailable"})
_ON_KEYS = (Scope.KEYS, Scope.KEY)
_ON_ROWS = (Scope.LIST, Scope.KEY)
_KEEP_FIRST = "it is waiting to be deleted; K keeps the key first"


def _a_key(context: Context) -> str | None:
    subject = context.subject
    if subject is None or subject.kind != "key":
        return "no key is selected"
    return None


def _own_key(context: Context) -> str | None:
    if (reason := _a_key(context)) is not None:
        return reason
    if context.read_only:
        return "this session may only read"
    if context.subject is not None and context.subject.aws_managed:
        return "AWS manages this key; only keys you created can be changed"
    return None


def _states(context: Context) -> frozenset[str]:
    return frozenset(context.subject.states) if context.subject is not None else frozenset()


def _switch(context: Context) -> str | None:
    if (reason := _own_key(context)) is not None:
        return reason
    if _states(context) & _SWITCHABLE:
        return None
    return _KEEP_FIRST if _states(context) <= _PENDING else "it has no key material yet"


def _schedule(context: Context) -> str | None:
    if (reason := _own_key(context)) is not None:
        return reason
    return "it is already waiting to be deleted; K keeps it" if _all_pending(context) else None


def _keep(context: Context) -> str | None:
    if (reason := _own_key(context)) is not None:
        return reason
    return None if _states(context) & _PENDING else "no deletion is scheduled"


def _change(context: Context) -> str | None:
    if (reason := _own_key(context)) is not None:
        return reason
    return _KEEP_FIRST if _all_pending(context) else None


def _all_pending(context: Context) -> bool:
    return bool(_states(context)) and _states(context) <= _PENDING


def _anything(context: Context) -> str | None:
    return "nothing is selected" if context.subject is None else None


def _write(context: Context) -> str | None:
    return "this session may only read" if context.read_only else None


def _training(context: Context) -> str | None:
    if context.training:
        return None
    return "only a training keystore can do this; `kmstui demo` opens one"


def _undo(context: Context) -> str | None:
    return None if context.undo else "there is nothing to undo"


def _result(context: Context) -> str | None:
    return None if context.result else "nothing has been called yet"


def _concealed(context: Context) -> str | None:
    return "plaintext is on the screen; hide it first" if context.revealed else None


def _earlier(context: Context) -> str | None:
    return None if context.history[0] else "this is the first view"


def _later(context: Context) -> str | None:
    return None if context.history[1] else "this is the latest view"


def _place(digit: str, identity: str, title: str) -> Command:
    return Command(
        id=f"place-{identity}",
        title=f"Go to {title}",
        help=f"Show the place {title} as it was left.",
        keys=(digit,),
        verb=identity,
    )


def _on_key(
    identity: str,
    title: str,
    text: str,
    legal: Legality,
    *,
    keys: tuple[str, ...] = (),
    verb: str = "",
    argument: str = "",
    danger: Danger = Danger.REVERSIBLE,
    footer: int = 0,
    label: str = "",
) -> Command:
    return Command(
        id=identity,
        title=title,
        help=text,
        keys=keys,
        verb=verb or identity,
        scopes=_ON_KEYS,
        argument=argument,
        danger=danger,
        footer=footer,
        label=label,
        legal=legal,
    )


def _native(
    identity: str, title: str, text: str, *keys: str, footer: int = 0, label: str = ""
) -> Command:
    return Command(
        id=identity,
        title=title,
        help=text,
        keys=keys,
        scopes=(Scope.LIST,),
        footer=footer,
        label=label,
        native=True,
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
        legal=_earlier,
    ),
    Command(
        id="earlier",
        title="Earlier view",
        help="Step back through the views of this session.",
        keys=("less_than_sign", "alt+left"),
        verb="earlier",
        legal=_earlier,
    ),
    Command(
        id="later",
        title="Later view",
        help="Step forward again.",
        keys=("greater_than_sign", "alt+right"),
        verb="later",
        legal=_later,
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
        legal=_anything,
    ),
    Command(
        id="undo",
        title="Undo",
        help="Take back the last change, if it can be taken back.",
        keys=("u",),
        verb="undo",
        danger=Danger.REVERSIBLE,
        legal=_undo,
    ),
    Command(
        id="why",
        title="Why?",
        help="Explain the last answer: what decided it, and what would change it.",
        keys=("w",),
        verb="why",
        legal=_result,
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
        legal=_concealed,
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
        legal=_training,
    ),
    Command(
        id="checkpoint",
        title="Checkpoint",
        help="Remember the keystore as it is, under a name.",
        verb="checkpoint",
        argument="NAME",
        legal=_training,
    ),
    Command(
        id="restore",
        title="Restore a checkpoint…",
        help="Put the keystore back to a checkpoint.",
        verb="restore",
        argument="NAME",
        danger=Danger.TYPED,
        legal=_training,
    ),
    Command(
        id="reset",
        title="Reset…",
        help="Put the training keystore back to its beginning.",
        verb="reset",
        danger=Danger.TYPED,
        legal=_training,
    ),
)

_LISTS = (
    _native("row-down", "Next row", "Move the cursor down.", "j", "down"),
    _native("row-up", "Previous row", "Move the cursor up.", "k", "up"),
    _native("row-first", "First row", "Jump to the top.", "g", "home"),
    _native("row-last", "Last row", "Jump to the bottom.", "G", "end"),
    _native("page-down", "Half a page down", "Move half a page down.", "ctrl+d", "pagedown"),
    _native("page-up", "Half a page up", "Move half a page up.", "ctrl+u", "pageup"),
    _native("scroll-left", "Columns left", "Show the columns to the left.", "h", "left"),
    _native("scroll-right", "Columns right", "Show the columns to the right.", "l", "right"),
    _native("open", "Open", "Open the row.", "enter", footer=10, label="open"),
    _native("mark", "Mark", "Mark the row for a command on many.", "space"),
    _native("mark-range", "Mark a range", "Mark from the last mark to here.", "v"),
    _native("mark-all", "Mark all", "Mark every row the filter shows.", "V"),
    _native("sort", "Sort", "Sort by the next column; again for the other way.", "s"),
    Command(
        id="filter",
        title="Filter",
        help="Show only the rows that match: words, state:disabled, tag:env=prod, -not.",
        keys=("slash",),
        verb="filter",
        scopes=(Scope.LIST,),
        argument="TEXT",
        footer=20,
        label="filter",
    ),
    Command(
        id="export-list",
        title="Export the list…",
        help="Write the rows that the filter shows to a file.",
        keys=("x",),
        verb="export-list",
        scopes=(Scope.LIST,),
        argument="FILE",
    ),
    Command(
        id="raw",
        title="Raw JSON",
        help="Show the selected thing as AWS answers it.",
        keys=("i",),
        verb="json",
        scopes=_ON_ROWS,
        legal=_anything,
    ),
    Command(
        id="copy",
        title="Copy…",
        help="Copy the id, the ARN, the name or the JSON to the clipboard.",
        keys=("y",),
        verb="copy",
        scopes=_ON_ROWS,
        footer=60,
        label="copy",
        legal=_anything,
    ),
)

_KEYS = (
    Command(
        id="create-key",
        title="Create a key…",
        help="Create a KMS key; an alias and enter make a symmetric one.",
        keys=("n",),
        verb="create",
        scopes=_ON_KEYS,
        danger=Danger.REVERSIBLE,
        footer=25,
        label="new key",
        legal=_write,
    ),
    _on_key(
        "try-it",
        "Try it",
        "Encrypt, decrypt and make data keys with it.",
        _a_key,
        keys=("E",),
        verb="try",
        danger=Danger.READ,
        footer=40,
        label="try it",
    ),
    _on_key(
        "toggle-key",
        "Enable or disable…",
        "Let the key be used, or stop every use of it; both can be undone.",
        _switch,
        keys=("t",),
        verb="toggle",
        footer=50,
        label="on/off",
    ),
    _on_key(
        "schedule-deletion",
        "Schedule deletion…",
        "Start the waiting period after which the key and all it encrypted are lost.",
        _schedule,
        keys=("X",),
        verb="delete",
        danger=Danger.FINAL,
        footer=70,
        label="delete",
    ),
    _on_key(
        "keep-key",
        "Keep this key…",
        "Cancel the scheduled deletion; the key is then disabled.",
        _keep,
        keys=("K",),
        verb="keep",
        footer=35,
        label="keep",
    ),
    _on_key(
        "edit-description",
        "Edit the description…",
        "Change what the key says it is for.",
        _change,
        keys=("e",),
        verb="describe",
        argument="TEXT",
    ),
    _on_key(
        "edit-tags",
        "Edit tags…",
        "Change the key's tags.",
        _change,
        keys=("T",),
        verb="tags",
    ),
    _on_key(
        "alias-add",
        "Add an alias…",
        "Give the key one more name.",
        _change,
        keys=("A",),
        verb="alias-add",
        argument="NAME",
    ),
    _on_key(
        "alias-move",
        "Move an alias…",
        "Point an alias at another key, as a manual rotation does.",
        _own_key,
        keys=("M",),
        argument="NAME",
    ),
    _on_key(
        "alias-remove",
        "Remove an alias…",
        "Take a name from the key; programs that use it stop finding the key.",
        _own_key,
        keys=("D",),
        argument="NAME",
        danger=Danger.TYPED,
    ),
)

_KEY = (
    Command(
        id="tab",
        title="Show a tab",
        help="Show overview, access, material, activity or try-it.",
        verb="tab",
        argument="NAME",
        scopes=(Scope.KEY,),
    ),
    Command(
        id="next-tab",
        title="Next tab",
        help="Show the next tab.",
        keys=("right_square_bracket",),
        verb="next-tab",
        scopes=(Scope.KEY,),
    ),
    Command(
        id="previous-tab",
        title="Previous tab",
        help="Show the previous tab.",
        keys=("left_square_bracket",),
        verb="previous-tab",
        scopes=(Scope.KEY,),
    ),
    Command(
        id="next-key",
        title="Next key",
        help="Show the next key of the list on the same tab.",
        keys=("N", "right_curly_bracket"),
        verb="next-key",
        scopes=(Scope.KEY,),
    ),
    Command(
        id="previous-key",
        title="Previous key",
        help="Show the previous key of the list on the same tab.",
        keys=("P", "left_curly_bracket"),
        verb="previous-key",
        scopes=(Scope.KEY,),
    ),
)

_TRY_IT = tuple(
    Command(
        id=identity,
        title=title,
        help=text,
        verb=identity,
        scopes=(Scope.TRY_IT,),
        legal=_a_key,
    )
    for identity, title, text in (
        ("encrypt", "Encrypt", "Encrypt the plaintext with the context given."),
        ("decrypt", "Decrypt", "Decrypt the ciphertext with the context given."),
        ("data-key", "Generate a data key", "Make a data key, in the clear and encrypted."),
        ("reveal", "Reveal", "Show the plaintext for thirty seconds."),
    )
)

_TRAIL = (
    Command(
        id="follow",
        title="Follow",
        help="Keep the newest event in sight, or stop doing so.",
        keys=("f",),
        verb="follow",
        scopes=(Scope.TRAIL,),
        footer=40,
        label="follow",
    ),
    Command(
        id="open-subject",
        title="Open its key",
        help="Open the key that the event is about.",
        keys=("o",),
        verb="open-key",
        scopes=(Scope.TRAIL,),
        footer=50,
        label="its key",
        legal=_anything,
    ),
    Command(
        id="errors-only",
        title="Refusals only",
        help="Show only the calls that were refused, or all again.",
        keys=("r",),
        verb="refusals",
        scopes=(Scope.TRAIL,),
        footer=60,
        label="refusals",
    ),
)

_EDITORS = (
    Command(
        id="save",
        title="Save",
        help="Check and save what was edited.",
        keys=("ctrl+s",),
        verb="w",
        scopes=(Scope.EDITOR,),
        footer=10,
        label="save",
        typing=True,
    ),
    Command(
        id="format",
        title="Format",
        help="Lay the JSON out anew.",
        keys=("f3",),
        verb="format",
        scopes=(Scope.EDITOR,),
        typing=True,
    ),
)

COMMANDS: tuple[Command, ...] = (
    *_EVERYWHERE,
    *_LISTS,
    *_KEYS,
    *_KEY,
    *_TRY_IT,
    *_TRAIL,
    *_EDITORS,
)
"""Every command of the console."""
