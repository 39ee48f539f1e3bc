"""Trail. Every call, allowed or refused, in CloudTrail's format."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="trail",
    views={
        "": ViewSpec("kmstui.tui.places.trail.view:TrailView"),
        "event": ViewSpec("kmstui.tui.places.trail.event_view:EventView"),
    },
)
