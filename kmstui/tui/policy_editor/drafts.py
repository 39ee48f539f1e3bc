"""Policies that somebody began to change and has not saved: kept while the console is open.

A draft belongs to whoever is signed in: with another principal the console's main screen goes, and
with it every draft.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from kmstui.tui.main_screen import MainScreen

_DRAFTS: WeakKeyDictionary[MainScreen, dict[str, str]] = WeakKeyDictionary()


def keep(main: MainScreen, name: str, source: str) -> None:
    """Keep the draft of a policy."""
    _DRAFTS.setdefault(main, {})[name] = source


def take(main: MainScreen, name: str) -> str | None:
    """Take the draft of a policy, if there is one."""
    return _DRAFTS.get(main, {}).pop(name, None)
