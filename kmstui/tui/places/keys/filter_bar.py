"""The `/` line of a list: the query, what is wrong with it, and how many rows pass."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.widgets.safe_input import SafeInput

_EXAMPLE = "words   state:disabled   tag:owner=payments   lastuse>90d   -not   /regex/"


class FilterBar(Vertical):
    """A field for a query; hidden while there is none and nobody types.

    Args:
        example: What the empty field shows.
    """

    DEFAULT_CSS = """
    FilterBar {
        height: auto;
        display: none;
        background: $panel;
        &.-on { display: block; }
        & > Horizontal { height: 1; }
        & #slash { width: 3; content-align: right middle; color: $key-accent; text-style: bold; }
        & Input { width: 1fr; padding: 0 1; background: $panel; }
        & Input:focus { background: $row-cursor; }
        & #count { width: 22; padding: 0 1; text-align: right; color: $muted; }
        & #wrong { display: none; height: auto; padding: 0 4; color: $warn; }
        & #wrong.-on { display: block; }
    }
    """

    class Asked(Message):
        """The query is another one.

        Attributes:
            query: What was typed.
        """

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query_text = query

    class Left(Message):
        """Enter or an arrow leaves the field for the rows."""

    def __init__(self, example: str = _EXAMPLE) -> None:
        super().__init__()
        self._example = example

    def compose(self) -> ComposeResult:
        """Lay out the field."""
        with Horizontal():
            yield Static(text.literal("/ "), id="slash")
            yield SafeInput(placeholder=self._example, compact=True, id="filter")
            yield Static(text.literal(""), id="count")
        yield Static(text.literal(""), id="wrong")

    @property
    def field(self) -> SafeInput:
        """The field."""
        return self.query_one("#filter", SafeInput)

    @property
    def query_text(self) -> str:
        """The query as it stands."""
        return self.field.value

    def start(self) -> None:
        """Show the field and put the cursor into it."""
        self.add_class("-on")
        self.field.focus()

    def set(self, query: str) -> None:
        """Ask something."""
        self.set_class(bool(query), "-on")
        self.field.value = query

    def rest(self) -> None:
        """Hide the field if nothing is asked; called when the focus is elsewhere."""
        self.set_class(bool(self.query_text), "-on")

    def report(self, shown: int, total: int) -> None:
        """Say how many rows pass."""
        self.query_one("#wrong", Static).remove_class("-on")
        # Always as wide, so that a keystroke lays nothing out anew.
        counted = text.literal(f"{shown:,} of {total:,}")
        self.query_one("#count", Static).update(counted, layout=False)

    def complain(self, error: KmsError) -> None:
        """Say what is wrong with the query and what would be right."""
        wrong = self.query_one("#wrong", Static)
        said = text.literal(error.message)
        wrong.update(said + text.literal(f" {error.hint}", "$muted") if error.hint else said)
        wrong.add_class("-on")

    @on(SafeInput.Changed, "#filter")
    def _changed(self, event: SafeInput.Changed) -> None:
        event.stop()
        self.post_message(self.Asked(event.value))

    @on(SafeInput.Submitted, "#filter")
    def _submitted(self, event: SafeInput.Submitted) -> None:
        event.stop()
        self.post_message(self.Left())

    def key_down(self) -> None:
        """Leave the field downwards."""
        self.post_message(self.Left())
