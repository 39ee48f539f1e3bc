"""A calm page for a place that is not there yet: what it will hold, and what to do until then."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.place import View, place


class Coming(View):
    """Says what a place will hold."""

    STYLES = Path(__file__).with_name("coming.tcss")

    LEAD: ClassVar[str] = ""
    POINTS: ClassVar[tuple[tuple[str, str], ...]] = ()
    MEANWHILE: ClassVar[str] = ""

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        spec = place(self.route.place)
        with VerticalScroll(classes="page", can_focus=False):
            yield Static(
                text.template(
                    "[b $key-accent]$digit[/]  [b]$title[/]", digit=spec.digit, title=spec.title
                )
            )
            yield Static(text.literal(self.LEAD, "$muted"), classes="lead")
            for name, about in self.POINTS:
                yield Static(
                    text.content_fit(text.literal(name, "bold"), 22) + text.literal(about),
                    classes="point",
                )
            if self.MEANWHILE:
                yield Static(text.literal("Not built yet.", "$warn"), classes="meanwhile")
                yield Static(text.literal(self.MEANWHILE, "$muted"))
