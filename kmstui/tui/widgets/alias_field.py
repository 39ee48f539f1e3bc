"""A field for an alias that says at once what is wrong with it, or unusual."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from kmstui.core.arn import ALIAS_PREFIX, AWS_ALIAS_PREFIX, check_alias_name
from kmstui.core.errors import ValidationException
from kmstui.core.naming import follows
from kmstui.tui import text
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

LONGEST = 256
"""Characters of an alias, its prefix included (AWS KMS API Reference, CreateAlias)."""


def alias_problem(alias: str) -> str:
    """Say what keeps an alias from being made; empty if nothing.

    Args:
        alias: With its ``alias/``.
    """
    if alias.startswith(AWS_ALIAS_PREFIX):
        return "alias/aws/ is reserved for the keys that AWS manages."
    if len(alias) > LONGEST:
        return f"{len(alias) - LONGEST} characters too long."
    try:
        check_alias_name(alias)
    except ValidationException:
        return "Only letters, digits, / _ and - can stand in an alias."
    return ""


class AliasField(Vertical):
    """``alias/`` and an input, with a line below that checks the name as it is typed.

    Args:
        pattern: The naming rule; a deviating name is warned about, not refused.
        taken: Aliases that are known to exist.
        value: The name to start with, with or without ``alias/``.
        empty: What the line says while nothing is typed.
        id: Id of the widget.
    """

    DEFAULT_CSS = """
    AliasField {
        height: auto;
        & > Horizontal { height: 1; }
        & #prefix { width: 6; color: $muted; }
        & SafeInput {
            width: 1fr;
            background: $panel;
            &:focus { background: $row-cursor; }
        }
        & #verdict { height: 1; margin-bottom: 1; }
    }
    """

    class Submitted(Message):
        """Enter was pressed in the field."""

    def __init__(
        self,
        *,
        pattern: str = "",
        taken: frozenset[str] = frozenset(),
        value: str = "",
        empty: Content | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._pattern = pattern
        self._taken = taken
        self._value = value.removeprefix(ALIAS_PREFIX)
        self._empty = empty or text.literal("")

    def compose(self) -> ComposeResult:
        """Lay out prefix, input and verdict."""
        with Horizontal():
            yield Static(text.literal(ALIAS_PREFIX), id="prefix")
            yield SafeInput(self._value, compact=True, id="name")
        yield Static(id="verdict")

    def on_mount(self) -> None:
        """Judge what is there."""
        self._judge()

    @property
    def alias(self) -> str:
        """What was typed, with ``alias/``; empty if nothing was."""
        typed = self.query_one("#name", SafeInput).value.strip().removeprefix(ALIAS_PREFIX)
        return ALIAS_PREFIX + typed if typed else ""

    @property
    def problem(self) -> str:
        """What keeps the alias from being made; empty if nothing is known to."""
        if not self.alias:
            return ""
        taken = "That name is taken." if self.alias in self._taken else ""
        return taken or alias_problem(self.alias)

    def learn(self, *, pattern: str, taken: frozenset[str]) -> None:
        """Take in the naming rule and the names that exist, once they have been read."""
        self._pattern, self._taken = pattern, taken
        self._judge()

    def refuse(self, why: Content) -> None:
        """Show why a name was refused, until another one is typed."""
        self.query_one("#verdict", Static).update(why)

    def focus_input(self) -> None:
        """Put the cursor into the input."""
        self.query_one("#name", SafeInput).focus()

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self._judge()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

    def _judge(self) -> None:
        self.query_one("#verdict", Static).update(self._verdict())

    def _verdict(self) -> Content:
        if not self.alias:
            rule = text.template("[$muted]Names here look like $rule[/]", rule=self._pattern)
            return self._empty if self._empty.plain or not self._pattern else rule
        if self.problem:
            return text.template("[$danger]✗[/] $why", why=self.problem)
        if not follows(self._pattern, self.alias):
            return text.template(
                "[$warn]▲ free, but does not follow[/] [$muted]$rule[/]", rule=self._pattern
            )
        return text.literal("✓ free", "$ok")
