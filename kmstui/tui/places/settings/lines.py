"""How the sections of Settings write a deed and an aside. Pure."""

from __future__ import annotations

from kmstui.tui import text
from kmstui.tui.text import Content
from kmstui.tui.widgets.link_list import Line

_ACTION_CELLS = 25
_VERB_CELLS = 13


def muted(said: str) -> Content:
    """Write what is said aside."""
    return text.literal(said, "$muted")


def deed(title: str, about: str, target: str, verb: str = "") -> Line:
    """Write something that can be done.

    Args:
        title: What it is.
        about: A few words more.
        target: Name of the deed.
        verb: The verb after `:` that does it too; empty for none.
    """
    word = text.literal(f":{verb}" if verb else "", "$info")
    name = text.content_fit(text.literal(title), _ACTION_CELLS)
    return Line(name + text.content_fit(word, _VERB_CELLS) + muted(about), target)
