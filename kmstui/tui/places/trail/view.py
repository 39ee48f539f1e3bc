"""The first view of Trail."""

from __future__ import annotations

from kmstui.tui.places.coming import Coming


class TrailView(Coming):
    """Stands in for the first view of Trail."""

    LEAD = "Every call, allowed or refused, in CloudTrail's format."
