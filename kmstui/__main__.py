"""``python -m kmstui``."""

from __future__ import annotations

from kmstui.cli import main

if __name__ == "__main__":
    main()
