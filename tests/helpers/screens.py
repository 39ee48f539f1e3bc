"""The showpiece screens, one list: what is pictured, at which size, and the keys that lead there.

``tests/snapshots`` compares a picture of each with the one that was approved, and
``python -m tests.screenshots`` puts the ones that the README shows into ``screenshots/``.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from enum import Enum
from typing import Final

BIG = (120, 36)
MIDDLE = (110, 26)
SMALL = (80, 24)
NARROW = (60, 16)
_OPEN = (*("down",) * 5, "enter")
"""Opens prod-cardvault-payments, the demo's showpiece."""

_LEAVING = (*("down",) * 3, "enter")
"""Opens prod-archive-platform, which is six days into its waiting period."""

_INSERT = ("tab", "tab", "enter")
"""Goes from the field of a template to its deed."""

_PASSPHRASE = "violet anchor bicycle moon"
NAMED = {
    " ": "space",
    "-": "minus",
    "/": "slash",
    "=": "equals_sign",
    "_": "underscore",
    ":": "colon",
    "<": "less_than_sign",
    ">": "greater_than_sign",
    ".": "full_stop",
}
"""What Textual calls the keys of other characters."""


def typed(text: str) -> tuple[str, ...]:
    """Return the keys that type a text.

    Raises:
        KeyError: Textual's name of a character is not known here.
    """
    plain = string.ascii_letters + string.digits
    return tuple(each if each in plain else NAMED[each] for each in text)


def verb(text: str) -> tuple[str, ...]:
    """Return the keys that carry out a command of the command line."""
    return ("colon", *typed(text), "enter")


class Opening(Enum):
    """How the console starts."""

    DEMO = "signed in to the demo"
    SIGN_IN = "asking for the demo's passphrase"
    NOTHING = "without a keystore"


@dataclass(frozen=True, slots=True)
class Showpiece:
    """A screen worth a picture.

    Attributes:
        id: Name of its picture.
        title: What it shows, as a sentence.
        keys: What is pressed, one after the other, each when the last has done its work.
        place: Where the console starts.
        size: Columns and rows.
        theme: Name of the theme; empty for the default.
        opening: How the console starts.
        no_color: Whether ``NO_COLOR`` is set.
        pictured: Whether ``screenshots/`` has it.
    """

    id: str
    title: str
    keys: tuple[str, ...] = ()
    place: str = "keys"
    size: tuple[int, int] = BIG
    theme: str = ""
    opening: Opening = Opening.DEMO
    no_color: bool = False
    pictured: bool = False


_CONTEXT = ("tab", *typed("app"), "tab", *typed("cardvault"))
_CALL = (
    *(*typed("KeyAdministrator"), "tab", *typed("decrypt"), "tab"),
    *typed("prod-cardvault-payments"),
)
"""Fills the form of the simulator."""

_CREATED = (*typed(_PASSPHRASE), "enter", *typed(_PASSPHRASE), "enter")

