"""How a value of Try-it leaves: to a file or to the clipboard, asked for where it is a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.dialogs.paths import ask_path, save_to_file
from kmstui.tui.places.keys import copying
from kmstui.tui.places.keys.detail.try_it.result import Held, Result
from kmstui.tui.widgets.opaque_value import OpaqueValue

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_IN_CLEAR = "a secret, in clear"


async def save(console: KmsApp, result: Result, path: str = "") -> None:
    """Write a value of the result to a file, asking which and where.

    Raises:
        UsageError: There is none, or it cannot be written.
    """
    held = await _which(console, result)
    if held is None:
        return
    note = f" [$warn]· {_IN_CLEAR}[/]" if held.part.kind.secret else ""
    title = text.template(f"Save the $what{note}", what=held.part.kind.label)
    path = path or await ask_path(console, title, "Save", held.part.file)
    if path:
        await save_to_file(console, path, held.data)


async def _which(console: KmsApp, result: Result) -> Held | None:
    if not result.held:
        raise UsageError("There is nothing to save.", hint="Make something first.")
    if len(result.held) == 1:
        return result.held[0]
    choices = [
        Choice(
            held,
            text.literal(held.part.kind.label),
            f"{len(held.data):,} bytes{f', {_IN_CLEAR}' if held.part.kind.secret else ''}",
        )
        for held in result.held
    ]
    return await console.ask(
        Choose(text.literal("Save which?"), choices, current=result.focused or result.held[-1])
    )


async def copy(console: KmsApp, widget: OpaqueValue) -> None:
    """Copy a value, asking first if it is a secret."""
    if widget.kind.secret:
        question = text.template("Copy the $what?", what=widget.kind.label)
        answers = (
            Answer(value=False, label=text.literal("Back")),
            Answer(value=True, label=text.literal("Copy it"), tone=Tone.DANGER),
        )
        if await console.ask(CopySecret(question, answers, danger=True)) is not True:
            return
    copying.copy(console, widget.value_to_copy(), f"the {widget.kind.label}")


class CopySecret(Dialog[bool]):
    """Asks before a secret leaves for the clipboard."""

    def body(self) -> list[Widget]:
        """Yield what that means."""
        said = (
            "Whatever reads the clipboard of this desktop can read it, and some keep a history. "
            "kmstui cannot take it back: copy something else over it when you are done."
        )
        return [Static(text.literal(said), classes="paragraph")]
