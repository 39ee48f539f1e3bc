"""A key and what it does, written the same way everywhere."""

from __future__ import annotations

from kmstui.tui import text
from kmstui.tui.text import Content


def hint(key: str, word: str) -> Content:
    """Write one key and what it does."""
    return text.template("[b $key-accent]$key[/] [$muted]$word[/]", key=key, word=word)


def hints(*pairs: tuple[str, str]) -> Content:
    """Write several, side by side."""
    return text.join([hint(key, word) for key, word in pairs], "   ")
