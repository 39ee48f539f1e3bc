"""The one command table: what a command is, and the questions asked of the table.

Key bindings, the footer, the `?` screen, the palette, completion after `:` and the action menu are
all made from :data:`kmstui.tui.command_table.COMMANDS`, so they cannot disagree. A command that is
not legal at the moment stays visible and says why.

Nothing here knows Textual: the table is data, and its rules are tested as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import combinations


class Scope(StrEnum):
    """Where a command is offered."""

    GLOBAL = "everywhere"
    LIST = "lists"
    KEYS = "the key list"
    KEY = "a key"
    KEY_LABELS = "a key's other tabs"
    KEY_ACCESS = "a key's access"
    KEY_MATERIAL = "a key's material"
    TRY_IT = "try-it"
    TRY_ENCRYPT = "try-it of keys that encrypt"
    TRY_DATA_KEY = "try-it of symmetric keys"
    TRY_SIGN = "try-it of keys that sign"
    TRY_MAC = "try-it of HMAC keys"
    TRY_AGREE = "try-it of keys that agree on secrets"
    TRY_ENCAPSULATE = "try-it of keys that encapsulate"
    PUBLIC_KEY = "a public key"
    ACCESS = "Access"
    POLICY = "a policy"
    PRINCIPAL = "a principal"
    SIMULATOR = "the simulator"
    GRANTS = "Grants"
    GRANT = "grants"
    POLICY_EDITOR = "the policy editor"
    TRAIL = "the trail"
    EVENT = "an event"
    LINES = "Home and Settings"
    EDITOR = "editors"
    WIZARD = "wizards"
    DIALOG = "dialogs"


OVERLAPS: tuple[frozenset[Scope], ...] = (
    frozenset({Scope.GLOBAL, Scope.LIST, Scope.KEYS}),
    frozenset({Scope.GLOBAL, Scope.LIST, Scope.ACCESS, Scope.POLICY}),
    frozenset({Scope.GLOBAL, Scope.LIST, Scope.ACCESS, Scope.PRINCIPAL}),
    frozenset({Scope.GLOBAL, Scope.ACCESS, Scope.SIMULATOR}),
    frozenset({Scope.GLOBAL, Scope.POLICY, Scope.EDITOR}),
    frozenset({Scope.GLOBAL, Scope.LIST, Scope.TRAIL}),
    frozenset({Scope.GLOBAL, Scope.EVENT}),
    frozenset({Scope.GLOBAL, Scope.LINES}),
    frozenset({Scope.GLOBAL, Scope.LIST, Scope.KEY, Scope.KEY_LABELS, Scope.KEY_MATERIAL}),
    frozenset({Scope.GLOBAL, Scope.LIST, Scope.KEY, Scope.KEY_ACCESS, Scope.GRANT}),
    frozenset({Scope.GLOBAL, Scope.LIST, Scope.GRANTS, Scope.GRANT}),
    frozenset({Scope.GLOBAL, Scope.EDITOR, Scope.POLICY_EDITOR}),
    *(
        frozenset({Scope.GLOBAL, Scope.KEY, Scope.KEY_LABELS, Scope.TRY_IT, Scope.EDITOR, *more})
        for more in (
            {Scope.TRY_ENCRYPT, Scope.TRY_DATA_KEY},
            {Scope.TRY_SIGN},
            {Scope.TRY_MAC},
            {Scope.TRY_AGREE},
            {Scope.TRY_ENCAPSULATE},
        )
    ),
    frozenset({Scope.GLOBAL, Scope.PUBLIC_KEY}),
    frozenset({Scope.GLOBAL, Scope.WIZARD}),
    frozenset({Scope.DIALOG, Scope.EDITOR}),
)
"""Scopes that are active together; within one of these sets a key means one thing."""


class Danger(IntEnum):
    """What it takes to do a thing, and to undo it."""

    READ = 0
    """Changes nothing."""
    REVERSIBLE = 1
    """Changes something that `u` or its opposite puts back."""
    TYPED = 2
    """Asks for a typed confirmation beside a list of what it breaks."""
    FINAL = 3
    """As TYPED, and there is no way back."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the commands of a place act on right now: the key under the cursor, or the marked ones.

    Attributes:
        kind: ``"key"``, ``"alias"``, ``"event"``, ``"policy"``, ``"grant"``, or of a
            principal ``"user"``, ``"role"``, ``"group"``, ``"root"``.
        identity: The ARN or other id; dialogs bind to it when they open, never to the cursor.
        label: What a person calls it; untrusted text.
        states: The key states of all it stands for, one for each marked row.
        count: How many rows it stands for.
        aws_managed: Whether AWS manages the key, so that most commands are refused.
        barred: Pairs of a command's id and why this one key does not allow it.
    """

    kind: str
    identity: str
    label: str
    states: tuple[str, ...] = ()
    count: int = 1
    aws_managed: bool = False
    barred: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a legality predicate may look at.

    Attributes:
        scopes: The scopes active under the focus.
        subject: What commands act on, if anything.
        training: Whether account time may be moved and checkpoints exist.
        read_only: Whether the session may only look.
        undo: What `u` would take back, in words; empty if nothing.
        result: Whether there is a last call to look at.
        revealed: Whether plaintext is on the screen.
        typing: Whether the focus is in a field that takes letters.
        deep: Whether there is a view below the one shown.
        history: Whether there is a view to go back to, and one to go forward to.
    """

    scopes: frozenset[Scope] = frozenset({Scope.GLOBAL})
    subject: Subject | None = None
    training: bool = False
    read_only: bool = False
    undo: str = ""
    result: bool = False
    revealed: bool = False
    typing: bool = False
    deep: bool = False
    history: tuple[bool, bool] = (False, False)


