"""Trail. Every call, allowed or refused, in CloudTrail's format."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="trail",
    title="Trail",
    digit="4",
    summary="Every call, allowed or refused, in CloudTrail's format.",
    views={"": ViewSpec("kmstui.tui.places.trail.view:TrailView")},
)
