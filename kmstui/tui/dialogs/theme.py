"""Choosing a theme; each one shows while the cursor is on it."""

from __future__ import annotations

from textual import on
from textual.widgets import OptionList

from kmstui.tui import text
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.themes import load_themes


class ThemePicker(Choose[str]):
    """Asks for a theme; `esc` puts the one before back.

    Args:
        current: Name of the theme in use.
    """

    def __init__(self, current: str) -> None:
        catalogue = load_themes()
        choices = [
            Choice(
                entry.name,
                text.literal(entry.title),
                f"{'dark' if entry.theme.dark else 'light'} · {entry.name}",
            )
            for entry in catalogue.entries
        ]
        broken = [f"{error.message}" for error in catalogue.problems]
        message = text.literal("\n".join(broken), "$warn", newlines=True) if broken else None
        super().__init__(text.literal("Theme"), choices, current=current, message=message)
        self._before = current
        self._names = [choice.value for choice in choices]

    @on(OptionList.OptionHighlighted, "#choices")
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.console.use_theme(self._names[event.option_index])

    def action_back(self) -> None:
        """Put the theme before back."""
        self.console.use_theme(self._before)
        super().action_back()
