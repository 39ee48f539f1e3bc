"""The command line, and the composition root that joins engine and console."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> Any:
    """Run the program; errors go to standard error with a hint and an exit code.

    Without arguments the console opens, and nothing that parses a command line is loaded first.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if words:
        from kmstui.cli.main import run

        return run(words)
    from kmstui.cli.opening import open_default

    return open_default()
