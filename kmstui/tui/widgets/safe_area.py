"""A text area whose text cannot reach the terminal as anything but text."""

from __future__ import annotations

from textual import events
from textual.widgets import TextArea

from kmstui.tui import text


def cleaned(source: str) -> str:
    """Drop what a terminal would obey or hide, line by line."""
    return "\n".join(text.without_hidden(line) for line in source.expandtabs(4).splitlines())


class SafeTextArea(TextArea):
    """A :class:`~textual.widgets.TextArea` that takes no hidden characters.

    Textual paints what was pasted as it is, escape sequences included.
    """

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        if not self.read_only:
            self.replace(cleaned(event.text), *self.selection)
