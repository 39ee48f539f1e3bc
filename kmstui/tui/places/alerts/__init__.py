"""Alerts & posture. What is unsafe or about to happen, with the fix."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="alerts",
    views={"": ViewSpec("kmstui.tui.places.alerts.view:ComingView")},
    short="Alerts",
)