SCREENS: Final = (
    Showpiece(
        "sign-in",
        "The sign-in screen names the keystore and nothing in it.",
        opening=Opening.SIGN_IN,
        size=SMALL,
        pictured=True,
    ),
    Showpiece(
        "sign-in-refused",
        "A wrong passphrase is refused in words.",
        (*typed("wrong"), "enter"),
        opening=Opening.SIGN_IN,
        size=SMALL,
    ),
    Showpiece(
        "onboarding-passphrase",
        "Onboarding judges the passphrase as it is typed.",
        ("enter", *typed("violet anchor")),
        opening=Opening.NOTHING,
        size=SMALL,
        pictured=True,
    ),
    Showpiece(
        "onboarding-code",
        "Onboarding shows the recovery code once.",
        ("enter", *_CREATED),
        opening=Opening.NOTHING,
        size=SMALL,
    ),
    Showpiece("home", "Home says what needs attention.", place="home", pictured=True),
    Showpiece("keys", "Every key, with state, owner and last use.", pictured=True),
    Showpiece("keys-light", "The light theme.", theme="kmstui-light", pictured=True),
    Showpiece("keys-high-contrast", "High contrast.", theme="high-contrast"),
    Showpiece("keys-no-color", "Without colour, states keep glyph and word.", no_color=True),
    Showpiece("keys-small", "The list in 80 columns.", size=SMALL),
    Showpiece("keys-narrow", "The list in 60 columns.", size=NARROW),
    Showpiece(
        "filter",
        "A filter narrows the list as it is typed.",
        ("slash", *typed("state:disabled")),
        size=SMALL,
    ),
    Showpiece(
        "marks",
        "Marked keys, and what is hidden among them.",
        ("space", "down", "space", "down", "down", "space", "slash", *typed("prod")),
        size=SMALL,
    ),
    Showpiece("deletions", "Keys in their waiting period.", verb("deletions"), size=SMALL),
    Showpiece("rotation", "When each key rotates.", verb("rotation"), pictured=True),
    Showpiece("aliases", "Every alias and its key.", verb("aliases")),
    Showpiece("key-detail", "What a key is.", _OPEN, size=MIDDLE, pictured=True),
    Showpiece("key-access", "Who may use a key.", (*_OPEN, *verb("tab access"))),
    Showpiece(
        "key-matrix",
        "Who may do what with a key, and why.",
        (*_OPEN, *verb("tab access"), "m", "down", "down", "right"),
        pictured=True,
    ),
    Showpiece(
        "policy-editor",
        "A key policy, with remarks beside its lines.",
        (*_OPEN, *verb("tab access"), "e", "f2", "down", "enter", *typed("auditor"), *_INSERT),
    ),
    Showpiece(
        "policy-review",
        "Who gains and who loses by another policy.",
        (
            *(*_OPEN, *verb("tab access"), "e", "f2", "down", "enter"),
            *(*typed("auditor"), *_INSERT, "ctrl+s"),
        ),
        pictured=True,
    ),
    Showpiece("grants", "Every grant, and what they add up to.", place="grants"),
    Showpiece(
        "key-material", "The versions of a key's material.", (*_OPEN, *verb("tab material"))
    ),
    Showpiece("key-activity", "What was done with a key.", (*_OPEN, *verb("tab activity"))),
    Showpiece("key-leaving", "A key counts down to its end.", _LEAVING, size=SMALL),
    Showpiece(
        "try-it",
        "A secret, encrypted.",
        (*_OPEN, *verb("tab try-it"), *typed("4111 1111 1111 1111"), *_CONTEXT, "enter", "enter"),
        size=MIDDLE,
        pictured=True,
    ),
    Showpiece("create", "A new key on one page.", ("n", *typed("prod-invoices-payments"))),
    Showpiece(
        "wizard",
        "More options, step by step.",
        ("n", *typed("prod-invoices-payments"), "tab", "tab", "enter"),
    ),
    Showpiece(
        "deletion",
        "Scheduling a deletion shows what depends on the key first.",
        (*_OPEN, "X"),
        size=MIDDLE,
        pictured=True,
    ),
    Showpiece("keep", "A deletion is cancelled with a question.", (*_LEAVING, "K"), size=SMALL),
    Showpiece("trail", "Every call, allowed or refused.", place="trail", pictured=True),
    Showpiece("trail-event", "One event, in words and in full.", ("enter",), place="trail"),
    Showpiece("access", "The statements of every policy.", place="access", size=MIDDLE),
    Showpiece("principals", "Users, groups and roles.", verb("principals"), place="access"),
    Showpiece(
        "simulator",
        "A call that nobody made, decided step by step.",
        (*verb("simulator"), *_CALL, "enter"),
        place="access",
        pictured=True,
    ),
    Showpiece(
        "simulator-two",
        "Where the decisions about two principals part.",
        (*verb("simulator"), *_CALL, "enter", "c", *typed("PaymentsApp"), "enter"),
        place="access",
        size=MIDDLE,
    ),
    Showpiece("settings", "What can be set.", place="settings"),
    Showpiece("help", "The keys that work here.", ("question_mark",)),
    Showpiece("palette", "Every command, by its words.", ("ctrl+p", *typed("dele")), size=SMALL),
    Showpiece("actions", "What can be done, and why the rest cannot.", ("a",), pictured=True),
    Showpiece(
        "echo",
        "What was done, as AWS CLI commands.",
        ("t", "enter", "exclamation_mark"),
    ),
    Showpiece("result", "The result line after a change.", ("t", "enter"), size=SMALL),
    Showpiece("masked", "The privacy mask.", ("f12",)),
    Showpiece("lock", "The lock screen says why.", ("ctrl+l",), size=SMALL),
)