Legality = Callable[[Context], str | None]
"""Returns why a command cannot run now, with the next step, or None if it can."""


def always(context: Context) -> str | None:
    """Allow a command in every context."""
    del context
    return None


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do.

    Attributes:
        id: Stable name; a handler is the method ``do_<id>`` with underscores.
        title: What menus, help and the palette call it; an ellipsis means it asks first.
        help: One sentence of what it does.
        keys: Textual key names, the one to show first.
        verb: The word after `:`; empty if there is none.
        scopes: Where it is offered.
        argument: What the verb takes, as shown in completion (``NAME``); empty for nothing.
        danger: What it takes to do and to undo.
        footer: Place in the footer, 1 first; 0 keeps it out.
        label: The footer's short word for it.
        legal: Why it cannot run now, or None.
        native: Whether a widget binds the keys itself, so that no binding is made from here.
        typing: Whether its keys work while a field has the focus.
        over: Whether its keys work over dialogs too.
        selection: Whether it acts on what is selected, so that the action menu lists it.
    """

    id: str
    title: str
    help: str
    keys: tuple[str, ...] = ()
    verb: str = ""
    scopes: tuple[Scope, ...] = (Scope.GLOBAL,)
    argument: str = ""
    danger: Danger = Danger.READ
    footer: int = 0
    label: str = ""
    legal: Legality = always
    native: bool = False
    typing: bool = False
    over: bool = False
    selection: bool = False

    @property
    def handler(self) -> str:
        """Name of the method that carries the command out."""
        return f"do_{self.id.replace('-', '_')}"

    def offered(self, scopes: Iterable[Scope]) -> bool:
        """Tell whether any of its scopes is active."""
        return not set(self.scopes).isdisjoint(scopes)


PLACES: tuple[tuple[str, str, str, str], ...] = (
    ("0", "home", "Home", "What needs you today, and where things are."),
    ("1", "keys", "Keys", "Every KMS key: find one, use it, change its state."),
    ("2", "access", "Access", "Policies, principals, and a simulator that says why."),
    ("3", "grants", "Grants", "Who may use which key by grant, and for how long."),
    ("4", "trail", "Trail", "Every call, allowed or refused, in CloudTrail's format."),
    ("5", "alerts", "Alerts & posture", "What is unsafe or about to happen, with the fix."),
    ("6", "labs", "Labs", "Lessons in a sandbox that check what you did."),
    ("7", "services", "Services", "The AWS services that would use these keys, and how."),
    ("8", "endpoint", "Endpoint", "The AWS KMS protocol on this machine, for boto3 and the CLI."),
    ("9", "settings", "Settings", "The keystore, its passphrases, the clock and the looks."),
)
"""Digit, id, title and purpose of each place. Digits never change meaning."""

_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "exclamation_mark": "!",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "minus": "-",
    "grave_accent": "`",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "escape": "esc",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
}


def key_name(key: str) -> str:
    """Write a Textual key name as it stands on a keyboard: ``question_mark`` is ``?``."""
    head, plus, tail = key.rpartition("+")
    return f"{head}{plus}{_NAMES.get(tail, tail)}"


def keys_shown(command: Command) -> str:
    """Write a command's keys, the first two of them."""
    return " ".join(key_name(key) for key in command.keys[:2])


