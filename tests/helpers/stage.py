"""An application that shows one widget, for tests of widgets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from kmstui.tui.themes import load_themes, theme_variable_defaults

Kind = TypeVar("Kind", bound=Message)

NOWHERE = Path("/nonexistent/themes")
"""A directory that has no themes."""


class Stage(App[None]):
    """Shows widgets under one of the themes and remembers the messages that reach it.

    Args:
        widgets: What to show; a widget that needs an application to be made comes as its maker.
        theme: Name of the theme.
    """

    opaque_placeholder = False

    def __init__(
        self, *widgets: Widget | Callable[[], Widget], theme: str = "kmstui-dark"
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self._shown = widgets
        self._heard: list[Message] = []
        for entry in load_themes(NOWHERE).entries:
            self.register_theme(entry.theme)
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Define every colour role."""
        return theme_variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        """Show the widgets."""
        yield from (shown if isinstance(shown, Widget) else shown() for shown in self._shown)

    def play(self, size: tuple[int, int] = (80, 24)) -> AbstractAsyncContextManager[Pilot[None]]:
        """Run headless and hear every message."""
        return self.run_test(size=size, message_hook=self._heard.append)

    def heard(self, kind: type[Kind]) -> list[Kind]:
        """Return the messages of one kind that were sent, each once, in order."""
        messages = [message for message in self._heard if isinstance(message, kind)]
        return list({id(message): message for message in messages}.values())
