"""kmstui: a key-management console for the terminal with a whole local KMS inside."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