TERMINAL_ALIASES = frozenset(
    {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+left_square_bracket"},
)
"""Terminals send these as backspace, tab, enter, enter and escape."""

BROWSER_TAKES = frozenset({"ctrl+w", "ctrl+t", "ctrl+n", "f10", "f11"})
"""A terminal in a browser never passes these on."""

SOMETIMES_TAKEN = frozenset(
    {
        *("ctrl+p", "ctrl+n", "ctrl+s", "ctrl+o", "ctrl+q"),  # zellij; VS Code takes ctrl+p too
        *("f1", "f5", "f12", "alt+left", "alt+right"),  # GNOME Terminal, VS Code, browsers
        *("grave_accent", "left_square_bracket", "right_square_bracket"),  # AltGr or dead keys
        *("left_curly_bracket", "right_curly_bracket"),
    }
)
"""Some terminal or keyboard layout takes these: they may only be second ways."""


_PLAIN_KEYS = frozenset(
    {
        *("escape", "enter", "space", "tab", "up", "down", "left", "right"),
        *("home", "end", "pageup", "pagedown"),
    }
)


def is_plain(key: str) -> bool:
    """Tell whether every terminal and layout passes the key on."""
    name = key_name(key)
    return key not in SOMETIMES_TAKEN and (len(name) == 1 or key in _PLAIN_KEYS)


def offered(commands: Iterable[Command], scopes: Iterable[Scope]) -> list[Command]:
    """List the commands of the given scopes, in table order."""
    active = frozenset(scopes)
    return [command for command in commands if command.offered(active)]


def by_key(commands: Iterable[Command], key: str, scopes: Iterable[Scope]) -> Command | None:
    """Find the command a key means in these scopes."""
    return next((each for each in offered(commands, scopes) if key in each.keys), None)


def by_verb(commands: Iterable[Command], verb: str) -> Command | None:
    """Find the command of a `:` verb."""
    return next((command for command in commands if verb and command.verb == verb), None)


def by_id(commands: Iterable[Command], identity: str) -> Command:
    """Find a command by its id.

    Raises:
        KeyError: There is none; a mistake of ours.
    """
    for command in commands:
        if command.id == identity:
            return command
    raise KeyError(identity)


def complete(commands: Iterable[Command], typed: str, scopes: Iterable[Scope]) -> list[Command]:
    """List the verbs that what was typed could become: prefixes first, then words inside."""
    head = typed.strip().split(" ", 1)[0].lower()
    verbs = [command for command in offered(commands, scopes) if command.verb]
    starting = [command for command in verbs if command.verb.startswith(head)]
    inside = [
        command
        for command in verbs
        if command not in starting and (head in command.verb or head in command.title.lower())
    ]
    return starting + inside


def conflicts(commands: Iterable[Command]) -> Iterator[tuple[str, str, str]]:
    """Yield (key, id, id) for each key that two commands of overlapping scopes share."""
    for one, other in combinations(commands, 2):
        shared = set(one.keys) & set(other.keys)
        together = any(one.offered(group) and other.offered(group) for group in OVERLAPS)
        if together:
            yield from ((key, one.id, other.id) for key in sorted(shared))


def footer(commands: Iterable[Command], context: Context) -> list[Command]:
    """List what the footer offers, most useful first.

    While typing only keys that reach past the field are offered.
    """
    shown = [
        command
        for command in offered(commands, context.scopes)
        if command.footer and command.keys and command.legal(context) is None
    ]
    if not (context.deep or context.typing):
        shown = [command for command in shown if command.id != "back"]
    if context.typing:
        shown = [command for command in shown if command.typing]
    return sorted(shown, key=lambda command: command.footer)


def refusal(command: Command, context: Context) -> str | None:
    """Say why a command cannot run in a context, or return None if it can."""
    if not command.offered(context.scopes):
        return f"works in {command.scopes[0]}"
    return command.legal(context)
