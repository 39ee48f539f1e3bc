"""Asking for the path of a file, and before one gives way to another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.choice import Prompt
from kmstui.tui.text import Content
from kmstui.tui.user_files import completion, taken, write_file

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


class PathSuggester(Suggester):
    """Completes a path by what is in its folder."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first path that begins as typed."""
        return await asyncio.to_thread(completion, value) or None


class Replace(Dialog[bool]):
    """Asks before a file gives way.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        answers = (
            Answer(value=False, label=text.literal("Keep it")),
            Answer(value=True, label=text.literal("Replace it"), tone=Tone.DANGER),
        )
        super().__init__(text.literal("There is such a file already"), answers, danger=True)
        self._path = path

    def body(self) -> Iterable[Widget]:
        """Yield its path."""
        said = text.template("$path\n[$muted]What it holds is lost.[/]", path=self._path)
        yield Static(said, classes="paragraph")


async def ask_path(console: KmsApp, title: Content, verb: str, value: str = "") -> str:
    """Ask for a path, completing it; empty for none."""
    question = Prompt(
        title,
        text.markup("[$muted]Its path;[/] [b $key-accent]→[/] [$muted]completes[/]"),
        text.literal(verb),
        value=value,
        suggester=PathSuggester(),
    )
    return await console.ask(question) or ""


async def save_to_file(console: KmsApp, path: str, data: bytes) -> Path | None:
    """Write bytes to a file that only its owner can read, asking before one gives way.

    Returns:
        Where they were written, or None if they were not to be.

    Raises:
        UsageError: The file cannot be written.
    """
    replace = await console.caller.run(taken, path)
    if replace and await console.ask(Replace(path)) is not True:
        return None
    written: Path = await console.caller.run(lambda: write_file(path, data, replace=replace))
    said = "[$ok]✓[/] $count bytes written to $path [$muted]only you can read it[/]"
    console.main.say(text.template(said, count=f"{len(data):,}", path=str(written)))
    return written
