"""The panels over a view: what was done as AWS CLI commands (`!`), and the session's notices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.bottom import outcome_line
from kmstui.tui.chrome.hints import hint
from kmstui.tui.modal import Modal
from kmstui.tui.text import Content

_NOTICE_WIDTH = 200


class Panel(Modal[None]):
    """A list over a view, newest first.

    Args:
        title: What it lists.
        rows: The rows, oldest first.
        empty: What to say when there are none.
    """

    CSS_PATH = Path(__file__).with_name("panels.tcss")
    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,exclamation_mark,grave_accent", "dismiss(None)", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(self, title: Content, rows: Sequence[Content], empty: Content) -> None:
        super().__init__()
        self._title = title
        self._rows = rows
        self._empty = empty

    def compose(self) -> ComposeResult:
        """Lay out title, list and keys."""
        with Vertical(id="panel"):
            yield Static(self._title, id="title")
            if self._rows:
                yield OptionList(*(Option(row) for row in reversed(self._rows)), compact=True)
            else:
                yield Static(self._empty)
            yield Static(text.join(self.hints(), "   "), id="keys")

    def hints(self) -> list[Content]:
        """Say which keys do something here."""
        return [hint("esc", "back")]

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        for options in self.query(OptionList):
            if by > 0:
                options.action_cursor_down()
            else:
                options.action_cursor_up()


class EchoPanel(Panel):
    """Lists calls as AWS CLI commands, to copy.

    Args:
        outcomes: The calls, oldest first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "copy", show=False, priority=True),
        Binding("Y", "copy_all", show=False),
    ]

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._commands = [each.command for each in outcomes if each.command]
        rows = [
            text.template(
                "[$state]$mark[/] $line".replace("$state", "$danger" if each.error else "$ok"),
                mark="✗" if each.error else "✓",
                line=each.command,
            )
            for each in outcomes
            if each.command
        ]
        super().__init__(
            text.markup("[b]AWS CLI echo[/]  [$muted]what was done here, newest first[/]"),
            rows,
            text.literal("Nothing has been called yet.", "$muted"),
        )

    def hints(self) -> list[Content]:
        """Say how to copy."""
        return [hint("y", "copy"), hint("Y", "copy all"), hint("esc", "back")]

    def action_copy(self) -> None:
        """Copy the highlighted command."""
        for options in self.query(OptionList):
            if options.highlighted is not None:
                self._copy(self._commands[-1 - options.highlighted])

    def action_copy_all(self) -> None:
        """Copy every command, in the order of the calls."""
        if self._commands:
            self._copy("\n".join(self._commands) + "\n")

    def _copy(self, commands: str) -> None:
        self.app.copy_to_clipboard(commands)
        self.query_one("#title", Static).update(
            text.markup("[b]AWS CLI echo[/]  [$ok]sent to the terminal's clipboard (OSC 52)[/]")
        )


class MessagePanel(Panel):
    """Lists the session's results and notices.

    Args:
        notices: Oldest first.
    """

    def __init__(self, notices: Sequence[Outcome | Content]) -> None:
        rows = [
            outcome_line(each, _NOTICE_WIDTH) if isinstance(each, Outcome) else each
            for each in notices
        ]
        super().__init__(
            text.markup("[b]Messages[/]  [$muted]this session, newest first[/]"),
            rows,
            text.literal("Nothing has been said yet.", "$muted"),
        )
