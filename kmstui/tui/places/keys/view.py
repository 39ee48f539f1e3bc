"""The first view of Keys."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class KeysView(Coming):
    """Stands in for the first view of Keys."""

    LEAD = "Every KMS key: find one, use it, change its state."
