"""The command line, and the composition root that joins engine and console."""

from __future__ import annotations

from kmstui.cli.main import main

__all__ = ["main"]
