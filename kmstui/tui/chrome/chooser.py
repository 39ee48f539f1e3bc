"""Choosing a command by its verb (`:`), its words (ctrl+p), or what it is for (`a`).

One screen does all three; they differ in what they list and how they match. A command that is not
legal stays in the list with the reason, and choosing it does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kmstui.tui import text
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import (
    Command,
    Context,
    Danger,
    Scope,
    by_verb,
    complete,
    key_name,
    offered,
    refusal,
)
from kmstui.tui.modal import Modal
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_NAME_WIDTH = 22
_KEY_WIDTH = 6


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command a person chose, and what followed its verb."""

    command: Command
    argument: str = ""


Matcher = Callable[[str, Context], list[Command]]


def verbs(typed: str, context: Context) -> list[Command]:
    """List the verbs that the typed word could become."""
    return complete(COMMANDS, typed, context.scopes)


def words(typed: str, context: Context) -> list[Command]:
    """List the commands of which title or help hold every typed word, title matches first."""
    wanted = typed.lower().split()
    here = [command for command in offered(COMMANDS, context.scopes) if not command.native]
    named = [each for each in here if all(word in each.title.lower() for word in wanted)]
    told = [
        each
        for each in here
        if each not in named
        and all(word in f"{each.title} {each.verb} {each.help}".lower() for word in wanted)
    ]
    return named + told


def actions(typed: str, context: Context) -> list[Command]:
    """List what can be done with the selection: the commands that act on one."""
    found = [command for command in words(typed, context) if command.selection]
    return sorted(found, key=lambda command: Scope.LIST in command.scopes)


def row(command: Command, context: Context, width: int, *, by_verb: bool) -> Content:
    """Write one line of the list: the verb or title, the keys, the help or why it is not legal."""
    reason = refusal(command, context)
    name = f"{command.verb} {command.argument}".strip() if by_verb else command.title
    style = "$muted" if reason is not None else "$danger" if command.danger >= Danger.FINAL else ""
    about = (
        text.literal(reason, "italic $muted")
        if reason is not None
        else text.literal(command.help, "$muted")
    )
    key = key_name(command.keys[0]) if command.keys else ""
    return text.join(
        [
            text.content_fit(text.literal(key, "$key-accent"), _KEY_WIDTH, "right"),
            text.content_fit(text.literal(name, style), _NAME_WIDTH),
            about,
        ],
        "  ",
    ).truncate(max(width, 0), ellipsis=True)


class Chooser(Modal[Invocation | None]):
    """A field and the commands that match it.

    Args:
        kind: ``"bar"`` for verbs, ``"palette"`` for words, ``"menu"`` for the selection.
        matcher: What the list holds for what was typed.
        context: The moment it was opened in; what is legal does not change under it.
    """

    CSS_PATH = Path(__file__).with_name("chooser.tcss")
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("tab", "complete", show=False, priority=True),
        Binding("enter", "choose", show=False, priority=True),
    ]

    def __init__(self, kind: str, matcher: Matcher, context: Context) -> None:
        super().__init__(classes=kind)
        self._kind = kind
        self._matcher = matcher
        self._moment = context
        self._shown: list[Command] = []

    def compose(self) -> ComposeResult:
        """Lay out the list and the field."""
        with Vertical(id="chooser"):
            yield Static(self._title(), id="title")
            if self._kind == "bar":
                yield OptionList(id="list", compact=True)
            with Horizontal(id="line"):
                mark = ":" if self._kind == "bar" else "›"  # noqa: RUF001 - the prompt's glyph
                yield Static(text.literal(mark, "bold $key-accent"), id="mark")
                yield SafeInput(compact=True, id="field", select_on_focus=False)
            yield Static(text.literal(""), id="error")
            if self._kind != "bar":
                yield OptionList(id="list", compact=True)

    def on_mount(self) -> None:
        """Take what was typed while this was opening."""
        if self._kind != "bar":
            return
        field = self.query_one(SafeInput)
        for event in cast("KmsApp", self.app).typeahead.take():
            if event.key == "enter":
                self.call_after_refresh(self.action_choose)
            elif event.is_printable and event.character:
                field.insert_text_at_cursor(event.character)

    def on_resize(self) -> None:
        """List what there is, for the width there is."""
        self.call_after_refresh(self._list)

    def _title(self) -> Content:
        if self._kind != "menu":
            titles = {"bar": "Command", "palette": "All commands"}
            return text.literal(titles[self._kind], "bold")
        subject = self._moment.subject
        return text.template("[b]What to do with[/] $it", it=subject.label if subject else "this")

    def _list(self) -> None:
        self._shown = self._matcher(self.query_one(SafeInput).value, self._moment)
        bar = self._kind == "bar"
        options = self.query_one(OptionList)
        width = options.size.width - 1
        options.set_options(
            Option(row(command, self._moment, width, by_verb=bar)) for command in self._shown
        )
        options.highlighted = 0 if self._shown else None

    def conceal(self) -> None:
        """Empty the field when the console locks."""
        self.query_one(SafeInput).clear()

    @on(SafeInput.Changed)
    def _typed(self) -> None:
        self.query_one("#error", Static).update(text.literal(""))
        self._list()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose()

    def on_click(self, event: events.Click) -> None:
        """Leave when the click is beside the box."""
        if event.widget is self:
            self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_complete(self) -> None:
        """Write the highlighted verb into the field."""
        chosen = self._highlighted()
        if self._kind == "bar" and chosen is not None:
            field = self.query_one(SafeInput)
            field.value = f"{chosen.verb} " if chosen.argument else chosen.verb
            field.cursor_position = len(field.value)

    def action_choose(self) -> None:
        """Answer with the command, or say why it cannot run.

        Enter is bound with priority, so letters typed just before it may still be on their way
        to the field: the choice waits its turn behind them.
        """
        self.query_one(SafeInput).call_later(self._choose)

    def _choose(self) -> None:
        typed, _, argument = self.query_one(SafeInput).value.strip().partition(" ")
        bar = self._kind == "bar"
        command = (by_verb(COMMANDS, typed) if bar else None) or self._highlighted()
        if command is None:
            self._complain(
                text.template("There is no command $typed. [$muted]tab completes[/]", typed=typed)
            )
        elif (reason := refusal(command, self._moment)) is not None:
            self._complain(text.template("[b]$title[/] $why", title=command.title, why=reason))
        else:
            self.dismiss(Invocation(command, argument.strip() if bar else ""))

    def _complain(self, why: Content) -> None:
        self.query_one("#error", Static).update(why)

    def _highlighted(self) -> Command | None:
        at = self.query_one(OptionList).highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None


def command_bar(context: Context) -> Chooser:
    """Ask for a verb, at the foot of the screen."""
    return Chooser("bar", verbs, context)


def palette(context: Context) -> Chooser:
    """Ask for words of a command."""
    return Chooser("palette", words, context)


def action_menu(context: Context) -> Chooser:
    """Ask what to do with the selection."""
    return Chooser("menu", actions, context)
