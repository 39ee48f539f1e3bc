"""A page that scrolls by the keys that move in lists."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll


class Page(VerticalScroll, can_focus=True):
    """A scrolling container for text, moved by the keys of lists."""

    DEFAULT_CSS = """
    Page {
        scrollbar-size-vertical: 1;
        background: $background;
        &:focus { background-tint: transparent 0%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
        Binding("ctrl+d", "page_down", show=False),
        Binding("ctrl+u", "page_up", show=False),
    ]
