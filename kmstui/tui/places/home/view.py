"""The first view of Home."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class HomeView(Coming):
    """Stands in for the first view of Home."""

    LEAD = "What needs you today, and where things are."
