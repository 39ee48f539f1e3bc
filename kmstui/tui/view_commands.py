"""The commands of lists, keys, trail and editors, as data."""

from __future__ import annotations

from kmstui.tui.commands import Command, Danger, Legality, Scope
from kmstui.tui.legality import (
    a_key,
    can_change,
    can_keep,
    can_schedule,
    can_switch,
    may_write,
    own_key,
    something,
)

_ON_KEYS = (Scope.KEYS, Scope.KEY)
_LABELS = (Scope.KEYS, Scope.KEY_LABELS)
_TABBED = (Scope.KEYS, Scope.KEY, Scope.ACCESS, Scope.GRANTS)
_ON_ROWS = (Scope.LIST, Scope.KEY, Scope.EVENT, Scope.PUBLIC_KEY)
_ON_EVENTS = (Scope.TRAIL, Scope.EVENT)


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
    scopes: tuple[Scope, ...] = _ON_KEYS,
) -> Command:
    return Command(
        id=identity,
        title=title,
        help=text,
        keys=keys,
        verb=verb or identity,
        scopes=scopes,
        selection=True,
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


LISTS: tuple[Command, ...] = (
    _native("row-down", "Next row", "Move the cursor down.", "j", "down"),
    _native("row-up", "Previous row", "Move the cursor up.", "k", "up"),
    _native("row-first", "First row", "Jump to the top.", "g", "home"),
    _native("row-last", "Last row", "Jump to the bottom.", "G", "end"),
    _native("page-down", "Page down", "A page down; half of one with ctrl.", "pagedown", "ctrl+d"),
    _native("page-up", "Page up", "A page up; half of one with ctrl.", "pageup", "ctrl+u"),
    _native("scroll-left", "Columns left", "Show the columns to the left.", "h", "left"),
    _native("scroll-right", "Columns right", "Show the columns to the right.", "l", "right"),
    _native("open", "Open", "Open the row.", "enter", footer=10, label="open"),
    _native("mark", "Mark", "Mark the row for a command on many.", "space"),
    _native("mark-range", "Mark a range", "Mark from the last mark to here.", "v"),
    _native("mark-all", "Mark all", "Mark every row the filter shows.", "V"),
    Command(
        id="sort",
        title="Sort",
        help="Sort by the next column; :sort NAME by one, -NAME the other way.",
        keys=("s",),
        verb="sort",
        scopes=(Scope.LIST,),
        argument="COLUMN",
    ),
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
        selection=True,
        legal=something,
    ),
    Command(
        id="copy",
        title="Copy…",
        help="Copy the id, the ARN, the name or the JSON to the clipboard.",
        keys=("y",),
        verb="copy",
        scopes=_ON_ROWS,
        selection=True,
        footer=60,
        label="copy",
        legal=something,
    ),
)
"""Commands of every list."""

KEYS: tuple[Command, ...] = (
    Command(
        id="create-key",
        title="Create a key…",
        help="Create a KMS key; an alias and enter make a symmetric one.",
        keys=("n",),
        verb="create",
        scopes=_LABELS,
        danger=Danger.REVERSIBLE,
        footer=25,
        label="new key",
        legal=may_write,
    ),
    Command(
        id="preview",
        title="Preview",
        help="Show or hide the key under the cursor beside the list.",
        keys=("p",),
        verb="preview",
        scopes=(Scope.KEYS,),
    ),
    _on_key(
        "try-it",
        "Try it",
        "Use it for what it is made for, with text or files.",
        a_key,
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
        can_switch,
        keys=("t",),
        verb="toggle",
        footer=50,
        label="on/off",
    ),
    _on_key(
        "schedule-deletion",
        "Schedule deletion…",
        "Start the waiting period after which the key and all it encrypted are lost.",
        can_schedule,
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
        can_keep,
        keys=("K",),
        verb="keep",
        footer=35,
        label="keep",
    ),
    _on_key(
        "edit-description",
        "Edit the description…",
        "Change what the key says it is for.",
        can_change,
        keys=("e",),
        verb="describe",
        argument="TEXT",
        scopes=_LABELS,
    ),
    _on_key(
        "edit-tags",
        "Edit tags…",
        "Change the key's tags.",
        can_change,
        keys=("T",),
        verb="tags",
    ),
    _on_key(
        "alias-add",
        "Add an alias…",
        "Give the key one more name.",
        can_change,
        keys=("A",),
        verb="alias-add",
        argument="NAME",
    ),
    _on_key(
        "alias-move",
        "Move an alias…",
        "Point an alias at another key, as a manual rotation does.",
        own_key,
        keys=("M",),
        argument="NAME",
    ),
    _on_key(
        "alias-remove",
        "Remove an alias…",
        "Take a name from the key; programs that use it stop finding the key.",
        own_key,
        keys=("D",),
        argument="NAME",
        danger=Danger.TYPED,
    ),
)
"""Commands on keys, in the list and on a key's page."""

KEY: tuple[Command, ...] = (
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
        help="Show the next tab, or the next view of the list.",
        keys=("right_square_bracket",),
        verb="next-tab",
        scopes=_TABBED,
    ),
    Command(
        id="previous-tab",
        title="Previous tab",
        help="Show the previous tab, or the list's view before.",
        keys=("left_square_bracket",),
        verb="previous-tab",
        scopes=_TABBED,
    ),
    Command(
        id="lookups",
        title="Lookups",
        help="Show or hide, on the Activity tab, the calls that only looked at the key.",
        keys=("L",),
        verb="lookups",
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
"""Commands of a key's page."""

TRAIL: tuple[Command, ...] = (
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
        scopes=_ON_EVENTS,
        selection=True,
        footer=50,
        label="its key",
        legal=something,
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
    Command(
        id="verify-trail",
        title="Verify the trail",
        help="Check every line of the trail and every row of the keystore.",
        verb="verify",
        scopes=_ON_EVENTS,
    ),
)
"""Commands of the trail."""

LINES: tuple[Command, ...] = (
    Command(
        id="line-open",
        title="Open the line",
        help="Go where the line leads, or do what it says.",
        keys=("enter",),
        scopes=(Scope.LINES,),
        footer=10,
        label="open",
        native=True,
    ),
    Command(
        id="line-side",
        title="The other side",
        help="Move between the columns.",
        keys=("l", "h"),
        scopes=(Scope.LINES,),
        footer=20,
        label="across",
        native=True,
    ),
)
"""Commands of Home and Settings."""

EDITORS: tuple[Command, ...] = (
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
"""Commands of editors."""

WIZARDS: tuple[Command, ...] = (
    Command(
        id="wizard-next",
        title="Next step",
        help="Go on to the next step; ctrl+n does too.",
        verb="next-step",
        scopes=(Scope.WIZARD,),
    ),
    Command(
        id="wizard-previous",
        title="Previous step",
        help="Go back one step; ctrl+b does too.",
        verb="previous-step",
        scopes=(Scope.WIZARD,),
    ),
)
"""Commands of wizards."""
