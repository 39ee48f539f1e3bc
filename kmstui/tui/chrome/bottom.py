"""The last two rows: the result line and the footer."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hint
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import Command, Context, footer, key_name
from kmstui.tui.text import Content

_DOT = text.literal(" · ", "$muted")


def outcome_line(outcome: Outcome, width: int) -> Content:
    """Write how a call ended, and the keys that follow it up, in at most ``width`` cells."""
    error = outcome.error
    if error is None:
        head = text.template(
            "[$ok]✓[/] [b]$operation[/] $about [$ok]ok[/]",
            operation=outcome.operation,
            about=outcome.about,
        )
        keys = [hint("u", "undo")] if outcome.undo is not None else []
        keys += [hint("!", "CLI"), hint("w", "why")]
    elif error.code == "DryRunOperationException":
        # AWS says so with an error; to a person it is the answer they asked for.
        head = text.template(
            "[$ok]✓[/] [b]$operation[/] $about [$ok]would succeed[/] [$muted](dry run)[/]",
            operation=outcome.operation,
            about=outcome.about,
        )
        keys = [hint("!", "CLI"), hint("w", "why")]
    else:
        head = text.template(
            "[$danger]✗[/] [b]$operation[/] $about [$danger]$code[/]",
            operation=outcome.operation,
            about=outcome.about,
            code=error.code,
        )
        keys = [hint("w", "why and what next")]
    tail = _DOT + _DOT.join(keys)
    message = text.literal(f"  {error.message}", "$muted") if error and error.message else None
    room = width - head.cell_length - tail.cell_length
    if message is not None and room > 12:
        head += message.truncate(room, ellipsis=True)
    return head.truncate(max(width - tail.cell_length, 20), ellipsis=True) + tail


class ResultLine(Widget):
    """How the last action ended; stays until the next one or until the view changes."""

    said: reactive[Outcome | Content | None] = reactive(None, layout=False)

    def render(self) -> Content:
        """Write the outcome or the notice in one row."""
        width = max(self.size.width - 2, 0)
        if isinstance(self.said, Outcome):
            return outcome_line(self.said, width)
        return self.said.truncate(width, ellipsis=True) if self.said else text.literal("")


def footer_line(context: Context, width: int) -> Content:
    """Lay the footer out: what fits of the view's commands, then always ``?`` and ``:``."""
    fixed = [hint("?", "keys"), hint(":", "command")]
    if context.typing:
        fixed = [hint("f1", "keys")]
    gap = text.literal("  ")
    tail = gap.join(fixed)
    room = width - tail.cell_length - 3
    cells: list[Content] = []
    for command in footer(COMMANDS, context):
        cell = hint(key_name(_working_key(command, context)), command.label)
        if gap.join([*cells, cell]).cell_length > room:
            break
        cells.append(cell)
    left = gap.join(cells) if cells else text.literal("")
    return text.content_fit(left, max(width - tail.cell_length, 0)) + tail


def _working_key(command: Command, context: Context) -> str:
    keys = [key for key in command.keys if not context.typing or len(key_name(key)) > 1]
    return keys[0] if keys else command.keys[0]


class Footer(Widget):
    """The keys that do something here, from the command table."""

    context: reactive[Context] = reactive(Context())

    def render(self) -> Content:
        """Lay the row out for the width there is."""
        return footer_line(self.context, max(self.size.width - 2, 0))
