"""The first view of Settings."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class SettingsView(Coming):
    """Stands in for the first view of Settings."""

    LEAD = "The keystore, its passphrases, the clock and the looks."
