"""The program with one place of which the view fails; run by a test on a terminal of its own."""

from __future__ import annotations

from textual.app import ComposeResult

from kmstui.cli import main
from kmstui.tui.places.settings.view import SettingsView


class MistakeError(Exception):
    """What the view fails with."""


def _fail(view: SettingsView) -> ComposeResult:
    del view
    plaintext = "canary-local"
    raise MistakeError(f"canary-message {len(plaintext)}")


if __name__ == "__main__":
    setattr(SettingsView, "compose", _fail)  # noqa: B010 - a method that is replaced, not set
    main()
