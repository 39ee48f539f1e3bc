"""How the console looks: its theme, the privacy mask, and pictures of it."""

from __future__ import annotations

from textual.app import App

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.themes import (
    DEFAULT_THEME,
    ThemeEntry,
    load_theme,
    load_themes,
    shipped_directory,
    theme_variable_defaults,
)


class Appearance(App[None]):
    """The part of the application that deals with looks."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give every role of ours a colour, whatever theme is in use."""
        return theme_variable_defaults(self.current_theme)

    def use_theme(self, name: str) -> None:
        """Register a theme and use it.

        Only the file needed is read when the theme is one that ships, so that the first frame
        does not wait for the others.

        Raises:
            UsageError: There is no such theme, or its file is broken.
        """
        path = shipped_directory() / f"{name or DEFAULT_THEME}.toml"
        entry = load_theme(path, shipped=True) if path.is_file() else self._find_theme(name)
        self.register_theme(entry.theme)
        if self.is_running:
            self.theme = entry.name
        else:
            # Starting paints once; setting it the usual way would restyle everything again.
            self.set_reactive(App.theme, entry.name)

    def _find_theme(self, name: str) -> ThemeEntry:
        catalogue = load_themes()
        for entry in catalogue.entries:
            if entry.name == name:
                return entry
        known = ", ".join(entry.name for entry in catalogue.entries)
        raise UsageError(f"There is no theme {text.visible(name)}.", hint=f"There are {known}.")
