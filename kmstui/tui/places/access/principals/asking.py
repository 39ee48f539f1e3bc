"""Questions that several commands on principals ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.choice import Prompt
from kmstui.tui.places.access.picker import Pickable, Picker
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


def name_problem(typed: str) -> str | None:
    """Say what is wrong with a name of IAM, or None; the engine has the last word."""
    if _NAME.fullmatch(typed.strip()):
        return None
    return "1 to 64 letters, digits and + = , . @ _ -"


async def ask_name(
    console: KmsApp,
    title: str,
    *,
    about: str = "",
    value: str = "",
    check: Callable[[str], str | None] = name_problem,
) -> str:
    """Ask for a name; empty if none is given."""
    typed = await console.ask(
        Prompt(
            text.literal(title),
            text.literal("Name", "$muted"),
            text.literal("Go on"),
            value=value,
            check=check,
            message=text.literal(about, "$muted") if about else None,
        )
    )
    return (typed or "").strip()


async def pick(console: KmsApp, title: str, choices: Sequence[Pickable]) -> str:
    """Ask for one of several; empty if none is chosen."""
    picker = Picker(text.literal(title), choices, masked=console.masked)
    return await console.ask(picker) or ""


class Sure(Dialog[bool]):
    """Asks whether to do what is about to be done.

    Args:
        title: What it is.
        about: What comes of it.
        verb: The main button's words.
        danger: Whether it breaks something.
    """

    def __init__(self, title: Content, about: Content, verb: str, *, danger: bool = False) -> None:
        tone = Tone.DANGER if danger else Tone.MAIN
        answers = (
            Answer(value=False, label=text.literal("Back")),
            Answer(value=True, label=text.literal(verb), tone=tone),
        )
        super().__init__(title, answers, danger=danger)
        self._about = about

    def body(self) -> Iterable[Widget]:
        """Yield what comes of it."""
        yield Static(self._about, classes="paragraph")


async def sure(
    console: KmsApp, title: Content, about: str, verb: str, *, danger: bool = False
) -> bool:
    """Ask whether to do something."""
    dialog = Sure(title, text.literal(about), verb, danger=danger)
    return await console.ask(dialog) is True
