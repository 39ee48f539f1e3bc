"""A JSON document over the view: a trail record, a key as AWS answers it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.dialogs.base import Dialog
from kmstui.tui.text import Content
from kmstui.tui.widgets.json_view import JsonView


class JsonDialog(Dialog[None]):
    """Shows a document; `y` copies it.

    Args:
        title: What it is.
        source: The document.
    """

    DEFAULT_CSS = """
    JsonDialog {
        #dialog { width: 96%; max-width: 110; height: 90%; }
        JsonView { height: 1fr; background: $surface; }
        #keys { height: 1; }
        #answers { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "back", show=False),
        Binding("y", "copy", show=False),
    ]

    def __init__(self, title: Content, source: str) -> None:
        super().__init__(title, ())
        self._source = source

    def body(self) -> Iterable[Widget]:
        """Yield the document and the keys."""
        yield JsonView(self._source)
        yield Static(hints(("j k", "scroll"), ("y", "copy"), ("esc", "back")), id="keys")

    def first_focus(self) -> None:
        """Focus the document, so that it scrolls."""
        self.query_one(JsonView).focus()

    def action_copy(self) -> None:
        """Copy the document."""
        self.app.copy_to_clipboard(self._source)
        self.query_one("#keys", Static).update(
            text.literal("Sent to the terminal's clipboard (OSC 52).", "$ok")
        )
