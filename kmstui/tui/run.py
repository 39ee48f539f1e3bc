"""Running the console on a terminal."""

from __future__ import annotations

from kmstui.tui.app import KmsApp
from kmstui.tui.launch import Launch


def run_console(launch: Launch) -> int:
    """Run the console until it is left, and return its exit code."""
    app = KmsApp(launch)
    app.run()
    return app.return_code or 0
