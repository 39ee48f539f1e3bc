"""The `?` screen: every key and verb, those of this moment first. Made from the command table."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import Command, Context, Scope, keys_shown, refusal
from kmstui.tui.modal import Modal
from kmstui.tui.text import Content

_SKIPPED = "place-"


def groups(context: Context) -> list[tuple[Scope, list[Command]]]:
    """List the scopes with their commands: those active now first, narrowest first."""
    order = [*reversed(Scope)]
    active = [scope for scope in order if scope in context.scopes]
    rest = [scope for scope in order if scope not in context.scopes]
    listed: set[str] = set()
    found = []
    for scope in [*active, *rest]:
        commands = [each for each in COMMANDS if scope in each.scopes and each.id not in listed]
        listed.update(each.id for each in commands)
        if commands:
            found.append((scope, commands))
    return found


def entry(command: Command, context: Context, width: int) -> Content:
    """Write one command: keys, verb, title, and its help or why it cannot run now."""
    here = command.offered(context.scopes)
    reason = refusal(command, context) if here else None
    verb = f":{command.verb} {command.argument}".rstrip() if command.verb else ""
    title_style = "$muted" if reason is not None or not here else ""
    about = (
        text.literal(reason, "italic $muted") if reason else text.literal(command.help, "$muted")
    )
    line = text.join(
        [
            text.content_fit(text.literal(keys_shown(command), "$key-accent"), 11, "right"),
            text.content_fit(text.literal(verb, "$info"), 18),
            text.content_fit(text.literal(command.title, title_style), 24),
            about,
        ],
        "  ",
    )
    return line.truncate(width, ellipsis=True)


class HelpScreen(Modal[None]):
    """Lists what can be done.

    Args:
        context: The moment it was opened in.
    """

    CSS_PATH = Path(__file__).with_name("help.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss(None)", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._moment = context

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical(id="help"):
            yield Static(
                text.markup("[b]Keys and commands[/]  [$muted]those of this view first[/]"),
                id="title",
            )
            with VerticalScroll(id="scroll"):
                yield Static(text.literal(""), id="list")
            yield Static(hints(("esc", "back"), ("j k", "scroll")))

    def on_resize(self) -> None:
        """Write the list anew once the new width is known."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        width = max(self.query_one("#scroll").size.width - 1, 20)
        parts: list[Content] = []
        for scope, commands in groups(self._moment):
            here = scope in self._moment.scopes
            style = "bold" if here else "bold $muted"
            heading = "Everywhere" if scope is Scope.GLOBAL else f"In {scope}"
            parts += [text.literal(heading, style)]
            digits = [each for each in commands if each.id.startswith(_SKIPPED)]
            if digits:
                parts.append(self._places(digits))
            parts += [entry(each, self._moment, width) for each in commands if each not in digits]
            parts.append(text.literal(""))
        self.query_one("#list", Static).update(text.lines(*parts))

    def _places(self, commands: list[Command]) -> Content:
        names = [
            text.template("[$key-accent]$key[/] $name", key=each.keys[0], name=each.verb)
            for each in commands
        ]
        return text.literal("  ") + text.join(names, "  ")

    def action_scroll(self, by: int) -> None:
        """Scroll the list."""
        self.query_one("#scroll").scroll_relative(y=by, animate=False)
